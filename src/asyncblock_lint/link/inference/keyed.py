"""What the project keeps under constant keys in a library's objects: `app["db"] = …`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from asyncblock_lint.link.inference.contents import container_of
from asyncblock_lint.link.inference.literals import constant_key, last_word
from asyncblock_lint.link.inference.values import (
    NONE,
    NOTHING,
    LibraryInstance,
    SequenceValue,
    Values,
    at_most,
    choose,
    exactly,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Call, Expr, Item

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_MOST_STORES = 60


class _Kept(NamedTuple):
    """`value` is kept in `unit`, in an item of `holder`; under `inner` in a dict there, if `is_inner`."""

    unit: Unit
    holder: Expr
    value: Expr
    is_inner: bool = False
    inner: object = None


class Keyed:
    """Finds what is stored in items, and in dicts that are items, by their keys."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def under(self, owner: str, key: object) -> Values:
        """What objects of the library class hold under the key."""
        if key not in self._stores or owner.startswith(("builtins.", "typing.")):
            # What one dict holds tells nothing of the others.
            return NOTHING
        return self._evaluator.remembered((16, 0, f"{owner}[{key!r}]"), lambda: self._find(owner, key))

    def _find(self, owner: str, key: object) -> Values:
        direct: list[Values] = []
        inner: list[Values] = []
        keys: list[object] = []
        for kept in self._stores[key][:_MOST_STORES]:
            if not self._is_kept_by(kept, owner):
                continue
            evaluated = self._evaluator.evaluate(kept.value, kept.unit)
            values = self._evaluator.closures.anonymous(self._evaluator.callers.resolve(evaluated))
            if not values or values == exactly(NONE):
                continue
            if kept.is_inner:
                inner.append(at_most(values, Certainty.LIKELY))
                keys.append(kept.inner)
            else:
                direct.append(values)
        if inner:
            direct.append(exactly(SequenceValue("dict", tuple(inner), False, tuple(keys))))
        return at_most(choose(direct), Certainty.LIKELY) if direct else NOTHING

    def _is_kept_by(self, kept: _Kept, owner: str) -> bool:
        holders = self._evaluator.callers.resolve(self._evaluator.evaluate(kept.holder, kept.unit))
        return any(isinstance(value, LibraryInstance) and value.type == owner for value, _ in holders)

    @cached_property
    def _stores(self) -> dict[object, list[_Kept]]:
        found: dict[object, list[_Kept]] = {}
        for unit in self._project.units:
            for store in unit.facts.stores:
                if store.name != "[]" or store.value is None:
                    continue
                for key in self._keys(store.key, unit):
                    found.setdefault(key, []).append(_Kept(unit, store.base, store.value))
                holder = container_of(store.base, unit)
                if holder is not None:
                    inner = constant_key(store.key, unit, self._project)
                    for key in self._keys(_key_of(store.base, unit), unit):
                        found.setdefault(key, []).append(_Kept(unit, holder, store.value, True, inner))
        return found

    def _keys(self, key: Expr | None, unit: Unit) -> Iterator[object]:
        """The key, and the name that other modules know it by."""
        constant = constant_key(key, unit, self._project)
        if constant is not None:
            yield constant
            name = "" if key is None else last_word(key)
            if name and (name,) != constant:
                yield (name,)


def _key_of(base: Expr, unit: Unit) -> Expr | None:
    """`key`, if `base` is `x[key]`, `x.setdefault(key, …)` or `x.get(key)`."""
    if isinstance(base, Item):
        return base.index
    arguments = unit.facts.calls[base.index].arguments if isinstance(base, Call) else ()
    return arguments[0].value if arguments else None
