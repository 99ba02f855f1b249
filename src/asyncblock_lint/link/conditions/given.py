"""The constants that calls give, as far as they are written out or passed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asyncblock_lint.link.conditions.around import Around
from asyncblock_lint.link.conditions.changing import Changing
from asyncblock_lint.link.conditions.kept import ObjectConstants
from asyncblock_lint.link.conditions.kinds import KindReader, of_kinds
from asyncblock_lint.link.conditions.making import Making
from asyncblock_lint.link.conditions.told import Known, both
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import FunctionValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Attr, CallFact, Const, Expr, Name, Parameter


class GivenConstants:
    """Reads arguments as constants."""

    def __init__(self, evaluator: Evaluator, constants: ObjectConstants) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._kinds = KindReader(evaluator)
        self._around = Around(evaluator, self._kinds)
        self._changing = Changing(evaluator)
        self._making = Making(evaluator, constants, self.of_parameter)

    def of_parameter(
        self,
        parameter: Parameter,
        unit: Unit,
        function: FunctionValue,
        arguments: Arguments,
        caller: Unit,
        known: Mapping[str, Known],
    ) -> Known | None:
        """What a call in `caller` gives for the parameter of `unit`; `known` is what the caller is given."""
        expression = arguments.expression_for(unit, parameter.name, skip_first=function.bound)
        if expression is not None:
            return self._known(expression, arguments.site, caller, known)
        if arguments.has_unpacked or arguments.is_given(unit, parameter, skip_first=function.bound):
            return None
        return parameter.default if isinstance(parameter.default, Const) else None

    def of_receiver(
        self, unit: Unit, attribute: str, arguments: Arguments, caller: Unit, known: Mapping[str, Known]
    ) -> Known | None:
        """What is known of an attribute of the object whose method `unit` is called: by what it was made
        with, or by the conditions around the call."""
        site = arguments.site
        if site is None or not isinstance(site.callee, Attr):
            return None
        is_called = unit.facts.name.endswith(f".{site.callee.name}")
        if not is_called:
            return None
        made = self._making.of_attribute(site.callee.base, attribute, caller, known)
        if made is not None or self._changing.does(unit, attribute):
            return made
        return self._around.of(Attr(site.callee.base, attribute), site, caller)

    def of_attribute(
        self, expression: Expr | None, attribute: str, caller: Unit, known: Mapping[str, Known]
    ) -> Known | None:
        """What an argument, an object, keeps under a name from when it was made."""
        if isinstance(expression, Name) and FREE != expression.binding < len(caller.facts.parameters):
            return known.get(f"{expression.id}.{attribute}")
        return None if expression is None else self._making.of_attribute(expression, attribute, caller, known)

    def _known(
        self, expression: Expr, site: CallFact | None, caller: Unit, known: Mapping[str, Known]
    ) -> Known | None:
        """What is known of an argument where the call stands."""
        found = self._value(expression, caller, known)
        if site is None or isinstance(found, Const):
            return found
        return both(self._around.of(expression, site, caller), found)

    def _value(self, expression: Expr, caller: Unit, known: Mapping[str, Known]) -> Known | None:
        if isinstance(expression, Const):
            return expression
        found = self._named(expression, caller, known) if isinstance(expression, Name) else None
        return both(found, of_kinds(self._kinds.of(expression, caller)) or None)

    def _named(self, name: Name, caller: Unit, known: Mapping[str, Known]) -> Known | None:
        """What a name of the function, or one of its module, stands for, if that is written out."""
        unit, index = caller, name.binding
        if FREE != index < len(unit.facts.parameters):
            return known.get(name.id)
        if index == FREE:
            module = self._project.module_of(caller)
            found = module.body.facts.final.get(name.id)
            hidden = any(name.id in around.plain for around in _functions(caller))
            if found is None or hidden or name.id in module.global_stores:
                return None
            unit, index = module.body, found
        binding = unit.facts.bindings[index]
        if binding.kind != "plain" or binding.value is None:
            return None
        return None if isinstance(binding.value, Name) else self._value(binding.value, unit, known)


def _functions(unit: Unit | None) -> Iterator[Unit]:
    while unit is not None and unit.kind != "module":
        yield unit
        unit = unit.parent
