"""How comparisons come out, as far as that follows from what is known of their sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.constants import View
from asyncblock_lint.link.inference.kinds import Kinds
from asyncblock_lint.link.inference.known import Items, Known, Text, contains, equal
from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.model.facts import (
    FREE,
    Attr,
    Call,
    CallFact,
    Const,
    Display,
    Expr,
    Name,
    Test,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_ENDS: Mapping[str, Callable[[str, str], bool]] = {"startswith": str.startswith, "endswith": str.endswith}


class Comparing:
    """Decides conditions that compare what a function is given with something else."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._kinds = Kinds(evaluator)

    def holds(self, test: Test, view: View) -> bool | None:
        """How a comparison comes out in the function that `view` shows."""
        given = self._evaluator.constants.read(test.subject, view)
        outside = replace(view, names=True)
        if test.op == "kind":
            return self._kinds.decide(given, test, view)
        if test.op == "in":
            return self._is_in(test, given, view)
        if given is None:
            return None
        others = [self._evaluator.constants.read(option, outside) for option in test.options]
        if test.op == "among":
            return _any([equal(given, other) for other in others])
        return _is_less(given, others[0]) if test.op == "below" else _is_less(others[0], given)

    # Texts and containers

    def fits_text(self, call: CallFact, view: View) -> bool | None:
        """Whether a text that is given begins or ends as the call asks."""
        if not isinstance(call.callee, Attr) or call.callee.name not in _ENDS or len(call.arguments) != 1:
            return None
        given = self._evaluator.constants.read(call.callee.base, view)
        wanted = call.arguments[0].value
        options = wanted.items if isinstance(wanted, Display) else (wanted,)
        outside = replace(view, names=True)
        return _any(
            [
                _fits(call.callee.name, given, self._evaluator.constants.read(option, outside))
                for option in options
            ]
        )

    def _is_in(self, test: Test, given: Known | None, view: View) -> bool | None:
        """Whether the one option contains what is given, or what is written out before `in`."""
        container = self._evaluator.constants.read(test.options[0], view)
        if isinstance(container, Const | Text):
            return contains(container, given)
        if isinstance(container, Items):
            return given.value in container if isinstance(given, Const) else None
        items = None if given is None else self._items(test.options[0], replace(view, names=True), 0)
        return None if items is None else _any([equal(given, item) for item in items])

    def _items(self, container: Expr, view: View, depth: int) -> Sequence[Known | None] | None:
        """What a container that is written out holds; `None` if that cannot be seen."""
        match container:
            case Display(kind="dict", keys=keys) if keys:
                return [self._evaluator.constants.read(key, view) for key in keys]
            case Display(kind="list" | "tuple" | "set", items=items):
                return [self._evaluator.constants.read(item, view) for item in items]
            case Call(index=index) if len(view.unit.facts.calls[index].arguments) == 1:
                call = view.unit.facts.calls[index]
                match self._evaluator.evaluate(call.callee, view.unit):
                    case [(LibraryValue(name="builtins.frozenset" | "builtins.set" | "builtins.tuple"), _)]:
                        return self._items(call.arguments[0].value, view, depth)
            case Name(id=name, binding=binding) if binding == FREE and depth == 0:
                found = self._evaluator.constants.written(name, view.unit)
                return None if found is None else self._items(found[0], replace(view, unit=found[1]), 1)
        return None


def _fits(method: str, given: Known | None, wanted: Known | None) -> bool | None:
    """Whether a text begins, or ends, with another."""
    match given, wanted:
        case Const(value=str(text)), Const(value=str(part)):
            return _ENDS[method](text, part)
        case Text(start=start), Const(value=str(part)) if method == "startswith":
            return start.startswith(part) if len(start) >= len(part) or not part.startswith(start) else None
    return None


def _is_less(one: Known | None, other: Known | None) -> bool | None:
    match one, other:
        case Const(value=int() | float() as less), Const(value=int() | float() as more):
            return less < more
    return None


def _any(answers: Sequence[bool | None]) -> bool | None:
    """Whether one of the answers is yes, as far as they are known."""
    if True in answers:
        return True
    return None if None in answers else False
