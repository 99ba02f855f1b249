"""Executors that have nothing left to wait for where their `with` block ends."""

from __future__ import annotations

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import Attr, Call, CallFact, Entered, Name, Use


def is_idle_after(use: Use, unit: Unit, evaluator: Evaluator) -> bool:
    """Whether what a coroutine enters is but handed to calls that run functions in it and are awaited:
    `await loop.run_in_executor(pool, …)`. Nothing runs in it any more when the block is left."""
    if not unit.is_async or not isinstance(use.subject, Call):
        return False
    entered = Entered(use.subject, False)
    names = {
        Name(binding.name, index)
        for index, binding in enumerate(unit.facts.bindings)
        if binding.value == entered
    }
    if not names or any(_is_asked(other.subject, names) for other in unit.facts.uses):
        return False
    given = [call for call in unit.facts.calls if any(item.value in names for item in call.arguments)]
    is_asked = any(_is_asked(call.callee, names) for call in unit.facts.calls)
    return bool(given) and not is_asked and all(_offloads(call, unit, evaluator) for call in given)


def _is_asked(expression: object, names: set[Name]) -> bool:
    return isinstance(expression, Attr) and expression.base in names


def _offloads(call: CallFact, unit: Unit, evaluator: Evaluator) -> bool:
    values = [value for value, _ in evaluator.evaluate(call.callee, unit)]
    return any(
        isinstance(value, LibraryValue) and evaluator.matcher.offload(value.name) is not None
        for value in values
    )
