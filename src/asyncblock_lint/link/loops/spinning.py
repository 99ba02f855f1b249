"""Loops that wait by going round and round: for the clock, for a change, or for nothing at all."""

from __future__ import annotations

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import FunctionValue, LibraryValue
from asyncblock_lint.link.loops.amounts import Amount, Given, combined
from asyncblock_lint.link.loops.numbers import Numbers
from asyncblock_lint.link.loops.pausing import Pausing
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import CallFact, LoopFact

_LATER = {"Lt": 1, "LtE": 1, "Gt": -1, "GtE": -1}


class Spinning:
    """Tells loops that wait from loops that work."""

    def __init__(self, evaluator: Evaluator, numbers: Numbers, pausing: Pausing) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._numbers = numbers
        self._pausing = pausing

    def watches_clock(self, loop: LoopFact, unit: Unit) -> bool:
        """Whether a `while` goes on until it is late enough."""
        if loop.kind != "while" or loop.operator not in _LATER:
            return False
        tested = unit.facts.calls[loop.calls[0] : loop.body]
        return any(self._gives(call, unit) == "clock" for call in tested)

    def seconds(self, loop: LoopFact, unit: Unit, given: Given) -> Amount | None:
        """How long a loop that watches the clock goes on: the clock counts as zero in the comparison."""
        amounts = [self._numbers.number(side, unit, given) for side in (loop.subject, loop.other)]
        sign = _LATER[loop.operator]
        return combined(amounts, lambda left, right: sign * (right - left))

    def clock_certainty(self, loop: LoopFact, unit: Unit) -> Certainty:
        """How sure it is that a loop that watches the clock does nothing but wait."""
        calls = unit.facts.calls[loop.body : loop.calls[1]]
        if not calls:
            return Certainty.EXACT
        is_opaque = any(not self._evaluator.evaluate(call.callee, unit) for call in calls)
        return Certainty.GUESS if is_opaque or loop.leaves else Certainty.LIKELY

    def certainty(self, loop: LoopFact, unit: Unit) -> Certainty | None:
        """How sure it is that the loop never ends, or only waits; `None` if it looks like neither."""
        if loop.kind != "while" or loop.yields:
            return None
        if loop.operator == "always":
            return self._endless(loop, unit)
        if not loop.is_idle or loop.leaves:
            return None
        tested = unit.facts.calls[slice(*loop.calls)]
        if not tested:
            return Certainty.EXACT
        is_asking = all(self._only_asks(call, unit) for call in tested)
        return Certainty.LIKELY if is_asking else Certainty.GUESS

    def _endless(self, loop: LoopFact, unit: Unit) -> Certainty | None:
        if loop.leaves or loop.raises or loop.in_try:
            return None
        calls = unit.facts.calls[slice(*loop.calls)]
        if not calls:
            return Certainty.EXACT
        return Certainty.GUESS if self._pausing.may_raise(calls, unit) else Certainty.LIKELY

    def _only_asks(self, call: CallFact, unit: Unit) -> bool:
        if self._gives(call, unit) in ("clock", "state"):
            return True
        values = [value for value, _ in self._evaluator.evaluate(call.callee, unit)]
        return bool(values) and all(
            isinstance(value, FunctionValue) and self._changes_nothing(self._project.units[value.unit])
            for value in values
        )

    def _changes_nothing(self, unit: Unit) -> bool:
        facts = unit.facts
        is_plain = unit.kind in ("sync", "lambda") and not facts.stores and not facts.outer
        return is_plain and not facts.calls and not facts.is_stub

    def _gives(self, call: CallFact, unit: Unit) -> str:
        for value, _ in self._evaluator.evaluate(call.callee, unit):
            count = self._evaluator.matcher.count(value.name) if isinstance(value, LibraryValue) else None
            if count is not None:
                return count.gives
        return ""
