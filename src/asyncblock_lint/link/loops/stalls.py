"""Loops that compute for long without giving way, as blockers at their places."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from asyncblock_lint.link.calls.outcomes import Outcome
from asyncblock_lint.link.calls.running import Runner
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.link.loops.amounts import Amount, Given
from asyncblock_lint.link.loops.arriving import Arriving
from asyncblock_lint.link.loops.cost import Costs, is_recursive
from asyncblock_lint.link.loops.frames import Frames
from asyncblock_lint.link.loops.lengths import is_number_open, is_open
from asyncblock_lint.link.loops.pausing import Pausing
from asyncblock_lint.link.loops.wording import spinning, too_long, watching
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Attr, Call, Expr, Func, LoopFact, Name, Span
from asyncblock_lint.model.graph import OnLoop

_FEW_ROUNDS = 200
Found = tuple[Span, Outcome]


class Stalls:
    """Judges the loops of the project against `budget`, in seconds."""

    def __init__(
        self, evaluator: Evaluator, runner: Runner, contexts: Mapping[int, OnLoop], budget: float
    ) -> None:
        self._project = evaluator.project
        self._evaluator = evaluator
        self._budget = budget
        self._pausing = Pausing(evaluator, runner)
        self._costs = Costs(evaluator, self._pausing)
        self._spinning = self._costs.spinning
        self._frames = Frames(evaluator, self._costs.numbers, contexts)
        self._arriving = Arriving(evaluator.project, runner, self._costs, self._frames, budget)

    def find(self) -> dict[int, list[Found]]:
        """What stalls the loop, by the function in which it does, and at which place."""
        found: dict[int, list[Found]] = {}
        open_units: dict[int, bool] = {}
        waiting: set[int] = set()
        for unit in self._project.units:
            if unit.kind in ("class", "module"):
                continue
            amounts = [self._amount(loop, unit) for loop in unit.facts.loops]
            is_numbered = is_recursive(unit) or any(map(is_number_open, amounts))
            if is_numbered or any(map(is_open, amounts)):
                self._open(unit, open_units, is_numbered=is_numbered)
                if any(self._spinning.watches_clock(loop, unit) for loop in unit.facts.loops):
                    waiting.add(unit.index)
            frames: list[Given] = self._frames.of(unit) if is_numbered else [()]
            if self._may_be_long(unit, amounts):
                held = dict(self._in_unit(unit, frames))
                if held:
                    found[unit.index] = list(held.items())
        for index, span, outcome in self._arriving.calls(open_units, waiting):
            found.setdefault(index, []).append((span, outcome))
        return found

    def _open(self, unit: Unit, open_units: dict[int, bool], *, is_numbered: bool) -> None:
        """Note a unit whose callers decide; of a generator expression those are around its function."""
        while True:
            open_units[unit.index] = is_numbered or open_units.get(unit.index, False)
            if unit.parent is None or "<genexpr:" not in unit.facts.name.rpartition(".")[2]:
                return
            unit = unit.parent

    def _amount(self, loop: LoopFact, unit: Unit) -> Amount | None:
        """The rounds of a loop, or the seconds that one waits, as far as the function itself tells."""
        if self._spinning.watches_clock(loop, unit):
            return self._spinning.seconds(loop, unit, ())
        return self._costs.lengths.rounds(loop, unit, ())

    def _may_be_long(self, unit: Unit, amounts: list[Amount | None]) -> bool:
        """Whether a closer look pays: what runs but a few rounds is not looked into."""
        loops = unit.facts.loops
        if any(loop.kind == "while" and _may_wait(loop) for loop in loops):
            return True
        totals: list[float] = []
        for loop, amount in zip(loops, amounts, strict=True):
            own = 1.0 if amount is None else amount.value if amount.is_known else math.inf
            totals.append(own * (totals[loop.parent] if loop.parent >= 0 else 1))
        return any(rounds >= _FEW_ROUNDS for rounds in totals) or any(True for _ in self._consuming(unit))

    def _consuming(self, unit: Unit) -> Iterator[int]:
        """The calls that may go through a generator expression, or through a range or the like."""
        matcher = self._evaluator.matcher
        for index, call in enumerate(unit.facts.calls):
            if call.arguments and _written(call.callee) in matcher.consuming:
                match call.arguments[0].value:
                    case Func():
                        yield index
                    case Call(index=inner) if _written(unit.facts.calls[inner].callee) in matcher.counting:
                        yield index

    # In the unit itself

    def _in_unit(self, unit: Unit, frames: list[Given]) -> Iterator[Found]:
        for given in frames:
            for number, loop in enumerate(unit.facts.loops):
                if loop.parent < 0:
                    yield from self._in_loop(unit, number, given)
            for index in self._consuming(unit):
                call = unit.facts.calls[index]
                for value, _ in self._evaluator.evaluate(call.callee, unit):
                    if isinstance(value, LibraryValue) and not call.guard:
                        cost = self._costs.consumed(value.name, unit, index, given)
                        if cost.possible >= self._budget:
                            yield call.span, too_long(cost, self._budget)

    def _in_loop(self, unit: Unit, number: int, given: Given) -> Iterator[Found]:
        loop, loops = unit.facts.loops[number], unit.facts.loops
        certainty = Certainty.GUESS
        if not loop.yields and not self._pausing.pauses(loop, unit):
            outcome = self._judged(unit, number, given)
            if outcome is not None and not self._pausing.is_held_up(loop, unit):
                yield loop.span, outcome
                certainty = outcome.certainty
                if certainty > Certainty.GUESS:
                    return
        for index in range(number + 1, len(loops)):
            if loops[index].parent == number:
                yield from self._in_loop(unit, index, given)

    def _judged(self, unit: Unit, number: int, given: Given) -> Outcome | None:
        loop = unit.facts.loops[number]
        if self._spinning.watches_clock(loop, unit):
            amount = self._spinning.seconds(loop, unit, given)
            if amount is None:
                held = min(self._spinning.clock_certainty(loop, unit), Certainty.LIKELY)
                return watching(loop, held)
        elif (certainty := self._spinning.certainty(loop, unit)) is not None:
            return spinning(loop, certainty)
        else:
            rounds = self._costs.lengths.rounds(loop, unit, given)
            if rounds is None or is_open(rounds) or self._has_heavy_call(unit, number, given):
                return None
        cost = self._costs.loop(unit, number, given)
        return too_long(cost, self._budget) if cost.possible >= self._budget else None

    def _has_heavy_call(self, unit: Unit, number: int, given: Given) -> bool:
        """Whether one call in the loop is too long already, and a finding of its own."""
        calls = range(*unit.facts.loops[number].calls)
        return any(self._costs.call(unit, index, given).sure >= self._budget for index in calls)


def _may_wait(loop: LoopFact) -> bool:
    is_endless = loop.operator == "always" and not (loop.leaves or loop.raises or loop.in_try)
    return loop.is_idle or is_endless or loop.operator in ("Lt", "LtE", "Gt", "GtE")


def _written(callee: Expr) -> str:
    match callee:
        case Name(id=name) | Attr(name=name):
            return name
    return ""
