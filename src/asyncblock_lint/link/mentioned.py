"""Which classes a project's code names beyond their definition: of the others it makes no objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from asyncblock_lint.link.project import Project, shown_name
from asyncblock_lint.model.facts import (
    Attr,
    Awaited,
    Choice,
    Class,
    Const,
    Display,
    Element,
    Entered,
    Expr,
    FunctionFacts,
    Imported,
    Item,
    Name,
    Narrowed,
    Operation,
    Star,
)


class Mentioned:
    """Answers by the last part of names alone, so that it rather takes a class for one that is used."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def in_use(self, classes: Sequence[int]) -> frozenset[int]:
        """Those of `classes` that the code names, or all of them if it names none."""
        return self._named.intersection(classes) or frozenset(classes)

    @cached_property
    def _named(self) -> frozenset[int]:
        return frozenset(
            cls.index
            for cls in self._project.classes
            if cls.facts.decorators or shown_name(cls.facts.name).rpartition(".")[2] in self._names
        )

    @cached_property
    def _names(self) -> set[str]:
        return {name for unit in self._project.units for part in _parts(unit.facts) for name in _names(part)}


def _parts(facts: FunctionFacts) -> Iterator[Expr | None]:
    """Every expression that a function's facts hold; those that conditions only test are left out."""
    for parameter in facts.parameters:
        yield from (parameter.annotation, parameter.default)
    for binding in facts.bindings:
        if isinstance(binding.value, Imported):
            if binding.value.name != binding.name:
                yield Name(binding.value.name)
        elif not isinstance(binding.value, Class):
            yield from (binding.value, binding.annotation)
    for call in facts.calls:
        yield call.callee
        yield from (argument.value for argument in call.arguments)
    for use in facts.uses:
        yield use.subject
    for store in facts.stores:
        yield from (store.base, store.value, store.annotation, store.key)
    yield from (facts.returns_annotation, *facts.decorators, *facts.returns, *facts.yields)


def _names(expression: Expr | None) -> Iterator[str]:
    match expression:
        case Name(id=name):
            yield name
        case Const(value=str(text)) if len(text) < _LONGEST_TEXT:
            yield text.rpartition(".")[2].rpartition(":")[2]
        case Attr(base=base, name=name):
            yield name
            yield from _names(base)
        case Item(base=base, index=index):
            yield from _names(base)
            yield from _names(index)
        case Operation(base=base, other=other):
            yield from _names(base)
            yield from _names(other)
        case Awaited(value=value) | Star(value=value) | Element(value=value) | Entered(value=value):
            yield from _names(value)
        case Narrowed(value=value):
            yield from _names(value)
        case Choice(options=inner):
            for item in inner:
                yield from _names(item)
        case Display(items=items, keys=keys):
            for item in (*items, *keys):
                yield from _names(item)


_LONGEST_TEXT = 200
