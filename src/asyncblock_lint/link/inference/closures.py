"""Functions with what the parameters around them stand for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.hashed import Hashed
from asyncblock_lint.link.inference.values import (
    ClassValue,
    DeferredValue,
    FunctionValue,
    InstanceValue,
    LazyValue,
    LibraryInstance,
    OffloadedValue,
    ParameterValue,
    PartialValue,
    PathValue,
    RunValue,
    SequenceValue,
    Value,
    Values,
    at_most,
    choose,
    exactly,
    was_made,
)
from asyncblock_lint.model.certainty import Certainty

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

DEEPEST = 4
"""How deep closures may be nested in what closures hold."""


class Closures:
    """Fills parameters in, and hands closures what their makers were given."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def closed_over(self, function: FunctionValue, arguments: Arguments) -> FunctionValue:
        """`function` with what the call gives for its parameters added to its environment."""
        unit = self._project.units[function.unit]
        given = arguments.bound_to(unit, skip_first=function.bound)
        if not given:
            return function
        environment = dict(function.environment)
        for name, values in given.items():
            kept = tuple((value, held) for value, held in values if depth(value) < DEEPEST)
            if kept or not values:
                environment[ParameterValue(unit.index, name)] = kept
        return replace(function, environment=tuple(sorted(environment.items(), key=_environment_key)))

    def substitute(
        self, values: Values, function: FunctionValue, filled: dict[Value, Value] | None = None
    ) -> Values:
        """`values`, with the parameters in them replaced by what `function`'s environment holds; `filled`
        are the containers that were come by before, for they hold each other."""
        is_bare = not function.environment and function.receiver is None
        if is_bare or not any(_is_open(value) for value, _ in values):
            return values
        environment = self.environment(function)
        filled = {} if filled is None else filled
        values = self._of_receiver(self._without_promises(values, environment), function.receiver)
        options: list[Values] = []
        for value, certainty in values:
            options.append(at_most(self._substitute(value, function, environment, filled), certainty))
        return choose([option for option in options if option])

    def _without_promises(self, values: Values, environment: dict[ParameterValue, Values]) -> Values:
        """`values` without the class that an annotation names, where all that is given in its place was
        seen being made and is of that class."""
        given = [item for value, _ in values for item, _ in _given(value, environment)]
        if not given or not all(was_made(item) or _is_named(item) for item in given):
            return values
        return tuple(
            (value, certainty)
            for value, certainty in values
            if not _is_promise(value) or not all(self._keeps(item, value) for item in given)
        )

    def _of_receiver(self, values: Values, receiver: InstanceValue | None) -> Values:
        """`values` without the methods that `self` may have, but not where it is the receiver: those of
        classes beside the receiver's. What is left of them is as sure as what is left out."""
        if receiver is None:
            return values
        others = [item for item in values if self._is_beside(item[0], receiver)]
        kept = tuple(item for item in values if item not in others)
        if not others or all(_method(value) is None for value, _ in kept):
            return values
        best = max(certainty for _, certainty in others)
        return tuple(
            (value, certainty if _method(value) is None else max(certainty, best))
            for value, certainty in kept
        )

    def _is_beside(self, value: Value, receiver: InstanceValue) -> bool:
        method = _method(value)
        own = None if method is None else method.receiver
        if own is None or own.cls == receiver.cls:
            return False
        order = self._evaluator.classes.order
        is_above = ClassValue(own.cls) in order(receiver.cls)
        return not is_above and ClassValue(receiver.cls) not in order(own.cls)

    def _keeps(self, given: Value, promise: Value) -> bool:
        """Whether an object is of the class that is promised, or a class is below it."""
        if isinstance(given, ClassValue) and isinstance(promise, ClassValue):
            return ClassValue(promise.cls) in self._evaluator.classes.order(given.cls)
        return self._evaluator.classes.is_kind(given, exactly(promise))

    def environment(self, function: FunctionValue) -> dict[ParameterValue, Values]:
        """What is given for the parameters, and put for the type variables, that the body of `function`
        may use."""
        receiver = function.receiver
        if receiver is None:
            return dict(function.environment)
        types = self._evaluator.generics.inherited(receiver.cls)
        return types | dict(receiver.types) | dict(receiver.environment or ()) | dict(function.environment)

    def anonymous(self, values: Values) -> Values:
        """`values` as seen from elsewhere: `self` is but some object of its class."""
        return tuple((_anonymous(value), certainty) for value, certainty in values)

    def _substitute(
        self,
        value: Value,
        function: FunctionValue,
        environment: dict[ParameterValue, Values],
        filled: dict[Value, Value],
    ) -> Values:
        match value:
            case ParameterValue():
                return environment.get(value, exactly(value))
            case PathValue(root=root, path=path) if root in environment:
                return self._evaluator.members.along(environment[root], path)
            case FunctionValue():
                return exactly(self._close(value, function.receiver, environment))
            case RunValue(function=inner):
                closed = self._close(inner, function.receiver, environment)
                return exactly(replace(value, function=closed))
            case InstanceValue():
                return exactly(self._made(value, function.receiver, environment))
            case SequenceValue() | LibraryInstance():
                return self._container(value, function, filled)
            case LazyValue(applied=applied, iterated=iterated, elements=elements):
                parts = (self.substitute(part, function, filled) for part in (applied, iterated, elements))
                return exactly(LazyValue(*parts))
            case PartialValue(target=target):
                targets = self._substitute(target, function, environment, filled)
                return tuple((replace(value, target=item), certainty) for item, certainty in targets)
            case OffloadedValue(target=target):
                targets = self._substitute(target, function, environment, filled)
                return tuple((OffloadedValue(item), certainty) for item, certainty in targets)
            case DeferredValue(result=result):
                return exactly(DeferredValue(self.substitute(result, function, filled)))
        return exactly(value)

    def _container(
        self,
        value: SequenceValue | LibraryInstance,
        function: FunctionValue,
        filled: dict[Value, Value],
    ) -> Values:
        if not _is_open(value):
            return exactly(value)
        if value not in filled:
            items = tuple(self.substitute(item, function, filled) for item in value.items)
            filled[value] = replace(value, items=items)
        return exactly(filled[value])

    def _close(
        self,
        function: FunctionValue,
        receiver: InstanceValue | None,
        environment: dict[ParameterValue, Values],
    ) -> FunctionValue:
        """`function` with those entries of `environment` that belong to functions around it."""
        if function.receiver is not None:
            function = replace(function, receiver=self._made(function.receiver, receiver, environment))
        ancestors = set()
        parent = self._project.units[function.unit].parent
        while parent is not None:
            ancestors.add(parent.index)
            parent = parent.parent
        merged = {key: values for key, values in environment.items() if key.unit in ancestors}
        for key, values in function.environment:
            merged[key] = self._filled(values, None, environment)
        if not merged:
            return function
        return replace(function, environment=tuple(sorted(merged.items(), key=_environment_key)))

    def _made(
        self, value: InstanceValue, receiver: InstanceValue | None, environment: dict[ParameterValue, Values]
    ) -> InstanceValue:
        """The object, with what was open in it filled in; `self` is the receiver, where that is known."""
        if value.is_self:
            return value if receiver is None else self._narrower(value, receiver)
        if not (value.environment or value.types) or depth(value) >= DEEPEST:
            return value
        types = tuple((key, self._filled(values, receiver, environment)) for key, values in value.types)
        if not value.environment:
            return replace(value, types=types)
        given = tuple((key, self._filled(values, receiver, environment)) for key, values in value.environment)
        return replace(value, environment=given, types=types)

    def _filled(
        self, values: Values, receiver: InstanceValue | None, environment: dict[ParameterValue, Values]
    ) -> Values:
        """`values`, with the parameters among them replaced by what `environment` holds, and `self` by the
        receiver."""
        filled: list[tuple[Value, Certainty]] = []
        for value, certainty in values:
            given = environment.get(value) if isinstance(value, ParameterValue) else None
            if given:
                filled.extend(at_most(given, certainty))
            elif isinstance(value, InstanceValue) and value.is_self and receiver is not None:
                filled.append((self._narrower(value, _shallow(receiver)), certainty))
            else:
                filled.append((value, certainty))
        return tuple(filled)

    def _narrower(self, value: InstanceValue, receiver: InstanceValue) -> InstanceValue:
        """The receiver; where the method was found in a subclass of its class, an object of that."""
        if value.cls == receiver.cls or ClassValue(receiver.cls) not in self._evaluator.classes.order(
            value.cls
        ):
            return receiver
        return InstanceValue(value.cls, is_self=receiver.is_self)


