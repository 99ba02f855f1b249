"""Of which types a value is, as far as that is certain, and how `isinstance` comes out for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncblock_lint.link.conditions.told import Told
from asyncblock_lint.link.inference.literals import last_word
from asyncblock_lint.link.inference.values import (
    NONE,
    ClassValue,
    FunctionValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    SequenceValue,
    Value,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import (
    FREE,
    Bytes,
    Call,
    Const,
    Display,
    Expr,
    Item,
    Name,
    Narrowed,
    Operation,
    Parameter,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_DEEPEST = 6
Kinds = tuple[Value, ...]
"""All that a value may be an instance of; empty where that is not known."""

_PLAIN = frozenset(
    f"builtins.{name}"
    for name in (
        "str", "bytes", "bytearray", "int", "float", "bool", "dict", "list", "tuple", "set", "frozenset",
    )
)  # fmt: skip
_WIDER = {
    "builtins.int": frozenset({"builtins.bool"}),
    "builtins.float": frozenset({"builtins.int", "builtins.bool"}),
    "builtins.bytes": frozenset({"builtins.bytearray"}),
}
"""What else may be given where an annotation says so."""
_BOOL, _INT = LibraryInstance("builtins.bool"), LibraryInstance("builtins.int")
_CONTAINERS = {name.title(): name for name in ("dict", "list", "tuple", "set")} | {"FrozenSet": "frozenset"}
_ABSTRACT = ("abc.", "builtins.object", "collections.abc.", "numbers.", "typing.")
_TEXTS = frozenset({"builtins.str", "builtins.bytes", "builtins.bytearray"})


class KindReader:
    """Reads annotations, literals and constructors as types, without leaving any alternative out."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._joined: dict[tuple[int, int], bool] = {}

    def of_parameter(self, parameter: Parameter, unit: Unit) -> Kinds:
        """What the annotation of a parameter of `unit` says."""
        if parameter.annotation is None or parameter.kind in ("*", "**"):
            return ()
        kinds = self.promised(parameter.annotation, unit.parent or unit)
        return (*kinds, NONE) if kinds and parameter.default == Const(None) else kinds

    def of(self, expression: Expr, unit: Unit, depth: int = 0) -> Kinds:
        """What `expression` in `unit` is, told by itself or by the annotation of what it is."""
        if depth > _DEEPEST:
            return ()
        match expression:
            case Const() | Bytes() | Display() | Operation(base=Const(value=str())):
                values = self._evaluator.evaluate(expression, unit)
                return _plainly(values[0][0]) if len(values) == 1 else ()
            case Call(index=index):
                return self._called(unit.facts.calls[index].callee, unit)
            case Narrowed(value=value, to=to, is_not=is_not):
                return (() if is_not else self.promised(to, unit)) or self.of(value, unit, depth + 1)
            case Name(binding=index) if FREE != index < len(unit.facts.parameters):
                return self.of_parameter(unit.facts.parameters[index], unit)
            case Name(binding=index) if index != FREE:
                binding = unit.facts.bindings[index]
                if binding.annotation is not None:
                    return self.promised(binding.annotation, unit)
                is_plain = binding.kind == "plain" or isinstance(binding.value, Narrowed)
                return self.of(binding.value, unit, depth + 1) if binding.value and is_plain else ()
        return ()

    def promised(self, annotation: Expr, unit: Unit, depth: int = 0) -> Kinds:
        """What an annotation, or the second argument of `isinstance`, lists; nothing unless all is known."""
        if depth > _DEEPEST:
            return ()
        match annotation:
            case Const(value=None):
                return (NONE,)
            case Operation(base=left, method="__or__", other=right):
                return self._all((left, right), unit, depth)
            case Display(kind="tuple", items=items):
                return self._all(items, unit, depth)
            case Item(base=base, index=index):
                return self._subscripted(base, index, unit, depth)
        found = [self._instance(value) for value, _ in self._evaluator.evaluate(annotation, unit)]
        return tuple(kind for kind in found if kind) if all(found) else ()

    def answer(self, kinds: Kinds, wanted: Kinds) -> bool | None:
        """Whether an object that is one of `kinds` is an instance of one of `wanted`."""
        if not kinds or not wanted:
            return None
        answers = {self._relation(kind, wanted) for kind in kinds}
        return answers.pop() if len(answers) == 1 else None

    def _all(self, items: tuple[Expr, ...], unit: Unit, depth: int) -> Kinds:
        found = [self.promised(item, unit, depth + 1) for item in items]
        return tuple(dict.fromkeys(kind for kinds in found for kind in kinds)) if all(found) else ()

    def _subscripted(self, base: Expr, index: Expr, unit: Unit, depth: int) -> Kinds:
        last = last_word(base)
        items = index.items if isinstance(index, Display) else (index,)
        if last == "Optional":
            return self._all((index, Const(None)), unit, depth)
        if last == "Union":
            return self._all(items, unit, depth)
        if last == "Annotated":
            return self.promised(items[0], unit, depth + 1)
        if last in _CONTAINERS:
            return (LibraryInstance(f"builtins.{_CONTAINERS[last]}"),)
        return self.promised(base, unit, depth + 1) if isinstance(base, Name) else ()

    def _called(self, callee: Expr, unit: Unit) -> Kinds:
        """What calling a class, or a function that says what it returns, gives."""
        values = self._evaluator.evaluate(callee, unit)
        if len(values) != 1 or values[0][1] is not Certainty.EXACT:
            return ()
        value = values[0][0]
        if isinstance(value, FunctionValue):
            target = self._project.units[value.unit]
            hint = target.facts.returns_annotation
            is_plain = target.kind == "sync" and not value.role
            return self.promised(hint, target.parent or target) if hint and is_plain else ()
        made = self._instance(value, is_called=True)
        return (made,) if made else ()

    def _instance(self, value: Value, *, is_called: bool = False) -> Value | None:
        """An object of the class `value`, if that is what it is."""
        match value:
            case ClassValue(cls=cls):
                return None if self._is_protocol(cls) else InstanceValue(cls)
            case LibraryValue(name=name):
                matcher = self._evaluator.matcher
                is_class = matcher.is_class(name) if is_called else matcher.lists_class(name)
                is_known = name in _PLAIN or (is_class and not name.startswith(_ABSTRACT))
                return LibraryInstance(name) if is_known else None
        return None

    def _is_protocol(self, cls: int) -> bool:
        """Whether objects of other classes may count as instances."""
        bases = self._evaluator.classes.order(cls)
        return any(isinstance(base, LibraryValue) and last_of(base.name) == "Protocol" for base in bases)

    def _relation(self, kind: Value, wanted: Kinds) -> bool | None:
        if kind == _BOOL:
            wanted = tuple(_BOOL if item == _INT else item for item in wanted)
        if self._evaluator.classes.is_kind(kind, tuple((item, Certainty.EXACT) for item in wanted)):
            return True
        return None if any(self._may_be(kind, item) for item in wanted) else False

    def _may_be(self, kind: Value, wanted: Value) -> bool:
        """Whether an object known as `kind` may be a `wanted` all the same."""
        order = self._evaluator.classes.order
        match kind, wanted:
            case InstanceValue(cls=cls), InstanceValue(cls=other):
                return self._have_heir(cls, other)
            case InstanceValue(cls=cls), LibraryInstance(type=name):
                return name not in _TEXTS and any(isinstance(base, LibraryValue) for base in order(cls))
            case LibraryInstance(type=name), LibraryInstance(type=other):
                if name in _PLAIN:
                    return other in _WIDER.get(name, ())
                return other not in _TEXTS
            case LibraryInstance(type=name), InstanceValue(cls=cls):
                return LibraryValue(name) in order(cls)
        return kind != NONE

    def _have_heir(self, first: int, second: int) -> bool:
        """Whether some class of the project is both, one of the two perhaps."""
        pair = min(first, second), max(first, second)
        if pair not in self._joined:
            wanted = {ClassValue(first), ClassValue(second)}
            orders = map(self._evaluator.classes.order, range(len(self._project.classes)))
            self._joined[pair] = any(wanted.issubset(order) for order in orders)
        return self._joined[pair]


def last_of(name: str) -> str:
    """What follows the last dot."""
    return name.rpartition(".")[2]


def of_kinds(kinds: Kinds) -> Told:
    """What the types alone tell."""
    is_none = None if not kinds or NONE in kinds else False
    return Told(is_none=True if kinds == (NONE,) else is_none, kinds=kinds)


def _plainly(value: Value) -> Kinds:
    """The value as an object of its type."""
    if isinstance(value, SequenceValue):
        return (LibraryInstance(f"builtins.{value.kind}"),)
    return (value,) if value == NONE or isinstance(value, LibraryInstance) else ()
