"""What library callables do on the spot: block, call, iterate and hand on what they are given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from asyncblock_lint.link.arguments import Arguments
from asyncblock_lint.link.evaluate import Evaluator
from asyncblock_lint.link.outcomes import Outcome, limited
from asyncblock_lint.link.project import Unit
from asyncblock_lint.link.values import (
    FunctionValue,
    LibraryValue,
    ParameterValue,
    PartialValue,
    SequenceValue,
    Value,
)
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.graph import Step


class Actor(Protocol):
    """Knows what acting on a value runs."""

    def call_bare(self, value: Value) -> Iterator[Outcome]:
        """Calling without arguments."""

    def iterate(self, value: Value) -> Iterator[Outcome]:
        """Iterating."""

    def enter(self, value: Value) -> Iterator[Outcome]:
        """Entering and leaving."""

    def effects(self, unit: Unit) -> Iterator[tuple[tuple[Step, ...], Outcome]]:
        """What a function does with parameters."""


class LibraryCalls:
    """Applies the catalogue to calls; gathers in `contexts` what the loop is given to run."""

    def __init__(self, evaluator: Evaluator, actor: Actor) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._project = evaluator.project
        self._actor = actor
        self.contexts: dict[int, str] = {}

    def call(self, name: str, arguments: Arguments) -> Iterator[Outcome]:
        """What calling the library function `name` runs."""
        matcher = self._matcher
        yield from self.blocked(name.removesuffix(".__init__"), arguments)
        apply = matcher.apply(name)
        if apply is not None and apply.when != "iterated":
            act = self._actor.enter if apply.when == "entered" else self._actor.call_bare
            for value, certainty in arguments.any_of(apply.arguments):
                yield from limited(act(value), certainty)
        consume = matcher.consume(name)
        if consume is not None and consume.when == "now":
            for value, certainty in arguments.any_of(consume.arguments):
                yield from limited(self._actor.iterate(value), certainty)
        schedule = matcher.schedule(name)
        if schedule is not None:
            for value, certainty in arguments.any_of(schedule.arguments):
                yield from limited(self.schedule(value, schedule.kind, certainty), certainty)
        offload = matcher.offload(name)
        if offload is not None:
            for value, certainty in arguments.any_of(offload.arguments):
                yield from limited(self._offloaded(value), certainty)
                if offload.coroutine_runs == "loop":
                    self._note_coroutine(value, offload.kind)

    def _offloaded(self, value: Value) -> Iterator[Outcome]:
        """The parameters that end up in a thread: given there, in a partial, or called by a lambda."""
        while isinstance(value, PartialValue):
            value = value.target
        if isinstance(value, ParameterValue):
            yield Outcome(value.name, Certainty.EXACT, parameter=value, mode="offload")
        elif isinstance(value, FunctionValue):
            for _, effect in self._actor.effects(self._project.units[value.unit]):
                if effect.mode == "run" and effect.parameter and effect.parameter.unit != value.unit:
                    yield replace(effect, via=(), mode="offload")

    def blocked(self, name: str, arguments: Arguments) -> Iterator[Outcome]:
        """The blocker that `name` is, unless these arguments make it one that does not wait."""
        blocker = self._matcher.blocker(name)
        if blocker is not None and self._waits(name, arguments):
            yield Outcome(blocker.name, blocker.certainty, blocker=blocker)

    def _waits(self, name: str, arguments: Arguments) -> bool:
        forms = self._matcher.forms(name)
        if not forms:
            return True
        given = arguments.given()
        return not any(self._matcher.fits(form, given) for form in forms)

    def schedule(self, value: Value, kind: str, certainty: Certainty) -> Iterator[Outcome]:
        """Note that the loop will call `value`; a library function is as good as called here."""
        match value:
            case FunctionValue(unit=index) if certainty > Certainty.GUESS:
                unit = self._project.units[index]
                if not unit.is_async or kind != "loop-callback":
                    self.contexts[index] = kind
            case PartialValue(target=target):
                yield from self.schedule(target, kind, certainty)
            case SequenceValue(items=items):
                for item in items:
                    for inner, held in item:
                        yield from self.schedule(inner, kind, min(certainty, held))
            case ParameterValue(name=name):
                yield Outcome(name, Certainty.EXACT, parameter=value, mode="schedule", kind=kind)
            case LibraryValue(name=name):
                yield from self.blocked(name, Arguments.none(self._evaluator))

    def _note_coroutine(self, value: Value, kind: str) -> None:
        while isinstance(value, PartialValue):
            value = value.target
        if isinstance(value, FunctionValue) and self._project.units[value.unit].is_async:
            self.contexts[value.unit] = kind
