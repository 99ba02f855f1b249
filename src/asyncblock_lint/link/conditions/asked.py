"""Objects that were asked, and do not wait any more: a future after `if future.done():`."""

from __future__ import annotations

from collections.abc import Iterator

from asyncblock_lint.link.conditions.around import plain
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.reachable import within
from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import Attr, Call, CallFact, Expr, Test


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
                question = unit.facts.calls[asked].callee
                if isinstance(question, Attr) and question.name in self._matcher.can_ask:
                    is_same = plain(question.base, unit) == receiver
                    if is_same and self._settles(question, answer, method, unit):
                        return True
        return False

    def _settles(self, question: Expr, answer: bool, method: str, unit: Unit) -> bool:
        """Whether the answer tells that the method does not wait."""
        for value, _ in self._evaluator.evaluate(question, unit):
            rule = self._matcher.question(value.name) if isinstance(value, LibraryValue) else None
            if rule is not None and rule.answer is answer and method in rule.methods:
                return True
        return False


def _answers(test: Test, holds: bool) -> Iterator[tuple[int, bool]]:
    """The calls that are known to have given something true, or false, where `test` comes out as `holds`."""
    if test.op == "not":
        yield from _answers(test.parts[0], not holds)
    elif test.op == ("and" if holds else "or"):
        for part in test.parts:
            yield from _answers(part, holds)
    elif test.op in ("true", "none") and isinstance(test.subject, Call):
        yield test.subject.index, holds is (test.op == "true")
