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


class NamedClasses:
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
        found: set[str] = set()
        for unit in self._project.units:
            _collect(list(_parts(unit.facts)), found)
        return found


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


def _collect(parts: list[Expr | None], found: set[str]) -> None:
    """Add the names in the expressions to `found`; of a dotted one, or of a text, the last part."""
    while parts:
        match parts.pop():
            case Name(id=name):
                found.add(name)
            case Const(value=str(text)) if len(text) < _LONGEST_TEXT:
                found.add(text.rpartition(".")[2].rpartition(":")[2])
            case Attr(base=base, name=name):
                found.add(name)
                parts.append(base)
            case Item(base=base, index=other) | Operation(base=base, other=other):
                parts.extend((base, other))
            case Awaited(value=value) | Star(value=value) | Element(value=value) | Entered(value=value):
                parts.append(value)
            case Narrowed(value=value):
                parts.append(value)
            case Choice(options=inner):
                parts.extend(inner)
            case Display(items=items, keys=keys):
                parts.extend((*items, *keys))


_LONGEST_TEXT = 200
