"""Type variables of the project's generic classes, and what subclasses and annotations put for them.

A type variable `T` of a class is a parameter of the class body, which each object fills in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.values import (
    NOTHING,
    ClassValue,
    Environment,
    LibraryInstance,
    ParameterValue,
    Values,
    choose,
)
from asyncblock_lint.link.project import ClassUnit, Unit
from asyncblock_lint.model.facts import Attr, Display, Expr, Item, Name

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_DECLARING = frozenset({"Generic", "Protocol"})


class Generics:
    """Finds the type variables of classes and what they stand for."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._variables: dict[int, tuple[str, ...]] = {}
        self._inherited: dict[int, dict[ParameterValue, Values]] = {}

    def variable(self, name: str, unit: Unit) -> ParameterValue | None:
        """The type variable that `name` is in `unit`, one of the class around."""
        index = unit.body_of.index if unit.body_of else self._evaluator.current_class(unit)
        if index is None or name not in self.variables(index):
            return None
        return ParameterValue(self._project.classes[index].body.index, name)

    def is_variable(self, parameter: ParameterValue) -> bool:
        """Whether it is a type variable of a class rather than a field."""
        cls = self._project.units[parameter.unit].body_of
        return cls is not None and parameter.name in self.variables(cls.index)

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

    def given(self, parameter: ParameterValue) -> Values:
        """What the classes below put for a type variable."""
        cls = self._project.units[parameter.unit].body_of
        below = [] if cls is None else self._evaluator.classes.subclasses(cls.index)
        options = [self.inherited(index).get(parameter, NOTHING) for index in below]
        known = [option for option in options if option]
        return choose(known) if known else NOTHING


def _items(index: Expr) -> tuple[Expr, ...]:
    return index.items if isinstance(index, Display) else (index,)


def _last_name(expression: Expr) -> str:
    match expression:
        case Name(id=name) | Attr(name=name):
            return name
    return ""