def _given(value: Value, environment: dict[ParameterValue, Values]) -> Values:
    return environment.get(value, ()) if isinstance(value, ParameterValue) else ()


def _is_promise(value: Value) -> bool:
    """Whether it is but some object of a class, or some class below one."""
    if isinstance(value, ClassValue):
        return value.is_any
    return isinstance(value, InstanceValue) and value == InstanceValue(value.cls)


def _method(value: Value) -> FunctionValue | None:
    """The method of some `self` that it is, or a call of which gives it."""
    match value:
        case FunctionValue(receiver=InstanceValue(is_self=True)):
            return value
        case RunValue(function=FunctionValue(receiver=InstanceValue(is_self=True)) as function):
            return function
    return None


def _is_named(value: Value) -> bool:
    """Whether it is a class itself, and not but some class below it."""
    return isinstance(value, ClassValue) and not value.is_any


def _anonymous(value: Value) -> Value:
    match value:
        case InstanceValue(is_self=True, cls=cls):
            return InstanceValue(cls)
        case FunctionValue(receiver=InstanceValue(is_self=True, cls=cls)):
            return replace(value, receiver=InstanceValue(cls))
        case RunValue(function=FunctionValue(receiver=InstanceValue(is_self=True, cls=cls)) as run):
            return replace(value, function=replace(run, receiver=InstanceValue(cls)))
    return value


