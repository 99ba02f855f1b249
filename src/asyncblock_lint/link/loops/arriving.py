"""Calls that give a loop its rounds, and by that make it too long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asyncblock_lint.link.calls.outcomes import Outcome
from asyncblock_lint.link.calls.running import Runner
from asyncblock_lint.link.loops.amounts import Amount, Given
from asyncblock_lint.link.loops.cost import Costs
from asyncblock_lint.link.loops.frames import Frames
from asyncblock_lint.link.loops.lengths import is_number_open
from asyncblock_lint.link.loops.wording import too_long
from asyncblock_lint.link.project import Project, Unit
from asyncblock_lint.model.facts import Call, CallFact, Func, Operation, Span

_MOST_WAVES = 6
_FEWEST = 15
"""Loops with fewer rounds than this, and recursions with fewer levels, do not matter."""


class Arriving:
    """Follows open loops backwards, from the functions they stand in to those that give the number."""

    def __init__(self, project: Project, runner: Runner, costs: Costs, frames: Frames, budget: float) -> None:
        self._project = project
        self._runner = runner
        self._costs = costs
        self._frames = frames
        self._budget = budget
        self._waiting: set[int] = set()

    def calls(self, open_units: Mapping[int, bool], waiting: set[int]) -> Iterator[tuple[int, Span, Outcome]]:
        """The calls after which a loop is too long: who calls, where, and what comes of it.

        `open_units` are the functions with such loops: whether a number decides, or a container. In
        those that are `waiting` the number is one of seconds.
        """
        callers = self._callers()
        self._waiting = set(waiting)
        wave, seen = sorted(open_units), set[tuple[int, int]]()
        dependent = set(open_units)
        for _ in range(_MOST_WAVES):
            following: dict[int, None] = {}
            for target in wave:
                is_numbered = open_units.get(target, True)
                for index, span in callers.get(target, ()):
                    unit = self._project.units[index]
                    for call, given in self._calls_at(unit, span, target, is_numbered=is_numbered):
                        if (index, call) in seen:
                            continue
                        seen.add((index, call))
                        yield from self._at_call(unit, call, target, given)
                        if _passes_on(given) and index not in dependent:
                            dependent.add(index)
                            following[index] = None
                            self._waiting.update({index} if target in self._waiting else ())
            wave = list(following)

    def _callers(self) -> dict[int, list[tuple[int, Span]]]:
        """The units and places from which a call leads to a unit, by that."""
        found: dict[int, list[tuple[int, Span]]] = {}
        for unit in self._project.units:
            for place in self._runner.places(unit):
                for outcome in place.outcomes:
                    if outcome.target is not None:
                        target = self._runner.variants.origin(outcome.target)
                        found.setdefault(target, []).append((unit.index, place.span))
        return found

    def _calls_at(
        self, unit: Unit, span: Span, target: int, *, is_numbered: bool
    ) -> Iterator[tuple[int, Given]]:
        """The call of `target` at the place, and what it gives, as far as the caller itself tells."""
        for index, call in enumerate(unit.facts.calls):
            if call.span == span and not call.is_decorator and (is_numbered or _makes_items(call)):
                given = self._given(unit, index, target, ())
                if given is not None:
                    yield index, given

    def _given(self, unit: Unit, index: int, target: int, given: Given) -> Given | None:
        """What the call of that number gives `target`, if it calls that."""
        call = unit.facts.calls[index]
        for value in self._costs.callees(call, unit):
            inner = self._costs.target(value, awaited=call.awaited)
            if inner is not None and inner.index == target:
                return self._costs.entering(value, inner, call, unit, given)
        return None

    def _at_call(
        self, unit: Unit, index: int, target: int, given: Given
    ) -> Iterator[tuple[int, Span, Outcome]]:
        frames = self._frames.of(unit) if _passes_on(given) else [()]
        for frame in frames:
            entered = self._given(unit, index, target, frame) if frame else given
            if entered is None or not any(self._matters(amount, target) for _, amount in entered):
                continue
            bare = self._costs.function(self._project.units[target], ())
            cost = self._costs.call(unit, index, frame)
            is_new = bare.possible < self._budget or cost.sure >= self._budget > bare.sure
            if cost.possible >= self._budget and is_new and target != unit.index:
                yield unit.index, unit.facts.calls[index].span, too_long(cost, self._budget)
                return

    def _matters(self, amount: Amount | None, target: int) -> bool:
        if amount is None or amount.decided == "caller":
            return False
        return not amount.is_known or amount.value >= _FEWEST or target in self._waiting


def _passes_on(given: Given) -> bool:
    """Whether a call passes on what its own function's callers decide."""
    return any(is_number_open(amount) for _, amount in given)


def _makes_items(call: CallFact) -> bool:
    """Whether something is made for the call that may be long."""
    return any(isinstance(argument.value, Call | Operation | Func) for argument in call.arguments)
