"""Attributes of a class that a library's objects stand for, and that run code where they are read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.values import ClassValue, LibraryValue
from asyncblock_lint.link.project import ClassUnit
from asyncblock_lint.model.facts import Attr, Call, CallFact, Name

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator


class Descriptors:
    """Finds the calls in class bodies that made an attribute: `owner = ForeignKey(…)`."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the attributes that may be such."""
        return frozenset(name for cls in self._evaluator.project.classes for name in self._made(cls))

    def has_any(self, cls: int) -> bool:
        """Whether the class, or a base of it, has such attributes."""
        return any(
            isinstance(base, ClassValue) and self._made(self._evaluator.project.classes[base.cls])
            for base in self._evaluator.classes.order(cls)
        )

    def getters(self, cls: int, name: str) -> Iterator[str]:
        """What reading the attribute from an object of the class calls, by qualified name."""
        for base in self._evaluator.classes.order(cls):
            if isinstance(base, ClassValue):
                unit = self._evaluator.project.classes[base.cls]
                call = self._made(unit).get(name)
                if call is not None:
                    for value, _ in self._evaluator.evaluate(call.callee, unit.body):
                        if isinstance(value, LibraryValue):
                            yield f"{value.name}.__get__"
                if name in unit.body.facts.final:
                    return

    def _made(self, cls: ClassUnit) -> dict[str, CallFact]:
        facts = cls.body.facts
        values = {name: facts.bindings[index].value for name, index in facts.final.items()}
        calls = {name: facts.calls[value.index] for name, value in values.items() if isinstance(value, Call)}
        return {
            name: call
            for name, call in calls.items()
            if _written(call) in self._evaluator.matcher.descriptors
        }


def _written(call: CallFact) -> str:
    match call.callee:
        case Name(id=name) | Attr(name=name):
            return name
    return ""
