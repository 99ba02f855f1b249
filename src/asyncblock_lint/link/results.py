"""What calling, awaiting, entering, iterating or subscripting something gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.arguments import Arguments
from asyncblock_lint.link.project import Unit
from asyncblock_lint.link.values import (
    NONE,
    NOTHING,
    AccessorValue,
    ClassValue,
    DeferredValue,
    FunctionValue,
    InstanceValue,
    LazyValue,
    LibraryInstance,
    LibraryValue,
    OffloadedValue,
    ParameterValue,
    PartialValue,
    PathValue,
    RunValue,
    SequenceValue,
    SuperValue,
    Value,
    Values,
    WrapperValue,
    at_most,
    choose,
    exactly,
)
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import CallFact, Const

if TYPE_CHECKING:
    from asyncblock_lint.link.evaluate import Evaluator

_ROLES = {
    "builtins.staticmethod": "static",
    "builtins.classmethod": "class",
    "builtins.property": "property",
}
_FUNCTION_LIKE = (FunctionValue, PartialValue, OffloadedValue, ClassValue)
_ITEM_METHODS = frozenset({"get", "pop", "setdefault", "popleft", "popitem"})
_DEEPEST_ENVIRONMENT = 4


class CallResults:
    """The results of running things."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    # Calls

    def of_call(self, call: CallFact, unit: Unit) -> Values:
        """What the call gives."""
        evaluator = self._evaluator
        arguments = Arguments.of(evaluator, call, unit)
        results = []
        for value, certainty in evaluator.evaluate(call.callee, unit):
            results.append(at_most(self.of_value(value, arguments, unit), certainty))
        found = choose(results) if results else NOTHING
        if call.is_decorator and not any(_is_callable(value) for value, _ in found):
            # An unknown decorator most often gives back a function that does what its own does.
            return arguments.at(0)
        return found

    def of_value(self, value: Value, arguments: Arguments, unit: Unit | None = None) -> Values:
        """What calling `value` with `arguments` gives."""
        match value:
            case LibraryValue():
                return self._of_library(value, arguments, unit)
            case ClassValue(cls=cls):
                return exactly(InstanceValue(cls))
            case FunctionValue():
                return self.of_function(value, arguments)
            case PartialValue(target=target):
                return self.of_value(target, arguments.after(value), unit)
            case InstanceValue(cls=cls):
                method = self._evaluator.members.instance_attribute(cls, "__call__")
                return self._of_values(method, arguments)
            case WrapperValue(name=name):
                return self._wrapped(name, arguments)
            case AccessorValue(function=function):
                return exactly(function)
            case PathValue():
                return self._of_values(self._evaluator.callers.resolve(exactly(value)), arguments)
        return NOTHING

    def _of_values(self, values: Values, arguments: Arguments) -> Values:
        results = [at_most(self.of_value(value, arguments), certainty) for value, certainty in values]
        return choose(results) if results else NOTHING

    def of_function(self, function: FunctionValue, arguments: Arguments) -> Values:
        """What calling a function of the project gives: its body's result, or a body yet to run."""
        unit = self._project.units[function.unit]
        called = self.closed_over(function, arguments)
        if function.role in ("context-manager", "async-context-manager"):
            how = "context" if function.role == "context-manager" else "async context"
            return exactly(RunValue(how, called))
        if unit.kind in ("generator", "async generator"):
            return exactly(RunValue("generator", called))
        if unit.is_async:
            return exactly(RunValue("coroutine", called))
        return self.returned(called)

    def of_bare_call(self, values: Values) -> Values:
        """What calling without arguments gives; what a generator or coroutine comes to at once."""
        given = self._of_values(values, Arguments.none(self._evaluator))
        options: list[Values] = []
        for value, certainty in given:
            if isinstance(value, RunValue):
                found = self._awaited(value) if value.how == "coroutine" else self.yielded(value.function)
            else:
                found = exactly(value)
            options.append(at_most(found, certainty))
        return choose(options) if options else NOTHING

    def of_property(self, function: FunctionValue) -> Values:
        """What reading a property gives."""
        return self.returned(replace(function, role="", bound=True))

    def returned(self, function: FunctionValue) -> Values:
        """What the body of `function` returns, with its environment filled in."""
        unit = self._project.units[function.unit]
        values = self._evaluator.remembered((3, unit.index, 0), lambda: self._returned(unit))
        return self.substitute(values, function)

    def _returned(self, unit: Unit) -> Values:
        evaluator = self._evaluator
        inferred = [evaluator.evaluate(expression, unit) for expression in unit.facts.returns]
        values = choose(inferred) if inferred else NOTHING
        known = tuple((value, _inferred(value, certainty)) for value, certainty in values if value != NONE)
        if known or unit.facts.returns_annotation is None:
            return known or values
        return evaluator.annotations.read(unit.facts.returns_annotation, unit.parent or unit)

    def yielded(self, function: FunctionValue) -> Values:
        """What the generator `function` yields."""
        unit = self._project.units[function.unit]
        evaluator = self._evaluator

        def answer() -> Values:
            values = choose([evaluator.evaluate(item, unit) for item in unit.facts.yields] or [NOTHING])
            if values or unit.facts.returns_annotation is None:
                return tuple((value, _inferred(value, certainty)) for value, certainty in values)
            hint = evaluator.annotations.read(unit.facts.returns_annotation, unit.parent or unit)
            return self.element(hint, is_async=False)

        return self.substitute(evaluator.remembered((4, unit.index, 0), answer), function)

    # Closures

    def closed_over(self, function: FunctionValue, arguments: Arguments) -> FunctionValue:
        """`function` with what the call gives for its parameters added to its environment."""
        unit = self._project.units[function.unit]
        given = arguments.bound_to(unit, skip_first=function.bound)
        if not given:
            return function
        environment = dict(function.environment)
        for name, values in given.items():
            kept = tuple((value, held) for value, held in values if _depth(value) < _DEEPEST_ENVIRONMENT)
            if kept:
                environment[ParameterValue(unit.index, name)] = kept
        return replace(function, environment=tuple(sorted(environment.items(), key=_environment_key)))

    def substitute(self, values: Values, function: FunctionValue) -> Values:
        """`values`, with the parameters in them replaced by what `function`'s environment holds."""
        if not any(_is_open(value) for value, _ in values):
            return values
        environment = dict(function.environment)
        options: list[Values] = []
        for value, certainty in values:
            options.append(at_most(self._substitute(value, function, environment), certainty))
        return choose([option for option in options if option])

    def _substitute(
        self, value: Value, function: FunctionValue, environment: dict[ParameterValue, Values]
    ) -> Values:
        match value:
            case ParameterValue():
                return environment.get(value, exactly(value))
            case PathValue(root=root, path=path) if root in environment:
                return self._evaluator.members.along(environment[root], path)
            case FunctionValue():
                return exactly(self._close(value, environment))
            case RunValue(how=how, function=inner):
                return exactly(RunValue(how, self._close(inner, environment)))
            case PartialValue(target=target):
                targets = self._substitute(target, function, environment)
                return tuple((replace(value, target=item), certainty) for item, certainty in targets)
            case OffloadedValue(target=target):
                targets = self._substitute(target, function, environment)
                return tuple((OffloadedValue(item), certainty) for item, certainty in targets)
            case DeferredValue(result=result):
                return exactly(DeferredValue(self.substitute(result, function)))
        return exactly(value)

    def _close(self, function: FunctionValue, environment: dict[ParameterValue, Values]) -> FunctionValue:
        """`function` with those entries of `environment` that belong to functions around it."""
        ancestors = set()
        parent = self._project.units[function.unit].parent
        while parent is not None:
            ancestors.add(parent.index)
            parent = parent.parent
        merged = {key: values for key, values in environment.items() if key.unit in ancestors}
        for key, values in function.environment:
            merged[key] = _filled(values, environment)
        if not merged:
            return function
        return replace(function, environment=tuple(sorted(merged.items(), key=_environment_key)))

    # Library callables

    def _of_library(self, value: LibraryValue, arguments: Arguments, unit: Unit | None) -> Values:
        matcher, name = self._evaluator.matcher, value.name
        if name in _ROLES:
            return self._with_role(arguments.at(0), _ROLES[name])
        if name == "builtins.super":
            return self._super(unit)
        if name == "builtins.type" and arguments.count == 1:
            return self._class_of(arguments.at(0))
        if name == "builtins.getattr":
            return self._named_attribute(arguments)
        if name == "typing.cast":
            return self._cast(arguments, unit)
        wrapper = matcher.wrapper(name)
        if wrapper is not None:
            return self._wrap(name, wrapper, arguments)
        offload = matcher.offload(name)
        if offload is not None and matcher.made_by(name) is None and not matcher.is_class(name):
            return self._offloaded(offload.wraps, arguments.any_of(offload.arguments))
        apply = matcher.apply(name)
        if apply is not None and apply.when == "iterated":
            rest = choose([arguments.at(position) for position in range(1, arguments.count)] or [NOTHING])
            return exactly(LazyValue(arguments.any_of(apply.arguments), rest))
        return self._made(value, arguments)

    def _made(self, value: LibraryValue, arguments: Arguments) -> Values:
        matcher, name = self._evaluator.matcher, value.name
        made = matcher.made_by(name)
        if made is not None:
            owner = value.owner or LibraryInstance(name.rpartition(".")[0])
            return self._evaluator.types.read(made, owner, arguments)
        if value.owner is not None and value.owner.items:
            return self._container_method(value.owner, name.rpartition(".")[2])
        if name in ("builtins.list", "builtins.set", "builtins.tuple", "builtins.sorted") and arguments.count:
            return exactly(LibraryInstance("builtins.list", (self.element(arguments.at(0), is_async=False),)))
        if matcher.is_class(name):
            return exactly(LibraryInstance(name))
        return NOTHING

    def _container_method(self, owner: LibraryInstance, method: str) -> Values:
        held = owner.items[-1]
        if method in _ITEM_METHODS:
            return held
        if method == "values":
            return exactly(LibraryInstance("builtins.list", (held,)))
        if method == "items":
            pair = exactly(LibraryInstance("builtins.tuple", owner.items))
            return exactly(LibraryInstance("builtins.list", (pair,)))
        if method == "copy":
            return exactly(owner)
        return NOTHING

    def _with_role(self, values: Values, role: str) -> Values:
        return tuple(
            (replace(value, role=role) if isinstance(value, FunctionValue) else value, certainty)
            for value, certainty in values
        )

    def _cast(self, arguments: Arguments, unit: Unit | None) -> Values:
        target = arguments.expression(0)
        if target is None or unit is None:
            return NOTHING
        return self._evaluator.annotations.read(target, unit) or arguments.at(1)

    def _named_attribute(self, arguments: Arguments) -> Values:
        name = arguments.expression(1)
        if not isinstance(name, Const) or not isinstance(name.value, str):
            return NOTHING
        found = self._evaluator.members.attribute(arguments.at(0), name.value)
        return choose([found, arguments.at(2)]) if arguments.count > 2 else found

    def _super(self, unit: Unit | None) -> Values:
        cls = None if unit is None else self._evaluator.current_class(unit)
        return NOTHING if cls is None else exactly(SuperValue(cls))

    def _class_of(self, values: Values) -> Values:
        return tuple(
            (ClassValue(value.cls), certainty)
            for value, certainty in values
            if isinstance(value, InstanceValue)
        )

    def _wrap(self, name: str, gives: str, arguments: Arguments) -> Values:
        if gives == "partial":
            return self._partial(arguments)
        if gives == "decorator":
            return exactly(WrapperValue(name))
        if not any(isinstance(value, _FUNCTION_LIKE) for value, _ in arguments.at(0)) or arguments.count != 1:
            return exactly(WrapperValue(name))
        return self._wrapped(name, arguments)

    def _wrapped(self, name: str, arguments: Arguments) -> Values:
        """A decorator of the catalogue applied to a function."""
        matcher = self._evaluator.matcher
        offload = matcher.offload(name)
        if offload is not None:
            return self._offloaded(True, arguments.at(0))
        gives = matcher.wrapper(name)
        if gives in (None, "same", "decorator"):
            return arguments.at(0)
        return self._with_role(arguments.at(0), gives)

    def _partial(self, arguments: Arguments) -> Values:
        rest = tuple(arguments.at(position) for position in range(1, arguments.count))
        named = tuple(sorted(arguments.named().items(), key=lambda item: item[0]))
        return tuple(
            (PartialValue(value, rest, named), certainty)
            for value, certainty in arguments.at(0)
            if _depth(value) < _DEEPEST_ENVIRONMENT
        )

    def _offloaded(self, wraps: bool, targets: Values) -> Values:
        if wraps:
            return tuple((OffloadedValue(value), certainty) for value, certainty in targets)
        nothing_given = Arguments.none(self._evaluator)
        results = [at_most(self.of_value(value, nothing_given), held) for value, held in targets]
        return exactly(DeferredValue(choose(results) if results else NOTHING))

    # Awaiting, entering, iterating, subscripting

    def awaited(self, values: Values) -> Values:
        """What `await` makes of each alternative."""
        known = self._evaluator.callers.resolve(values)
        options = [at_most(self._awaited(value), certainty) for value, certainty in known]
        return choose(options) if options else NOTHING

    def _awaited(self, value: Value) -> Values:
        match value:
            case RunValue(how="coroutine", function=function):
                return self.returned(function)
            case DeferredValue(result=result):
                return result
            case LibraryInstance(type=name):
                made = self._evaluator.matcher.made_by(f"{name}.__await__")
                return exactly(value) if made is None else self._evaluator.types.read(made, value)
        return NOTHING

    def entered(self, values: Values, *, is_async: bool) -> Values:
        """What `with … as` binds for each alternative."""
        known = self._evaluator.callers.resolve(values)
        options = [at_most(self._entered(value, is_async), certainty) for value, certainty in known]
        return choose(options) if options else NOTHING

    def _entered(self, value: Value, is_async: bool) -> Values:
        match value:
            case RunValue(how="context" | "async context", function=function):
                return self.yielded(function)
            case LibraryInstance(type=name):
                method = "__aenter__" if is_async else "__enter__"
                made = self._evaluator.matcher.made_by(f"{name}.{method}")
                return exactly(value) if made is None else self._evaluator.types.read(made, value)
            case InstanceValue(cls=cls):
                return self._entered_instance(cls, is_async)
        return NOTHING

    def _entered_instance(self, cls: int, is_async: bool) -> Values:
        method = self._evaluator.members.instance_attribute(cls, "__aenter__" if is_async else "__enter__")
        result = self._of_values(method, Arguments.none(self._evaluator))
        result = self.awaited(result) if is_async else result
        return result or exactly(InstanceValue(cls))

    def element(self, values: Values, *, is_async: bool) -> Values:
        """What iterating each alternative gives."""
        known = self._evaluator.callers.resolve(values)
        options = [at_most(self._element(value, is_async), certainty) for value, certainty in known]
        return choose(options) if options else NOTHING

    def _element(self, value: Value, is_async: bool) -> Values:
        match value:
            case SequenceValue(items=items):
                return choose(list(items)) if items else NOTHING
            case LibraryInstance(type=name, items=items) if items:
                return items[0] if name == "builtins.dict" else choose(list(items))
            case LibraryInstance(type=name):
                made = self._evaluator.matcher.made_by(f"{name}.{'__anext__' if is_async else '__next__'}")
                return NOTHING if made is None else self._evaluator.types.read(made, value)
            case RunValue(how="generator", function=function):
                return self.yielded(function)
            case LazyValue(applied=applied):
                return self._of_values(applied, Arguments.none(self._evaluator))
            case InstanceValue(cls=cls):
                method = "__aiter__" if is_async else "__iter__"
                iterator = self._evaluator.members.instance_attribute(cls, method)
                given = self._of_values(iterator, Arguments.none(self._evaluator))
                return self.element(
                    tuple((item, held) for item, held in given if item != value), is_async=is_async
                )
        return NOTHING

    def item(self, values: Values, index: object) -> Values:
        """What `[index]` gives on each alternative; `index` is `None` where it is no constant."""
        known = self._evaluator.callers.resolve(values)
        options = [at_most(self._item(value, index), certainty) for value, certainty in known]
        return choose(options) if options else NOTHING

    def _item(self, value: Value, index: object) -> Values:
        match value:
            case ClassValue() | LibraryValue():
                return exactly(value)
            case SequenceValue(items=items, fixed=True) if isinstance(index, int):
                return items[index] if -len(items) <= index < len(items) else NOTHING
            case SequenceValue(items=items):
                return choose(list(items)) if items else NOTHING
            case LibraryInstance(type="builtins.tuple", items=items) if isinstance(index, int) and items:
                # `tuple[T, ...]` was read as one item and an unknown one.
                return items[index] if 0 <= index < len(items) and items[index] else items[0]
            case LibraryInstance(items=items) if items:
                return items[-1]
            case LibraryInstance(type=name):
                made = self._evaluator.matcher.made_by(f"{name}.__getitem__")
                return NOTHING if made is None else self._evaluator.types.read(made, value)
            case InstanceValue(cls=cls):
                method = self._evaluator.members.instance_attribute(cls, "__getitem__")
                if not method and isinstance(index, str):
                    # The keys of a `TypedDict` are written as its attributes.
                    return self._evaluator.members.instance_attribute(cls, index)
                return self._of_values(method, Arguments.none(self._evaluator))
        return NOTHING

    def operation(self, values: Values, method: str) -> Values:
        """What a binary operator gives on each alternative."""
        options: list[Values] = []
        for value, certainty in values:
            if isinstance(value, LibraryInstance):
                made = self._evaluator.matcher.made_by(f"{value.type}.{method}")
                given = NOTHING if made is None else self._evaluator.types.read(made, value)
                options.append(at_most(given, certainty))
        return choose(options) if options else NOTHING


