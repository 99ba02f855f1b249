"""What frameworks pass to the functions they call."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.values import (
    NOTHING,
    FunctionValue,
    LibraryInstance,
    LibraryValue,
    ParameterValue,
    PartialValue,
    SequenceValue,
    Value,
    Values,
    at_most,
    choose,
    exactly,
)
from asyncblock_lint.link.project import ClassUnit, Unit, shown_name
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Call, CallFact, Expr

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_MOST_CALLS = 20


class Passing:
    """Finds the decorators, bases and calls that hand a function to a framework."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._project = evaluator.project

    def passed(self, parameter: ParameterValue) -> Values:
        """The object that a framework passes for the parameter, as far as the catalogue says."""
        if not self._matcher.has_parameters:
            return NOTHING
        unit = self._project.units[parameter.unit]
        names = [item.name for item in unit.facts.parameters][1 if unit.owner is not None else 0 :]
        if parameter.name not in names:
            return NOTHING
        position = names.index(parameter.name)
        types = [types[position] for types in self._types(unit) if position < len(types)]
        return at_most(choose([exactly(LibraryInstance(name)) for name in types]), Certainty.LIKELY)

    def _types(self, unit: Unit) -> Iterator[tuple[str, ...]]:
        if unit.parent is not None:
            for decorator in unit.facts.decorators:
                for name in self._library_names(_called(decorator, unit.parent), unit.parent):
                    yield from (item.circumstances.parameters for item in self._matcher.decorator(name))
        if unit.owner is not None:
            yield from self._by_base(unit, unit.owner)
        name = shown_name(unit.facts.name).rpartition(".")[2]
        for caller, call in self._evaluator.handed.by_name.get(name, ())[:_MOST_CALLS]:
            yield from self._by_call(unit, caller, call)

    def _by_base(self, method: Unit, cls: ClassUnit) -> Iterator[tuple[str, ...]]:
        name = shown_name(method.facts.name).rpartition(".")[2]
        for base in self._evaluator.classes.order(cls.index):
            if isinstance(base, LibraryValue):
                for handler in self._matcher.handled_methods(base.name):
                    if any(fnmatchcase(name, pattern) for pattern in handler.methods or "*"):
                        yield handler.circumstances.parameters

    def _by_call(self, unit: Unit, caller: Unit, call: CallFact) -> Iterator[tuple[str, ...]]:
        arguments = Arguments.of(self._evaluator, call, caller)
        for name in self._library_names(call.callee, caller):
            tables = [
                (item.arguments, item.circumstances.parameters) for item in self._matcher.schedules(name)
            ]
            offload = self._matcher.offload(name)
            if offload is not None:
                tables.append((offload.arguments, offload.parameters))
            for places, parameters in tables:
                given = arguments.any_of(places) if parameters else NOTHING
                if any(_is_function(value, unit) for value, _ in given):
                    yield parameters

    def _library_names(self, expression: Expr, unit: Unit) -> list[str]:
        values = self._evaluator.evaluate(expression, unit)
        return [value.name for value, _ in values if isinstance(value, LibraryValue)]


def _is_function(value: Value, unit: Unit) -> bool:
    if isinstance(value, PartialValue):
        return _is_function(value.target, unit)
    if isinstance(value, SequenceValue):
        return any(_is_function(item, unit) for items in value.items for item, _ in items)
    return isinstance(value, FunctionValue) and value.unit == unit.index


def _called(decorator: Expr, unit: Unit) -> Expr:
    return unit.facts.calls[decorator.index].callee if isinstance(decorator, Call) else decorator
