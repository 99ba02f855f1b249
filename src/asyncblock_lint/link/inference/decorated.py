"""What decorators of the project are put on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.literals import last_word
from asyncblock_lint.link.inference.values import FunctionValue
from asyncblock_lint.link.project import Unit, shown_name
from asyncblock_lint.model.facts import Call, Expr

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator


class Decorated:
    """Finds decorated functions by the functions that are written in their decorators."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def names(self, around: Unit | None) -> Iterator[str]:
        """The names of what is decorated with `around`, or a function around that, as far as they are
        written so."""
        for decorator in _outwards(around):
            units = self._by_name.get(_last(decorator), ())
            yield from dict.fromkeys(_last(unit) for unit in units)

    def owners(self, unit: Unit) -> list[int]:
        """The classes whose methods a decorator replaces by `unit`, a function written in it."""
        if unit.owner is not None:
            return []
        found = (
            method.owner.index
            for decorator in _outwards(unit.parent)
            for method in self._by_name.get(_last(decorator), ())
            if method.owner is not None and self._is_decorated_with(method, decorator)
        )
        return list(dict.fromkeys(found))

    def _is_decorated_with(self, method: Unit, decorator: Unit) -> bool:
        around = method.parent
        return around is not None and any(
            isinstance(value, FunctionValue) and value.unit == decorator.index
            for written in method.facts.decorators
            for value, _ in self._evaluator.evaluate(_called(written, around), around)
        )

    @cached_property
    def _by_name(self) -> dict[str, list[Unit]]:
        """Decorated functions, by what their decorators are written as."""
        found: dict[str, list[Unit]] = {}
        for unit in self._project.units:
            if unit.parent is not None:
                for decorator in unit.facts.decorators:
                    found.setdefault(last_word(_called(decorator, unit.parent)), []).append(unit)
        return found


def _outwards(unit: Unit | None) -> Iterator[Unit]:
    while unit is not None and unit.kind != "module":
        yield unit
        unit = unit.parent


def _called(decorator: Expr, unit: Unit) -> Expr:
    """The decorator itself, or the function that makes it."""
    return unit.facts.calls[decorator.index].callee if isinstance(decorator, Call) else decorator


def _last(unit: Unit) -> str:
    return shown_name(unit.facts.name).rpartition(".")[2]
