"""Calls that tell whether a loop runs: `loop.is_running()`, and the questions that go with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.catalogue import Probe
from asyncblock_lint.model.facts import Attr, Call, Expr, Name, Narrowed, Region, Test

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_MOST_RETURNS = 4
Decided = list[tuple[Region, bool]]


class Probed:
    """Finds such calls. What is asked whether it runs is there: `loop is not None and loop.is_running()`."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def probes(self, index: int, unit: Unit) -> list[Probe]:
        """What the rules say of call `index` of `unit` as a question whether a loop runs."""
        values = self._evaluator.evaluate(unit.facts.calls[index].callee, unit)
        names = [value.name for value, _ in values if isinstance(value, LibraryValue)]
        return [probe for name in names if (probe := self._evaluator.matcher.probe(name)) is not None]

    def beside(self, part: Test, parts: Sequence[Test], unit: Unit) -> bool | None:
        """How one of the `parts` of a condition comes out, if it asks whether that is there which another
        one asks whether it runs."""
        if _subject(part) is None:
            return None
        return _is_there(part, [base for other in parts for base in self._bases(other, unit)], unit)

    def _bases(self, test: Test, unit: Unit) -> Iterator[Expr]:
        inner = test.parts[0] if test.op == "not" else test
        if inner.op == "true" and isinstance(inner.subject, Call):
            yield from self._base(inner.subject, unit)

    def _base(self, call: Call, unit: Unit) -> Iterator[Expr]:
        callee = unit.facts.calls[call.index].callee
        if isinstance(callee, Attr) and self.probes(call.index, unit):
            yield _root(callee.base, unit)

    def returned(self, unit: Unit) -> list[Call]:
        """The questions whose answers the function returns, if that is all that it does."""
        returns = unit.facts.returns
        if not 0 < len(returns) <= _MOST_RETURNS:
            return []
        asked = [self.bare(item, unit) for item in returns]
        return [item for item in asked if isinstance(item, Call) and self.probes(item.index, unit)]

    def bare(self, item: Expr, unit: Unit) -> Expr:
        """`item`, or what it tells the truth of: `bool(answer)`."""
        call = unit.facts.calls[item.index] if isinstance(item, Call) else None
        if call is not None and call.callee == Name("bool") and len(call.arguments) == 1:
            return call.arguments[0].value
        return item

    def told(self, calls: Sequence[Call], unit: Unit, decided: Decided) -> Decided:
        """What else is decided in a function that returns the answers of `calls`: that what they ask is
        there."""
        bases = [base for call in calls for base in self._base(call, unit)]
        known = {id(region) for region, _ in decided}
        found = []
        for region in unit.facts.regions:
            if region.test is not None and id(region) not in known:
                answer = _is_there(region.test, bases, unit)
                if answer is not None:
                    found.append((region, answer is region.holds))
        return found

    def is_surely_asked(self, call: Call, unit: Unit, decided: Decided) -> bool:
        """Whether the function comes to `call` in any case, where a loop runs."""
        surely = {id(region) for region, runs in decided if runs}
        return all(
            region.test is None or id(region) in surely
            for region in unit.facts.regions
            if region.calls[0] <= call.index < region.calls[1]
        )


def _subject(test: Test) -> Expr | None:
    """What a test asks whether it is there."""
    if test.op == "not":
        return _subject(test.parts[0])
    return test.subject if test.op in ("none", "true") and not isinstance(test.subject, Call) else None


def _is_there(test: Test, bases: Sequence[Expr], unit: Unit) -> bool | None:
    """How the test comes out, if one of `bases` is what it asks for, and that is there."""
    subject = _subject(test)
    if subject is None or _root(subject, unit) not in bases:
        return None
    if test.op == "not":
        answer = _is_there(test.parts[0], bases, unit)
        return None if answer is None else not answer
    return test.op == "true"


def _root(expression: Expr, unit: Unit) -> Expr:
    """What a name stands for that is bound anew only because a condition told more of it."""
    while isinstance(expression, Name) and expression.binding >= len(unit.facts.parameters):
        value = unit.facts.bindings[expression.binding].value
        if not isinstance(value, Narrowed):
            break
        expression = value.value
    return expression
