"""What calling, iterating, entering or reading something runs on the spot.

Callables as values are followed by summaries: for every function it is known which of its
parameters (and of those of the functions around it) it calls, hands to a thread, or has the loop
call. Where such a function is called with a known callable, the callable's own body is reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from asyncblock_lint.link.arguments import Arguments
from asyncblock_lint.link.evaluate import Evaluator
from asyncblock_lint.link.project import Unit
from asyncblock_lint.link.unblocked import Unblocked
from asyncblock_lint.link.values import (
    ClassValue,
    FunctionValue,
    InstanceValue,
    LazyValue,
    LibraryInstance,
    LibraryValue,
    ParameterValue,
    PartialValue,
    PathValue,
    RunValue,
    SequenceValue,
    Value,
    Values,
    exactly,
)
from asyncblock_lint.model.catalogue import Blocker
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Attr, Call, CallFact, Span, Use
from asyncblock_lint.model.graph import Edge, Step

_CONSTRUCTORS = ("__new__", "__init__", "__post_init__", "__attrs_post_init__", "model_post_init")
_MOST_STEPS = 12
_ATTRIBUTES = ("read", "write")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that may happen at a place.

    Exactly one of `target` (a unit), `blocker` and `parameter` is set. What is meant of a parameter
    is the attribute that `path` leads to; `mode` tells what becomes of it: `run` (by `action`:
    `call`, `iterate` or `enter`), `offload`, or `schedule` (with the context `kind`). `calls` names
    what the place itself calls and `via` the steps from there on.
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
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a unit, and all that may happen there."""

    span: Span
    outcomes: tuple[Outcome, ...]


