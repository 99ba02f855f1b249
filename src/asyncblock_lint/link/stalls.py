"""Loops that compute for long without giving way, as blockers at their places."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from asyncblock_lint.link.amounts import OUTSIDE, Amount, Given
from asyncblock_lint.link.cost import OPERATION, Cost, Costs, is_recursive
from asyncblock_lint.link.evaluate import Evaluator
from asyncblock_lint.link.lengths import is_number_open, is_open
from asyncblock_lint.link.outcomes import Outcome
from asyncblock_lint.link.pausing import Pausing
from asyncblock_lint.link.project import Unit
from asyncblock_lint.link.running import Runner
from asyncblock_lint.link.values import LibraryInstance, LibraryValue
from asyncblock_lint.model.catalogue import Blocker
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Attr, Call, CallFact, Expr, Func, LoopFact, Name, Operation, Span
from asyncblock_lint.model.graph import OnLoop, Step

CODE = "ABL701"
_SLEEP = "asyncio.sleep"
_ENDLESS = "never ends and never gives way"
_WAITING = "goes round and round until something changes"
_CLOCK = "goes round and round until the clock says so"
_NUMBERS = ("builtins.int", "builtins.float")
_FEW_ROUNDS = 200
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
        open_units: dict[int, bool] = {}
        for unit in self._project.units:
            if unit.kind in ("class", "module"):
                continue
            amounts = [self._amount(loop, unit) for loop in unit.facts.loops]
            is_numbered = is_recursive(unit) or any(map(is_number_open, amounts))
            if is_numbered or any(map(is_open, amounts)):
                open_units[unit.index] = is_numbered
            frames: list[Given] = self._frames_of(unit) if is_numbered else [()]
            if self._may_be_long(unit, amounts):
                held = dict(self._in_unit(unit, frames))
                if held:
                    found[unit.index] = list(held.items())
        for index, span, outcome in self._at_calls(open_units):
            found.setdefault(index, []).append((span, outcome))
        return found

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

    def _at_calls(self, open_units: Mapping[int, bool]) -> Iterator[tuple[int, Span, Outcome]]:
        """The calls that give an open loop its rounds, and by that make it too long; the units of the
        loops by whether a number decides, or else a container."""
        callers = self._callers()
        dependent = set(open_units)
        wave, seen = sorted(dependent), set[tuple[int, int]]()
        for _ in range(_MOST_WAVES):
            following: dict[int, None] = {}
            for target in wave:
                is_numbered = open_units.get(target, True)
                for index, span in callers.get(target, ()):
                    unit = self._project.units[index]
                    for call, inner, is_passed_on in self._calls_at(
                        unit, span, target, is_numbered=is_numbered
                    ):
                        if (index, call) not in seen:
                            seen.add((index, call))
                            yield from self._at_call(unit, call, inner)
                            if is_passed_on and index not in dependent:
                                dependent.add(index)
                                following[index] = None
            wave = list(following)

    def _callers(self) -> dict[int, list[tuple[int, Span]]]:
        """The units and places from which a call leads to a unit, by that."""
        found: dict[int, list[tuple[int, Span]]] = {}
        for unit in self._project.units:
            for place in self._runner.places(unit):
                for outcome in place.outcomes:
                    if outcome.target is not None and not outcome.via:
                        found.setdefault(outcome.target, []).append((unit.index, place.span))
        return found

    def _calls_at(
        self, unit: Unit, span: Span, target: int, *, is_numbered: bool
    ) -> Iterator[tuple[int, Unit, bool]]:
        """The call of `target` at the place, and whether it passes on what the unit's callers gave."""
        for index, call in enumerate(unit.facts.calls):
            if call.span != span or call.is_decorator or not (is_numbered or _makes_items(call)):
                continue
            for value, _ in self._evaluator.evaluate(call.callee, unit):
                inner = self._costs.target(value, awaited=call.awaited)
                if inner is not None and inner.index == target:
                    entered = self._costs.entering(value, inner, call, unit, ())
                    yield index, inner, any(is_number_open(amount) for _, amount in entered)

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
    if seconds < 120:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.0f} h" if seconds < 3.6e6 else "weeks"


def _may_wait(loop: LoopFact) -> bool:
    is_endless = loop.operator == "always" and not (loop.leaves or loop.raises or loop.in_try)
    return loop.is_idle or is_endless or loop.operator in ("Lt", "LtE", "Gt", "GtE")


def _makes_items(call: CallFact) -> bool:
    """Whether something is made for the call that may be long."""
    return any(isinstance(argument.value, Call | Operation | Func) for argument in call.arguments)


def _written(callee: Expr) -> str:
    match callee:
        case Name(id=name) | Attr(name=name):
            return name
    return ""
