"""Seconds of computing: how they add up, and what repeating does to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from asyncblock_lint.link.loops.amounts import Amount
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.graph import Step

OPERATION = 20e-9
"""Seconds that an operator takes on one core of CPython: `benchmarks/calibrate.py` measures 15 to 37
nanoseconds with 3.11, and of those this is in the lower half, so that in doubt a loop is short."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of computing: `sure` those that are there unless a bound is wrong, `possible` those if
    no loop ends early and guesses are right.

    `rounds` are those of the loops that most of it is spent in, and `steps` lead there. `is_foreign`:
    a request decides how many. `is_wait`: it goes round until the clock says so. `certainty` is that of
    the bounds behind the sure part.
    """

    sure: float = 0
    possible: float = 0
    rounds: float = 1
    certainty: Certainty = Certainty.EXACT
    is_foreign: bool = False
    steps: tuple[Step, ...] = ()
    name: str = ""
    is_wait: bool = False

    def times(self, sure: float, possible: float) -> Cost:
        """The same so many times over."""
        return replace(
            self,
            sure=self.sure * sure,
            possible=self.possible * possible,
            rounds=self.rounds * max(possible, 1),
        )


NOTHING = Cost()


def total(costs: Iterable[Cost]) -> Cost:
    """One after another; of the parts, the largest says where the time goes."""
    parts = [cost for cost in costs if cost.possible]
    if not parts:
        return NOTHING
    main = largest(parts)
    sure, possible = sum(cost.sure for cost in parts), sum(cost.possible for cost in parts)
    certainty = max(parts, key=lambda cost: cost.sure).certainty
    if main.possible * 2 < possible:
        return Cost(sure, possible, 1, certainty, main.is_foreign, main.steps, main.name)
    return replace(main, sure=sure, possible=possible, certainty=certainty)


def largest(costs: Iterable[Cost]) -> Cost:
    """The largest of several calls stands for all: what functions call that call others adds up beyond
    measure, since most of it is one or the other branch."""
    return max(costs, key=lambda cost: cost.possible, default=NOTHING)


def operations(number: float) -> Cost:
    """So many operators, one after another."""
    return Cost(number * OPERATION, number * OPERATION)


def repeated(body: Cost, rounds: Amount | None, *, leaves: bool = False) -> Cost:
    """`body` in every round; where that is not known, once, and `leaves` says it may be but once."""
    if rounds is None or rounds.decided == "caller":
        return body
    if not rounds.is_known:
        return replace(body, possible=float("inf"), is_foreign=True)
    is_sure = rounds.certainty > Certainty.GUESS and not leaves
    cost = body.times(rounds.value if is_sure else min(rounds.value, 1), rounds.value)
    return replace(cost, certainty=min(cost.certainty, rounds.certainty)) if is_sure else cost
