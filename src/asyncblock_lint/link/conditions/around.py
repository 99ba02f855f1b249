"""What the conditions around a call tell of what it is given: `if path: load(path)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.constants import View
from asyncblock_lint.link.inference.known import Known, Made, both
from asyncblock_lint.link.inference.reachable import within
from asyncblock_lint.link.inference.values import FunctionValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import (
    Attr,
    CallFact,
    Const,
    Expr,
    Name,
    Narrowed,
    Region,
    Test,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_DEEPEST = 4
_FALSE = Made(may_be_none=True, counts=False)
_TRUE = Made(counts=True)


class Around:
    """Reads the conditions under which calls stand."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._numbers: dict[int, dict[int, int]] = {}
        self._around: dict[tuple[int, int], list[tuple[Expr, Known, Region]]] = {}

    def of(self, expression: Expr, call: CallFact, unit: Unit) -> Known | None:
        """What is known of `expression` where `call` stands in `unit`: of a variable, or of an attribute
        that nothing can have changed since the condition was asked."""
        wanted = plain(expression, unit)
        if not isinstance(wanted, Name | Attr):
            return None
        found: Known | None = None
        number = self._number(call, unit)
        for subject, known, region in self._conditions(number, unit):
            if subject == wanted and self._still_holds(wanted, region, number, unit):
                found = both(found, known)
        return found

    def _conditions(self, number: int, unit: Unit) -> list[tuple[Expr, Known, Region]]:
        """What is known of what where call `number` stands, and from which regions."""
        key = unit.index, number
        found = self._around.get(key)
        if found is None:
            found = self._around[key] = [
                (plain(subject, unit), known, region)
                for region in unit.facts.regions
                if region.test is not None and within(number, (region.calls,))
                for subject, known in self._told(region.test, unit, holds=region.holds)
            ]
        return found

    def _still_holds(self, asked: Name | Attr, region: Region, number: int, unit: Unit) -> bool:
        """Whether nothing between the condition and call `number` can have changed what was asked."""
        if isinstance(asked, Name):
            return True
        if 0 < region.await_line < unit.facts.calls[number].span.line:
            return False
        earlier = unit.facts.calls[region.calls[0] : number]
        if any(self._may_change(call, asked.base, unit) for call in earlier):
            return False
        written = unit.facts.uses[slice(*region.uses)]
        is_written = any(use.kind == "write" and plain(use.subject, unit) == asked for use in written)
        return not is_written and not _is_stored(asked, unit)

    def _may_change(self, call: CallFact, base: Expr, unit: Unit) -> bool:
        """Whether the call is a method of the object, is given it, or runs code of the project."""
        parts = [argument.value for argument in call.arguments]
        if isinstance(call.callee, Attr):
            parts.append(call.callee.base)
        if any(plain(part, unit) == base for part in parts):
            return True
        values = self._evaluator.evaluate(call.callee, unit)
        return any(isinstance(value, FunctionValue) for value, _ in values)

    def _number(self, call: CallFact, unit: Unit) -> int:
        numbers = self._numbers.get(unit.index)
        if numbers is None:
            numbers = {id(item): number for number, item in enumerate(unit.facts.calls)}
            self._numbers[unit.index] = numbers
        return numbers.get(id(call), -1)

    def _told(self, test: Test, unit: Unit, *, holds: bool) -> Iterator[tuple[Expr, Known]]:
        """What is known of which values where `test` comes out as `holds`."""
        subject = test.subject
        match test.op:
            case "not":
                yield from self._told(test.parts[0], unit, holds=not holds)
            case "and" | "or" if holds is (test.op == "and"):
                for part in test.parts:
                    yield from self._told(part, unit, holds=holds)
            case "true" if subject is not None:
                yield subject, _TRUE if holds else _FALSE
            case "none" if subject is not None:
                yield subject, Const(None) if holds else Made()
            case "kind" if subject is not None and holds:
                yield subject, self._kind(test.options[0], unit)
            case "among" if subject is not None and holds and len(test.options) == 1:
                known = self._evaluator.constants.read(test.options[0], View(unit))
                if known is not None:
                    yield subject, known

    def _kind(self, kinds: Expr, unit: Unit) -> Known:
        """An object of the class that is asked for, if it is one."""
        match self._evaluator.annotations.read(kinds, unit):
            case [(value, _)]:
                return Made(value, is_exact=False)
        return Made()


def _is_stored(asked: Attr, unit: Unit) -> bool:
    """Whether the method stores that attribute of its object."""
    is_own = isinstance(asked.base, Name) and asked.base.binding == 0
    return is_own and any(store.name == asked.name for store in unit.facts.stores)


def plain(expression: Expr, unit: Unit) -> Expr:
    """The expression, whatever conditions have told of it."""
    for _ in range(_DEEPEST):
        match expression:
            case Attr(base=base, name=name):
                return Attr(plain(base, unit), name)
            case Narrowed(value=value):
                expression = value
            case Name(binding=index) if len(unit.facts.parameters) <= index:
                held = unit.facts.bindings[index].value
                if not isinstance(held, Narrowed):
                    return expression
                expression = held.value
            case _:
                return expression
    return expression
