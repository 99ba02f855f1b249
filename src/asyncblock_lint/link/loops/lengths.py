"""How many things iterating something gives, and how many rounds a loop runs."""

from __future__ import annotations

import math
from dataclasses import replace

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import FunctionValue, LibraryValue
from asyncblock_lint.link.loops.amounts import (
    OPEN,
    Amount,
    Given,
    combinations,
    combined,
    least,
    one_of,
    operated,
    permutations,
    rounds_of_range,
)
from asyncblock_lint.link.loops.numbers import Numbers
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.catalogue import Count
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import (
    FREE,
    Call,
    CallFact,
    Choice,
    Const,
    Display,
    Expr,
    Func,
    LoopFact,
    Name,
    Operation,
    Star,
)

_RISING = ("Lt", "LtE", "NotEq")
_FALLING = ("Gt", "GtE", "NotEq")
_MIRRORED = {"Lt": "Gt", "LtE": "GtE", "Gt": "Lt", "GtE": "LtE", "NotEq": "NotEq"}
_DEEPEST = 12


class Lengths:
    """Counts items and rounds with the numbers that `numbers` reads."""

    def __init__(self, evaluator: Evaluator, numbers: Numbers) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._numbers = numbers
        self._generators: set[int] = set()
        numbers.length = self.length

    def length(self, expression: Expr, unit: Unit, given: Given) -> Amount | None:
        """How many things iterating `expression` gives; `None` where nobody can tell."""
        amount = self._length(expression, unit, given)
        is_number = amount is not None and amount.is_known and not amount.items
        return replace(amount, items=True) if amount is not None and is_number else amount

    def _length(self, expression: Expr, unit: Unit, given: Given) -> Amount | None:
        match expression:
            case Display(items=items):
                return None if any(isinstance(item, Star) for item in items) else Amount(len(items))
            case Const(value=str() as text):
                return Amount(len(text))
            case Operation(base=base, method="__mul__", other=other):
                length = self.length(base, unit, given)
                if length is not None:
                    return operated(length, "__mul__", self._numbers.number(other, unit, given))
                times = self._numbers.number(base, unit, given)
                return operated(times, "__mul__", self.length(other, unit, given)) if times else None
            case Func(name=name):
                generator = self._project.module_of(unit).units[name]
                return self._given_by(generator, given) if generator.facts.yields else None
            case Call(index=index):
                return self._call(unit.facts.calls[index], unit, given)
        return self._numbers.through(expression, unit, given, self.length)

    def rounds(self, loop: LoopFact, unit: Unit, given: Given) -> Amount | None:
        """How many rounds the loop runs, if nothing ends it early."""
        if loop.kind != "while":
            return self.length(loop.subject, unit, given)
        operator = loop.operator
        found = self._counting(loop.subject, operator, loop.other, unit, given)
        if found is None and operator in _MIRRORED:
            found = self._counting(loop.other, _MIRRORED[operator], loop.subject, unit, given)
        return found

    # Calls

    def _call(self, call: CallFact, unit: Unit, given: Given) -> Amount | None:
        arguments = Arguments.of(self._evaluator, call, unit)
        for value, _ in self._evaluator.evaluate(call.callee, unit):
            if isinstance(value, LibraryValue):
                count = self._evaluator.matcher.count(value.name)
                return None if count is None else self._counted(count, arguments, unit, given)
            if isinstance(value, FunctionValue):
                inner = self._project.units[value.unit]
                if inner.kind == "generator":
                    entered = self._numbers.entering(inner, arguments, unit, given, skip_first=value.bound)
                    return self._given_by(inner, entered)
                return self._numbers.returned(value, arguments, unit, given, self.length)
        return None

    def _counted(self, count: Count, arguments: Arguments, unit: Unit, given: Given) -> Amount | None:
        def number(place: int | str) -> Amount | None:
            expression = arguments.expression(place)
            return None if expression is None else self._numbers.number(expression, unit, given)

        def length(place: int | str) -> Amount | None:
            expression = arguments.expression(place)
            return None if expression is None else self.length(expression, unit, given)

        written = range(len(arguments.positional))
        match count.gives:
            case "range" if written:
                return combined(map(number, written), rounds_of_range)
            case "items" if count.arguments:
                return length(count.arguments[0])
            case "shortest" if written:
                return least(
                    length(place) for place in written if not self._is_endless(place, arguments, unit)
                )
            case "all-items":
                return combined(map(length, written), lambda *lengths: sum(lengths))
            case "sliced" if len(written) > 1:
                slice_ = combined(map(number, written[1:]), rounds_of_range)
                return slice_ if self._is_endless(0, arguments, unit) else least((length(0), slice_))
            case "product":
                pools = combined(map(length, written), lambda *lengths: math.prod(lengths))
                is_repeated = arguments.expression("repeat") is not None
                return operated(pools, "__pow__", number("repeat")) if is_repeated else pools
            case "permutations":
                chosen = number(1) if len(written) > 1 else length(0)
                return combined((length(0), chosen), permutations)
            case "combinations":
                return combined((length(0), number(1)), combinations)
            case "repeated":
                return next((found for found in map(number, count.arguments) if found), None)
        return None

    def _is_endless(self, place: int, arguments: Arguments, unit: Unit) -> bool:
        """Whether iterating an argument never ends."""
        written = arguments.expression(place)
        if not isinstance(written, Call):
            return False
        values = self._evaluator.evaluate(unit.facts.calls[written.index].callee, unit)
        counts = [
            self._evaluator.matcher.count(value.name)
            for value, _ in values
            if isinstance(value, LibraryValue)
        ]
        return any(count is not None and count.gives == "endless" for count in counts)

    def _given_by(self, unit: Unit, given: Given) -> Amount | None:
        """How many things a generator gives: one at each `yield`, round by round."""
        if unit.index in self._generators:
            return None
        self._generators.add(unit.index)
        loops = unit.facts.loops
        giving = [index for index, loop in enumerate(loops) if loop.yields]
        inmost = [index for index in giving if not any(loops[other].parent == index for other in giving)]
        amount = (
            combined((self._nest(index, unit, given) for index in inmost), lambda *counts: sum(counts))
            if inmost
            else None
        )
        self._generators.discard(unit.index)
        return amount

    def _nest(self, index: int, unit: Unit, given: Given) -> Amount | None:
        """The rounds of a loop, those of the loops around it counted in."""
        amounts = []
        while index >= 0:
            loop = unit.facts.loops[index]
            amounts.append(self.rounds(loop, unit, given))
            index = loop.parent
        return combined(amounts, lambda *counts: math.prod(counts))

    # Counters

    def _counting(self, counter: Expr, operator: str, limit: Expr, unit: Unit, given: Given) -> Amount | None:
        """The rounds of `while counter < limit`, where each round moves the counter by a number."""
        progress = self._progress(counter, unit, given)
        if progress is None:
            return None
        start, step = progress
        fits = (step > 0 and operator in _RISING) or (step < 0 and operator in _FALLING)
        if not fits:
            return None
        bound = self._numbers.number(limit, unit, given)
        amount = combined((start, bound), lambda first, last: max(0.0, (last - first) / step))
        if amount is None or not amount.is_known:
            return amount
        return replace(amount, certainty=min(amount.certainty, Certainty.LIKELY))

    def _progress(self, counter: Expr, unit: Unit, given: Given) -> tuple[Amount | None, float] | None:
        """Where a counter begins, and how far a round moves it at most."""
        if isinstance(counter, Call):
            return self._filling(unit.facts.calls[counter.index], unit)
        if not isinstance(counter, Name) or counter.binding == FREE:
            return None
        joined = unit.facts.bindings[counter.binding]
        if joined.kind != "join" or not isinstance(joined.value, Choice):
            return None
        starts, steps = [], []
        for option in joined.value.options:
            step = self._step(option, counter.binding, unit, given, 0)
            if step is None:
                starts.append(self._numbers.number(option, unit, given))
            else:
                steps.append(step)
        if not starts or not any(steps):
            return None
        return one_of(starts), max(steps, key=abs)

    def _filling(self, call: CallFact, unit: Unit) -> tuple[Amount | None, float] | None:
        """`len(found)` of what begins empty: a round adds one thing at most."""
        values = [value for value, _ in self._evaluator.evaluate(call.callee, unit)]
        names = [value.name for value in values if isinstance(value, LibraryValue)]
        counts = [self._evaluator.matcher.count(name) for name in names]
        if not any(count is not None and count.gives == "length" for count in counts):
            return None
        match call.arguments[0].value if call.arguments else None:
            case Name(binding=binding) if binding != FREE:
                held = unit.facts.bindings[binding].value
                if isinstance(held, Display) and not held.items:
                    return Amount(0, Certainty.LIKELY), 1
        return None

    def _step(self, expression: Expr, join: int, unit: Unit, given: Given, depth: int) -> float | None:
        """How far `expression` is from the counter at the beginning of the round; `None` if it does
        not start from there."""
        if depth > _DEEPEST:
            return None
        match expression:
            case Name(binding=binding) if binding == join:
                return 0
            case Name(binding=binding) if binding != FREE:
                value = unit.facts.bindings[binding].value
                return None if value is None else self._step(value, join, unit, given, depth + 1)
            case Choice(options=options):
                steps = [self._step(option, join, unit, given, depth + 1) for option in options]
                known = [step for step in steps if step is not None]
                return max(known, key=abs) if known and len(known) == len(steps) else None
            case Operation(base=base, method="__add__" | "__sub__" as method, other=other):
                moved = self._step(base, join, unit, given, depth + 1)
                by = self._numbers.number(other, unit, given)
                if moved is None or by is None or not by.is_known:
                    return None
                return moved + by.value if method == "__add__" else moved - by.value
        return None


def is_number_open(amount: Amount | None) -> bool:
    """Whether callers decide the amount by a number, rather than by a container they give."""
    return amount == OPEN


def is_open(amount: Amount | None) -> bool:
    """Whether callers decide the amount."""
    return amount is not None and amount.decided == OPEN.decided
