"""Whether a loop gives way: by an `await` that really suspends, or by a call that blocks anyway."""

from __future__ import annotations

from asyncblock_lint.link.calls.outcomes import Outcome
from asyncblock_lint.link.calls.running import Runner
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import FunctionValue, LibraryValue, Value
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Call, CallFact, Expr, LoopFact


class Pausing:
    """Looks into what loops await and call; answers about functions are remembered."""

    def __init__(self, evaluator: Evaluator, runner: Runner) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._runner = runner
        self._suspending: dict[int, bool] = {}
        self._blocking: dict[int, bool] = {}
        self._leaving: dict[int, bool] = {}

    def pauses(self, loop: LoopFact, unit: Unit) -> bool:
        """Whether a round may give way to others."""
        return any(self._may_suspend(value, unit) for value in unit.facts.awaits[slice(*loop.awaits)])

    def suspends(self, unit: Unit) -> bool:
        """Whether awaiting a coroutine function may give way, as far as anybody can tell."""
        found = self._suspending.get(unit.index)
        if found is None:
            # A coroutine that awaits but itself suspends no more often than that.
            self._suspending[unit.index] = False
            found = unit.facts.is_stub or unit.kind != "async"
            found = found or any(self._may_suspend(value, unit) for value in unit.facts.awaits)
            self._suspending[unit.index] = found
        return found

    def _may_suspend(self, value: Expr, unit: Unit) -> bool:
        if not isinstance(value, Call):
            return True
        functions = [
            found for found, _ in self._evaluator.evaluate(unit.facts.calls[value.index].callee, unit)
        ]
        return not functions or any(
            not isinstance(function, FunctionValue)
            or bool(function.role)
            or self.suspends(self._project.units[function.unit])
            for function in functions
        )

    def is_held_up(self, loop: LoopFact, unit: Unit) -> bool:
        """Whether a call in the loop blocks: then that is what holds up the loop."""
        spans = {call.span for call in unit.facts.calls[slice(*loop.calls)]}
        return bool(spans) and any(
            self._holds_up(outcome)
            for place in self._runner.places(unit)
            if place.span in spans
            for outcome in place.outcomes
        )

    def _holds_up(self, outcome: Outcome) -> bool:
        if outcome.blocker is not None:
            return min(outcome.certainty, outcome.blocker.certainty) >= Certainty.LIKELY
        if outcome.target is None:
            return False
        return self._blocks(self._runner.variants.origin(outcome.target))

    def _blocks(self, index: int) -> bool:
        found = self._blocking.get(index)
        if found is None:
            self._blocking[index] = False
            places = self._runner.places(self._project.units[index])
            found = any(self._holds_up(outcome) for place in places for outcome in place.outcomes)
            self._blocking[index] = found
        return found

    def may_raise(self, calls: tuple[CallFact, ...], unit: Unit) -> bool:
        """Whether one of the calls may end a loop by an exception, as most of those may that nobody
        can look into."""
        return any(self._may_raise(call, unit) for call in calls)

    def _may_raise(self, call: CallFact, unit: Unit) -> bool:
        values = [value for value, _ in self._evaluator.evaluate(call.callee, unit)]
        return not values or any(self._may_end(value) for value in values)

    def _may_end(self, value: Value) -> bool:
        if isinstance(value, LibraryValue):
            count = self._evaluator.matcher.count(value.name)
            return count is None or count.gives == "ended-early"
        return not isinstance(value, FunctionValue) or self._raises(value.unit)

    def _raises(self, index: int) -> bool:
        found = self._leaving.get(index)
        if found is None:
            self._leaving[index] = False
            unit = self._project.units[index]
            found = unit.facts.raises or self.may_raise(unit.facts.calls, unit)
            self._leaving[index] = found
        return found
