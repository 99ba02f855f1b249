"""The constants that calls give, as far as they are written out or passed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asyncblock_lint.link.conditions.reachable import NOT_NONE, Known
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import ClassValue, FunctionValue, LibraryValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Call, CallFact, Const, Expr, Name, Parameter


class GivenConstants:
    """Reads arguments as constants."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

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
            return self._value(expression, caller, known)
        if arguments.has_unpacked or arguments.is_given(unit, parameter, skip_first=function.bound):
            return None
        return parameter.default if isinstance(parameter.default, Const) else None

    def _value(self, expression: Expr, caller: Unit, known: Mapping[str, Known]) -> Known | None:
        if isinstance(expression, Const):
            return expression
        if isinstance(expression, Call):
            return NOT_NONE if self._makes_object(caller.facts.calls[expression.index], caller) else None
        return self._named(expression, caller, known) if isinstance(expression, Name) else None

    def _makes_object(self, call: CallFact, caller: Unit) -> bool:
        """Whether a class is called: what comes of it is never `None`."""
        values = [value for value, _ in self._evaluator.evaluate(call.callee, caller)]
        return bool(values) and all(
            isinstance(value, ClassValue)
            or (isinstance(value, LibraryValue) and self._evaluator.matcher.is_class(value.name))
            for value in values
        )

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
