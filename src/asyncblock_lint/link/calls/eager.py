"""Arguments that are called too early: `to_thread(f(x))`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from asyncblock_lint.link.calls.outcomes import Outcome
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import (
    ClassValue,
    FunctionValue,
    InstanceValue,
    LibraryValue,
    PartialValue,
    Value,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.catalogue import USUAL
from asyncblock_lint.model.facts import Call, CallFact, Span
from asyncblock_lint.model.graph import Step

Effects = Callable[[Unit], Iterable[tuple[tuple[Step, ...], Outcome]]]
"""What a function does with parameters, after which steps."""


class EagerArguments:
    """Gathers in `places` the calls written where an off-loading callable expects a callable, with
    the qualified name of that callable."""

    def __init__(self, evaluator: Evaluator, effects: Effects) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._project = evaluator.project
        self._effects = effects
        self.places: dict[tuple[int, Span], str] = {}

    def mark(self, unit: Unit, call: CallFact, value: Value, arguments: Arguments) -> None:
        """Note the calls written where an offloading callable expects a callable."""
        if isinstance(value, LibraryValue):
            self._mark_offloaded(unit, value.name, arguments)
        elif isinstance(value, FunctionValue):
            target = self._project.units[value.unit]
            name = self._project.qualified_name(target)
            if self._matcher.is_named_by_user(name):
                self._mark_offloaded(unit, name, arguments)
            for _, effect in self._effects(target):
                parameter = effect.parameter
                if effect.mode == "offload" and parameter is not None and parameter.unit == value.unit:
                    written = arguments.expression_for(target, parameter.name, skip_first=value.bound)
                    self._mark_if_call(unit, written, name)

    def _mark_offloaded(self, unit: Unit, name: str, arguments: Arguments) -> None:
        offload = self._matcher.offload(name)
        places = [] if offload is None else [*offload.arguments]
        for schedule in self._matcher.schedules(name):
            if schedule.circumstances.kind == USUAL.kind and not schedule.methods:
                places.extend(schedule.arguments)
        for place in places:
            self._mark_if_call(unit, arguments.expression(place), name)

    def _mark_if_call(self, unit: Unit, expression: object, taker: str) -> None:
        if isinstance(expression, Call) and not self._gives_callable(expression, unit):
            self.places[unit.index, unit.facts.calls[expression.index].span] = taker

    def _gives_callable(self, expression: Call, unit: Unit) -> bool:
        kinds = (FunctionValue, PartialValue, ClassValue, LibraryValue)
        for value, _ in self._evaluator.evaluate(expression, unit):
            if isinstance(value, kinds):
                return True
            if isinstance(value, InstanceValue) and self._evaluator.objects.attribute(value, "__call__"):
                return True
        return False
