"""Which methods change an attribute of their object."""

from __future__ import annotations

from collections.abc import Iterator

from asyncblock_lint.link.inference.constants import attribute_of_self
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import ClassValue
from asyncblock_lint.link.project import Unit, method_of


class Changing:
    """Finds the methods that store an attribute, or call one on their own object that does."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._methods: dict[int, list[Unit]] = {}
        self._found: dict[tuple[int, str], frozenset[str]] = {}
        for unit in self._project.units:
            method = method_of(unit)
            if method is not None and method.owner is not None:
                self._methods.setdefault(method.owner.index, []).append(unit)

    def does(self, unit: Unit, attribute: str) -> bool:
        """Whether the method `unit` may change the attribute of its object."""
        if unit.owner is None:
            return True
        return _last(unit) in self._changing(unit.owner.index, attribute)

    def _changing(self, cls: int, attribute: str) -> frozenset[str]:
        """The names of the methods of a class, and its bases, that do."""
        key = cls, attribute
        if key not in self._found:
            calls: dict[str, set[str]] = {}
            found = set()
            for unit in self._methods_of(cls):
                method = method_of(unit)
                if method is None:
                    continue
                called = (attribute_of_self(call.callee, unit) for call in unit.facts.calls)
                calls.setdefault(_last(method), set()).update(name.partition(".")[2] for name in called)
                if any(store.name == attribute for store in unit.facts.stores):
                    found.add(_last(method))
            while more := {name for name, called in calls.items() if called & found} - found:
                found |= more
            self._found[key] = frozenset(found)
        return self._found[key]

    def _methods_of(self, cls: int) -> Iterator[Unit]:
        for base in self._evaluator.classes.order(cls):
            if isinstance(base, ClassValue):
                yield from self._methods.get(base.cls, ())


def _last(unit: Unit) -> str:
    return unit.facts.name.rpartition(".")[2]
