"""Classes that are written in front of what one of their methods is given: routes to handlers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.handed import Found, mapped
from asyncblock_lint.link.inference.literals import last_word
from asyncblock_lint.link.inference.values import ClassValue, LibraryValue
from asyncblock_lint.link.project import Unit, shown_name
from asyncblock_lint.model.facts import Argument, Call, Display, Expr, FunctionFacts, Operation, Star

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator


class Routed:
    """Finds the dicts behind a class, in a tuple or among the arguments of a call."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def calls_of(self, unit: Unit) -> Iterator[Found]:
        """What the method `unit` is given behind its class, or behind one that inherits it."""
        if unit.owner is None or not self._is_routed(unit, unit.owner.index):
            return
        method = shown_name(unit.facts.name).rpartition(".")[2]
        for cls in (unit.owner.index, *self._evaluator.classes.subclasses(unit.owner.index)):
            name = shown_name(self._project.classes[cls].facts.name).rpartition(".")[2]
            for around, named, given in self._written.get(name, ()):
                for value, _ in self._evaluator.evaluate(named, around):
                    if isinstance(value, ClassValue) and self._is_inherited(value.cls, method, unit):
                        yield Arguments(self._evaluator, (), given, around), around, True

    def _is_routed(self, unit: Unit, cls: int) -> bool:
        matcher = self._evaluator.matcher
        method = shown_name(unit.facts.name).rpartition(".")[2]
        return method in matcher.routed and any(
            isinstance(base, LibraryValue) and matcher.is_routed(base.name, method)
            for base in self._evaluator.classes.order(cls)
        )

    def _is_inherited(self, cls: int, method: str, unit: Unit) -> bool:
        found = self._evaluator.classes.raw(cls, method)
        return any(getattr(value, "unit", None) == unit.index for value, _ in found)

    @cached_property
    def _written(self) -> dict[str, list[tuple[Unit, Expr, list[Argument]]]]:
        """What stands in front of a dict, by the last part of its name, and the items of the dict."""
        found: dict[str, list[tuple[Unit, Expr, list[Argument]]]] = {}
        for unit in self._project.units:
            for items in _rows(unit.facts):
                for named, given in pairwise(items):
                    name = last_word(named)
                    entries = list(self._entries(given, unit)) if name else []
                    if entries:
                        found.setdefault(name, []).append((unit, named, entries))
        return found

    def _entries(self, given: Expr, unit: Unit) -> Iterator[Argument]:
        """The items of a dict that is written out, also as `dict(name=value)`."""
        if isinstance(given, Display) and given.kind == "dict":
            yield from mapped(given)
        elif isinstance(given, Call):
            call = unit.facts.calls[given.index]
            if last_word(call.callee) == "dict":
                yield from (item for item in call.arguments if item.keyword not in (None, "**"))


def _rows(facts: FunctionFacts) -> Iterator[tuple[Expr, ...]]:
    """The items of every tuple and list, and the arguments of every call."""
    parts: list[Expr | None] = [binding.value for binding in facts.bindings]
    parts += [store.value for store in facts.stores]
    parts += [*facts.returns, *facts.yields]
    for call in facts.calls:
        values = tuple(argument.value for argument in call.arguments)
        yield values
        parts += values
    while parts:
        match parts.pop():
            case Display(kind=kind, items=items) if kind != "dict":
                yield items
                parts += items
            case Operation(base=base, other=other):
                parts += (base, other)
            case Star(value=value):
                parts.append(value)
