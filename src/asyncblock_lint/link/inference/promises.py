"""Classes that keep what a protocol promises, without naming it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.link.project import ClassUnit, Unit
from asyncblock_lint.model.facts import Func, FunctionFacts, Parameter

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_BY_POSITION = ("positional", "both")


class Promises:
    """Finds the classes that implement protocols."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def implementations(self, cls: int) -> list[int]:
        """The classes that have every method a protocol asks for: of that name and kind, and to be
        called in the same way."""
        wanted = self._methods(self._project.classes[cls])
        if not wanted or any(name.startswith("__") for name in wanted) or not self.is_protocol(cls):
            return []
        having = min((self._by_method.get(name, []) for name in wanted), key=len)
        return [index for index in having if index != cls and self._keeps(index, wanted)]

    def leaves_open(self, cls: int) -> bool:
        """Whether the class has methods that others are meant to implement."""
        return cls in self._open_classes

    @cached_property
    def _open_classes(self) -> frozenset[int]:
        units = self._project.units
        return frozenset(unit.owner.index for unit in units if unit.owner and unit.facts.is_stub)

    def callback(self, cls: int) -> list[Unit]:
        """The `__call__` of a protocol that asks for nothing else; empty for any other class."""
        wanted = self._methods(self._project.classes[cls])
        return list(wanted.values()) if [*wanted] == ["__call__"] and self.is_protocol(cls) else []

    def _keeps(self, cls: int, wanted: dict[str, Unit]) -> bool:
        methods = self._methods(self._project.classes[cls])
        return all(
            name in methods
            and methods[name].is_async is promised.is_async
            and _takes(methods[name].facts, promised.facts)
            for name, promised in wanted.items()
        )

    def is_protocol(self, cls: int) -> bool:
        """Whether the class itself is a protocol."""
        unit = self._project.classes[cls]
        bases = [
            value for base in unit.facts.bases for value, _ in self._evaluator.evaluate(base, unit.parent)
        ]
        names = [value.name for value in bases if isinstance(value, LibraryValue)]
        return any(name.rpartition(".")[2] == "Protocol" for name in names)

    @cached_property
    def _by_method(self) -> dict[str, list[int]]:
        """The classes by the names of their methods."""
        found: dict[str, list[int]] = {}
        for unit in self._project.classes:
            for name in self._methods(unit):
                found.setdefault(name, []).append(unit.index)
        return found

    def _methods(self, cls: ClassUnit) -> dict[str, Unit]:
        """The methods of the class's body."""
        bindings = cls.body.facts.bindings
        functions = self._project.modules[cls.module].units
        return {
            name: functions[value.name]
            for name, index in cls.body.facts.final.items()
            if isinstance(value := bindings[index].value, Func)
        }


def _takes(function: FunctionFacts, promised: FunctionFacts) -> bool:
    """Whether `function` can be called with what `promised` needs, and asks for no more than that one
    knows."""
    asked = {item.name for item in function.parameters if item.kind == "keyword" and item.default is None}
    known = {item.name for item in promised.parameters}
    needed = _needed(promised)
    return (
        _needed(function) <= _room(promised)
        and _room(function) >= needed
        and (_has(promised, "**") or asked <= known)
    )


def _needed(function: FunctionFacts) -> int:
    return sum(item.default is None for item in _by_position(function))


def _room(function: FunctionFacts) -> float:
    return float("inf") if _has(function, "*") else len(_by_position(function))


def _by_position(function: FunctionFacts) -> list[Parameter]:
    return [item for item in function.parameters if item.kind in _BY_POSITION]


def _has(function: FunctionFacts, kind: str) -> bool:
    return any(item.kind == kind for item in function.parameters)
