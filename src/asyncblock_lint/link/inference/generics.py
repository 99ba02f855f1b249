"""Type variables of the project's generic classes, and what subclasses and annotations put for them.

A type variable `T` of a class is a parameter of the class body, which each object fills in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.values import (
    ELEMENT,
    NOTHING,
    ClassValue,
    Environment,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    ParameterValue,
    Value,
    Values,
    at_most,
    choose,
    exactly,
)
from asyncblock_lint.link.project import ClassUnit, Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Attr, Const, Display, Expr, Item, Name, Operation

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_DECLARING = frozenset({"Generic", "Protocol"})
_CLASS_OF = frozenset({"Type", "type"})
_LISTS = frozenset({"Iterable", "List", "Sequence", "list"})


class Generics:
    """Finds the type variables of classes and what they stand for."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._variables: dict[int, tuple[str, ...]] = {}
        self._inherited: dict[int, dict[ParameterValue, Values]] = {}
        self._returned: dict[int, str] = {}

    def variable(self, name: str, unit: Unit) -> ParameterValue | None:
        """The type variable that `name` is in `unit`, one of the class around."""
        index = unit.body_of.index if unit.body_of else self._evaluator.current_class(unit)
        if index is None or name not in self.variables(index):
            return None
        return ParameterValue(self._project.classes[index].body.index, name)

    def is_variable(self, parameter: ParameterValue) -> bool:
        """Whether it is a type variable of a class rather than a field."""
        cls = self._project.units[parameter.unit].body_of
        return cls is not None and (parameter.name == ELEMENT or parameter.name in self.variables(cls.index))

    def variables(self, cls: int) -> tuple[str, ...]:
        """The type variables of the class, in order."""
        found = self._variables.get(cls)
        if found is None:
            self._variables[cls] = ()
            found = self._variables[cls] = self._find_variables(self._project.classes[cls])
        return found

    def _find_variables(self, cls: ClassUnit) -> tuple[str, ...]:
        bases = [base for base in cls.facts.generic_bases if isinstance(base, Item)]
        declaring = [base for base in bases if _last_name(base.base) in _DECLARING]
        names = [
            item.id
            for base in declaring or bases
            for item in _items(base.index)
            if isinstance(item, Name) and self._is_type_variable(item, cls.parent)
        ]
        return cls.facts.variables or tuple(dict.fromkeys(names))

    def _is_type_variable(self, name: Name, unit: Unit) -> bool:
        return any(
            isinstance(value, LibraryInstance) and value.type.rpartition(".")[2] == "TypeVar"
            for value, _ in self._evaluator.evaluate(name, unit)
        )

    def filled(self, cls: int, items: tuple[Values, ...]) -> Environment:
        """What the type variables of the class stand for where `items` are written in brackets."""
        body = self._project.classes[cls].body.index
        names = self.variables(cls)
        return tuple(
            (ParameterValue(body, name), values) for name, values in zip(names, items, strict=False) if values
        )

    def inherited(self, cls: int) -> dict[ParameterValue, Values]:
        """What the statement of the class and those of its bases put for the type variables of bases."""
        found = self._inherited.get(cls)
        if found is None:
            found = self._inherited[cls] = {}
            for base in self._evaluator.classes.order(cls)[1:]:
                if isinstance(base, ClassValue):
                    found.update(self._written(self._project.classes[base.cls]))
            found.update(self._written(self._project.classes[cls]))
        return found

    def _written(self, cls: ClassUnit) -> Iterator[tuple[ParameterValue, Values]]:
        for base in cls.facts.generic_bases:
            if isinstance(base, Item):
                items = tuple(self._evaluator.annotations.read(item, cls.body) for item in _items(base.index))
                for value, _ in self._evaluator.evaluate(base.base, cls.parent):
                    if isinstance(value, ClassValue):
                        yield from self.filled(value.cls, items)

    def library_items(self, cls: int) -> tuple[Values, ...]:
        """What the class, or one of its bases, puts in brackets behind a library's class."""
        read = self._evaluator.annotations.read
        bases = [base.cls for base in self._evaluator.classes.order(cls) if isinstance(base, ClassValue)]
        for base in map(self._project.classes.__getitem__, bases):
            for written in base.facts.generic_bases:
                if isinstance(written, Item) and self._is_library(written.base, base.body):
                    return tuple(read(item, base.body) for item in _items(written.index))
        return ()

    def getter(self, value: LibraryInstance | InstanceValue) -> str | None:
        """What the rules tell of reading such an object, kept in the body of a class, from that class."""
        if isinstance(value, LibraryInstance):
            return self._evaluator.matcher.made_by(f"{value.type}.__get__")
        bases = [
            base.name for base in self._evaluator.classes.order(value.cls) if isinstance(base, LibraryValue)
        ]
        told = (self._evaluator.matcher.made_by(f"{name}.__get__") for name in bases)
        return next(filter(None, told), None)

    def held(self, value: InstanceValue) -> Values:
        """What the object holds, where the class that it is an attribute of decides that."""
        key = self._held_key(value.cls)
        return dict(value.types).get(key) or (exactly(key) if self.getter(value) else NOTHING)

    def holding(self, value: InstanceValue, items: Values) -> InstanceValue:
        """The object, as one that holds `items`."""
        kept = tuple(entry for entry in value.types if entry[0].name != ELEMENT)
        return replace(value, types=(*kept, (self._held_key(value.cls), items)))

    def _held_key(self, cls: int) -> ParameterValue:
        """What stands for the items in all classes of the family."""
        bases = [base.cls for base in self._evaluator.classes.order(cls) if isinstance(base, ClassValue)]
        return ParameterValue(self._project.classes[bases[-1]].body.index, ELEMENT)

    def _is_library(self, name: Expr, body: Unit) -> bool:
        values = self._evaluator.evaluate(name, body.parent or body)
        is_library = any(isinstance(value, LibraryValue) for value, _ in values)
        return is_library and _last_name(name) not in _DECLARING

    def promised(self, unit: Unit, given: Environment) -> Values:
        """The objects that `unit` returns, where its annotation says they are of the class it is given:
        `def get(self, cls: type[T]) -> T`."""
        name = self._returned.get(unit.index)
        if name is None:
            name = self._returned[unit.index] = self._class_parameter(unit)
        values = dict(given).get(ParameterValue(unit.index, name), NOTHING) if name else NOTHING
        found = [(_object_of(value), certainty) for value, certainty in values]
        objects = at_most(tuple((made, held) for made, held in found if made is not None), Certainty.LIKELY)
        is_listed = _listed_name(unit.facts.returns_annotation) is not None
        return exactly(LibraryInstance("builtins.list", (objects,))) if objects and is_listed else objects

    def _class_parameter(self, unit: Unit) -> str:
        """The parameter that is the class of what `unit` returns; empty if there is none."""
        variable = _returned_name(unit.facts.returns_annotation)
        around = unit.parent or unit
        for parameter in unit.facts.parameters if variable else ():
            match _given_for_sure(parameter.annotation):
                case Item(base=base, index=Name(id=name)) if (
                    name == variable and _last_name(base) in _CLASS_OF
                ):
                    values = self._evaluator.evaluate(Name(name), around)
                    is_class = any(isinstance(value, ClassValue | LibraryValue) for value, _ in values)
                    return "" if is_class else parameter.name
        return ""

    def given(self, parameter: ParameterValue) -> Values:
        """What the classes below put for a type variable."""
        cls = self._project.units[parameter.unit].body_of
        below = [] if cls is None else self._evaluator.classes.subclasses(cls.index)
        options = [self.inherited(index).get(parameter, NOTHING) for index in below]
        known = [option for option in options if option]
        return choose(known) if known else NOTHING


