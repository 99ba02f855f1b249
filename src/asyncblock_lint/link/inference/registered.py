"""Which value callers put under which key of a registry: `@register("csv")`, `register("csv", read)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.values import NOTHING, FunctionValue, Values
from asyncblock_lint.link.project import Unit, shown_name
from asyncblock_lint.model.facts import FREE, Call, CallFact, Expr, Name

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_MOST_CALLS = 60
_Entry = tuple[object, Values]


class Registered:
    """Takes a store whose key is a parameter apart, caller by caller."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def entries(self, key: Expr | None, value: Expr, unit: Unit) -> list[_Entry]:
        """The keys and what is stored under each, for the calls that lead to `unit` storing `value` under
        `key`; nothing where the key is no parameter, or not a constant in each call."""
        if not isinstance(key, Name):
            return []
        if FREE != key.binding < len(unit.facts.parameters):
            found = list(self._by_calls(key.id, value, unit))
        else:
            maker = _giver(key, unit)
            found = [] if maker is None else list(self._by_decorators(key.id, value, unit, maker))
        is_told = all(constant is not None and values for constant, values in found)
        return found if is_told and len(found) <= _MOST_CALLS else []

    def _by_calls(self, name: str, value: Expr, unit: Unit) -> Iterator[_Entry]:
        for arguments, _, skip_first in self._evaluator.callers.calls_of(unit):
            constants = dict(arguments.constants(unit, skip_first=skip_first))
            function = FunctionValue(unit.index, bound=skip_first)
            yield self._entry(constants.get(name), value, unit, function, arguments)

    def _by_decorators(self, name: str, value: Expr, unit: Unit, maker: Unit) -> Iterator[_Entry]:
        """What is given to functions that calls of `maker` gave: `@maker("csv")`."""
        written = f"{shown_name(maker.facts.name).rpartition('.')[2]}()"
        for caller, call in self._evaluator.callers.written(written):
            for function, _ in self._evaluator.evaluate(call.callee, caller):
                if isinstance(function, FunctionValue) and function.unit == unit.index:
                    constants = self._given_to(maker, call, caller)
                    arguments = Arguments.of(self._evaluator, call, caller)
                    yield self._entry(constants.get(name), value, unit, function, arguments)

    def _given_to(self, maker: Unit, call: CallFact, caller: Unit) -> dict[str, object]:
        """The constants that `maker` was called with, to make what `call` calls."""
        if not isinstance(call.callee, Call):
            return {}
        made = caller.facts.calls[call.callee.index]
        skip_first = maker.owner is not None and self._evaluator.classes.role(maker) != "static"
        written = Arguments.of(self._evaluator, made, caller)
        return dict(written.constants(maker, skip_first=skip_first))

    def _entry(
        self, key: object, value: Expr, unit: Unit, function: FunctionValue, arguments: Arguments
    ) -> _Entry:
        closures = self._evaluator.closures
        called = closures.closed_over(function, arguments)
        values = closures.substitute(self._evaluator.evaluate(value, unit), called)
        return getattr(key, "value", None), self._evaluator.callers.resolve(values) or NOTHING


def _giver(key: Name, unit: Unit) -> Unit | None:
    """The function around `unit` whose parameter the key is, if `unit` is what that one returns."""
    around = unit.parent
    is_own = key.binding != FREE
    if around is None or is_own or all(item.name != key.id for item in around.facts.parameters):
        return None
    return around
