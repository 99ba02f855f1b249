"""Which functions a framework calls with what a request says, and what is read from that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.values import LibraryValue, Value
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Attr, Awaited, Call, Choice, Expr, Item, Name

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator


class Requests:
    """Knows handlers by their decorators; answers are remembered."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._handlers: dict[int, bool] = {}

    def is_outside(self, expression: Expr, unit: Unit) -> bool:
        """Whether `expression` is read from a parameter that a framework fills from a request."""
        while True:
            match expression:
                case Attr(base=base) | Item(base=base) | Awaited(value=base):
                    expression = base
                case Call(index=index):
                    expression = unit.facts.calls[index].callee
                case Name(binding=binding) if binding != FREE:
                    if binding < len(unit.facts.parameters):
                        return self.is_handler(unit)
                    value = unit.facts.bindings[binding].value
                    if value is None or isinstance(value, Name | Choice):
                        return False
                    expression = value
                case _:
                    return False

    def is_handler(self, unit: Unit) -> bool:
        """Whether a framework calls the function with what a request says."""
        found = self._handlers.get(unit.index)
        if found is None:
            found = self._handlers[unit.index] = self._is_handler(unit)
        return found

    def _is_handler(self, unit: Unit) -> bool:
        for decorator in unit.facts.decorators:
            around = unit.parent
            if around is None:
                return False
            callee = around.facts.calls[decorator.index].callee if isinstance(decorator, Call) else decorator
            values = self._evaluator.evaluate(callee, around)
            if any(self._hands_over(value) for value, _ in values):
                return True
        return False

    def _hands_over(self, value: Value) -> bool:
        return isinstance(value, LibraryValue) and bool(self._matcher.decorator(value.name))
