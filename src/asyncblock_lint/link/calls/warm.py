"""Cached functions whose answer is there before the loop runs."""

from __future__ import annotations

from collections.abc import Iterator

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import FunctionValue
from asyncblock_lint.link.project import Unit

_IMPORT_DEPTH = 4


def called_on_import(evaluator: Evaluator) -> frozenset[int]:
    """The cached functions that modules call, a few calls deep: the loop most often finds the
    answer there."""
    warm: set[int] = set()
    seen: set[int] = set()
    units = [module.body for module in evaluator.project.modules]
    for _ in range(_IMPORT_DEPTH):
        called = [function for unit in units for function in _called(evaluator, unit)]
        warm.update(function.unit for function in called if function.role == "cached")
        fresh = {function.unit for function in called} - seen
        seen |= fresh
        units = [evaluator.project.units[index] for index in sorted(fresh)]
    return frozenset(warm)


def _called(evaluator: Evaluator, unit: Unit) -> Iterator[FunctionValue]:
    """The functions of the project that `unit` calls by name."""
    for call in unit.facts.calls:
        if not call.is_decorator and not call.guard:
            for value, _ in evaluator.evaluate(call.callee, unit):
                if isinstance(value, FunctionValue):
                    yield value
