"""What handlers get of what the functions around an application's life yield."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.values import (
    NOTHING,
    FunctionValue,
    LibraryValue,
    Values,
    at_most,
    choose,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import CallFact

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator


class Yielded:
    """Finds the functions by the calls that they are given to."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher

    def attribute(self, owner: str, name: str) -> Values:
        """What objects of the library class `owner` hold under `name` because some function yields it."""
        if not self._matcher.lifespans:
            return NOTHING
        return self._evaluator.remembered((14, 0, f"{owner}.{name}"), lambda: self._attribute(owner, name))

    def _attribute(self, owner: str, name: str) -> Values:
        options = [self._yields(function) for function in self._functions.get(f"{owner}.{name}", ())]
        for function in self._functions.get(owner, ()):
            options.append(self._evaluator.protocols.item(self._yields(function), name))
        known = [values for values in options if values]
        return at_most(choose(known), Certainty.LIKELY) if known else NOTHING

    def _yields(self, function: FunctionValue) -> Values:
        unit = self._evaluator.project.units[function.unit]
        yielded = [self._evaluator.evaluate(item, unit) for item in unit.facts.yields]
        return self._evaluator.callers.resolve(choose(yielded)) if yielded else NOTHING

    @cached_property
    def _functions(self) -> dict[str, list[FunctionValue]]:
        """The functions by where what they yield is kept."""
        found: dict[str, list[FunctionValue]] = {}
        for word in sorted(self._matcher.lifespans):
            for caller, call in self._evaluator.callers.written(word):
                for place, function in self._given(call, caller):
                    found.setdefault(place, []).append(function)
        return found

    def _given(self, call: CallFact, caller: Unit) -> Iterator[tuple[str, FunctionValue]]:
        arguments = Arguments.of(self._evaluator, call, caller)
        for taker, _ in self._evaluator.evaluate(call.callee, caller):
            for schedule in self._matcher.schedules(taker.name) if isinstance(taker, LibraryValue) else ():
                for value, _ in arguments.any_of(schedule.arguments) if schedule.circumstances.yields else ():
                    if isinstance(value, FunctionValue):
                        yield schedule.circumstances.yields, value
