"""What callers give for a parameter: the other end of an argument."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.decorated import Decorated
from asyncblock_lint.link.inference.values import (
    NOTHING,
    ClassValue,
    FunctionValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    ParameterValue,
    PartialValue,
    PathValue,
    SequenceValue,
    Value,
    Values,
    at_most,
    choose,
    closed,
    exactly,
    left_open,
    one_of_each_class,
    state_of,
    was_made,
)
from asyncblock_lint.link.project import ClassUnit, Unit, method_of, shown_name
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Attr, Call, CallFact, Name

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_MOST_CALLS = 200
_MOST_TO_COMPARE = 12
_ON_CLASS = ("__init__", "cls")
"""What a constructor is called as in methods of its class and of its family."""
_CALLABLES = (FunctionValue, LibraryValue, PartialValue)


class Callers:
    """Finds the calls of a function by its name, and what they pass."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._calls: dict[str, list[tuple[Unit, CallFact]]] | None = None
        self._decorated = Decorated(evaluator)
        self._narrowed: set[ParameterValue] = set()

    def given(self, parameter: ParameterValue) -> Values:
        """What all callers together give: likely where they agree, else a guess, since any one
        caller means but one of the answers."""
        key = (7, parameter.unit, parameter.name)
        return self._evaluator.settled(key, lambda: self._given(parameter))

    def are_narrower(self, parameter: ParameterValue, promised: Values) -> bool:
        """Whether the annotation in a constructor, or of a field, leaves open which of several classes it
        is, and all callers tell."""
        if self._evaluator.is_deep or not self._evaluator.classes.are_wide(promised):
            return False
        unit = self._project.units[parameter.unit]
        if unit.body_of is None and not unit.facts.name.endswith(".__init__"):
            return False
        names = self._names(unit) if unit.body_of is None else [_last(unit.body_of.facts.name)]
        if sum(len(self.written(name)) for name in names) > _MOST_TO_COMPARE:
            return False
        key = (18, parameter.unit, parameter.name)
        return bool(self._evaluator.settled(key, lambda: self._narrower(parameter, promised)))

    def is_narrowed(self, parameter: ParameterValue) -> bool:
        """Whether what callers give was found to tell more than the annotation."""
        return parameter in self._narrowed

    def _narrower(self, parameter: ParameterValue, promised: Values) -> Values:
        """What all callers give, if each gives objects that were seen being made, of promised classes."""
        given = [self.resolve(option) for option in self._options(parameter)]
        for values in given:
            fitting = self._evaluator.classes.among(values, promised)
            if not values or len(fitting) < len(values) or not all(was_made(value) for value, _ in fitting):
                return NOTHING
        self._narrowed.add(parameter)
        return choose(given) if given else NOTHING

    def in_state(self, promised: Values, parameter: ParameterValue) -> Values:
        """What an annotation promises; where its methods depend on the object's state, and some caller
        gives one in a state, the objects that callers give."""
        if not any(self._has_states(value) for value, _ in promised):
            return promised
        given = self.given(parameter)
        if not any(state_of(value) for value, _ in given):
            return promised
        is_kind = self._evaluator.classes.is_kind
        return tuple((value, Certainty.LIKELY) for value, _ in given if is_kind(value, promised))

    def _has_states(self, value: Value) -> bool:
        if isinstance(value, InstanceValue):
            return self._evaluator.descriptors.has_any(value.cls)
        return isinstance(value, LibraryInstance) and self._evaluator.matcher.has_states(value.type)

    def resolve(self, values: Values) -> Values:
        """`values`; where they are but parameters, or read from such, what callers give for them."""
        known = closed(values)
        if known or not values:
            return known
        return choose([at_most(self._resolve(value), certainty) for value, certainty in values])

    def together(self, values: Values, within: frozenset[ParameterValue] = frozenset()) -> Values:
        """As `resolve`, of what every caller adds to the same container: all of it is there. Beside an
        annotation it counts if all of it keeps what that promises. Objects that hold others of their
        class are filled in but once: what is given for a parameter `within` stays open."""
        opened = left_open(values)
        if opened and len(opened) < len(values):
            given = self.together(opened, within)
            fitting = self._evaluator.classes.among(given, values)
            values = given if given and len(fitting) == len(given) else values
        options = [at_most(self._all_of(value, within), certainty) for value, certainty in values]
        known = [option for option in options if option]
        return choose(known) if known else NOTHING

    def _all_of(self, value: Value, within: frozenset[ParameterValue]) -> Values:
        if isinstance(value, ParameterValue):
            return self._together(value)
        if isinstance(value, InstanceValue) and value.environment:
            filled = ((key, self._filled(key, held, within)) for key, held in value.environment)
            return exactly(replace(value, environment=tuple(filled)))
        if isinstance(value, SequenceValue):
            items = (self.together(item, within) if left_open(item) else item for item in value.items)
            return exactly(replace(value, items=tuple(items)))
        return self.resolve(exactly(value))

    def _filled(self, key: ParameterValue, held: Values, within: frozenset[ParameterValue]) -> Values:
        """What an object holds for the parameter `key` of its constructor, with what callers give."""
        return self.together(held, within | {key}) if left_open(held) and key not in within else held

    def _resolve(self, value: Value) -> Values:
        if isinstance(value, ParameterValue):
            return self.given(value)
        if isinstance(value, PathValue):
            found = self._evaluator.members.along(self.given(value.root), value.path)
            known = closed(found)
            further = [self.given(item) for item, _ in found if isinstance(item, ParameterValue)]
            return known or (closed(choose(further)) if further else NOTHING)
        return exactly(value)

    def _together(self, parameter: ParameterValue) -> Values:
        key = (13, parameter.unit, parameter.name)
        return self._evaluator.settled(key, lambda: self._united(parameter)[0])

    def _united(self, parameter: ParameterValue) -> tuple[Values, list[Values]]:
        """What callers give, as seen from elsewhere, and what each of them gives."""
        known = [self.resolve(option) for option in self._options(parameter)]
        options = [option for option in known if option]
        together = choose(options) if options else NOTHING
        return one_of_each_class(self._evaluator.closures.anonymous(together)), known

    def _given(self, parameter: ParameterValue) -> Values:
        values, known = self._united(parameter)
        if not values:
            return self._evaluator.passing.passed(parameter)
        callable_seen = any(isinstance(value, _CALLABLES) for value, _ in values)
        told = {option for option in known if option}
        vague = (len(told) > 1 and self._differ(values)) or (callable_seen and not all(known))
        if self.is_narrowed(parameter):
            # Each of them keeps what the annotation promises.
            vague = False
        return at_most(values, Certainty.GUESS if vague else Certainty.LIKELY)

    def _differ(self, values: Values) -> bool:
        """Whether these are several answers; a base class says no other thing than a subclass does."""
        is_kind = self._evaluator.classes.is_kind
        apart = [
            value
            for value, _ in values
            if not any(other != value and is_kind(other, exactly(value)) for other, _ in values)
        ]
        return len(apart) > 1

    def _options(self, parameter: ParameterValue) -> Iterator[Values]:
        """What each caller passes for the parameter."""
        unit = self._project.units[parameter.unit]
        if self._evaluator.generics.is_variable(parameter):
            yield self._evaluator.generics.given(parameter)
            return
        if unit.body_of is not None and self._evaluator.enumerated.is_one(unit.body_of.index):
            yield from self._evaluator.enumerated.given(unit.body_of.index, parameter)
            return
        if unit.body_of is not None:
            yield from self._fields(unit.body_of, parameter)
            return
        if unit.facts.parameters[0].name == parameter.name:
            yield from (exactly(InstanceValue(cls)) for cls in self._decorated.owners(unit))
        is_told = False
        for arguments, _, skip_first in self.calls_of(unit):
            given = arguments.bound_to(unit, skip_first=skip_first).get(parameter.name, NOTHING)
            is_told = is_told or bool(given)
            yield given
        for arguments, skip_first in () if is_told else self._evaluator.indirect.calls_of(unit):
            yield arguments.bound_to(unit, skip_first=skip_first).get(parameter.name, NOTHING)
        if _is_setter(unit):
            yield from self._evaluator.contents.set_through(unit)

    def _fields(self, cls: ClassUnit, parameter: ParameterValue) -> Iterator[Values]:
        """What the generated constructor of a class is given for a field."""
        for caller, call in self.written(_last(cls.facts.name))[:_MOST_CALLS]:
            for value, _ in self._evaluator.evaluate(call.callee, caller):
                if isinstance(value, ClassValue) and value.cls == cls.index:
                    made = self._evaluator.objects.made(
                        cls.index, Arguments.of(self._evaluator, call, caller)
                    )
                    yield dict(made.environment or ()).get(parameter, NOTHING)

    def calls_of(self, unit: Unit) -> Iterator[tuple[Arguments, Unit, bool]]:
        """The arguments of every call of `unit`, who calls it, and whether its first parameter is
        already given."""
        for name in self._names(unit):
            for caller, call in self.written(name)[:_MOST_CALLS]:
                for value, _ in self._evaluator.evaluate(call.callee, caller):
                    if isinstance(value, FunctionValue) and value.unit == unit.index:
                        yield Arguments.of(self._evaluator, call, caller), caller, value.bound
                    elif isinstance(value, ClassValue) and self._constructs(value, unit):
                        yield Arguments.of(self._evaluator, call, caller), caller, True
            yield from self._evaluator.handed.calls_of(name, lambda value: self._skips_first(value, unit))
        yield from self._evaluator.handed.items_for(unit, lambda value: self._skips_first(value, unit))
        yield from self._evaluator.routed.calls_of(unit)
        yield from self._wrapping(unit)

    def _skips_first(self, value: Value, unit: Unit) -> bool | None:
        """Whether calling `value` gives the first parameter of `unit`; `None` if that does not run it."""
        if isinstance(value, FunctionValue) and value.unit == unit.index:
            return value.bound
        return True if isinstance(value, ClassValue) and self._constructs(value, unit) else None

    def _wrapping(self, unit: Unit) -> Iterator[tuple[Arguments, Unit, bool]]:
        """The calls of a decorated function in what its decorators make of it."""
        for decorator in unit.facts.decorators if unit.parent is not None else ():
            for value, _ in self._evaluator.evaluate(decorator, unit.parent or unit):
                if isinstance(value, FunctionValue):
                    yield from self._calls_inside(self._project.units[value.unit])

    def _calls_inside(self, decorator: Unit) -> Iterator[tuple[Arguments, Unit, bool]]:
        """The calls of what the decorator is given, in the functions written in it."""
        if not decorator.facts.parameters:
            return
        name = decorator.facts.parameters[0].name
        wanted = ParameterValue(decorator.index, name)
        for caller, call in self.written(name):
            if caller.module == decorator.module and caller.facts.name.startswith(decorator.facts.name):
                values = self._evaluator.evaluate(call.callee, caller)
                if any(value == wanted for value, _ in values):
                    yield Arguments.of(self._evaluator, call, caller), caller, False

    def calls_named(self, unit: Unit) -> list[CallFact]:
        """The calls that are written like one of the constructor `unit`; `cls(…)` and `…__init__(…)` in
        the same family of classes."""
        family = self._family(unit)
        written = [(name, item) for name in self._names(unit) for item in self.written(name)]
        return [call for name, (caller, call) in written if name not in _ON_CLASS or _owner(caller) in family]

    def _family(self, unit: Unit) -> frozenset[int | None]:
        """The class of the method, those that it inherits from, and those that inherit from it."""
        assert unit.owner is not None
        classes = self._evaluator.classes
        bases = [base.cls for base in classes.order(unit.owner.index) if isinstance(base, ClassValue)]
        return frozenset((*bases, *classes.subclasses(unit.owner.index)))

    def _constructs(self, cls: ClassValue, unit: Unit) -> bool:
        found = self._evaluator.classes.raw(cls.cls, "__init__")
        return any(isinstance(value, FunctionValue) and value.unit == unit.index for value, _ in found)

    def _names(self, unit: Unit) -> list[str]:
        """What a call of `unit` is written as."""
        name = _last(unit.facts.name)
        if name == "__call__" and unit.owner is not None:
            return [name, f"{_last(unit.owner.facts.name)}()"]
        if name != "__init__" or unit.owner is None:
            around = unit.parent
            if around is None:
                return [name]
            return [name, f"{_last(around.facts.name)}()", *self._decorated.names(around)]
        classes = [unit.owner.index, *self._evaluator.classes.subclasses(unit.owner.index)]
        names = [_last(self._project.classes[index].facts.name) for index in classes]
        return [*dict.fromkeys(names), *_ON_CLASS]

    def written(self, name: str) -> list[tuple[Unit, CallFact]]:
        """The calls of what is written with that name last, and where they stand."""
        if self._calls is None:
            self._calls = {}
            for unit in self._project.units:
                for call in unit.facts.calls:
                    written = _written(call, unit)
                    if written:
                        self._calls.setdefault(written, []).append((unit, call))
        return self._calls.get(name, [])


def _is_setter(unit: Unit) -> bool:
    return any(isinstance(item, Attr) and item.name == "setter" for item in unit.facts.decorators)


def _last(name: str) -> str:
    return shown_name(name).rpartition(".")[2]


def _owner(unit: Unit) -> int | None:
    """The class of the method that `unit` is in."""
    method = method_of(unit)
    return None if method is None or method.owner is None else method.owner.index


def _written(call: CallFact, unit: Unit) -> str:
    match call.callee:
        case Name(id=name) | Attr(name=name):
            return name
        case Call(index=index):
            maker = _written(unit.facts.calls[index], unit)
            return f"{maker}()" if maker else ""
    return ""