class Runner:
    """Finds out what places run; gathers on the way what the loop itself is given to run."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._project = evaluator.project
        self._unblocked = Unblocked(evaluator)
        self._places: dict[int, tuple[Place, ...]] = {}
        self._opening: set[int] = set()
        self._properties = _property_names(evaluator)
        self.contexts: dict[int, str] = {}
        self.eager: set[tuple[int, Span]] = set()
        self.inner_edges: dict[int, dict[Edge, None]] = {}

    def places(self, unit: Unit) -> tuple[Place, ...]:
        """The places of `unit` where something runs, in source order."""
        found = self._places.get(unit.index)
        if found is not None:
            return found
        if unit.index in self._opening:
            return ()
        self._opening.add(unit.index)
        places = [*self._call_places(unit), *self._use_places(unit)]
        self._opening.discard(unit.index)
        result = self._places[unit.index] = tuple(place for place in places if place.outcomes)
        return result

    def _call_places(self, unit: Unit) -> Iterator[Place]:
        evaluator = self._evaluator
        for index, call in enumerate(unit.facts.calls):
            if call.guard:
                continue
            arguments = Arguments.of(evaluator, call, unit)
            outcomes: list[Outcome] = []
            for value, certainty in evaluator.evaluate(call.callee, unit):
                found = self.call(value, arguments)
                if isinstance(value, LibraryValue) and self._unblocked.is_receiver(call, index, unit):
                    found = (outcome for outcome in found if outcome.blocker is None)
                outcomes.extend(_limited(found, certainty))
                self._mark_eager(unit, call, value, arguments)
            if call.awaited:
                # What is awaited is no blocking call; what it does with its arguments still counts.
                outcomes = [outcome for outcome in outcomes if outcome.mode != "run"]
            yield Place(call.span, tuple(outcomes))

    def _use_places(self, unit: Unit) -> Iterator[Place]:
        for use in unit.facts.uses:
            if use.guard == 0 and (use.kind not in _ATTRIBUTES or self._may_be_property(use)):
                outcomes: list[Outcome] = []
                for value, certainty in self._subject(use, unit):
                    outcomes.extend(_limited(self._used(use, value), certainty))
                yield Place(use.span, tuple(outcomes))

    def _may_be_property(self, use: Use) -> bool:
        return isinstance(use.subject, Attr) and use.subject.name in self._properties

    def _subject(self, use: Use, unit: Unit) -> Values:
        subject = use.subject
        if use.kind in _ATTRIBUTES and isinstance(subject, Attr):
            return self._evaluator.evaluate(subject.base, unit)
        return self._evaluator.evaluate(subject, unit)

    def _used(self, use: Use, value: Value) -> Iterable[Outcome]:
        if use.kind == "enter":
            return self.enter(value)
        if use.kind == "iterate":
            return self.iterate(value)
        assert isinstance(use.subject, Attr)
        return self.access(value, use.subject.name, is_write=use.kind == "write")

    # What runs

    def call(self, value: Value, arguments: Arguments) -> Iterator[Outcome]:
        """What calling `value` runs."""
        match value:
            case LibraryValue(name=name):
                yield from self._call_library(name, arguments)
            case FunctionValue():
                yield from self._call_function(value, arguments)
            case ClassValue(cls=cls):
                yield from self._construct(cls, arguments)
            case PartialValue(target=target):
                yield from self.call(target, arguments.after(value))
            case InstanceValue(cls=cls):
                yield from self._call_method(cls, "__call__", arguments)
            case ParameterValue(name=name):
                yield Outcome(name, Certainty.EXACT, parameter=value)
            case PathValue(root=root, path=path):
                name = ".".join((root.name, *path))
                yield Outcome(name, Certainty.EXACT, parameter=root, path=path)

    def iterate(self, value: Value) -> Iterator[Outcome]:
        """What iterating `value` runs."""
        nothing_given = Arguments.none(self._evaluator)
        match value:
            case RunValue(how="generator", function=function):
                if not self._project.units[function.unit].is_async:
                    yield from self._run(function)
            case LazyValue(applied=applied, iterated=iterated):
                for inner, certainty in applied:
                    yield from _limited(self.call(inner, nothing_given), certainty)
                for inner, certainty in iterated:
                    yield from _limited(self.iterate(inner), certainty)
            case LibraryInstance(type=name):
                yield from self._blocked(f"{name}.__next__", nothing_given)
                yield from self._blocked(f"{name}.__iter__", nothing_given)
            case InstanceValue(cls=cls):
                yield from self._iterate_instance(cls)
            case ParameterValue() | PathValue():
                yield from self._left_open(value, "iterate")

    def _iterate_instance(self, cls: int) -> Iterator[Outcome]:
        nothing_given = Arguments.none(self._evaluator)
        yield from self._call_method(cls, "__iter__", nothing_given)
        yield from self._call_method(cls, "__next__", nothing_given)
        for method, certainty in self._evaluator.members.instance_attribute(cls, "__iter__"):
            for result, held in self._evaluator.results.of_value(method, nothing_given):
                if isinstance(result, RunValue):
                    yield from _limited(self.iterate(result), min(certainty, held))

    def enter(self, value: Value) -> Iterator[Outcome]:
        """What `with value:` runs on entering and leaving."""
        nothing_given = Arguments.none(self._evaluator)
        match value:
            case RunValue(how="context", function=function):
                yield from self._run(function)
            case LibraryInstance(type=name):
                yield from self._blocked(f"{name}.__enter__", nothing_given)
                yield from self._blocked(f"{name}.__exit__", nothing_given)
            case InstanceValue(cls=cls):
                yield from self._call_method(cls, "__enter__", nothing_given)
                yield from self._call_method(cls, "__exit__", nothing_given)
            case ParameterValue() | PathValue():
                yield from self._left_open(value, "enter")

    def _left_open(self, value: ParameterValue | PathValue, action: str) -> Iterator[Outcome]:
        """An action on a parameter, for each caller to fill, provided that it means something to one."""
        act = self.iterate if action == "iterate" else self.enter
        given = self._evaluator.callers.resolve(exactly(value))
        if any(True for known, _ in given for _ in act(known)):
            root, path = (value, ()) if isinstance(value, ParameterValue) else (value.root, value.path)
            yield Outcome(root.name, Certainty.EXACT, parameter=root, path=path, action=action)

    def access(self, value: Value, name: str, *, is_write: bool) -> Iterator[Outcome]:
        """What reading or writing the attribute `name` runs: a property of the project."""
        if not isinstance(value, InstanceValue):
            return
        for held, certainty in self._evaluator.members.raw(value.cls, name):
            if isinstance(held, FunctionValue) and held.role == "property":
                unit = held.setter if is_write else held.unit
                if unit is not None:
                    yield from _limited(self._run(FunctionValue(unit, bound=True)), certainty)

    def _call_method(self, cls: int, name: str, arguments: Arguments) -> Iterator[Outcome]:
        for value, certainty in self._evaluator.members.instance_attribute(cls, name):
            yield from _limited(self.call(value, arguments), certainty)

    def _construct(self, cls: int, arguments: Arguments) -> Iterator[Outcome]:
        order = self._evaluator.members.order(cls)
        for name in _CONSTRUCTORS:
            yield from self._call_method(cls, name, arguments)
        own_init = self._evaluator.members.raw(cls, "__init__")
        for base in order:
            if isinstance(base, LibraryValue) and not own_init:
                yield from self._blocked(base.name, arguments)

    def _call_function(self, function: FunctionValue, arguments: Arguments) -> Iterator[Outcome]:
        unit = self._project.units[function.unit]
        name = self._project.qualified_name(unit)
        if self._matcher.is_named_by_user(name):
            yield from self._call_library(name, arguments)
            return
        called = self._evaluator.closures.closed_over(function, arguments)
        if unit.is_async:
            self._run_by_loop(called)
        elif unit.kind != "generator":
            yield from self._run(called)

    def _run(self, function: FunctionValue) -> Iterator[Outcome]:
        """The body of `function`, and what it does with the callables in its environment."""
        unit = self._project.units[function.unit]
        name = self._project.qualified_name(unit)
        yield Outcome(name, Certainty.EXACT, target=unit.index)
        for path, outcome in self._handed_on(function):
            if len(path) + len(outcome.via) <= _MOST_STEPS:
                yield replace(outcome, calls=name, via=_steps(path, outcome))

    def _run_by_loop(self, function: FunctionValue) -> None:
        """What a coroutine calls of its environment, it calls at its own place."""
        edges = self.inner_edges.setdefault(function.unit, {})
        for path, outcome in self._handed_on(function):
            if outcome.mode == "run" and outcome.parameter is None:
                steps = _steps(path, outcome)
                edge = Edge(steps[0], outcome.certainty, outcome.target, outcome.blocker, steps[1:])
                edges[edge] = None

    def _handed_on(self, function: FunctionValue) -> Iterator[tuple[tuple[Step, ...], Outcome]]:
        """What becomes of the callables that `function` has in its environment: the steps to
        where each is called, and what calling it there runs."""
        environment = dict(function.environment)
        for path, effect in self._effects(self._project.units[function.unit]):
            assert effect.parameter is not None
            given = environment.get(effect.parameter)
            if given is None:
                if effect.parameter.unit != function.unit:
                    yield path, effect
                continue
            for value, certainty in given:
                for item in _limited(self._fulfil(effect, value, certainty), certainty):
                    yield path, item

    def _fulfil(self, effect: Outcome, value: Value, certainty: Certainty) -> Iterator[Outcome]:
        """What `effect` comes to when its parameter is `value`."""
        if isinstance(value, ParameterValue):
            yield replace(effect, parameter=value)
        elif isinstance(value, PathValue):
            yield replace(effect, parameter=value.root, path=(*value.path, *effect.path))
        elif effect.mode == "schedule":
            yield from self._schedule(value, effect.kind, min(certainty, effect.certainty))
        elif effect.mode == "run":
            for found, held in self._evaluator.members.along(exactly(value), effect.path):
                yield from _limited(self._act(effect.action, found), min(held, effect.certainty))

    def _act(self, action: str, value: Value) -> Iterator[Outcome]:
        if action == "iterate":
            return self.iterate(value)
        if action == "enter":
            return self.enter(value)
        return self._call_bare(value)

    def fill(self, unit: Unit) -> Iterator[tuple[Span, Outcome]]:
        """What the places of a function of the loop run, with what callers give for its parameters
        and for those of the functions around it."""
        for place in self.places(unit):
            for outcome in place.outcomes:
                if outcome.parameter is not None and outcome.mode == "run":
                    for value, certainty in self._evaluator.callers.given(outcome.parameter):
                        for filled in _limited(self._fulfil(outcome, value, certainty), certainty):
                            yield place.span, _after(outcome, filled)

    def _effects(self, unit: Unit) -> Iterator[tuple[tuple[Step, ...], Outcome]]:
        """What `unit` does with parameters: the steps to where it happens, and what happens."""
        for place in self.places(unit):
            for outcome in place.outcomes:
                if outcome.parameter is not None:
                    yield (Step(unit.index, place.span, outcome.calls), *outcome.via), outcome

    # Library callables

    def _call_library(self, name: str, arguments: Arguments) -> Iterator[Outcome]:
        matcher = self._matcher
        yield from self._blocked(name.removesuffix(".__init__"), arguments)
        apply = matcher.apply(name)
        if apply is not None and apply.when != "iterated":
            act = self.enter if apply.when == "entered" else self._call_bare
            for value, certainty in arguments.any_of(apply.arguments):
                yield from _limited(act(value), certainty)
        consume = matcher.consume(name)
        if consume is not None and consume.when == "now":
            for value, certainty in arguments.any_of(consume.arguments):
                yield from _limited(self.iterate(value), certainty)
        schedule = matcher.schedule(name)
        if schedule is not None:
            for value, certainty in arguments.any_of(schedule.arguments):
                yield from _limited(self._schedule(value, schedule.kind, certainty), certainty)
        offload = matcher.offload(name)
        if offload is not None:
            for value, certainty in arguments.any_of(offload.arguments):
                if isinstance(value, ParameterValue):
                    yield Outcome(value.name, certainty, parameter=value, mode="offload")
                elif offload.coroutine_runs == "loop":
                    self._note_coroutine(value, offload.kind)

    def _call_bare(self, value: Value) -> Iterator[Outcome]:
        return self.call(value, Arguments.none(self._evaluator))

    def _blocked(self, name: str, arguments: Arguments) -> Iterator[Outcome]:
        blocker = self._matcher.blocker(name)
        if blocker is not None and self._waits(name, arguments):
            yield Outcome(blocker.name, blocker.certainty, blocker=blocker)

    def _waits(self, name: str, arguments: Arguments) -> bool:
        forms = self._matcher.forms(name)
        if not forms:
            return True
        given = arguments.given()
        return not any(self._matcher.fits(form, given) for form in forms)

    def _schedule(self, value: Value, kind: str, certainty: Certainty) -> Iterator[Outcome]:
        """Note that the loop will call `value`; a library function is as good as called here."""
        match value:
            case FunctionValue(unit=index) if certainty > Certainty.GUESS:
                unit = self._project.units[index]
                if not unit.is_async or kind != "loop-callback":
                    self.contexts[index] = kind
            case PartialValue(target=target):
                yield from self._schedule(target, kind, certainty)
            case SequenceValue(items=items):
                for item in items:
                    for inner, held in item:
                        yield from self._schedule(inner, kind, min(certainty, held))
            case ParameterValue(name=name):
                yield Outcome(name, Certainty.EXACT, parameter=value, mode="schedule", kind=kind)
            case LibraryValue(name=name):
                yield from self._blocked(name, Arguments.none(self._evaluator))

    def _note_coroutine(self, value: Value, kind: str) -> None:
        while isinstance(value, PartialValue):
            value = value.target
        if isinstance(value, FunctionValue) and self._project.units[value.unit].is_async:
            self.contexts[value.unit] = kind

    # Eager arguments

    def _mark_eager(self, unit: Unit, call: CallFact, value: Value, arguments: Arguments) -> None:
        """Note the calls written where an offloading callable expects a callable."""
        if isinstance(value, LibraryValue):
            self._mark_offloaded(unit, value.name, arguments)
        elif isinstance(value, FunctionValue):
            target = self._project.units[value.unit]
            name = self._project.qualified_name(target)
            if self._matcher.is_named_by_user(name):
                self._mark_offloaded(unit, name, arguments)
            for _, effect in self._effects(target):
                parameter = effect.parameter
                if effect.mode == "offload" and parameter is not None and parameter.unit == value.unit:
                    written = arguments.expression_for(target, parameter.name, skip_first=value.bound)
                    self._mark_if_call(unit, written)

    def _mark_offloaded(self, unit: Unit, name: str, arguments: Arguments) -> None:
        offload = self._matcher.offload(name)
        if offload is not None:
            for place in offload.arguments:
                self._mark_if_call(unit, arguments.expression(place))

    def _mark_if_call(self, unit: Unit, expression: object) -> None:
        if isinstance(expression, Call) and not _gives_callable(self._evaluator.evaluate(expression, unit)):
            self.eager.add((unit.index, unit.facts.calls[expression.index].span))


def _steps(path: tuple[Step, ...], outcome: Outcome) -> tuple[Step, ...]:
    """The way to a parameter's call, and on through what it turned out to be."""
    return (*path[:-1], replace(path[-1], calls=outcome.calls), *outcome.via)


def _after(open_one: Outcome, filled: Outcome) -> Outcome:
    """`filled`, reached by the steps that lead to where `open_one` happens."""
    if not open_one.via:
        return filled
    last = replace(open_one.via[-1], calls=filled.calls)
    return replace(filled, calls=open_one.calls, via=(*open_one.via[:-1], last, *filled.via))


def _gives_callable(values: Values) -> bool:
    kinds = (FunctionValue, PartialValue, ClassValue, LibraryValue)
    return any(isinstance(value, kinds) for value, _ in values)


def _limited(outcomes: Iterable[Outcome], certainty: Certainty) -> Iterator[Outcome]:
    for outcome in outcomes:
        yield outcome if outcome.certainty <= certainty else replace(outcome, certainty=certainty)


def _property_names(evaluator: Evaluator) -> frozenset[str]:
    """The names of all functions in class bodies that a decorator may have made a property."""
    units = evaluator.project.units
    named = (unit.facts.name for unit in units if unit.owner is not None and unit.facts.decorators)
    return frozenset(name.rpartition(".")[2].partition("#")[0] for name in named)