def _filled(values: Values, environment: dict[ParameterValue, Values]) -> Values:
    """`values`, with the parameters among them replaced by what `environment` holds."""
    filled: list[tuple[Value, Certainty]] = []
    for value, certainty in values:
        given = environment.get(value) if isinstance(value, ParameterValue) else None
        filled.extend(at_most(given, certainty) if given else [(value, certainty)])
    return tuple(filled)


def _inferred(value: Value, certainty: Certainty) -> Certainty:
    """An object's type inferred from a return is at best likely; functions keep their certainty."""
    return min(certainty, Certainty.LIKELY) if isinstance(value, LibraryInstance) else certainty


def _is_callable(value: Value) -> bool:
    return not isinstance(value, LibraryInstance) and value != NONE


def _is_open(value: Value) -> bool:
    """Whether parameters of functions around may stand in `value`."""
    kinds = (ParameterValue, PathValue, FunctionValue, RunValue, PartialValue, OffloadedValue, DeferredValue)
    return isinstance(value, kinds)


def _depth(value: Value) -> int:
    """How deep environments are nested in `value`."""
    match value:
        case FunctionValue(environment=environment):
            inner = [_depth(item) for _, values in environment for item, _ in values]
            return 1 + max(inner, default=0)
        case RunValue(function=function):
            return _depth(function)
        case PartialValue(target=target) | OffloadedValue(target=target):
            return 1 + _depth(target)
    return 0


def _environment_key(entry: tuple[ParameterValue, Values]) -> tuple[int, str]:
    return entry[0].unit, entry[0].name
