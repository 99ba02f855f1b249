"""What library callables do on the spot: block, call, iterate and hand on what they are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from asyncblock_lint.link.calls.outcomes import Outcome, limited
from asyncblock_lint.link.contexts import Noted, fitting, methods
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import (
    ClassValue,
    FunctionValue,
    InstanceValue,
    LibraryValue,
    ParameterValue,
    PartialValue,
    SequenceValue,
    Value,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.catalogue import USUAL, Apply, Circumstances, Schedule
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Attr
from asyncblock_lint.model.graph import OnLoop, Step


class Actor(Protocol):
    """Knows what acting on a value runs."""

    def call_bare(self, value: Value) -> Iterator[Outcome]:
        """Calling without arguments."""

    def iterate(self, value: Value, caller: Unit | None = None) -> Iterator[Outcome]:
        """Iterating, in the function `caller`."""

    def enter(self, value: Value, *, leaving: bool = True) -> Iterator[Outcome]:
        """Entering, and leaving if that is done here, too."""

    def operate(self, value: Value, method: str) -> Iterator[Outcome]:
        """What an operator runs, by its method."""

    def effects(self, unit: Unit) -> Iterable[tuple[tuple[Step, ...], Outcome]]:
        """What a function does with parameters."""


class LibraryCalls:
    """Applies the catalogue to calls; gathers in `noted` what the loop and threads are given to run."""

    def __init__(self, evaluator: Evaluator, actor: Actor) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._project = evaluator.project
        self._actor = actor
        self.noted = Noted()

    def call(self, name: str, arguments: Arguments, state: str = "") -> Iterator[Outcome]:
        """What calling the library function `name` runs; `state` is that of the object asked."""
        matcher = self._matcher
        yield from self.blocked(name.removesuffix(".__init__"), arguments, state)
        apply = matcher.apply(name)
        if apply is not None and apply.when != "iterated":
            for value, certainty in self._evaluator.library.applied(apply, arguments):
                yield from limited(self._applied(value, apply, arguments), certainty)
        consume = matcher.consume(name)
        if consume is not None and consume.when == "now":
            for value, certainty in arguments.any_of(consume.arguments):
                yield from limited(self._actor.iterate(value, arguments.unit), certainty)
        yield from self._schedule_all(matcher.schedules(name), arguments)
        offload = matcher.offload(name)
        if offload is not None:
            for value, certainty in arguments.any_of(offload.arguments):
                yield from limited(self.offloaded(value, offload.coroutine_runs), certainty)
                if offload.coroutine_runs == "loop":
                    self._note_coroutine(value, offload.kind)

    def _applied(self, value: Value, apply: Apply, arguments: Arguments) -> Iterator[Outcome]:
        if apply.method:
            return self._actor.operate(value, apply.method)
        if apply.when == "entered":
            return self._actor.enter(value, leaving=not _is_of_kept(arguments))
        return self._actor.call_bare(value)

    def access(self, name: str, state: str = "") -> Iterator[Outcome]:
        """The blocker that reading or setting the attribute `name` is, of an object in that state."""
        blocker = self._matcher.attribute_blocker(name, state)
        if blocker is not None:
            yield Outcome(blocker.name, blocker.certainty, blocker=blocker)

    def _schedule_all(self, tables: Sequence[Schedule], arguments: Arguments) -> Iterator[Outcome]:
        circumstances = [table.circumstances for table in tables]
        holding = list(fitting(self._evaluator, circumstances, arguments)) if tables else []
        for table in tables:
            for value, certainty in (
                arguments.any_of(table.arguments) if table.circumstances in holding else ()
            ):
                if table.methods:
                    self._schedule_methods(value, table)
                else:
                    found = self.schedule(value, table.circumstances, certainty)
                    yield from limited(found, certainty)

    def decorate(self, name: str, arguments: Arguments) -> Iterator[Outcome]:
        """What happens to a function that is given by hand to a framework's decorator."""
        for handler in self._matcher.decorator(name):
            if handler.circumstances.form is None:
                for value, certainty in arguments.at(0):
                    yield from self.schedule(value, handler.circumstances, certainty)

    def _schedule_methods(self, value: Value, table: Schedule) -> None:
        """Note that the loop will call methods of an object, or of the objects of a class."""
        if isinstance(value, InstanceValue | ClassValue):
            for base in self._evaluator.classes.order(value.cls):
                if isinstance(base, ClassValue):
                    cls = self._project.classes[base.cls]
                    for unit in methods(self._project, cls, table.methods):
                        self.noted.note(unit, table.circumstances)

    def offloaded(self, value: Value, coroutine_runs: str) -> Iterator[Outcome]:
        """The parameters that end up in a thread: given there, in a partial, or called by a lambda."""
        where = Circumstances(coroutine_runs=coroutine_runs)
        while isinstance(value, PartialValue):
            value = value.target
        if isinstance(value, ParameterValue):
            yield Outcome(value.name, Certainty.EXACT, parameter=value, mode="offload", circumstances=where)
        elif isinstance(value, FunctionValue):
            self.noted.threads.add(value.unit)
            for _, effect in self._actor.effects(self._project.units[value.unit]):
                if effect.mode == "run" and effect.parameter and effect.parameter.unit != value.unit:
                    yield replace(effect, via=(), mode="offload", circumstances=USUAL)

    def blocked(self, name: str, arguments: Arguments, state: str = "") -> Iterator[Outcome]:
        """The blocker that `name` is, unless these arguments, or the object's `state`, make it one
        that does not wait."""
        forms, sure_forms = self._matcher.forms(name), self._matcher.sure_forms(name)
        given = arguments.given(state) if forms or sure_forms else None
        blocker = self._matcher.blocker(name)
        for form, sure in sure_forms:
            if given is not None and self._matcher.fits(form, given):
                blocker = sure
        if blocker is not None and not any(given and self._matcher.fits(form, given) for form in forms):
            yield Outcome(blocker.name, blocker.certainty, blocker=blocker)

    def schedule(self, value: Value, circumstances: Circumstances, certainty: Certainty) -> Iterator[Outcome]:
        """Note that the loop will call `value`; a library function is as good as called here."""
        match value:
            case FunctionValue(unit=index) if certainty > Certainty.GUESS:
                self.noted.note(self._project.units[index], circumstances)
            case PartialValue(target=target):
                yield from self.schedule(target, circumstances, certainty)
            case InstanceValue():
                for method, held in self._evaluator.objects.attribute(value, "__call__"):
                    yield from self.schedule(method, circumstances, min(certainty, held))
            case SequenceValue(items=items):
                for item in items:
                    for inner, held in item:
                        yield from self.schedule(inner, circumstances, min(certainty, held))
            case ParameterValue(name=name):
                yield Outcome(
                    name, Certainty.EXACT, parameter=value, mode="schedule", circumstances=circumstances
                )
            case LibraryValue(name=name) if circumstances.sync == "loop":
                yield from self.blocked(name, Arguments.none(self._evaluator))

    def _note_coroutine(self, value: Value, kind: str) -> None:
        while isinstance(value, PartialValue):
            value = value.target
        if isinstance(value, FunctionValue) and self._project.units[value.unit].is_async:
            self.noted.contexts[value.unit] = OnLoop(kind)


def _is_of_kept(arguments: Arguments) -> bool:
    """Whether the call is of a method of what an object keeps, which outlives the function."""
    callee = None if arguments.site is None else arguments.site.callee
    return isinstance(callee, Attr) and isinstance(callee.base, Attr)
