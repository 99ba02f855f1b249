"""Objects that were asked, and do not wait any more: a future after `if future.done():`."""

from __future__ import annotations

from collections.abc import Iterator

from asyncblock_lint.link.conditions.around import plain
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.literals import last_word
from asyncblock_lint.link.inference.reachable import within
from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.catalogue import Question
from asyncblock_lint.model.facts import Attr, Call, CallFact, Const, Display, Expr, Item, Name, Test


class Asked:
    """Knows which calls stand where a question has been answered."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher

    def is_receiver(self, call: CallFact, index: int, unit: Unit) -> bool:
        """Whether call number `index` of `unit` is of a method that does not wait, since a condition
        around it asked the same object."""
        if not isinstance(call.callee, Attr):
            return False
        receiver, method = plain(call.callee.base, unit), call.callee.name
        for region in unit.facts.regions:
            if region.test is None or not within(index, (region.calls,)):
                continue
            for asked, answer in _answers(region.test, region.holds):
                if self._is_settled(_bound(asked, unit), answer, receiver, method, unit):
                    return True
        return False

    def _is_settled(self, asked: Expr, answer: bool, receiver: Expr, method: str, unit: Unit) -> bool:
        """Whether the answer tells that the receiver's method does not wait."""
        place: int | None = None
        match asked:
            case Item(base=Call() as base, index=Const(value=int(index))):
                asked, place = base, index
        if not isinstance(asked, Call):
            return False
        call = unit.facts.calls[asked.index]
        for rule in self._rules(call.callee, unit):
            if rule.answer is answer and rule.position == place and method in rule.methods:
                return any(plain(item, unit) == receiver for item in _asked(call, place))
        return False

    def _rules(self, question: Expr, unit: Unit) -> Iterator[Question]:
        if last_word(question) in self._matcher.can_ask:
            for value, _ in self._evaluator.evaluate(question, unit):
                rule = self._matcher.question(value.name) if isinstance(value, LibraryValue) else None
                if rule is not None:
                    yield rule


def _asked(call: CallFact, place: int | None) -> Iterator[Expr]:
    """The objects that the call asks about."""
    if place is None and isinstance(call.callee, Attr):
        yield call.callee.base
    elif place is not None and place < len(call.arguments):
        match call.arguments[place].value:
            case Display(items=(only,)):
                yield only


def _bound(expression: Expr, unit: Unit) -> Expr:
    """What a variable holds."""
    if isinstance(expression, Name) and len(unit.facts.parameters) <= expression.binding:
        return unit.facts.bindings[expression.binding].value or expression
    return expression


def _answers(test: Test, holds: bool) -> Iterator[tuple[Expr, bool]]:
    """What is known to have been something true, or false, where `test` comes out as `holds`."""
    if test.op == "not":
        yield from _answers(test.parts[0], not holds)
    elif test.op == ("and" if holds else "or"):
        for part in test.parts:
            yield from _answers(part, holds)
    elif test.op in ("true", "none") and test.subject is not None:
        yield test.subject, holds is (test.op == "true")
    elif test.op == "in" and holds:
        yield test.options[0], True
