"""Objects of project classes: what their constructor was given, and what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.closures import DEEPEST, depth
from asyncblock_lint.link.inference.constants import OWN
from asyncblock_lint.link.inference.forwarding import forwarded_to
from asyncblock_lint.link.inference.values import (
    NONE,
    NOTHING,
    PLAIN_DATA,
    ClassValue,
    FunctionValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    NoneValue,
    ParameterValue,
    Value,
    Values,
    at_most,
    choose,
    exactly,
    in_state,
)
from asyncblock_lint.link.project import ClassUnit, Unit
from asyncblock_lint.model.facts import Const, Parameter

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_Given = dict[ParameterValue, Values]


class Objects:
    """Makes objects, and reads their attributes by what they were made with."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def made(self, cls: int, arguments: Arguments) -> InstanceValue:
        """A new object of the class, with what its constructor and those of its bases are given."""
        given: _Given = {}
        constructors = self.constructors(cls)
        for function in constructors:
            self._construct(function, arguments, given, DEEPEST)
        state = ""
        if not constructors:
            given.update(self._fields(cls, arguments))
            state = self._state_by_bases(cls, arguments)
        environment = tuple(sorted(given.items(), key=lambda entry: (entry[0].unit, entry[0].name)))
        told = self._evaluator.kept.of_new(cls, constructors, arguments)
        return InstanceValue(cls, environment, state=state, given=told)

    def _state_by_bases(self, cls: int, arguments: Arguments) -> str:
        """The state of a new object whose constructor is that of a library's class."""
        bases = [base for base in self._evaluator.classes.order(cls) if isinstance(base, LibraryValue)]
        states = (self._evaluator.library.state_of_new(base.name, arguments) for base in bases)
        return next(filter(None, states), "")

    def constructors(self, cls: int) -> list[FunctionValue]:
        """The `__init__` that makes objects of the class."""
        values = self._evaluator.classes.raw(cls, "__init__")
        return [value for value, _ in values if isinstance(value, FunctionValue)]

    def _construct(self, function: FunctionValue, arguments: Arguments, given: _Given, levels: int) -> None:
        """Note in `given` what the constructor is given, and what it gives to those of its bases."""
        unit = self._project.units[function.unit]
        bound = arguments.bound_to(unit, skip_first=True)
        parameters = unit.facts.parameters[1:]
        given.update(self._entries(unit, parameters, bound, arguments))
        inner = replace(function, environment=tuple(given.items()))
        for call in unit.facts.calls if levels else ():
            for value, _ in self._evaluator.evaluate(call.callee, unit):
                if isinstance(value, FunctionValue) and self._is_constructor(value):
                    written = Arguments.of(self._evaluator, call, unit).closed_in(inner)
                    self._construct(value, written, given, levels - 1)

    def _is_constructor(self, function: FunctionValue) -> bool:
        return self._project.units[function.unit].facts.name.endswith(".__init__")

    def _fields(self, cls: int, arguments: Arguments) -> _Given:
        """What a generated constructor is given for the fields declared in the class bodies."""
        given: _Given = {}
        position = 0
        for unit in self._field_classes(cls):
            for name in self.fields(unit):
                values = arguments.at(position) or arguments.at(name)
                position += 1
                if values:
                    given[ParameterValue(unit.body.index, name)] = self._kept(values)
        return given

    def _field_classes(self, cls: int) -> Iterator[ClassUnit]:
        """The classes whose fields make up a constructor, in the order of its parameters."""
        for value in reversed(self._evaluator.classes.order(cls)):
            if isinstance(value, ClassValue):
                yield self._project.classes[value.cls]

    def field_names(self, cls: int) -> list[str]:
        """The names of all fields that objects of the class have, in order."""
        return [name for unit in self._field_classes(cls) for name in self.fields(unit)]

    def fields(self, cls: ClassUnit) -> list[str]:
        """The names declared with an annotation in the body of the class."""
        bindings = cls.body.facts.bindings
        return [binding.name for binding in bindings if binding.annotation is not None]

    def _entries(
        self, unit: Unit, parameters: tuple[Parameter, ...], bound: dict[str, Values], arguments: Arguments
    ) -> Iterator[tuple[ParameterValue, Values]]:
        for parameter in parameters:
            values = bound.get(parameter.name)
            if values is None:
                if arguments.has_unpacked or parameter.kind in ("*", "**"):
                    continue
                written = parameter.default
                if written is None and not arguments.is_given(unit, parameter, skip_first=True):
                    continue
                if arguments.is_given(unit, parameter, skip_first=True):
                    written = arguments.expression_for(unit, parameter.name, skip_first=True)
                    written = written if written == Const(None) else None
                values = (
                    NOTHING if written is None else self._evaluator.evaluate(written, unit.parent or unit)
                )
            yield ParameterValue(unit.index, parameter.name), self._kept(values)

    def _kept(self, values: Values) -> Values:
        """What of an argument may matter later: no plain data, and nothing nested too deep; `None` where
        it is nothing else."""
        if values == exactly(NONE):
            return values
        return tuple(
            (_shallow(value), certainty)
            for value, certainty in values
            if not isinstance(value, NoneValue) and not _is_plain_data(value)
        )

    # Attributes

    def attribute(self, value: InstanceValue, name: str) -> Values:
        """What the object holds under `name`; that is in the state of the object, if in any."""
        values = self._attribute(value, name)
        values = _asked_of(values, value) if value.types or value.state else values
        return in_state(values, value.state) if value.state else values

    def _attribute(self, value: InstanceValue, name: str) -> Values:
        classes = self._evaluator.classes
        if value.is_self:
            return classes.instance_attribute(value.cls, name) or self._forwarded(value, name)
        chosen = self._chosen(value, name) if value.given else NOTHING
        if chosen:
            return self.held_by(chosen, value)
        look_up = classes.any_attribute if value.environment is None else classes.exact_attribute
        return self.held_by(look_up(value.cls, name) or self._forwarded(value, name), value)

    def _chosen(self, value: InstanceValue, name: str) -> Values:
        """What is left of the alternatives by what the constructor was given; nothing if it is all the
        same."""
        stored = self._evaluator.kept.chosen(value, name)
        return stored or choose(
            [
                at_most(self._evaluator.results.of_property(held, value), certainty)
                for held, certainty in self._evaluator.classes.raw(value.cls, name)
                if isinstance(held, FunctionValue) and held.role == "property" and self._decides(held)
            ]
        )

    def _decides(self, function: FunctionValue) -> bool:
        """Whether attributes of the object decide what its method returns."""
        names = self._evaluator.choosing.decides(self._project.units[function.unit])
        return any(name.startswith(OWN) for name in names)

    def _forwarded(self, value: InstanceValue, name: str) -> Values:
        """What a `__getattr__` gives that asks another object for the attribute."""
        if name.startswith("__"):
            return NOTHING
        return self._evaluator.remembered((15, value.cls, name), lambda: self._asked(value.cls, name))

    def _asked(self, cls: int, name: str) -> Values:
        options = [
            self._evaluator.members.attribute(self._evaluator.evaluate(held, unit), name)
            for function, _ in self._evaluator.classes.raw(cls, "__getattr__")
            if isinstance(function, FunctionValue)
            for held, unit in forwarded_to(self._project.units[function.unit], self._project)
        ]
        known = [option for option in options if option]
        return choose(known) if known else NOTHING

    def held_by(self, values: Values, owner: InstanceValue) -> Values:
        """`values`, read from `self` of the object's class, as those of this very object."""
        return self._evaluator.remembered((17, owner, values), lambda: self._held_by(values, owner))

    def _held_by(self, values: Values, owner: InstanceValue) -> Values:
        closures = self._evaluator.closures
        return self._evaluator.callers.resolve(closures.substitute(values, _method_of(owner)))


def _method_of(owner: InstanceValue) -> FunctionValue:
    """Some method of the object, to fill in what is read in it."""
    return FunctionValue(-1, bound=True, receiver=owner)


def _asked_of(values: Values, owner: InstanceValue) -> Values:
    """`values`; the methods of libraries among them as those of this very object."""
    return tuple(
        (replace(value, owner=owner), certainty)
        if isinstance(value, LibraryValue) and isinstance(value.owner, InstanceValue)
        else (value, certainty)
        for value, certainty in values
    )


def _shallow(value: Value) -> Value:
    if depth(value) < DEEPEST:
        return value
    return InstanceValue(value.cls) if isinstance(value, InstanceValue) else value


def _is_plain_data(value: Value) -> bool:
    return isinstance(value, LibraryInstance) and value.type in PLAIN_DATA
