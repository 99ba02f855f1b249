"""Names whose values may be others where they are read than where they were bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from asyncblock_lint.link.project import Project, Unit
from asyncblock_lint.model.facts import FREE, Attr, Expr, Name

_CHANGES = frozenset(
    ("update", "setdefault", "clear", "popitem", "__setitem__", "append", "extend", "insert", "add")
)
_ITEM_CHANGES = ("set item", "delete item")


@dataclass(slots=True)
class _Touched:
    """Names of one function: of containers that change, of those that others get hold of, and names that
    others bind anew."""

    changed: set[str] = field(default_factory=set)
    shared: Counter[str] = field(default_factory=Counter)
    rebound: set[str] = field(default_factory=set)


class Touched:
    """Knows what a function, and those nested in it, do with what its names are bound to."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._found: dict[int, dict[int, _Touched]] = {}

    def is_changed(self, name: str, unit: Unit) -> bool:
        """Whether something is put into the container, or taken out of it."""
        return name in self._of(unit).changed

    def holders(self, name: str, unit: Unit) -> int:
        """How many get hold of the container, and may change it: what it is given to or kept in."""
        return self._of(unit).shared[name]

    def is_rebound(self, name: str, unit: Unit) -> bool:
        """Whether others may bind the name anew: a nested function, or anyone if it is global."""
        return name in self._of(unit).rebound

    def _of(self, unit: Unit) -> _Touched:
        found = self._found.get(unit.module)
        if found is None:
            found = self._found[unit.module] = self._in_module(unit.module)
        return found[unit.index]

    def _in_module(self, module: int) -> dict[int, _Touched]:
        found = {unit.index: _Touched() for unit in self._project.units_in(module)}
        for unit in self._project.units_in(module):
            for around in (unit, *_around(unit)):
                into, is_free = found[around.index], around is not unit
                into.changed.update(_names(_changed(unit), only_free=is_free))
                into.shared.update(_names(_shared(unit), only_free=is_free))
                into.rebound.update(item.name for item in unit.facts.outer if item.is_global is not is_free)
        return found


def _around(unit: Unit) -> Iterator[Unit]:
    """The functions that the unit is nested in."""
    parent = unit.parent
    while parent is not None and parent.kind != "module":
        yield parent
        parent = parent.parent


def _names(found: Iterator[Expr | None], *, only_free: bool) -> Iterator[str]:
    for item in found:
        if isinstance(item, Name) and (item.binding == FREE or not only_free):
            yield item.id


def _changed(unit: Unit) -> Iterator[Expr | None]:
    facts = unit.facts
    yield from (store.base for store in facts.stores)
    yield from (use.subject for use in facts.uses if use.kind in _ITEM_CHANGES)
    for call in facts.calls:
        if isinstance(call.callee, Attr) and call.callee.name in _CHANGES:
            yield call.callee.base


def _shared(unit: Unit) -> Iterator[Expr | None]:
    facts = unit.facts
    yield from (store.value for store in facts.stores)
    yield from (
        argument.value for call in facts.calls for argument in call.arguments if argument.keyword != "**"
    )
    for binding in facts.bindings:
        if binding.kind == "plain" and isinstance(binding.value, Name):
            yield from (binding.value, Name(binding.name, 0))
