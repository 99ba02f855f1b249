"""What is left of alternatives, `a if fast else b`, where it is known how the condition comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from asyncblock_lint.link.conditions.reachable import Reachable, Setting
from asyncblock_lint.link.inference.values import Values, choose
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Choice, Const, Expr, Name, Test

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_Keeps = Callable[[Choice, int], bool]
"""Whether an alternative, told by its position, is to be looked at."""


class Choosing:
    """Evaluates expressions without the alternatives that a running loop, or a call, rules out."""

    def __init__(self, evaluator: Evaluator, reachable: Reachable) -> None:
        self._evaluator = evaluator
        self._reachable = reachable

    def evaluate(self, expression: Expr, unit: Unit, setting: Setting = ()) -> Values:
        """What `expression` may be in `unit` on a running loop, if the unit's parameters are given what
        `setting` says."""
        values = self._evaluator.evaluate(expression, unit)
        if len(values) < 2:
            return values
        found = self.looked_up(expression, unit, setting)
        if found is not None:
            return found
        left = self.left(expression, unit, setting)
        return values if left is None else choose([self._evaluator.evaluate(item, unit) for item in left])

    def decides(self, expression: Expr, unit: Unit, setting: Setting) -> bool:
        """Whether `setting` leaves fewer alternatives of `expression` than there are."""
        return (
            self.left(expression, unit, setting) is not None
            or self.looked_up(expression, unit, setting) is not None
        )

    def looked_up(self, expression: Expr, unit: Unit, setting: Setting) -> Values | None:
        """What `setting` tells of an expression that is looked up by a parameter."""
        constants = tuple((name, value) for name, value in setting if isinstance(value, Const))
        return self._evaluator.selecting.looked_up(expression, unit, constants) if constants else None

    def left(self, expression: Expr, unit: Unit, setting: Setting = ()) -> tuple[Expr, ...] | None:
        """The alternatives of `expression` that are not ruled out; `None` if all or none are left."""

        def keeps(choice: Choice, position: int) -> bool:
            return self._may_be(choice, position, unit, setting)

        found = tuple(_walk(expression, unit, keeps, set()))
        every = tuple(_walk(expression, unit, lambda *_: True, set()))
        return found if 0 < len(found) < len(every) else None

    def tests(self, expression: Expr, unit: Unit) -> set[Test]:
        """The conditions that decide between alternatives of `expression`."""
        found: set[Test] = set()

        def keeps(choice: Choice, _: int) -> bool:
            if choice.test is not None:
                found.add(choice.test)
            return True

        list(_walk(expression, unit, keeps, set()))
        return found

    def _may_be(self, choice: Choice, position: int, unit: Unit, setting: Setting) -> bool:
        if choice.test is not None:
            return self._reachable.holds(choice.test, unit, setting) is not (position == 1)
        option = choice.options[position]
        if not isinstance(option, Name) or option.binding == FREE:
            return True
        return not self._reachable.never_binds(option.binding, unit, setting)


def _walk(expression: Expr, unit: Unit, keeps: _Keeps, seen: set[int]) -> Iterator[Expr]:
    """What the expression, or the variable that it is, comes to in the end."""
    match expression:
        case Choice(options=options):
            for position, option in enumerate(options):
                if keeps(expression, position):
                    yield from _walk(option, unit, keeps, seen)
        case Name(binding=index) if len(unit.facts.parameters) <= index:
            value = unit.facts.bindings[index].value
            if not isinstance(value, Choice | Name):
                yield expression
            elif index not in seen:
                seen.add(index)
                yield from _walk(value, unit, keeps, seen)
        case _:
            yield expression
