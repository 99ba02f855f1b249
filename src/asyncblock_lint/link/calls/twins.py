"""Finds synchronous methods that stand beside an asynchronous twin in their class."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import (
    ClassValue,
    FunctionValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    Value,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.catalogue import Blocker
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.codes import TWIN
from asyncblock_lint.model.facts import Attr
from asyncblock_lint.model.twins import twin_names

_DEEPEST = 4


class Twins:
    """Tells of methods; every answer is remembered."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._project = evaluator.project
        self._found: dict[tuple[int, int], Blocker | None] = {}

    def blocker(self, function: FunctionValue, caller: Unit) -> Blocker | None:
        """What calling the method is where it has a twin that `caller` could await."""
        unit = self._project.units[function.unit]
        if unit.owner is None or unit.kind != "sync" or _name(unit).startswith("_"):
            return None
        if caller.owner is not None and _name(caller) in twin_names(_name(unit)):
            return None
        cls = function.receiver.cls if function.receiver else unit.owner.index
        key = cls, unit.index
        if key not in self._found:
            self._found[key] = self._find(cls, unit)
        return self._found[key]

    def _find(self, cls: int, unit: Unit) -> Blocker | None:
        for name, certainty in self._of_project(cls, unit) or self._of_library(cls, unit):
            if not self._is_cheap(unit, _DEEPEST):
                return Blocker(
                    self._project.qualified_name(unit),
                    TWIN,
                    f"waits where its asynchronous twin `{name}` would give way",
                    instead=name,
                    certainty=certainty,
                )
        return None

    def _of_project(self, cls: int, unit: Unit) -> list[tuple[str, Certainty]]:
        found = []
        for name in twin_names(_name(unit)):
            for value, _ in self._evaluator.classes.raw(cls, name):
                twin = self._project.units[value.unit] if isinstance(value, FunctionValue) else None
                if twin is not None and twin.is_async and (twin.facts.is_stub or _awaits(twin)):
                    does_io = self._is_handed_on(unit, twin) or self._does_io(cls, unit)
                    found.append((name, Certainty.LIKELY if does_io else Certainty.GUESS))
        return found

    def _of_library(self, cls: int, unit: Unit) -> list[tuple[str, Certainty]]:
        """The twin that a library's base class brings, if the catalogue names it as the remedy."""
        names = twin_names(_name(unit))
        found = []
        for base in self._library_bases(cls):
            blocker = self._matcher.blocker(f"{base}.{_name(unit)}")
            named = set(re.findall(r"\w+", blocker.instead or "")) if blocker else set()
            found += [(name, Certainty.GUESS) for name in names if name in named]
        return found

    def _library_bases(self, cls: int) -> Iterator[str]:
        for base in self._evaluator.classes.order(cls):
            if isinstance(base, LibraryValue):
                yield base.name

    def _is_handed_on(self, unit: Unit, twin: Unit) -> bool:
        """Whether the twin runs the method itself in a thread: its author knows that it waits."""
        for call in twin.facts.calls:
            given = [argument.value for argument in call.arguments]
            if any(isinstance(item, Attr) and item.name == _name(unit) for item in given):
                callees = self._evaluator.evaluate(call.callee, twin)
                if any(
                    isinstance(value, LibraryValue) and self._matcher.offload(value.name)
                    for value, _ in callees
                ):
                    return True
        return False

    def _does_io(self, cls: int, unit: Unit) -> bool:
        """Whether the method calls an object whose class does I/O in ways that nobody listed."""
        return any(
            isinstance(value, LibraryInstance)
            and self._matcher.has_blockers(value.type)
            and not self._matcher.knows_method(value.type, call.callee.name)
            for call in unit.facts.calls
            if isinstance(call.callee, Attr)
            for value, _ in self._evaluator.evaluate(call.callee.base, unit)
        )

    def _is_cheap(self, unit: Unit, depth: int) -> bool:
        """Whether all that the function calls is known; what blocks is then found by itself."""
        if unit.facts.is_stub or not depth:
            return False
        for call in unit.facts.calls:
            values = self._evaluator.evaluate(call.callee, unit)
            if not values or not all(self._is_known(value, depth - 1) for value, _ in values):
                return False
        return True

    def _is_known(self, value: Value, depth: int) -> bool:
        match value:
            case FunctionValue(unit=index):
                unit = self._project.units[index]
                return unit.kind != "sync" or self._is_cheap(unit, depth)
            case LibraryValue(name=name):
                root = name.partition(".")[0]
                return root in sys.stdlib_module_names or root == "builtins" or self._matcher.tells_of(name)
        return isinstance(value, ClassValue | InstanceValue)


def _name(unit: Unit) -> str:
    return unit.facts.name.rpartition(".")[2].partition("#")[0]


def _awaits(unit: Unit) -> bool:
    return any(call.awaited for call in unit.facts.calls)
