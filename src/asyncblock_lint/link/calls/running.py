"""What calling, iterating, entering or reading something runs on the spot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from asyncblock_lint.link.calls.eager import EagerArguments
from asyncblock_lint.link.calls.effects import MOST_STEPS, Effect, Effects
from asyncblock_lint.link.calls.handing import LibraryCalls
from asyncblock_lint.link.calls.later import LAZY, Later
from asyncblock_lint.link.calls.misfits import Misfits
from asyncblock_lint.link.calls.outcomes import Outcome, Place, limited, steps_through
from asyncblock_lint.link.calls.selfcalls import SelfCalls
from asyncblock_lint.link.calls.twins import Twins
from asyncblock_lint.link.calls.warm import called_on_import
from asyncblock_lint.link.conditions.asked import Asked
from asyncblock_lint.link.conditions.settled import Settled
from asyncblock_lint.link.conditions.unblocked import Unblocked
from asyncblock_lint.link.conditions.variants import Variants
from asyncblock_lint.link.contexts import Noted
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.reachable import within
from asyncblock_lint.link.inference.uses import ATTRIBUTES, INSTEAD, OPERATORS
from asyncblock_lint.link.inference.values import (
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
    Value,
    Values,
    WrapperValue,
    closed,
    exactly,
    state_of,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Attr, CallFact, Expr, Guard, Span, Use
from asyncblock_lint.model.graph import Edge, Fault

_CONSTRUCTORS = ("__new__", "__init__", "__post_init__", "__attrs_post_init__", "model_post_init")
_DEEPEST = 100


class Runner:
    """Finds out what places run; gathers on the way what the loop itself is given to run."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._project = evaluator.project
        self._asked = Asked(evaluator)
        self._settled = Settled(evaluator)
        self._unblocked = Unblocked(evaluator)
        self._reachable = evaluator.reachable
        self.variants = Variants(evaluator)
        self._choosing = evaluator.choosing
        self._twins = Twins(evaluator)
        self._self_calls = SelfCalls(evaluator)
        self._places: dict[int, tuple[Place, ...]] = {}
        self._opening: set[int] = set()
        self._uses = self.variants.uses
        self._warm = called_on_import(evaluator)
        self._library = LibraryCalls(evaluator, self)
        self.summaries = Effects(evaluator, self, self._library, self._self_calls)
        self._eager = EagerArguments(evaluator, self.effects)
        self._misfits = Misfits(evaluator, self.effects)
        self._later = Later(evaluator, self.effects)
        self.inner_edges: dict[int, dict[Edge, None]] = {}

    @property
    def noted(self) -> Noted:
        """The functions that the loop and threads are given to run, and as what."""
        return self._library.noted

    def faults(self) -> tuple[Fault, ...]:
        """What is handed over that cannot work, in the order of the places."""
        return self._misfits.found()

    @property
    def eager(self) -> Mapping[tuple[int, Span], str]:
        """The calls written where an off-loading callable expects a callable, by unit and place."""
        return self._eager.places

    def places(self, unit: Unit) -> tuple[Place, ...]:
        """The places of `unit` where something runs, in source order."""
        found = self._places.get(unit.index)
        if found is not None:
            return found
        if unit.index in self._opening or len(self._opening) >= _DEEPEST:
            return ()
        self._opening.add(unit.index)
        nested, self.summaries.nested = self.summaries.nested, 0
        places = [*self._call_places(unit), *self._use_places(unit)]
        self.summaries.nested = nested
        self._opening.discard(unit.index)
        result = self._places[unit.index] = tuple(place for place in places if place.outcomes)
        return result

    def effects(self, unit: Unit) -> Iterable[Effect]:
        """What `unit` does with parameters: the steps to where it happens, and what happens."""
        return self.summaries.of(unit)

    def is_known(self, unit: Unit) -> bool:
        """Whether the places of `unit` are all found."""
        return unit.index in self._places

    def _call_places(self, unit: Unit) -> Iterator[Place]:
        evaluator = self._evaluator
        elsewhere = self._reachable.calls(unit)
        for index, call in enumerate(unit.facts.calls):
            if call.guard & Guard.TYPE_CHECKING:
                continue
            arguments = Arguments.of(evaluator, call, unit)
            outcomes: list[Outcome] = []
            opened = self._self_calls.opened(call, unit)
            if opened is not None:
                parameter, name = opened
                outcomes.append(
                    Outcome(name, Certainty.EXACT, parameter=parameter, path=(name,), arguments=arguments)
                )
            path = self._choosing.wide.path(call.callee, unit)
            outcomes.extend(self.call(path, arguments, unit) if path else ())
            for value, certainty in self._choosing.evaluate(call.callee, unit):
                found = self.call(value, arguments, unit)
                if opened is not None and isinstance(value, FunctionValue):
                    found = iter(())
                if isinstance(value, WrapperValue) and not call.is_decorator:
                    found = self._library.decorate(value.name, arguments)
                if isinstance(value, LibraryValue) and self._does_not_wait(call, index, unit):
                    found = (outcome for outcome in found if outcome.blocker is None)
                outcomes.extend(limited(found, certainty))
                twin = self._twins.blocker(value, unit) if isinstance(value, FunctionValue) else None
                if twin is not None:
                    outcomes.append(Outcome(twin.name, certainty, blocker=twin))
                self._eager.mark(unit, call, value, arguments)
                self._misfits.check(unit, call, value, arguments)
            if call.awaited or within(index, elsewhere):
                # What is awaited is no blocking call; what it does with its arguments still counts.
                # Nor does a call matter that is not made while a loop runs.
                outcomes = [outcome for outcome in outcomes if outcome.mode != "run"]
            if any(map(_is_lazy, outcomes)) and self._later.is_for_a_thread(index, unit):
                outcomes = [outcome for outcome in outcomes if not _is_lazy(outcome)]
            if not call.guard:
                yield Place(call.span, tuple(outcomes))

    def _does_not_wait(self, call: CallFact, index: int, unit: Unit) -> bool:
        """Whether what went before the call tells that its object does not wait."""
        return self._unblocked.is_receiver(call, index, unit) or self._asked.is_receiver(call, index, unit)

    def _use_places(self, unit: Unit) -> Iterator[Place]:
        elsewhere = self._reachable.uses(unit)
        fetched: set[Expr] = set()
        complete: set[Expr] = set()
        for index, use in enumerate(unit.facts.uses):
            if within(index, elsewhere):
                continue
            if self._uses.is_descriptor(use):
                # The object keeps what the first read has fetched.
                if use.subject in fetched:
                    continue
                fetched.add(use.subject)
            if use.guard == 0 and self._uses.may_run(use):
                outcomes: list[Outcome] = []
                for value, certainty in (*self._uses.subject(use, unit), *self._promised(use, unit)):
                    outcomes.extend(limited(self._used(use, value, unit), certainty))
                if isinstance(use.subject, Attr) and any(map(self._completes, outcomes)):
                    # The first attribute that is read fetches the others as well.
                    if use.subject.base in complete:
                        continue
                    complete.add(use.subject.base)
                yield Place(use.span, tuple(outcomes))

    def _promised(self, use: Use, unit: Unit) -> Values:
        """The parameter that is asked, where an annotation leaves open what that runs."""
        subject = use.subject
        if use.kind in ATTRIBUTES and isinstance(subject, Attr):
            subject = subject.base
        path = self._choosing.wide.path(subject, unit)
        return exactly(path) if path else ()

    def _completes(self, outcome: Outcome) -> bool:
        """Whether the object has all that it lacked after that."""
        return outcome.blocker is not None and self._matcher.completes(outcome.blocker.name)

    def _used(self, use: Use, value: Value, unit: Unit) -> Iterable[Outcome]:
        if use.kind == "enter":
            waits = not (
                isinstance(value, LibraryInstance) and self._settled.is_left_at_once(use, value.type, unit)
            )
            return self.enter(value, leaving=waits)
        if use.kind == "iterate":
            return self.iterate(value, unit)
        if use.kind not in ATTRIBUTES:
            return self.operate(value, OPERATORS.get(use.kind, use.kind))
        assert isinstance(use.subject, Attr)
        if isinstance(value, ParameterValue | PathValue):
            return self._left_open(value, use.kind, (use.subject.name,))
        return self.access(value, use.subject.name, is_write=use.kind == "write")

    # What runs

    def call(self, value: Value, arguments: Arguments, caller: Unit | None = None) -> Iterator[Outcome]:
        """What calling `value` runs; `caller` is the function in which that is written, if known."""
        match value:
            case LibraryValue(name=name, owner=owner):
                yield from self._library.call(name, arguments, state_of(owner))
            case FunctionValue():
                yield from self._call_function(value, arguments, caller)
            case LibraryInstance(type=name, state=state):
                yield from self._library.call(f"{name}.__call__", arguments, state)
            case ClassValue(cls=cls):
                yield from self._construct(cls, arguments, caller)
            case PartialValue(target=target):
                yield from self.call(target, arguments.after(value))
            case InstanceValue():
                yield from self._call_method(value, "__call__", arguments, caller)
            case ParameterValue(name=name):
                given = None if arguments.are_none else arguments
                yield Outcome(name, Certainty.EXACT, parameter=value, given=given)
            case PathValue(root=root, path=path):
                name = ".".join((root.name, *path))
                yield Outcome(name, Certainty.EXACT, parameter=root, path=path)

    def iterate(self, value: Value, caller: Unit | None = None) -> Iterator[Outcome]:
        """What iterating `value` in the function `caller` runs."""
        nothing_given = Arguments.none(self._evaluator)
        match value:
            case RunValue(how="generator", function=function, constants=constants):
                opened = self._self_calls.generator(value, caller)
                if opened is not None:
                    name, path = opened.path[0], opened.path
                    yield Outcome(name, Certainty.EXACT, parameter=opened.root, path=path, action="iterate")
                elif not self._project.units[function.unit].is_async:
                    yield from self._run(function, variant=self.variants.of_constants(function, constants))
            case LazyValue(applied=applied, iterated=iterated):
                for inner, certainty in applied:
                    yield from limited(self.call(inner, nothing_given), certainty)
                for inner, certainty in iterated:
                    yield from limited(self.iterate(inner), certainty)
            case LibraryInstance(type=name, state=state):
                yield from self._library.blocked(f"{name}.__next__", nothing_given, state)
                yield from self._library.blocked(f"{name}.__iter__", nothing_given, state)
            case InstanceValue():
                yield from self._iterate_instance(value)
            case ParameterValue() | PathValue():
                yield from self._left_open(value, "iterate")

    def _iterate_instance(self, value: InstanceValue) -> Iterator[Outcome]:
        nothing_given = Arguments.none(self._evaluator)
        yield from self._call_method(value, "__iter__", nothing_given)
        yield from self._call_method(value, "__next__", nothing_given)
        for method, certainty in self._evaluator.objects.attribute(value, "__iter__"):
            for result, held in self._evaluator.results.of_value(method, nothing_given):
                if isinstance(result, RunValue | LazyValue | LibraryInstance):
                    yield from limited(self.iterate(result), min(certainty, held))
                elif isinstance(result, InstanceValue) and result.cls != value.cls:
                    yield from self._call_method(result, "__next__", nothing_given)

    def enter(self, value: Value, *, leaving: bool = True) -> Iterator[Outcome]:
        """What `with value:` runs on entering and, unless others do that later, on leaving."""
        nothing_given = Arguments.none(self._evaluator)
        match value:
            case RunValue(how="context", function=function, constants=constants):
                yield from self._run(function, variant=self.variants.of_constants(function, constants))
            case LibraryInstance(type=name, state=state):
                yield from self._library.blocked(f"{name}.__enter__", nothing_given, state)
                if leaving:
                    yield from self._library.blocked(f"{name}.__exit__", nothing_given, state)
            case InstanceValue():
                yield from self._call_method(value, "__enter__", nothing_given)
                if leaving:
                    yield from self._call_method(value, "__exit__", nothing_given)
            case ParameterValue() | PathValue():
                yield from self._left_open(value, "enter")

    def _left_open(
        self, value: ParameterValue | PathValue, action: str, attribute: tuple[str, ...] = ()
    ) -> Iterator[Outcome]:
        """An action on a parameter, or on an attribute of it, for each caller to fill, provided that it
        means something to one."""
        root, path = (value, ()) if isinstance(value, ParameterValue) else (value.root, value.path)
        left = Outcome(root.name, Certainty.EXACT, parameter=root, path=(*path, *attribute), action=action)
        given = closed(self._evaluator.callers.resolve(exactly(value)))
        if any(True for known, _ in given for _ in self.act(left, known)):
            yield left

    def access(self, value: Value, name: str, *, is_write: bool) -> Iterator[Outcome]:
        """What reading or writing the attribute `name` runs: a property."""
        if isinstance(value, LibraryInstance):
            yield from self._library.access(f"{value.type}.{name}", value.state)
        if not isinstance(value, InstanceValue):
            return
        for base in self._evaluator.classes.order(value.cls):
            if isinstance(base, LibraryValue) and name in self._matcher.blocking_attributes:
                yield from self._library.access(f"{base.name}.{name}")
        if not is_write and name in self._evaluator.descriptors.names:
            for getter in self._evaluator.descriptors.getters(value.cls, name):
                yield from self._library.blocked(getter, Arguments.none(self._evaluator), value.state)
        for held, certainty in self._evaluator.classes.declared(value, name):
            if isinstance(held, FunctionValue) and held.role == "property":
                unit = held.setter if is_write else held.unit
                if unit is not None:
                    function = FunctionValue(unit, bound=True, receiver=value)
                    yield from limited(self._run(function), certainty)
            elif isinstance(held, InstanceValue) and name in self._evaluator.descriptors.own_names:
                method = "__set__" if is_write else "__get__"
                found = self._call_method(held, method, Arguments.none(self._evaluator))
                yield from limited(found, certainty)

    def operate(self, value: Value, method: str) -> Iterator[Outcome]:
        """What an operator's method runs; its arguments do not matter."""
        nothing_given = Arguments.none(self._evaluator)
        other = INSTEAD.get(method)
        if isinstance(value, LibraryInstance):
            found = list(self._library.blocked(f"{value.type}.{method}", nothing_given, value.state))
            yield from found
            if other is not None and not found:
                yield from self._library.blocked(f"{value.type}.{other}", nothing_given, value.state)
        elif isinstance(value, InstanceValue):
            has_own = other is None or self._evaluator.objects.attribute(value, method)
            yield from self._call_method(value, method if has_own else other or method, nothing_given)
        elif isinstance(value, ParameterValue | PathValue):
            yield from self._left_open(value, method)

    def _call_method(
        self, value: InstanceValue, name: str, arguments: Arguments, caller: Unit | None = None
    ) -> Iterator[Outcome]:
        for method, certainty in self._evaluator.objects.attribute(value, name):
            yield from limited(self.call(method, arguments, caller), certainty)

    def _construct(self, cls: int, arguments: Arguments, caller: Unit | None) -> Iterator[Outcome]:
        order = self._evaluator.classes.order(cls)
        made = self._evaluator.objects.made(cls, arguments)
        for name in _CONSTRUCTORS:
            # What a `__getattr__` finds on another object constructs nothing.
            if name.startswith("__") or self._evaluator.classes.raw(cls, name):
                yield from self._call_method(made, name, arguments, caller)
        own_init = self._evaluator.classes.raw(cls, "__init__")
        for base in order:
            if isinstance(base, LibraryValue) and not own_init:
                yield from self._library.blocked(base.name, arguments)

    def _call_function(
        self, function: FunctionValue, arguments: Arguments, caller: Unit | None
    ) -> Iterator[Outcome]:
        unit = self._project.units[function.unit]
        name = self._project.qualified_name(unit)
        if self._matcher.is_named_by_user(name):
            yield from self._library.call(name, arguments)
            return
        called = self._evaluator.closures.closed_over(function, arguments)
        if unit.is_async:
            self._run_by_loop(called)
        elif unit.kind != "generator":
            warm = function.role == "cached" and unit.index in self._warm
            number = self.variants.of(function, arguments, caller)
            found = self._run(called, caller, number)
            yield from limited(found, Certainty.GUESS if warm else Certainty.EXACT)

    def _run(
        self, function: FunctionValue, caller: Unit | None = None, variant: int | None = None
    ) -> Iterator[Outcome]:
        """The body of `function`, and what it does with the callables in its environment."""
        unit = self._project.units[function.unit]
        name = self._project.qualified_name(unit)
        number = unit.index if variant is None else variant
        dead = self.variants.dead(number)
        yield Outcome(name, Certainty.EXACT, target=number)
        for path, outcome in self.summaries.handed_on(function, caller):
            if path[0].span in dead:
                continue
            if len(path) + len(outcome.via) <= MOST_STEPS:
                yield outcome.by_way_of(name, steps_through(path, outcome), outcome.certainty)

    def run_by_loop(self, functions: Iterable[FunctionValue]) -> None:
        """Note what the loop runs in coroutine functions that a framework is given."""
        for function in functions:
            self._run_by_loop(function)

    def _run_by_loop(self, function: FunctionValue) -> None:
        """What a coroutine calls of its environment, it calls at its own place."""
        edges = self.inner_edges.setdefault(function.unit, {})
        for path, outcome in self.summaries.handed_on(function):
            if outcome.mode == "run" and outcome.parameter is None:
                steps = steps_through(path, outcome)
                edge = Edge(steps[0], outcome.certainty, outcome.target, outcome.blocker, steps[1:])
                edges[edge] = None

    def act(self, effect: Outcome, value: Value) -> Iterator[Outcome]:
        """What doing with `value` what `effect` does with its parameter runs."""
        if effect.action == "iterate":
            return self.iterate(value)
        if effect.action == "enter":
            return self.enter(value)
        if effect.action in ATTRIBUTES:
            return self.access(value, effect.path[-1], is_write=effect.action == "write")
        if effect.action.startswith("__"):
            return self.operate(value, effect.action)
        given = effect.arguments or effect.given
        return self.call(value, given) if given else self.call_bare(value)

    def call_bare(self, value: Value) -> Iterator[Outcome]:
        """What calling `value` without arguments runs."""
        return self.call(value, Arguments.none(self._evaluator))


def _is_lazy(outcome: Outcome) -> bool:
    return outcome.blocker is not None and outcome.blocker.fix in LAZY
