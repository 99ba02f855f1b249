"""Attributes of a class that objects stand for which run code where the attributes are read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.values import (
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
from asyncblock_lint.link.project import ClassUnit, shown_name
from asyncblock_lint.model.facts import Attr, Call, CallFact, Name

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator


_ACCESS = frozenset({"__get__", "__set__"})


class Descriptors:
    """Finds the calls in class bodies that made an attribute: `owner = ForeignKey(…)`, and what reading
    one gives whose class is the project's."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the attributes that may be such."""
        return frozenset(name for cls in self._evaluator.project.classes for name in self._made(cls))

    @cached_property
    def own_names(self) -> frozenset[str]:
        """The names of the attributes that may be such objects of the project's classes."""
        classes = self._evaluator.project.classes
        having = {cls.index for cls in classes if not _ACCESS.isdisjoint(cls.body.facts.final)}
        having.update(index for cls in tuple(having) for index in self._evaluator.classes.subclasses(cls))
        makers = {shown_name(classes[index].facts.name).rpartition(".")[2] for index in having}
        return frozenset(name for cls in classes for name in _made_by(cls, makers)) if makers else frozenset()

    def read(self, values: Values) -> Values:
        """What reading an attribute gives that is one of `values` in its class."""
        options: list[Values] = []
        for value, certainty in values:
            found = exactly(value)
            if isinstance(value, InstanceValue) and self._evaluator.classes.raw(value.cls, "__get__"):
                getter = self._evaluator.objects.attribute(value, "__get__")
                nothing = Arguments.none(self._evaluator)
                given = self._evaluator.results.of_values(getter, nothing)
                found = tuple((item, held) for item, held in given if item != value)
            options.append(at_most(found, certainty))
        return choose(options) if options else NOTHING

    def read_from_class(self, values: Values, cls: int) -> Values:
        """What reading an attribute from the class gives that is one of `values` in it, where the rules tell
        of their `__get__`."""
        return tuple(
            (held, min(certainty, surely))
            for value, certainty in values
            for held, surely in self._told(value, cls) or exactly(value)
        )

    def _told(self, value: Value, cls: int) -> Values:
        if not isinstance(value, LibraryInstance | InstanceValue):
            return NOTHING
        made = self._evaluator.generics.getter(value)
        if made is None:
            return NOTHING
        given = Arguments(self._evaluator, (), (), None, (NOTHING, exactly(ClassValue(cls))))
        return self._evaluator.types.read(made, value, given)

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


def _made_by(cls: ClassUnit, makers: set[str]) -> Iterator[str]:
    """The names in the body of the class that calls of the `makers` are bound to."""
    facts = cls.body.facts
    for name, index in facts.final.items():
        value = facts.bindings[index].value
        if isinstance(value, Call) and _written(facts.calls[value.index]) in makers:
            yield name


def _written(call: CallFact) -> str:
    match call.callee:
        case Name(id=name) | Attr(name=name):
            return name
    return ""
