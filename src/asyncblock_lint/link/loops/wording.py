"""A loop that is too long, as a blocker: its name, and the arithmetic in words."""

from __future__ import annotations

import math

from asyncblock_lint.link.calls.outcomes import Outcome
from asyncblock_lint.link.loops.effort import OPERATION, Cost
from asyncblock_lint.model.catalogue import Blocker
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import LoopFact
from asyncblock_lint.model.graph import Step

CODE = "ABL701"
_SLEEP = "asyncio.sleep"
_ENDLESS = "never ends and never gives way"
_WAITING = "goes round and round until something changes"
_CLOCK = "goes round and round until the clock says so"


def too_long(cost: Cost, budget: float) -> Outcome:
    """A computation that reaches the budget."""
    certainty = cost.certainty if cost.sure >= budget else Certainty.GUESS
    calls = cost.steps[0].calls
    instead = _SLEEP if cost.is_wait else None
    return _outcome(cost.name or calls, _because(cost, certainty), certainty, calls, cost.steps[1:], instead)


def spinning(loop: LoopFact, certainty: Certainty) -> Outcome:
    """A loop that never ends, or that waits for a change."""
    because = _ENDLESS if loop.operator == "always" else _WAITING
    return _outcome(loop.kind, because, certainty, instead=_SLEEP)


def watching(loop: LoopFact, certainty: Certainty) -> Outcome:
    """A loop that waits for the clock, nobody knows how long."""
    return _outcome(loop.kind, _CLOCK, certainty, instead=_SLEEP)


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
