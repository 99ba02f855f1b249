"""Library calls that do not wait where a parameter has a certain value: `queue.get(block)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.constants import attribute_of_self
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.known import Known, Setting
from asyncblock_lint.link.inference.values import LibraryValue, state_of
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.catalogue import Argument as Place
from asyncblock_lint.model.facts import FREE, CallFact, Const, Expr, Name, Span, Star


class Sparing:
    """Knows which parameters decide whether a library call waits, and the calls that a setting spares."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher

    def asked(self, call: CallFact, unit: Unit) -> set[str]:
        """The parameters of `unit`, and attributes of its object, that decide whether the call waits."""
        given = {place: name for place, name in _passed(call, unit) if name}
        if not given:
            return set()
        return {
            given[place]
            for value in self._called(call, unit)
            for form in self._matcher.forms(value.name)
            for place in (form.argument, form.position)
            if place is not None and place in given
        }

    def spared(self, unit: Unit, setting: Setting) -> Iterator[Span]:
        """The calls in `unit` that do not wait when it is called with `setting`."""
        known = dict(setting)
        for call in unit.facts.calls if known else ():
            if self.asked(call, unit) & known.keys() and self._is_spared(call, unit, known):
                yield call.span

    def _is_spared(self, call: CallFact, unit: Unit, known: Mapping[str, Known]) -> bool:
        constants = {
            place: value.value
            for place, name in _passed(call, unit)
            if isinstance(value := known.get(name), Const)
        }
        arguments = Arguments.of(self._evaluator, call, unit)
        called = self._called(call, unit)
        return bool(called) and all(
            any(
                self._matcher.fits(form, arguments.given(state_of(value.owner), constants))
                for form in self._matcher.forms(value.name)
            )
            for value in called
        )

    def _called(self, call: CallFact, unit: Unit) -> list[LibraryValue]:
        values = [value for value, _ in self._evaluator.evaluate(call.callee, unit)]
        called = [value for value in values if isinstance(value, LibraryValue)]
        return called if len(called) == len(values) else []


def _passed(call: CallFact, unit: Unit) -> Iterator[tuple[Place, str]]:
    """The places of the call where a parameter, or an attribute of the object, is given as it is."""
    for position, argument in enumerate(call.arguments):
        if isinstance(argument.value, Star):
            return
        place: Place = position if argument.keyword is None else argument.keyword
        yield place, _setting_name(argument.value, unit)


def _setting_name(expression: Expr, unit: Unit) -> str:
    if isinstance(expression, Name) and FREE != expression.binding < len(unit.facts.parameters):
        return expression.id
    return attribute_of_self(expression, unit) or ""
