"""How long loops compute: rounds, times the operations of a round, times what an operation takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import ClassValue, FunctionValue, LibraryValue, Value
from asyncblock_lint.link.loops.amounts import OPEN, Given
from asyncblock_lint.link.loops.effort import NOTHING, OPERATION, Cost, largest, operations, repeated, total
from asyncblock_lint.link.loops.lengths import Lengths
from asyncblock_lint.link.loops.numbers import Numbers
from asyncblock_lint.link.loops.pausing import Pausing
from asyncblock_lint.link.loops.spinning import Spinning
from asyncblock_lint.link.project import Unit, shown_name
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import (
    FREE,
    Call,
    CallFact,
    Const,
    Expr,
    Func,
    LoopFact,
    Name,
    Operation,
    Star,
)
from asyncblock_lint.model.graph import Step

_ITEM = 10e-9
"""Seconds in which code written in C takes an item from a range."""
_SELDOM = 0.5
_DEEPEST = 8
_MOST_TARGETS = 4
_MOST_LEVELS = 200


class Costs:
    """Estimates loops, calls and functions; those of functions are remembered."""

    def __init__(self, evaluator: Evaluator, pausing: Pausing) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._matcher = evaluator.matcher
        self._pausing = pausing
        self.numbers = Numbers(evaluator)
        self.lengths = Lengths(evaluator, self.numbers)
        self.spinning = Spinning(evaluator, self.numbers, pausing)
        self._memo: dict[tuple[int, Given], Cost] = {}
        self._open: set[int] = set()

    def function(self, unit: Unit, given: Given) -> Cost:
        """What running the body once costs."""
        key = unit.index, given
        found = self._memo.get(key)
        if found is None:
            if unit.index in self._open or len(self._open) >= _DEEPEST:
                return NOTHING
            self._open.add(unit.index)
            found = self._memo[key] = self._body(unit, given)
            self._open.discard(unit.index)
        return found

    def _body(self, unit: Unit, given: Given) -> Cost:
        facts = unit.facts
        inside = {index for loop in facts.loops for index in range(*loop.calls)}
        parts = [operations(facts.operations)]
        parts += [
            self.loop(unit, number, given) for number, loop in enumerate(facts.loops) if loop.parent < 0
        ]
        outside = [index for index in range(len(facts.calls)) if index not in inside]
        return total((*parts, largest(self.call(unit, index, given) for index in outside)))

    def loop(self, unit: Unit, number: int, given: Given) -> Cost:
        """What the loop of that number costs from its first round to its last."""
        loop = unit.facts.loops[number]
        if self.spinning.watches_clock(loop, unit):
            return self._waited(unit, loop, given)
        rounds = self.lengths.rounds(loop, unit, given)
        cost = repeated(self._round(unit, number, given), rounds, leaves=loop.leaves)
        step = Step(unit.index, loop.span, loop.kind)
        cost = replace(cost, steps=(step,), name=loop.kind)
        if loop.kind == "while":
            return cost
        return total((cost, replace(self.source(loop.subject, unit, given), steps=(step,), name=loop.kind)))

    def _waited(self, unit: Unit, loop: LoopFact, given: Given) -> Cost:
        """What waiting for the clock takes, where that is known."""
        seconds = self.spinning.seconds(loop, unit, given)
        if seconds is None or not seconds.is_known:
            return NOTHING
        certainty = min(self.spinning.clock_certainty(loop, unit), seconds.certainty)
        sure = seconds.value if certainty > Certainty.GUESS else 0
        step = Step(unit.index, loop.span, loop.kind)
        return Cost(sure, seconds.value, 1, certainty, steps=(step,), name=loop.kind, is_wait=True)

    def _round(self, unit: Unit, number: int, given: Given) -> Cost:
        loop, loops = unit.facts.loops[number], unit.facts.loops
        parts = [operations(loop.operations)]
        own = set(range(*loop.calls))
        for index in range(number + 1, len(loops)):
            inner = loops[index]
            if inner.parent == number:
                own.difference_update(range(*inner.calls))
                often = _SELDOM if inner.is_conditional else 1
                parts.append(self.loop(unit, index, given).times(often, often))
        calls = []
        for index in sorted(own):
            often = _SELDOM if index in loop.seldom else 1
            calls.append(self.call(unit, index, given).times(often, often))
        return total((*parts, largest(calls)))

    # Calls

    def call(self, unit: Unit, index: int, given: Given) -> Cost:
        """What a call costs by the functions of the project that it runs, and by what it iterates."""
        call = unit.facts.calls[index]
        values = self.callees(call, unit)
        if call.guard or call.is_decorator or not 0 < len(values) <= _MOST_TARGETS:
            return NOTHING
        found = [self._called(value, unit, index, given) for value in values]
        best = max(found, key=lambda cost: cost.possible)
        return best if len(found) == 1 else replace(best, certainty=min(best.certainty, Certainty.LIKELY))

    def _called(self, value: Value, unit: Unit, index: int, given: Given) -> Cost:
        call = unit.facts.calls[index]
        if isinstance(value, LibraryValue):
            return self.consumed(value.name, unit, index, given)
        inner = self.target(value, awaited=call.awaited)
        if inner is None:
            return NOTHING
        entered = self.entering(value, inner, call, unit, given)
        is_inside = inner.index in self._open
        growing = NOTHING if is_inside or not is_recursive(inner) else self._growing(inner, entered)
        cost = total((self.function(inner, entered), growing))
        name = self._project.qualified_name(inner)
        return replace(cost, steps=(Step(unit.index, call.span, name), *cost.steps))

    def callees(self, call: CallFact, unit: Unit) -> list[Value]:
        """What the call may call; a wrapper that hands all its arguments on stands for what it wraps."""
        return [self._unwrapped(value) for value, _ in self._evaluator.evaluate(call.callee, unit)]

    def _unwrapped(self, value: Value) -> Value:
        if not isinstance(value, FunctionValue) or not value.environment:
            return value
        unit = self._project.units[value.unit]
        handed_on = [call.callee for call in unit.facts.calls if _hands_all_on(call)]
        for key, given in value.environment:
            is_called = any(isinstance(callee, Name) and callee.id == key.name for callee in handed_on)
            if is_called and len(given) == 1 and isinstance(given[0][0], FunctionValue):
                return replace(given[0][0], bound=value.bound, receiver=value.receiver)
        return value

    def entering(self, value: Value, inner: Unit, call: CallFact, unit: Unit, given: Given) -> Given:
        """What the body of `inner`, which calling `value` runs, finds in its parameters."""
        arguments = Arguments.of(self._evaluator, call, unit)
        skip_first = isinstance(value, ClassValue) or (isinstance(value, FunctionValue) and value.bound)
        return self.numbers.entering(inner, arguments, unit, given, skip_first=skip_first)

    def target(self, value: Value, *, awaited: bool) -> Unit | None:
        """The function of the project whose body a call runs on the spot."""
        if isinstance(value, ClassValue):
            made = self._evaluator.objects.constructors(value.cls)
            return self._project.units[made[0].unit] if made else None
        if not isinstance(value, FunctionValue) or value.role == "cached":
            return None
        inner = self._project.units[value.unit]
        if inner.kind == "async":
            return inner if awaited and not self._pausing.suspends(inner) else None
        return inner if inner.kind in ("sync", "lambda") else None

    def consumed(self, name: str, unit: Unit, index: int, given: Given) -> Cost:
        """What a library function costs by going through its arguments."""
        consume = self._matcher.consume(name)
        if consume is None or consume.when != "now":
            return NOTHING
        call = unit.facts.calls[index]
        arguments = Arguments.of(self._evaluator, call, unit)
        written = [arguments.expression(place) for place in consume.arguments]
        cost = total(self.source(item, unit, given, _ITEM) for item in written if item is not None)
        count = self._matcher.count(name)
        if count is not None and count.gives == "ended-early":
            cost = replace(cost, sure=0)
        return replace(cost, steps=(Step(unit.index, call.span, name),), name=name)

    def source(self, expression: Expr, unit: Unit, given: Given, item: float = 0, depth: int = 0) -> Cost:
        """What it costs to make the things that iterating `expression` gives: the body of a generator,
        what `map` calls; and `item` seconds for each thing that comes from a range or the like."""
        match expression:
            case Name(binding=binding) if binding != FREE and depth < _DEEPEST:
                value = unit.facts.bindings[binding].value
                return NOTHING if value is None else self.source(value, unit, given, item, depth + 1)
            case Func(name=name):
                generator = self._project.module_of(unit).units[name]
                is_plain = generator.facts.yields and not generator.is_async
                return self.function(generator, given) if is_plain else NOTHING
            case Call(index=index):
                return self._made(unit, index, given, item, depth)
        return NOTHING

    def _made(self, unit: Unit, index: int, given: Given, item: float, depth: int) -> Cost:
        call = unit.facts.calls[index]
        arguments = Arguments.of(self._evaluator, call, unit)
        for value, _ in self._evaluator.evaluate(call.callee, unit):
            if isinstance(value, LibraryValue) and depth < _DEEPEST:
                count = self._matcher.count(value.name)
                if count is None or count.gives in ("number", "length", "clock"):
                    return NOTHING
                inner = [
                    self.source(argument, unit, given, item, depth + 1) for argument in arguments.positional
                ]
                one = total((Cost(item, item), *self._applied(value.name, arguments, unit)))
                length = self.lengths.length(Call(index), unit, given)
                return total((*inner, repeated(one, length) if length else NOTHING))
            if isinstance(value, FunctionValue) and self._project.units[value.unit].kind == "generator":
                generator = self._project.units[value.unit]
                entered = self.numbers.entering(generator, arguments, unit, given, skip_first=value.bound)
                return self.function(generator, entered)
        return NOTHING

    def _applied(self, name: str, arguments: Arguments, unit: Unit) -> Iterable[Cost]:
        """What a lazy library function calls for each thing."""
        apply = self._matcher.apply(name)
        if apply is not None and apply.when == "iterated":
            for value, _ in arguments.any_of(apply.arguments):
                if isinstance(value, FunctionValue):
                    yield operations(3)
                    yield self.function(self._project.units[value.unit], ())

    # Recursion

    def _growing(self, unit: Unit, given: Given) -> Cost:
        """What a function costs that calls itself more than once with a little less each time."""
        lessened: dict[str, list[float]] = {}
        for call in unit.facts.calls:
            for value, _ in self._evaluator.evaluate(call.callee, unit):
                if isinstance(value, FunctionValue) and value.unit == unit.index and not value.role:
                    arguments = Arguments.of(self._evaluator, call, unit)
                    for name, less in self._lessened(unit, arguments, skip_first=value.bound):
                        lessened.setdefault(name, []).append(less)
        amounts = {key[1]: amount for key, amount in given if key[0] == unit.index}
        for name, by in lessened.items():
            amount = amounts.get(name)
            if len(by) > 1 and amount is not None and amount.decided != OPEN.decided:
                levels = amount.value if amount.is_known else float("inf")
                calls = _growth(by) ** min(levels, _MOST_LEVELS)
                seconds = calls * (unit.facts.operations + 1) * OPERATION
                step = Step(unit.index, unit.facts.span, unit.facts.name)
                return Cost(0, seconds, calls, Certainty.GUESS, not amount.is_known, (step,), unit.facts.name)
        return NOTHING

    def _lessened(self, unit: Unit, arguments: Arguments, *, skip_first: bool) -> Iterable[tuple[str, float]]:
        """The parameters that a call of itself gives a constant less of, provided that all else is
        handed on as it is: whoever goes through the parts of something ends with them."""
        found = []
        for position, parameter in enumerate(unit.facts.parameters):
            match arguments.expression_for(unit, parameter.name, skip_first=skip_first):
                case Operation(
                    base=Name(binding=binding), method="__sub__", other=Const(value=int() as less)
                ) if binding == position and less > 0:
                    found.append((parameter.name, float(less)))
                case Name(binding=binding) if binding >= len(unit.facts.parameters):
                    return []
                case None | Name() | Const():
                    continue
                case _:
                    return []
        return found


def _hands_all_on(call: CallFact) -> bool:
    """Whether the call is written as `f(*args, **kwargs)`."""
    return bool(call.arguments) and all(
        isinstance(argument.value, Star) or argument.keyword == "**" for argument in call.arguments
    )


def is_recursive(unit: Unit) -> bool:
    """Whether the function calls something of its own name more than once."""
    own = shown_name(unit.facts.name).rpartition(".")[2]
    callees = [call.callee for call in unit.facts.calls]
    names = [callee.id if isinstance(callee, Name) else getattr(callee, "name", "") for callee in callees]
    return names.count(own) > 1


def _growth(lessened: list[float]) -> float:
    """How many times more calls one level more makes: where the sum of `x ** -less` is one."""
    low, high = 1.0, float(len(lessened))
    for _ in range(40):
        middle = (low + high) / 2
        if sum(middle**-less for less in lessened) > 1:
            low = middle
        else:
            high = middle
    return high
