"""Calls of methods on `self` that subclasses replace: which method runs, the object decides."""

from __future__ import annotations

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import (
    CALLED,
    FunctionValue,
    InstanceValue,
    ParameterValue,
    PathValue,
    RunValue,
    Values,
    exactly,
)
from asyncblock_lint.link.project import Unit, method_of, shown_name
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Attr, CallFact


class SelfCalls:
    """Leaves such calls open, for whoever knows the object to fill in."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._overridden: dict[tuple[int, str], bool] = {}

    def opened(self, call: CallFact, unit: Unit) -> tuple[ParameterValue, str] | None:
        """The `self` and the method of a call in `unit` that subclasses answer differently."""
        if call.awaited or not isinstance(call.callee, Attr):
            return None
        for value, certainty in self._evaluator.evaluate(call.callee.base, unit):
            if not isinstance(value, InstanceValue) or not value.is_self or certainty < Certainty.EXACT:
                continue
            parameter = self.of(unit)
            if parameter is not None and self._is_overridden(value.cls, call.callee.name):
                return parameter, call.callee.name
        return None

    def generator(self, run: RunValue, unit: Unit | None) -> PathValue | None:
        """What a call of such a method on the `self` of `unit` gives, of one that is given nothing."""
        function, parameter = run.function, self.of(unit)
        is_own = function.receiver is not None and function.receiver.is_self
        if parameter is None or not is_own or run.constants or function.environment:
            return None
        owner = self._project.units[parameter.unit].owner
        name = shown_name(self._project.units[function.unit].facts.name).rpartition(".")[2]
        if owner is None or not self._is_overridden(owner.index, name):
            return None
        return PathValue(parameter, (name, CALLED))

    def of(self, unit: Unit | None) -> ParameterValue | None:
        """The `self` of the method that `unit` is, or is nested in."""
        method = method_of(unit)
        if method is None or method.owner is None or not method.facts.parameters:
            return None
        return ParameterValue(method.index, method.facts.parameters[0].name)

    def is_self(self, parameter: ParameterValue) -> bool:
        """Whether the parameter is the `self` of a method."""
        return parameter == self.of(self._project.units[parameter.unit])

    def given(self, parameter: ParameterValue) -> Values:
        """Any object of the class whose method has this `self`."""
        owner = self._project.units[parameter.unit].owner
        assert owner is not None
        return ((InstanceValue(owner.index), Certainty.LIKELY),)

    def receiver(self, function: FunctionValue, caller: Unit | None) -> Values:
        """What the method that `caller` calls has for its own `self`."""
        receiver = function.receiver
        if receiver is None:
            return self.given(ParameterValue(function.unit, ""))
        if not receiver.is_self:
            return exactly(receiver)
        outer = self.of(caller)
        return ((InstanceValue(receiver.cls), Certainty.LIKELY),) if outer is None else exactly(outer)

    def _is_overridden(self, cls: int, name: str) -> bool:
        key = cls, name
        if key not in self._overridden:
            self._overridden[key] = self._differs(cls, name)
        return self._overridden[key]

    def _differs(self, cls: int, name: str) -> bool:
        """Whether subclasses have a plain method of that name that the class has not."""
        classes = self._evaluator.classes
        subclasses = classes.subclasses(cls)
        own = classes.raw(cls, name)
        if not subclasses or not all(self._is_plain(value) for value, _ in own):
            return False
        if not own:
            return any(self._is_plain(value) for sub in subclasses for value, _ in classes.raw(sub, name))
        return any(classes.raw(sub, name) != own for sub in subclasses)

    def _is_plain(self, value: object) -> bool:
        return (
            isinstance(value, FunctionValue)
            and value.role in ("", "cached")
            and not self._project.units[value.unit].is_async
        )
