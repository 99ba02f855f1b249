"""Loops that compute for long without giving way, as blockers at their places."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from asyncblock_lint.link.amounts import OUTSIDE, Amount, Given
from asyncblock_lint.link.cost import OPERATION, Cost, Costs
from asyncblock_lint.link.evaluate import Evaluator
from asyncblock_lint.link.lengths import is_open
from asyncblock_lint.link.outcomes import Outcome
from asyncblock_lint.link.pausing import Pausing
from asyncblock_lint.link.project import Unit, shown_name
from asyncblock_lint.link.running import Runner
from asyncblock_lint.link.values import LibraryInstance, LibraryValue
from asyncblock_lint.model.catalogue import Blocker
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Call, Expr, Func, LoopFact, Name, Span
from asyncblock_lint.model.graph import OnLoop, Step

CODE = "ABL701"
_SLEEP = "asyncio.sleep"
_ENDLESS = "never ends and never gives way"
_WAITING = "goes round and round until something changes"
_CLOCK = "goes round and round until the clock says so"
_NUMBERS = ("builtins.int", "builtins.float")
_MOST_CALLERS = 4
_MOST_WAVES = 6
Found = tuple[Span, Outcome]


class Stalls:
    """Judges the loops of the project against `budget`, in seconds."""

    def __init__(
        self, evaluator: Evaluator, runner: Runner, contexts: Mapping[int, OnLoop], budget: float
    ) -> None:
        self._project = evaluator.project
        self._evaluator = evaluator
        self._runner = runner
        self._contexts = contexts
        self._budget = budget
        self._pausing = Pausing(evaluator, runner)
        self._costs = Costs(evaluator, self._pausing)
        self._spinning = self._costs.spinning
        self._frames: dict[int, list[Given]] = {}

    def find(self) -> dict[int, list[Found]]:
        """What stalls the loop, by the function in which it does, and at which place."""
        found: dict[int, list[Found]] = {}
        open_units = []
        for unit in self._project.units:
            if unit.kind in ("class", "module"):
                continue
            is_countable, is_left_open = self._look_at(unit)
            if is_left_open:
                open_units.append(unit)
            if is_countable:
                held = dict(self._in_unit(unit))
                if held:
                    found[unit.index] = list(held.items())
        for index, span, outcome in self._at_calls(open_units):
            found.setdefault(index, []).append((span, outcome))
        return found

    def _look_at(self, unit: Unit) -> tuple[bool, bool]:
        """Whether the unit has something to judge, and whether its callers decide about that."""
        is_countable, is_left_open = any(True for _ in self._consuming(unit)), _is_recursive(unit)
        for loop in unit.facts.loops:
            if self._spinning.watches_clock(loop, unit):
                amount, is_waiting = self._spinning.seconds(loop, unit, ()), True
            else:
                amount, is_waiting = self._costs.lengths.rounds(loop, unit, ()), _may_wait(loop)
            is_countable = is_countable or is_waiting or amount is not None
            is_left_open = is_left_open or is_open(amount)
        return is_countable, is_left_open

    def _consuming(self, unit: Unit) -> Iterator[int]:
        """The calls that may go through a generator expression or a range."""
        for index, call in enumerate(unit.facts.calls):
            if call.arguments and isinstance(call.arguments[0].value, Func | Call):
                yield index

    # In the unit itself

    def _in_unit(self, unit: Unit) -> Iterator[Found]:
        for given in self._frames_of(unit):
            for number, loop in enumerate(unit.facts.loops):
                if loop.parent < 0:
                    yield from self._in_loop(unit, number, given)
            for index in self._consuming(unit):
                call = unit.facts.calls[index]
                for value, _ in self._evaluator.evaluate(call.callee, unit):
                    if isinstance(value, LibraryValue) and not call.guard:
                        cost = self._costs.consumed(value.name, unit, index, given)
                        if cost.possible >= self._budget:
                            yield call.span, self._outcome(cost)

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
                return _outcome(loop.kind, _CLOCK, held, instead=_SLEEP)
        elif (certainty := self._spinning.certainty(loop, unit)) is not None:
            because = _ENDLESS if loop.operator == "always" else _WAITING
            return _outcome(loop.kind, because, certainty, instead=_SLEEP)
        else:
            rounds = self._costs.lengths.rounds(loop, unit, given)
            if rounds is None or is_open(rounds) or self._has_heavy_call(unit, number, given):
                return None
        cost = self._costs.loop(unit, number, given)
        return self._outcome(cost) if cost.possible >= self._budget else None

    def _has_heavy_call(self, unit: Unit, number: int, given: Given) -> bool:
        """Whether one call in the loop is too long already, and a finding of its own."""
        calls = range(*unit.facts.loops[number].calls)
        return any(self._costs.call(unit, index, given).sure >= self._budget for index in calls)

    def _outcome(self, cost: Cost) -> Outcome:
        certainty = cost.certainty if cost.sure >= self._budget else Certainty.GUESS
        calls = cost.steps[0].calls
        via = cost.steps[1:]
        instead = _SLEEP if cost.is_wait else None
        return _outcome(cost.name or calls, _because(cost, certainty), certainty, calls, via, instead)

    # At calls

    def _at_calls(self, open_units: list[Unit]) -> Iterator[tuple[int, Span, Outcome]]:
        """The calls that give an open loop its rounds, and by that make it too long."""
        callers = self._callers()
        dependent = {unit.index for unit in open_units}
        wave, seen = sorted(dependent), set[tuple[int, int]]()
        for _ in range(_MOST_WAVES):
            following: dict[int, None] = {}
            for target in wave:
                for index in callers.get(target, ()):
                    unit = self._project.units[index]
                    for call, inner, is_passed_on in self._calls_to(unit, target):
                        if (index, call) not in seen:
                            seen.add((index, call))
                            yield from self._at_call(unit, call, inner)
                            if is_passed_on and index not in dependent:
                                dependent.add(index)
                                following[index] = None
            wave = list(following)

    def _callers(self) -> dict[int, list[int]]:
        """The units from which a call leads to a unit, by that."""
        found: dict[int, dict[int, None]] = {}
        for unit in self._project.units:
            for place in self._runner.places(unit):
                for outcome in place.outcomes:
                    if outcome.target is not None and not outcome.via:
                        found.setdefault(outcome.target, {})[unit.index] = None
        return {target: list(units) for target, units in found.items()}

    def _calls_to(self, unit: Unit, target: int) -> Iterator[tuple[int, Unit, bool]]:
        """The calls of `target` in the unit, and whether they pass on what the unit's callers gave."""
        for index, call in enumerate(unit.facts.calls):
            if call.guard or call.is_decorator:
                continue
            for value, _ in self._evaluator.evaluate(call.callee, unit):
                inner = self._costs.target(value, awaited=call.awaited)
                if inner is not None and inner.index == target:
                    entered = self._costs.entering(value, inner, call, unit, ())
                    yield index, inner, any(is_open(amount) for _, amount in entered)

    def _at_call(self, unit: Unit, index: int, inner: Unit) -> Iterator[tuple[int, Span, Outcome]]:
        bare = self._costs.function(inner, ())
        for given in self._frames_of(unit):
            cost = self._costs.call(unit, index, given)
            is_new = bare.possible < self._budget or (cost.sure >= self._budget > bare.sure)
            if cost.possible >= self._budget and is_new and inner.index != unit.index:
                yield unit.index, unit.facts.calls[index].span, self._outcome(cost)
                return

    # What functions are given

    def _frames_of(self, unit: Unit) -> list[Given]:
        """What a function of the loop is given by its callers, or by a framework; of others nothing
        is settled, so that each call can tell."""
        if unit.index not in self._contexts:
            return [()]
        found = self._frames.get(unit.index)
        if found is None:
            self._frames[unit.index] = [()]
            found = self._frames[unit.index] = self._find_frames(unit)
        return found

    def _find_frames(self, unit: Unit) -> list[Given]:
        if not any(parameter.kind not in ("*", "**") for parameter in unit.facts.parameters):
            return [()]
        found: dict[Given, None] = {}
        if not self._costs.numbers.is_handler(unit):
            for arguments, caller, skip_first in self._evaluator.callers.calls_of(unit):
                for given in self._frames_of(caller):
                    entered = self._costs.numbers.entering(
                        unit, arguments, caller, given, skip_first=skip_first
                    )
                    found[entered] = None
                if len(found) >= _MOST_CALLERS:
                    break
        return list(found) or [tuple(self._defaults(unit))]

    def _defaults(self, unit: Unit) -> Iterator[tuple[tuple[int, str], Amount | None]]:
        numbers = self._costs.numbers
        for parameter in unit.facts.parameters:
            amount = None
            if parameter.default is not None:
                amount = numbers.default(parameter.default, unit)
            elif numbers.is_handler(unit) and self._is_number(parameter.annotation, unit):
                amount = OUTSIDE
            yield (unit.index, parameter.name), amount

    def _is_number(self, annotation: Expr | None, unit: Unit) -> bool:
        if annotation is None:
            return True
        values = self._evaluator.annotations.read(annotation, unit.parent or unit)
        return any(isinstance(value, LibraryInstance) and value.type in _NUMBERS for value, _ in values)


