"""What calling something gives: an object, what a body returns, or a body yet to run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.constants import OWN, attribute_of_self
from asyncblock_lint.link.inference.known import Setting
from asyncblock_lint.link.inference.library import OBJECTS
from asyncblock_lint.link.inference.values import (
    CALLED,
    NONE,
    NOTHING,
    AccessorValue,
    ClassValue,
    DeferredValue,
    FunctionValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    OffloadedValue,
    ParameterValue,
    PartialValue,
    PathValue,
    RunValue,
    SequenceValue,
    Value,
    Values,
    WrapperValue,
    at_most,
    choose,
    closed,
    exactly,
    holding,
    left_open,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import CallFact, Expr, Item

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator


class CallResults:
    """The results of running things."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    # Calls

    def of_call(self, call: CallFact, unit: Unit) -> Values:
        """What the call gives."""
        called = self._evaluator.evaluate(call.callee, unit)
        return self.of_called(call, called, Arguments.of(self._evaluator, call, unit), unit)

    def of_called(self, call: CallFact, called: Values, arguments: Arguments, unit: Unit) -> Values:
        """What the call gives if `called` is what it calls."""
        evaluator = self._evaluator
        results = [at_most(self.of_value(value, arguments, unit), certainty) for value, certainty in called]
        found = choose(results) if results else NOTHING
        if isinstance(call.callee, Item):
            found = holding(found, evaluator.annotations.read(call.callee, unit))
        if call.is_decorator and not any(self._is_callable(value) for value, _ in found):
            # An unknown decorator most often gives back a function that does what its own does.
            return found if self._gives_object(call.callee, unit) else arguments.at(0)
        return found

    def _gives_object(self, decorator: Expr, unit: Unit) -> bool:
        """Whether the catalogue says that the decorator puts an object in place of the function."""
        return any(
            isinstance(value, LibraryValue | WrapperValue)
            and self._evaluator.matcher.wrapper(value.name) in OBJECTS
            for value, _ in self._evaluator.evaluate(decorator, unit)
        )

    def _is_callable(self, value: Value) -> bool:
        if isinstance(value, LibraryInstance):
            return self._evaluator.matcher.knows_method(value.type, "__call__")
        return value != NONE

    def of_value(self, value: Value, arguments: Arguments, unit: Unit | None = None) -> Values:
        """What calling `value` with `arguments` gives."""
        match value:
            case LibraryValue():
                return self._evaluator.library.of_call(value, arguments, unit)
            case LibraryInstance(type=name):
                method = LibraryValue(f"{name}.__call__", value)
                return self._evaluator.library.of_call(method, arguments, unit)
            case ClassValue(cls=cls, is_any=is_any):
                is_any = is_any or self._evaluator.enumerated.is_one(cls)
                return exactly(InstanceValue(cls) if is_any else self._evaluator.objects.made(cls, arguments))
            case FunctionValue():
                return self.of_function(value, arguments)
            case PartialValue(target=target):
                return self.of_value(target, arguments.after(value), unit)
            case InstanceValue():
                return self.of_values(self._evaluator.objects.attribute(value, "__call__"), arguments)
            case OffloadedValue(target=target):
                return exactly(DeferredValue(self.of_value(target, arguments, unit)))
            case WrapperValue(name=name):
                return self._evaluator.library.wrapped(name, arguments)
            case AccessorValue(function=function, name=name):
                return exactly(_with_accessor(function, name, arguments.at(0)))
            case ParameterValue():
                return self._of_parameter(value, arguments)
            case PathValue():
                return self._of_open(value, arguments)
        return NOTHING

    def _of_parameter(self, parameter: ParameterValue, arguments: Arguments) -> Values:
        """What calling a parameter gives: by its annotation, else by what callers give for it."""
        unit = self._project.units[parameter.unit]
        declared = unit.facts.bindings if unit.body_of else unit.facts.parameters
        for item in declared:
            if item.name == parameter.name and item.annotation is not None:
                around = unit if unit.body_of else unit.parent or unit
                promised = self._evaluator.annotations.result(item.annotation, around)
                if len(left_open(promised)) < len(promised):
                    is_vague = all(self._is_abstract(value) for value, _ in promised)
                    return (self._of_open(parameter, arguments) if is_vague else NOTHING) or promised
                return (*promised, *self._of_open(parameter, arguments))
        return self._of_open(parameter, arguments)

    def _is_abstract(self, value: Value) -> bool:
        """Whether it is told by what can be done with it, so that what callers give tells more."""
        last = value.type.rpartition(".")[2] if isinstance(value, LibraryInstance) else ""
        return last.startswith("Abstract")

    def _of_open(self, value: ParameterValue | PathValue, arguments: Arguments) -> Values:
        """What calling a callable gives that callers fill in: left open, provided that some caller has
        one that gives anything."""
        callables = self._evaluator.callers.resolve(exactly(value))
        found = self.of_values(callables, arguments)
        if all(isinstance(item, LibraryValue) and item.owner is not None for item, _ in callables):
            return found
        longer = self._evaluator.members.longer(value, CALLED)
        return found if longer is None or not found else exactly(longer)

    def of_values(self, values: Values, arguments: Arguments) -> Values:
        """What calling each alternative with `arguments` gives."""
        results = [at_most(self.of_value(value, arguments), certainty) for value, certainty in values]
        return choose(results) if results else NOTHING

    def of_function(self, function: FunctionValue, arguments: Arguments) -> Values:
        """What calling a function of the project gives: its body's result, or a body yet to run."""
        unit = self._project.units[function.unit]
        called = self._evaluator.closures.closed_over(function, arguments)
        if function.role in ("context-manager", "async-context-manager"):
            how = "context" if function.role == "context-manager" else "async context"
            return exactly(RunValue(how, called, arguments.constants(unit, skip_first=function.bound)))
        if unit.kind in ("generator", "async generator"):
            constants = arguments.constants(unit, skip_first=function.bound)
            return exactly(RunValue("generator", called, constants))
        names = self._evaluator.choosing.decides(unit)
        constants = arguments.constants(unit, skip_first=function.bound, names=names) if names else ()
        constants += self._evaluator.own.of(called.receiver, names, arguments.unit, arguments.told)
        if unit.is_async:
            return exactly(RunValue("coroutine", called, constants))
        return self.returned(called, constants)

    def of_bare_call(self, values: Values) -> Values:
        """What calling without arguments gives; what a generator or coroutine comes to at once."""
        given = self.of_values(values, Arguments.none(self._evaluator))
        options: list[Values] = []
        for value, certainty in given:
            found = exactly(value)
            if isinstance(value, RunValue) and value.how == "coroutine":
                found = self._evaluator.protocols.awaited(found)
            elif isinstance(value, RunValue):
                found = self.yielded(value.function, value.constants)
            options.append(at_most(found, certainty))
        return choose(options) if options else NOTHING

    def of_objects(self, values: Values, classes: tuple[str, ...]) -> Values:
        """`values`, with the objects of library classes among them replaced by what calling them gives."""
        options: list[Values] = []
        for value, certainty in values:
            is_asked = isinstance(value, LibraryInstance) and not set(classes).isdisjoint(
                self._evaluator.matcher.bases(value.type)
            )
            nothing = Arguments.none(self._evaluator)
            found = self.of_value(value, nothing) if is_asked else exactly(value)
            options.append(at_most(found, certainty))
        return choose(options) if options else NOTHING

    def of_property(self, function: FunctionValue, receiver: InstanceValue) -> Values:
        """What reading a property of the object gives; of one that does no more than to name another
        attribute, what that is on this very object."""
        unit = self._project.units[function.unit]
        named = [attribute_of_self(expression, unit) for expression in unit.facts.returns]
        if len(named) == 1 and named[0] and not unit.facts.calls:
            name = named[0].removeprefix(OWN)
            found = self._evaluator.members.attribute(exactly(receiver), name)
            if closed(found):
                return found
        names = self._evaluator.choosing.decides(unit)
        constants = self._evaluator.own.of(receiver, names, None, {})
        return self.returned(replace(function, role="", bound=True, receiver=receiver), constants)

    def returned(self, function: FunctionValue, constants: Setting = ()) -> Values:
        """What the body of `function` returns if its parameters are given `constants`, with its
        environment filled in."""
        unit = self._project.units[function.unit]
        values = self._evaluator.remembered((3, unit.index, 0), lambda: self._returned(unit))
        chosen = self._evaluator.choosing.returned(unit, constants) if constants and values else None
        if chosen is not None:
            values = self._promised_beside(chosen, unit)
        found = self._evaluator.closures.substitute(values, function)
        promised = self._evaluator.generics.promised(unit, function.environment)
        if not promised or any(isinstance(value, SequenceValue) and any(value.items) for value, _ in found):
            return found
        kept = self._evaluator.classes.among(found, promised)
        return tuple(item for item in kept if item[1] > Certainty.GUESS) or promised

    def _returned(self, unit: Unit) -> Values:
        inferred = [self._evaluator.evaluate(expression, unit) for expression in unit.facts.returns]
        return self._promised_beside(choose(inferred) if inferred else NOTHING, unit)

    def _promised_beside(self, values: Values, unit: Unit) -> Values:
        """What a body returns, or what the function promises if that tells nothing."""
        evaluator = self._evaluator
        known = tuple((value, _inferred(value, certainty)) for value, certainty in values if value != NONE)
        if unit.facts.returns_annotation is None:
            return known or values
        opened = left_open(known)
        if len(opened) < len(evaluator.heard_of(known)):
            return known
        promised = evaluator.annotations.read(unit.facts.returns_annotation, unit.parent or unit)
        return (*promised, *opened) if promised else known or values

    def yielded(self, function: FunctionValue, constants: Setting = ()) -> Values:
        """What the generator `function` yields if its parameters are given `constants`."""
        unit = self._project.units[function.unit]
        evaluator = self._evaluator

        def answer() -> Values:
            values = choose([evaluator.evaluate(item, unit) for item in unit.facts.yields] or [NOTHING])
            if values or unit.facts.returns_annotation is None:
                return tuple((value, _inferred(value, certainty)) for value, certainty in values)
            hint = evaluator.annotations.read(unit.facts.returns_annotation, unit.parent or unit)
            return self._evaluator.protocols.element(hint, is_async=False)

        found = evaluator.remembered((4, unit.index, 0), answer)
        chosen = evaluator.choosing.returned(unit, constants) if constants and found else None
        if chosen:
            found = tuple((value, _inferred(value, certainty)) for value, certainty in chosen)
        return evaluator.closures.substitute(found, function)


def _with_accessor(prop: FunctionValue, name: str, given: Values) -> FunctionValue:
    """The property with the function given to its `setter`."""
    functions = [value.unit for value, _ in given if isinstance(value, FunctionValue)]
    return replace(prop, setter=functions[0]) if functions and name == "setter" else prop


def _inferred(value: Value, certainty: Certainty) -> Certainty:
    """An object's type inferred from a return is at best likely; functions keep their certainty."""
    return min(certainty, Certainty.LIKELY) if isinstance(value, LibraryInstance) else certainty
