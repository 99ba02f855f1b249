"""What functions do with the callables that they are given or find in their objects.

For every function it is known which of its parameters (and of those of the functions around it) it
calls, hands to a thread, or has the loop call. Where it is called with a known callable, the
callable's own body is reached.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.calls.handing import LibraryCalls
from asyncblock_lint.link.calls.outcomes import Outcome, after, limited, nearest
from asyncblock_lint.link.calls.selfcalls import SelfCalls
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.uses import ATTRIBUTES
from asyncblock_lint.link.inference.values import (
    FunctionValue,
    ParameterValue,
    PathValue,
    SequenceValue,
    Value,
    Values,
    exactly,
    left_open,
)
from asyncblock_lint.link.inference.wide import is_promise
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Span
from asyncblock_lint.model.graph import Step

if TYPE_CHECKING:
    from asyncblock_lint.link.calls.running import Runner

MOST_STEPS = 12
"""How long the ways through callables may be."""
_MOST_ALIKE = 4

Effect = tuple[tuple[Step, ...], Outcome]
"""The steps to where something becomes of a parameter, and what."""


class Effects:
    """Summaries of functions, and what they come to with what a call gives."""

    def __init__(
        self, evaluator: Evaluator, runner: Runner, library: LibraryCalls, self_calls: SelfCalls
    ) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._runner = runner
        self._library = library
        self._self_calls = self_calls
        self._effects: dict[int, tuple[Effect, ...]] = {}
        self._answers: dict[tuple[Value, Arguments], tuple[Outcome, ...]] = {}
        self._kept: dict[Outcome, tuple[Outcome, ...]] = {}
        self._met: dict[Outcome, tuple[Outcome, ...]] = {}
        self.nested = 0
        """How many calls deep callables are followed at the moment."""

    def of(self, unit: Unit) -> Iterable[Effect]:
        """What `unit` does with parameters: the steps to where it happens, and what happens.

        Of many that are alike, the first few are enough: a caller has one finding for all of them.
        """
        found = self._effects.get(unit.index)
        if found is None:
            found = tuple(self._find_effects(unit))
            if self._runner.is_known(unit):
                self._effects[unit.index] = found
        return found

    def _find_effects(self, unit: Unit) -> Iterator[Effect]:
        alike: Counter[tuple[object, ...]] = Counter()
        for place in self._runner.places(unit):
            for outcome in place.outcomes:
                if outcome.parameter is not None:
                    key = outcome.parameter, outcome.path, outcome.action, outcome.mode, outcome.circumstances
                    alike[key] += 1
                    if alike[key] <= _MOST_ALIKE:
                        yield (Step(unit.index, place.span, outcome.calls), *outcome.via), outcome

    def handed_on(self, function: FunctionValue, caller: Unit | None = None) -> Iterator[Effect]:
        """What becomes of the callables that `function` has in its environment, and of `self`: the
        steps to where each is called, and what calling it there runs."""
        environment = self._with_self(function, caller)
        for path, effect in self.of(self._project.units[function.unit]):
            assert effect.parameter is not None
            given = environment.get(effect.parameter)
            if given is None and effect.parameter.unit == function.unit:
                given = self._self_given(effect.parameter, function, caller)
            if given is None and self._is_kept(effect.parameter, function):
                for item in self._fulfil_kept(effect, effect.parameter):
                    yield path, item
                continue
            if given is None:
                if effect.parameter.unit != function.unit:
                    yield path, effect
                continue
            if self.nested >= MOST_STEPS:
                # Every level is a step more, and longer ways are left out anyway.
                continue
            self.nested += 1
            found = list(self._fulfil_all(effect, self._beyond_promises(given, effect.parameter)))
            self.nested -= 1
            for item in found:
                yield from ((path, filled) for filled in self._filled_again(item, environment))

    def _beyond_promises(self, given: Values, parameter: ParameterValue) -> Values:
        """What is given, without what an annotation of the caller's promises of what its own caller gives
        it: the annotation of the parameter has told of that in the function itself."""
        wide = self._evaluator.choosing.wide
        if not left_open(given) or not wide.has(parameter.name, self._project.units[parameter.unit]):
            return given
        return tuple(item for item in given if not is_promise(item[0]))

    def _with_self(self, function: FunctionValue, caller: Unit | None) -> dict[ParameterValue, Values]:
        """The environment of `function`; if a decorator put it in a method's place, with what it has for
        `self`, as its first parameter or at the head of `*args`."""
        environment = self._evaluator.closures.environment(function)
        unit = self._project.units[function.unit]
        if function.receiver is None or unit.owner is not None or not unit.facts.parameters:
            return environment
        first = ParameterValue(unit.index, unit.facts.parameters[0].name)
        given = self._self_calls.receiver(function, caller)
        if unit.facts.parameters[0].kind != "*":
            return environment | {first: given}
        match environment.get(first):
            case ((SequenceValue(items=((), *rest)) as sequence, certainty),):
                filled = replace(sequence, items=(given, *rest))
                return environment | {first: ((filled, certainty),)}
        return environment

    def _filled_again(self, item: Outcome, environment: Mapping[ParameterValue, Values]) -> Iterator[Outcome]:
        """What a method on `self` does in turn with what its caller was given."""
        given = environment.get(item.parameter) if item.parameter else None
        if given is None:
            yield item
            return
        for value, certainty in given:
            is_open = isinstance(value, ParameterValue | PathValue)
            for filled in limited(self._fulfil(item, value, certainty), certainty):
                yield filled if is_open else after(item, filled)

    def _self_given(
        self, parameter: ParameterValue, function: FunctionValue, caller: Unit | None
    ) -> Values | None:
        return self._self_calls.receiver(function, caller) if self._self_calls.is_self(parameter) else None

    def _fulfil_kept(self, effect: Outcome, parameter: ParameterValue) -> tuple[Outcome, ...]:
        """What `effect` comes to with what any object may keep. Objects may keep each other: each effect
        is followed once on the way from the first, whose answer stands."""
        if effect not in self._kept and effect not in self._met:
            is_first = not self._met
            self._met[effect] = ()
            found = nearest(self._fulfil_all(effect, self._evaluator.callers.given(parameter)))
            self._met[effect] = found
            if is_first:
                self._kept[effect] = found
                self._met.clear()
            return found
        return self._kept.get(effect) or self._met.get(effect, ())

    def _fulfil_all(self, effect: Outcome, given: Values) -> Iterator[Outcome]:
        for value, certainty in given:
            yield from limited(self._fulfil(effect, value, certainty), certainty)

    def _is_kept(self, parameter: ParameterValue, function: FunctionValue) -> bool:
        """Whether the parameter is one that the method's object keeps, given when it was made or set."""
        receiver = function.receiver
        if receiver is None or receiver.is_self or parameter.unit == function.unit:
            return False
        unit = self._project.units[parameter.unit]
        return unit.owner is not None or unit.body_of is not None

    def _fulfil(self, effect: Outcome, value: Value, certainty: Certainty) -> Iterator[Outcome]:
        """What `effect` comes to when its parameter is `value`."""
        if isinstance(value, ParameterValue):
            yield replace(effect, parameter=value)
        elif isinstance(value, PathValue):
            yield replace(effect, parameter=value.root, path=(*value.path, *effect.path))
        elif effect.mode == "schedule":
            held = min(certainty, effect.certainty)
            yield from self._library.schedule(value, effect.circumstances, held)
        elif effect.mode == "offload":
            yield from self._library.offloaded(value, effect.circumstances.coroutine_runs)
        else:
            path = effect.path[:-1] if effect.action in ATTRIBUTES else effect.path
            for found, held in self._evaluator.members.along(exactly(value), path):
                yield from limited(self._acted(effect, found), min(held, effect.certainty))

    def _acted(self, effect: Outcome, value: Value) -> Iterable[Outcome]:
        """What `effect` does with `value`; each call on `self` is followed once for each object, for
        such calls go in circles."""
        if effect.arguments is None:
            return self._runner.act(effect, value)
        key = value, effect.arguments
        if key not in self._answers:
            self._answers[key] = ()
            self._answers[key] = nearest(self._runner.act(effect, value))
        return self._answers[key]

    def fill(self, unit: Unit) -> Iterator[tuple[Span, Outcome]]:
        """What the places of a function of the loop run, with what callers give for its parameters
        and for those of the functions around it."""
        for place in self._runner.places(unit):
            for outcome in place.outcomes:
                if outcome.parameter is not None and outcome.mode == "run":
                    for value, certainty in self._given(outcome.parameter):
                        for filled in limited(self._fulfil(outcome, value, certainty), certainty):
                            yield place.span, after(outcome, filled)

    def _given(self, parameter: ParameterValue) -> Values:
        is_self = self._self_calls.is_self(parameter)
        return self._self_calls.given(parameter) if is_self else self._evaluator.callers.given(parameter)
