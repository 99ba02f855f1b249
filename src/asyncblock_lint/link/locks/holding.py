"""What is done while a lock of threads is held: by a `with`, or from taking it to giving it back."""

from __future__ import annotations

from collections.abc import Iterator

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import LibraryInstance, LibraryValue, RunValue
from asyncblock_lint.link.locks.identity import Identities, Identity
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.catalogue import Blocker
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Attr, Expr, Item, Name, Region, Span
from asyncblock_lint.model.graph import Edge, Hold, Step

_ACROSS = "ABL605"
_TAKEN = ("acquire", "release")
_DEEPEST = 4
Lock = tuple[str, Identity | None, Certainty]
"""A lock's class, its home if it has one, and how surely it is one."""


class Holding:
    """Finds the stretches in which functions hold locks."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._project = evaluator.project
        self._identities = Identities(evaluator)

    def holds(self, unit: Unit) -> Iterator[Hold]:
        """The stretches of `unit` in which it holds a lock that others can be told to want."""
        for region in unit.facts.regions:
            for name, home, _ in self._locks(region, unit):
                if home is not None and region.span is not None:
                    is_own = isinstance(region.subject, Name | Attr | Item)
                    yield Hold(
                        unit.index, region.span, home, self._spans(region, home, unit), name if is_own else ""
                    )
        yield from self._taken(unit)

    def across(self, unit: Unit) -> Iterator[Edge]:
        """The locks that a coroutine function holds while it awaits."""
        for region in unit.facts.regions if unit.is_async else ():
            if region.await_line and region.span is not None:
                for name, _, certainty in self._locks(region, unit):
                    because = (
                        f"stays held across the `await` in line {region.await_line}: whatever wants it"
                        " meanwhile stops the event loop, and with it what would give it back"
                    )
                    blocker = Blocker(name, _ACROSS, because)
                    yield Edge(Step(unit.index, region.span, name), certainty, blocker=blocker)

    def _locks(self, region: Region, unit: Unit, depth: int = 0) -> Iterator[Lock]:
        """The locks that entering the item of a `with` takes; a context manager of the project may
        take them for its caller."""
        if region.subject is None or depth > _DEEPEST:
            return
        for value, certainty in self._evaluator.evaluate(region.subject, unit):
            if isinstance(value, LibraryInstance) and self._matcher.is_lock(value.type):
                yield f"{value.type}.__enter__", self._identities.of(region.subject, unit), certainty
            elif isinstance(value, RunValue) and value.how == "context":
                target = self._project.units[value.function.unit]
                for inner in target.facts.regions:
                    if inner.yields[0] < inner.yields[1]:
                        for name, home, held in self._locks(inner, target, depth + 1):
                            yield name, home, min(certainty, held)

    def _spans(self, region: Region, home: Identity, unit: Unit) -> frozenset[Span]:
        uses = unit.facts.uses[slice(*region.uses)]
        return self._calls(*region.calls, home, unit).union(use.span for use in uses)

    def _calls(self, first: int, end: int, home: Identity, unit: Unit) -> frozenset[Span]:
        """The calls from `first` to `end`, without those of the lock itself: waiting on a condition
        gives it back meanwhile."""
        calls = unit.facts.calls[first:end]
        return frozenset(call.span for call in calls if not self._is_of(call.callee, home, unit))

    def _is_of(self, callee: Expr, home: Identity, unit: Unit) -> bool:
        return isinstance(callee, Attr) and self._identities.of(callee.base, unit) == home

    def _taken(self, unit: Unit) -> Iterator[Hold]:
        """From `lock.acquire()` to the last `lock.release()`."""
        begun: dict[Identity, int] = {}
        ended: dict[Identity, int] = {}
        for index, call in enumerate(unit.facts.calls):
            if (
                isinstance(call.callee, Attr)
                and call.callee.name in _TAKEN
                and self._is_lock(call.callee, unit)
            ):
                home = self._identities.of(call.callee.base, unit)
                if home is not None and call.callee.name == _TAKEN[0]:
                    begun.setdefault(home, index)
                elif home is not None:
                    ended[home] = index
        for home in begun.keys() & ended.keys():
            first, end = begun[home], ended[home]
            span = unit.facts.calls[first].span
            yield Hold(unit.index, span, home, self._calls(first + 1, end, home, unit))

    def _is_lock(self, callee: Attr, unit: Unit) -> bool:
        owners = [
            value.owner
            for value, _ in self._evaluator.evaluate(callee, unit)
            if isinstance(value, LibraryValue)
        ]
        return any(
            isinstance(owner, LibraryInstance) and self._matcher.is_lock(owner.type) for owner in owners
        )
