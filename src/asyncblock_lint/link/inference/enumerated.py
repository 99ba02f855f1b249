"""Enumerations of the project: their members are objects, each made with the value in the class body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.values import (
    NOTHING,
    FunctionValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    ParameterValue,
    Values,
    exactly,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_VALUE = "value"
_NO_MEMBERS = (FunctionValue, LibraryValue)


class Enumerated:
    """Tells members from what else stands in the body of an enumeration."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def is_one(self, cls: int) -> bool:
        """Whether the class is an enumeration."""
        return any(
            isinstance(value, LibraryValue) and self._evaluator.matcher.is_enumeration(value.name)
            for value in self._evaluator.classes.order(cls)[1:]
        )

    def member(self, cls: int, name: str) -> Values:
        """The member of that name; nothing where the name stands for something else."""
        body = self._project.classes[cls].body
        index = body.facts.final.get(name)
        if index is None or name.startswith("_") or body.facts.bindings[index].value is None:
            return NOTHING
        values = self._evaluator.binding(index, body)
        if any(isinstance(value, _NO_MEMBERS) for value, _ in values):
            return NOTHING
        kept = tuple(item for item in values if not isinstance(item[0], LibraryInstance))
        environment = ((ParameterValue(body.index, _VALUE), kept),) if kept else ()
        return exactly(InstanceValue(cls, environment))

    def value(self, cls: int, name: str) -> Values:
        """What stands behind a member, left open, if that is what `name` asks for."""
        is_asked = name in (_VALUE, "_value_") and self.is_one(cls)
        return exactly(ParameterValue(self._project.classes[cls].body.index, _VALUE)) if is_asked else NOTHING

    def given(self, cls: int, parameter: ParameterValue) -> Iterator[Values]:
        """What stands behind each member of the class."""
        for name in self._project.classes[cls].body.facts.final if parameter.name == _VALUE else ():
            for value, _ in self.member(cls, name):
                if isinstance(value, InstanceValue):
                    yield dict(value.environment or ()).get(parameter, NOTHING)
