"""Which methods change an attribute of their object."""

from __future__ import annotations

from collections.abc import Iterator

from asyncblock_lint.link.inference.constants import attribute_of_self
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import ClassValue
from asyncblock_lint.link.project import Unit, method_of

_Names = dict[str, set[str]]


class Changing:
    """Finds the methods that store an attribute, or call one on their own object that does."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._methods: dict[int, list[Unit]] = {}
        self._found: dict[tuple[int, str], frozenset[str]] = {}
        self._told: dict[int, tuple[_Names, _Names]] = {}
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
            called, stored = self._of_class(cls)
            found = set(stored.get(attribute, ()))
            while found and (more := {name for name, used in called.items() if used & found} - found):
                found |= more
            self._found[key] = frozenset(found)
        return self._found[key]

    def _of_class(self, cls: int) -> tuple[_Names, _Names]:
        """The methods of the class, and its bases, that each of them calls, and those that store each
        attribute; all by name."""
        if cls not in self._told:
            called: _Names = {}
            stored: _Names = {}
            for unit in self._methods_of(cls):
                method = method_of(unit)
                if method is None:
                    continue
                name = _last(method)
                own = (attribute_of_self(call.callee, unit) for call in unit.facts.calls)
                called.setdefault(name, set()).update(attribute.partition(".")[2] for attribute in own)
                for store in unit.facts.stores:
                    stored.setdefault(store.name, set()).add(name)
            self._told[cls] = called, stored
        return self._told[cls]

    def _methods_of(self, cls: int) -> Iterator[Unit]:
        for base in self._evaluator.classes.order(cls):
            if isinstance(base, ClassValue):
                yield from self._methods.get(base.cls, ())


def _last(unit: Unit) -> str:
    return unit.facts.name.rpartition(".")[2]