def _outcome(
    name: str,
    because: str,
    certainty: Certainty,
    calls: str = "",
    via: tuple[Step, ...] = (),
    instead: str | None = None,
) -> Outcome:
    blocker = Blocker(name, CODE, because, instead, certainty=certainty)
    return Outcome(calls or name, certainty, via, blocker=blocker)


def _because(cost: Cost, certainty: Certainty) -> str:
    """The arithmetic, in words."""
    if cost.is_foreign and certainty == Certainty.GUESS:
        return "runs as many rounds as a request asks for"
    seconds = cost.possible if certainty == Certainty.GUESS else cost.sure
    if cost.is_wait:
        return f"goes round and round for {_time(seconds)}"
    rounds = max(1.0, cost.rounds * seconds / cost.possible) if cost.possible < math.inf else cost.rounds
    each = max(1, round(seconds / rounds / OPERATION))
    return f"computes for about {_number(rounds)} rounds x {_number(each)} operations = {_time(seconds)}"


def _number(value: float) -> str:
    """Three digits, then zeros."""
    digits = max(0, len(str(int(value))) - 3)
    return f"{round(int(value), -digits):,}"


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.0f} h" if seconds < 3.6e6 else "weeks"


def _may_wait(loop: LoopFact) -> bool:
    return loop.kind == "while" and (loop.is_idle or loop.operator == "always")


def _is_recursive(unit: Unit) -> bool:
    """Whether the function calls something of its own name more than once."""
    own = shown_name(unit.facts.name).rpartition(".")[2]
    callees = [call.callee for call in unit.facts.calls]
    names = [callee.id if isinstance(callee, Name) else getattr(callee, "name", "") for callee in callees]
    return names.count(own) > 1
