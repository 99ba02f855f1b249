"""What may happen at a place, and how one outcome leads on to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.values import ParameterValue
from asyncblock_lint.model.catalogue import USUAL, Blocker, Circumstances
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Span
from asyncblock_lint.model.graph import Step


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that may happen at a place.

    Exactly one of `target` (a unit), `blocker` and `parameter` is set. What is meant of a parameter
    is the attribute that `path` leads to; `mode` tells what becomes of it: `run` (by `action`:
    `call` with `arguments`, `iterate`, `enter`, `read`, `write`, or an operator's `__method__`),
    `offload` or `schedule` (both under `circumstances`). `given` are the arguments that a callable is
    called with. `calls` names what the place itself calls and `via` the steps from there on.
    """

    calls: str
    certainty: Certainty
    via: tuple[Step, ...] = ()
    target: int | None = None
    blocker: Blocker | None = None
    parameter: ParameterValue | None = None
    path: tuple[str, ...] = ()
    action: str = "call"
    mode: str = "run"
    circumstances: Circumstances = USUAL
    arguments: Arguments | None = None
    given: Arguments | None = None

    def by_way_of(self, calls: str, via: tuple[Step, ...], certainty: Certainty) -> Outcome:
        """The same, reached by other steps and as surely as that; quicker than `replace`."""
        return Outcome(
            calls,
            certainty,
            via,
            self.target,
            self.blocker,
            self.parameter,
            self.path,
            self.action,
            self.mode,
            self.circumstances,
            self.arguments,
            self.given,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a unit, and all that may happen there."""

    span: Span
    outcomes: tuple[Outcome, ...]


def steps_through(path: tuple[Step, ...], outcome: Outcome) -> tuple[Step, ...]:
    """The way to a parameter's call, and on through what it turned out to be."""
    last = path[-1]
    return (*path[:-1], Step(last.function, last.span, outcome.calls), *outcome.via)


def after(open_one: Outcome, filled: Outcome) -> Outcome:
    """`filled`, reached by the steps that lead to where `open_one` happens."""
    if not open_one.via:
        return filled
    return filled.by_way_of(open_one.calls, steps_through(open_one.via, filled), filled.certainty)


def limited(outcomes: Iterable[Outcome], certainty: Certainty) -> Iterator[Outcome]:
    """The outcomes, none surer than `certainty`."""
    for outcome in outcomes:
        is_sure = outcome.certainty <= certainty
        yield outcome if is_sure else outcome.by_way_of(outcome.calls, outcome.via, certainty)


def nearest(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Of the outcomes that come to the same, the surest and then the one with the fewest steps."""
    found: dict[tuple[object, ...], Outcome] = {}
    for outcome in outcomes:
        key = (
            outcome.target,
            outcome.blocker,
            outcome.parameter,
            outcome.path,
            outcome.action,
            outcome.mode,
            outcome.circumstances,
            outcome.arguments,
        )
        held = found.get(key)
        if held is None or (-outcome.certainty, len(outcome.via)) < (-held.certainty, len(held.via)):
            found[key] = outcome
    return tuple(found.values())
