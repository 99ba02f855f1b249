"""Calls of functions by way of parameters, attributes and containers, under other names than their own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.values import (
    FunctionValue,
    InstanceValue,
    ParameterValue,
    PartialValue,
    Value,
    Values,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Attr, Call, CallFact, Expr, Func, Imported, Item, Name

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_MOST_CALLS = 20

Handover = tuple[Arguments, bool]
"""What a call gives, and whether the first parameter is already given."""


class Indirect:
    """Finds what functions are given by calls that do not name them: `self.handlers[kind](client)`."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._found: dict[int, list[Handover]] | None = None

    def calls_of(self, unit: Unit) -> list[Handover]:
        """What such calls give to `unit`."""
        if self._found is None:
            # While they are being found, the questions that this raises have to do without.
            self._found = {}
            self._found = self._find()
        return self._found.get(unit.index, [])

    def _find(self) -> dict[int, list[Handover]]:
        found: dict[int, list[Handover]] = {}
        for unit in self._project.units:
            for call in unit.facts.calls:
                if self._is_indirect(call.callee, unit):
                    for function, arguments in self._made_by(call, unit):
                        calls = found.setdefault(function.unit, [])
                        if len(calls) < _MOST_CALLS:
                            calls.append((arguments, function.bound))
        return found

    def _is_indirect(self, callee: Expr, unit: Unit) -> bool:
        """Whether what is called may well have another name of its own."""
        match callee:
            case Item() | Call():
                return True
            case Attr(name=name):
                return name in self._kept
            case Name(id=name, binding=binding) if binding == FREE:
                around = unit.parent
                return around is not None and any(
                    index < len(around.facts.parameters) for index in around.plain.get(name, ())
                )
            case Name(binding=binding):
                value = unit.facts.bindings[binding].value
                return binding < len(unit.facts.parameters) or not isinstance(value, Func | Imported | None)
        return False

    @cached_property
    def _kept(self) -> frozenset[str]:
        """The names of attributes that are set, or declared in the body of a class."""
        stored = {store.name for unit in self._project.units for store in unit.facts.stores}
        declared = {
            binding.name
            for cls in self._project.classes
            for binding in cls.body.facts.bindings
            if binding.annotation is not None
        }
        return frozenset(stored | declared)

    def _made_by(self, call: CallFact, unit: Unit) -> Iterator[tuple[FunctionValue, Arguments]]:
        written = Arguments.of(self._evaluator, call, unit)
        for value, certainty in self._evaluator.evaluate(call.callee, unit):
            if isinstance(value, ParameterValue) and self._project.units[value.unit].body_of is None:
                yield from self._given(value, written)
            else:
                yield from self._functions(self._evaluator.callers.resolve(((value, certainty),)), written)

    def _given(
        self, parameter: ParameterValue, written: Arguments
    ) -> Iterator[tuple[FunctionValue, Arguments]]:
        """The functions that callers give for the parameter, each with what its caller gives beside it."""
        maker = self._project.units[parameter.unit]
        for arguments, _, skip_first in self._evaluator.callers.calls_of(maker):
            bound = arguments.bound_to(maker, skip_first=skip_first)
            callables = bound.pop(parameter.name, ())
            beside = tuple((ParameterValue(maker.index, name), values) for name, values in bound.items())
            closed = written.closed_in(FunctionValue(maker.index, environment=beside))
            yield from self._functions(self._evaluator.callers.resolve(callables), closed)

    def _functions(self, values: Values, arguments: Arguments) -> Iterator[tuple[FunctionValue, Arguments]]:
        for value, _ in values:
            yield from self._function(value, arguments)

    def _function(self, value: Value, arguments: Arguments) -> Iterator[tuple[FunctionValue, Arguments]]:
        match value:
            case FunctionValue():
                yield value, arguments
            case PartialValue(target=target):
                yield from self._function(target, arguments.after(value))
            case InstanceValue():
                for held, _ in self._evaluator.objects.attribute(value, "__call__"):
                    if isinstance(held, FunctionValue):
                        yield held, arguments
