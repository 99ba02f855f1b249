"""What the functions that the loop runs are given for their parameters, in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import LibraryInstance
from asyncblock_lint.link.loops.amounts import OUTSIDE, Amount, Given
from asyncblock_lint.link.loops.numbers import Numbers
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import Expr
from asyncblock_lint.model.graph import OnLoop

_NUMBERS = ("builtins.int", "builtins.float")
_MOST_CALLERS = 4


class Frames:
    """Asks callers, defaults and annotations; answers are remembered."""

    def __init__(self, evaluator: Evaluator, numbers: Numbers, contexts: Mapping[int, OnLoop]) -> None:
        self._evaluator = evaluator
        self._numbers = numbers
        self._contexts = contexts
        self._known: dict[int, list[Given]] = {}

    def of(self, unit: Unit) -> list[Given]:
        """What a function of the loop is given by its callers, or by a framework; of others nothing
        is settled, so that each call can tell."""
        if unit.index not in self._contexts:
            return [()]
        found = self._known.get(unit.index)
        if found is None:
            self._known[unit.index] = [()]
            found = self._known[unit.index] = self._find(unit)
        return found

    def _find(self, unit: Unit) -> list[Given]:
        if not any(parameter.kind not in ("*", "**") for parameter in unit.facts.parameters):
            return [()]
        found: dict[Given, None] = {}
        if not self._numbers.requests.is_handler(unit):
            for arguments, caller, skip_first in self._evaluator.callers.calls_of(unit):
                for given in self.of(caller):
                    entered = self._numbers.entering(unit, arguments, caller, given, skip_first=skip_first)
                    found[entered] = None
                if len(found) >= _MOST_CALLERS:
                    break
        return list(found) or [tuple(self._defaults(unit))]

    def _defaults(self, unit: Unit) -> Iterator[tuple[tuple[int, str], Amount | None]]:
        numbers = self._numbers
        for parameter in unit.facts.parameters:
            amount = None
            if parameter.default is not None:
                amount = numbers.default(parameter, unit)
            elif numbers.requests.is_handler(unit) and self._is_number(parameter.annotation, unit):
                amount = OUTSIDE
            yield (unit.index, parameter.name), amount

    def _is_number(self, annotation: Expr | None, unit: Unit) -> bool:
        if annotation is None:
            return True
        values = self._evaluator.annotations.read(annotation, unit.parent or unit)
        return any(isinstance(value, LibraryInstance) and value.type in _NUMBERS for value, _ in values)