def _shallow(value: InstanceValue) -> InstanceValue:
    return value if depth(value) < DEEPEST else InstanceValue(value.cls)


def _is_open(value: Value) -> bool:
    """Whether parameters of functions around may stand in `value`."""
    if isinstance(value, InstanceValue):
        return value.is_self or bool(value.environment or value.types)
    if isinstance(value, SequenceValue | LibraryInstance):
        return _holds_open(value)
    if isinstance(value, LazyValue):
        parts = (value.applied, value.iterated, value.elements)
        return any(_is_open(item) for values in parts for item, _ in values)
    kinds = (ParameterValue, PathValue, FunctionValue, RunValue, PartialValue, OffloadedValue, DeferredValue)
    return isinstance(value, kinds)


def _holds_open(value: SequenceValue | LibraryInstance) -> bool:
    try:
        return value._open
    except AttributeError:
        found = any(_is_open(item) for items in value.items for item, _ in items)
        object.__setattr__(value, "_open", found)
        return found


def depth(value: Value) -> int:
    """How deep environments are nested in `value`."""
    if not isinstance(value, Hashed):
        return 0
    try:
        return value._depth
    except AttributeError:
        found = _depth(value)
        object.__setattr__(value, "_depth", found)
        return found


def _depth(value: Value) -> int:
    match value:
        case InstanceValue(environment=environment) if environment:
            return 1 + max((depth(item) for _, values in environment for item, _ in values), default=0)
        case FunctionValue(environment=environment, receiver=receiver):
            inner = [depth(item) for _, values in environment for item, _ in values]
            return max(1 + max(inner, default=0), depth(receiver) if receiver else 0)
        case RunValue(function=function):
            return depth(function)
        case SequenceValue(items=items):
            held = [depth(item) + isinstance(item, SequenceValue) for values in items for item, _ in values]
            return max(held, default=0)
        case PartialValue(target=target) | OffloadedValue(target=target):
            return 1 + depth(target)
    return 0


def _environment_key(entry: tuple[ParameterValue, Values]) -> tuple[int, str]:
    return entry[0].unit, entry[0].name
