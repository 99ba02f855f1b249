"""What an annotation promises: instances, at best likely."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.values import (
    NONE,
    NOTHING,
    ClassValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    Value,
    Values,
    at_most,
    choose,
    exactly,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import (
    Attr,
    Call,
    CallFact,
    Const,
    Display,
    Expr,
    Item,
    Name,
    Operation,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

# Special forms of the language, by the last part of their names.
_TRANSPARENT = frozenset({"Optional", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly"})
_OPAQUE = frozenset(
    {
        "Any", "Callable", "Literal", "TypeVar", "object", "NoReturn", "Never", "ParamSpec", "IO", "BinaryIO",
        "TextIO",
    }
)  # fmt: skip
_CLASS_OF = frozenset({"Type", "type"})
_ITERABLES = frozenset(
    {
        "List", "Set", "FrozenSet", "Sequence", "MutableSequence", "Iterable", "Iterator", "Collection",
        "Deque", "Generator", "AsyncGenerator", "AsyncIterator", "AsyncIterable", "AbstractSet", "MutableSet",
        "list", "set", "frozenset", "deque",
    }
)  # fmt: skip
_MAPPINGS = frozenset(
    {"Dict", "Mapping", "MutableMapping", "DefaultDict", "OrderedDict", "dict", "defaultdict"}
)
_TUPLES = frozenset({"Tuple", "tuple"})
_AWAITABLES = frozenset({"Awaitable", "Coroutine"})
READ_AS_ANOTHER = ((_ITERABLES | _MAPPINGS) - {"List", "list", "Dict", "dict"}) | _AWAITABLES
"""Words with brackets behind them of which no more is read than what is in the object."""
_DEEPEST = 8


class Annotations:
    """Reads annotations as the objects they describe."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def read(self, annotation: Expr, unit: Unit) -> Values:
        """The objects that `annotation`, standing in `unit`, describes."""
        return at_most(self._read(annotation, unit, 0), Certainty.LIKELY)

    def result(self, annotation: Expr, unit: Unit, depth: int = 0) -> Values:
        """What calling an object that `annotation` describes gives, where that is a `Callable`."""
        match annotation:
            case Operation(base=left, method="__or__", other=right):
                sides = [self.result(side, unit, depth) for side in (left, right)]
                return choose([values for values in sides if values] or [NOTHING])
            case Item(base=base, index=Display(items=(_, returned))) if _last_name(base) == "Callable":
                return self.read(returned, unit)
            case Item(base=base, index=index) if _last_name(base) in _TRANSPARENT:
                return self.result(index, unit, depth)
            case Item(base=Name() | Attr() as name) | (Name() | Attr() as name) if depth < _DEEPEST:
                return self._named_result(name, unit, depth)
        return NOTHING

    def _named_result(self, name: Expr, unit: Unit, depth: int) -> Values:
        """What calling an object gives whose type has a name of its own: an alias, or a protocol."""
        alias = self._evaluator.aliases.named(name, unit)
        if alias is not None and isinstance(alias[0], Item | Operation):
            return self.result(*alias, depth + 1)
        options = [
            self.read(method.facts.returns_annotation, method.parent or unit)
            for value, _ in self._evaluator.evaluate(name, unit)
            if isinstance(value, ClassValue)
            for method in self._evaluator.classes.callback(value.cls)
            if method.facts.returns_annotation is not None
        ]
        return choose(options) if options else NOTHING

    def _read(self, annotation: Expr, unit: Unit, depth: int) -> Values:
        if depth > _DEEPEST:
            return NOTHING
        match annotation:
            case Const(value=None):
                return exactly(NONE)
            case Const(value=str(text)):
                return self._read(_dotted(text), unit, depth + 1)
            case Operation(base=left, method="__or__", other=right):
                return choose([self._read(side, unit, depth + 1) for side in (left, right)])
            case Display(items=items):
                return choose([self._read(item, unit, depth + 1) for item in items])
            case Item(base=base, index=index):
                return self._subscripted(base, index, unit, depth)
            case Name() | Attr():
                return self._named(annotation, unit, depth)
        return NOTHING

    def _named(self, annotation: Name | Attr, unit: Unit, depth: int) -> Values:
        alias = self._alias(annotation, unit)
        if isinstance(annotation, Name):
            variable = self._evaluator.generics.variable(annotation.id, unit)
            if variable is not None:
                bound = self._read(*alias, depth + 1) if alias is not None else NOTHING
                return (*bound, (variable, Certainty.EXACT))
        if alias is not None:
            return self._read(*alias, depth + 1)
        values = self._evaluator.evaluate(annotation, _around_field(annotation, unit))
        return choose([self._instance(value, unit) for value, _ in values]) if values else NOTHING

    def _alias(self, annotation: Expr, unit: Unit) -> tuple[Expr, Unit] | None:
        """The right side of `Alias = Annotated[T, …]` or the like, where `annotation` names one."""
        found = self._evaluator.aliases.named(annotation, unit)
        if found is None:
            return None
        value, body = found
        if isinstance(value, Item | Operation):
            return found
        bound = self._bound(body.facts.calls[value.index]) if isinstance(value, Call) else None
        return None if bound is None else (bound, body)

    def _bound(self, call: CallFact) -> Expr | None:
        """What a type variable stands for at least: its bound, or one of its constraints."""
        if _last_name(call.callee) != "TypeVar":
            return None
        named = [argument.value for argument in call.arguments if argument.keyword == "bound"]
        constraints = tuple(argument.value for argument in call.arguments[1:] if argument.keyword is None)
        return named[0] if named else Display("tuple", constraints) if constraints else None

    def _instance(self, value: Value, unit: Unit) -> Values:
        match value:
            case ClassValue(cls=cls):
                return NOTHING if self._evaluator.classes.callback(cls) else exactly(InstanceValue(cls))
            case LibraryValue(name=name):
                last = name.rpartition(".")[2]
                if last == "Self":
                    current = unit.body_of.index if unit.body_of else self._evaluator.current_class(unit)
                    return NOTHING if current is None else exactly(InstanceValue(current, is_self=True))
                return NOTHING if last in _OPAQUE or last in _TRANSPARENT else exactly(LibraryInstance(name))
        return NOTHING

    def _subscripted(self, base: Expr, index: Expr, unit: Unit, depth: int) -> Values:
        last = _last_name(base)
        arguments = index.items if isinstance(index, Display) else (index,)

        def read(position: int) -> Values:
            return self._read(arguments[position], unit, depth + 1) if position < len(arguments) else NOTHING

        if last == "Annotated":
            return read(0) or self._from_metadata(arguments[1:], unit)
        if last in _TRANSPARENT:
            return read(0)
        if last == "Union":
            return choose([read(position) for position in range(len(arguments))])
        if last in _CLASS_OF:
            return tuple((_class_of(value), certainty) for value, certainty in read(0))
        if last in _ITERABLES:
            return exactly(LibraryInstance("builtins.list", (read(0),)))
        if last in _MAPPINGS:
            return exactly(LibraryInstance("builtins.dict", (read(0), read(1))))
        if last in _TUPLES:
            return self._tuple(arguments, unit, depth)
        if last in _AWAITABLES:
            return read(len(arguments) - 1)
        return NOTHING if last in _OPAQUE else self._named_generic(base, arguments, unit, depth)

    def _from_metadata(self, metadata: tuple[Expr, ...], unit: Unit) -> Values:
        """What a call written beside a type that says nothing gives, as a dependency does."""
        given = [self._evaluator.evaluate(item, unit) for item in metadata if isinstance(item, Call)]
        return next(filter(None, given), NOTHING)

    def _tuple(self, arguments: tuple[Expr, ...], unit: Unit, depth: int) -> Values:
        items = tuple(self._read(argument, unit, depth + 1) for argument in arguments)
        return exactly(LibraryInstance("builtins.tuple", items))

    def _named_generic(self, base: Expr, arguments: tuple[Expr, ...], unit: Unit, depth: int) -> Values:
        if not isinstance(base, Name | Attr):
            return NOTHING
        items = tuple(self._read(argument, unit, depth + 1) for argument in arguments)
        return tuple(
            (self._of_types(value, items), certainty) for value, certainty in self._named(base, unit, depth)
        )

    def _of_types(self, value: Value, items: tuple[Values, ...]) -> Value:
        if isinstance(value, InstanceValue):
            return replace(value, types=self._evaluator.generics.filled(value.cls, items))
        return replace(value, items=items) if isinstance(value, LibraryInstance) else value


def _class_of(value: Value) -> Value:
    """The class of an object that an annotation describes."""
    match value:
        case InstanceValue(cls=cls):
            return ClassValue(cls, is_any=True)
        case LibraryInstance(type=name):
            return LibraryValue(name)
    return value


def _dotted(text: str) -> Expr:
    """`a.b` of a type written as a string where an expression was expected (`cast("a.b", x)`)."""
    first, *rest = text.split(".")
    expression: Expr = Name(first)
    for name in rest:
        expression = Attr(expression, name)
    return expression


def _around_field(annotation: Name | Attr, unit: Unit) -> Unit:
    """Where the names of an annotation are looked up: in `redis: redis.Redis`, outside the class."""
    root: Expr = annotation
    while isinstance(root, Attr):
        root = root.base
    is_field = unit.body_of is not None and isinstance(root, Name) and root.id in unit.body_of.facts.fields
    return unit.parent if is_field and unit.parent is not None else unit


def _last_name(expression: Expr) -> str:
    match expression:
        case Name(id=name) | Attr(name=name):
            return name
    return ""
