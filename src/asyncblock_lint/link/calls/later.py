"""Calls that do their work only while their result is iterated, which a thread does:
`to_thread(list, path.glob("*"))`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from asyncblock_lint.link.calls.outcomes import Outcome
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import FunctionValue, LibraryValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Argument, Attr, Call, CallFact, Expr, Func, Name

LAZY = frozenset({"lazy", "stepwise"})
_ITERATED = "<iter:"

Effects = Callable[[Unit], Iterable[tuple[object, Outcome]]]
"""Gives what a unit does with its parameters."""


class Later:
    """Knows which calls give something that only a thread goes through."""

    def __init__(self, evaluator: Evaluator, effects: Effects) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._matcher = evaluator.matcher
        self._effects = effects

    def is_for_a_thread(self, index: int, unit: Unit) -> bool:
        """Whether what call number `index` of `unit` gives is but an argument for a function that a
        thread runs."""
        results = _forms(Call(index), unit)
        takers = [
            (call, argument)
            for call in unit.facts.calls
            for argument in call.arguments
            if argument.value in results
        ]
        return (
            bool(takers)
            and not any(_is_used_besides(result, unit) for result in results)
            and all(self._hands_on(call, argument, unit) for call, argument in takers)
        )

    def _hands_on(self, call: CallFact, argument: Argument, unit: Unit) -> bool:
        """Whether the call gives the argument to a function that a thread runs."""
        values = [value for value, _ in self._evaluator.evaluate(call.callee, unit)]
        return bool(values) and all(self._offloads(value, call, argument) for value in values)

    def _offloads(self, value: object, call: CallFact, argument: Argument) -> bool:
        match value:
            case LibraryValue(name=name):
                offload = self._matcher.offload(name)
                place = argument.keyword or call.arguments.index(argument)
                return offload is not None and not offload.wraps and place not in offload.arguments
            case FunctionValue(unit=target):
                unit = self._project.units[target]
                return any(
                    outcome.mode == "offload" and outcome.parameter and outcome.parameter.unit == target
                    for _, outcome in self._effects(unit)
                )
            case _:
                return False


def _forms(result: Expr, unit: Unit) -> list[Expr]:
    """The result itself, the variables that hold it and nothing else, and the generator expressions
    that go through it."""
    forms = [result]
    for number, binding in enumerate(unit.facts.bindings):
        if binding.value is not None and binding.value in forms:
            place = binding.name.removeprefix(_ITERATED)
            is_variable = place == binding.name
            generator = Func(f"{unit.facts.name}.<locals>.<genexpr:{place}")
            forms.append(Name(binding.name, number) if is_variable else generator)
    return forms


def _is_used_besides(result: Expr, unit: Unit) -> bool:
    """Whether anything but a call is done with it."""
    facts = unit.facts
    others = [*facts.returns, *facts.yields, *(use.subject for use in facts.uses)]
    others += [store.value for store in facts.stores if store.value is not None]
    others += [call.callee.base for call in facts.calls if isinstance(call.callee, Attr)]
    if isinstance(result, Name) and result.binding != FREE:
        others += [binding.value for binding in facts.bindings if binding.value is not None]
    return result in others
