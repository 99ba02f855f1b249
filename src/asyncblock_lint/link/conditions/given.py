"""The constants that calls give, as far as they are written out, passed on or follow from others."""

from __future__ import annotations

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.known import Items, Known, Setting
from asyncblock_lint.link.inference.reachable import Reachable
from asyncblock_lint.link.inference.values import FunctionValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import Parameter


class GivenConstants:
    """Reads arguments as constants."""

    def __init__(self, reachable: Reachable) -> None:
        self._reachable = reachable

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
            return self._reachable.known(expression, caller, setting)
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

    def _default(self, parameter: Parameter, unit: Unit) -> Known | None:
        if parameter.default is None:
            return None
        return self._reachable.known(parameter.default, unit.parent or unit)