def _items(index: Expr) -> tuple[Expr, ...]:
    return index.items if isinstance(index, Display) else (index,)


def _given_for_sure(annotation: Expr | None) -> Expr | None:
    """What is not `None` of `X | None` and `Optional[X]`."""
    match annotation:
        case Operation(base=base, method="__or__", other=Const(value=None)):
            return base
        case Item(base=base, index=index) if _last_name(base) == "Optional":
            return index
    return annotation


def _returned_name(annotation: Expr | None) -> str:
    """`T`, of `T`, `T | None`, `Optional[T]` and `list[T]`."""
    returned = _given_for_sure(annotation)
    returned = _listed_name(returned) or returned
    return returned.id if isinstance(returned, Name) else ""


def _listed_name(annotation: Expr | None) -> Expr | None:
    """`T`, of `list[T]` and the like."""
    match annotation:
        case Item(base=base, index=Name() as held) if _last_name(base) in _LISTS:
            return held
    return None


def _object_of(value: Value) -> Value | None:
    match value:
        case ClassValue(cls=cls):
            return InstanceValue(cls)
        case LibraryValue(name=name, owner=None):
            return LibraryInstance(name)
    return None


def _last_name(expression: Expr) -> str:
    match expression:
        case Name(id=name) | Attr(name=name):
            return name
    return ""
