"""The constants that calls give, as far as they are written out, passed on or follow from others."""

from __future__ import annotations

from asyncblock_lint.link.conditions.around import Around
from asyncblock_lint.link.conditions.changing import Changing
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.known import Items, Known, Setting, both
from asyncblock_lint.link.inference.values import FunctionValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import Attr, Parameter


class GivenConstants:
    """Reads arguments as constants."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._changing = Changing(evaluator)
        self._reachable = evaluator.reachable
        self._choosing = evaluator.choosing
        self._around = Around(evaluator)

    def of_parameter(
        self,
        parameter: Parameter,
        unit: Unit,
        function: FunctionValue,
        arguments: Arguments,
        caller: Unit,
        setting: Setting,
    ) -> Known | None:
        """What a call in `caller`, itself called with `setting`, gives for the parameter of `unit`."""
        expression = arguments.expression_for(unit, parameter.name, skip_first=function.bound)
        if expression is not None:
            known = self._reachable.known(expression, caller, setting)
            if self._choosing.wide.has(parameter.name, unit):
                given = self._choosing.evaluate(expression, caller, setting)
                known = self._choosing.wide.object_given(known, given)
            if arguments.site is None:
                return known
            return both(known, self._around.of(expression, arguments.site, caller))
        arguments = arguments.where(dict(setting))
        if parameter.kind == "**":
            return arguments.rest(unit)
        unpacked = arguments.mapping
        if isinstance(unpacked, Items) and not arguments.is_starred:
            if parameter.name in unpacked:
                return unpacked.get(parameter.name)
            return self._default(parameter, unit)
        if arguments.has_unpacked or arguments.is_given(unit, parameter, skip_first=function.bound):
            return None
        return self._default(parameter, unit)

    def of_receiver(self, unit: Unit, attribute: str, arguments: Arguments, caller: Unit) -> Known | None:
        """What the conditions around a call of the method `unit` tell of an attribute of its object."""
        site = arguments.site
        if site is None or not isinstance(site.callee, Attr) or self._changing.does(unit, attribute):
            return None
        is_called = unit.owner is not None and unit.facts.name.endswith(f".{site.callee.name}")
        return self._around.of(Attr(site.callee.base, attribute), site, caller) if is_called else None

    def _default(self, parameter: Parameter, unit: Unit) -> Known | None:
        if parameter.default is None:
            return None
        return self._reachable.known(parameter.default, unit.parent or unit)
