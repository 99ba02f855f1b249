"""Objects that were told not to wait: a socket after `setblocking(False)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.link.project import ClassUnit, Unit, method_of
from asyncblock_lint.model.facts import FREE, Attr, CallFact, Expr, Name


class _Switch(NamedTuple):
    """Call number `number` told `receiver` to wait no more (`off`), or to wait again."""

    number: int
    receiver: Expr
    off: bool


class Unblocked:
    """Knows which calls are made on an object that no longer waits."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._known: dict[int, list[_Switch]] = {}

    def is_receiver(self, call: CallFact, index: int, unit: Unit) -> bool:
        """Whether the object whose method call number `index` of `unit` is was told not to wait.

        For a variable the last word before the call counts, for one of a function around or of the
        module the last word there; for what is kept on `self`, a word in any method of the class.
        """
        if not self._matcher.can_unblock or not isinstance(call.callee, Attr):
            return False
        receiver = call.callee.base
        words = [switch.off for switch in self._switches(unit) if _precedes(switch, receiver, index)]
        words = words or self._words_around(receiver, unit)
        return words[-1:] == [True] or self._in_class(receiver, unit)

    def _words_around(self, receiver: Expr, unit: Unit) -> list[bool]:
        """What the nearest scope around says that says anything about a free variable."""
        if not isinstance(receiver, Name) or receiver.binding != FREE:
            return []
        around = unit.parent
        while around is not None:
            words = [switch.off for switch in self._switches(around) if _is_named(switch, receiver.id)]
            if words:
                return words
            around = around.parent
        return []

    def _in_class(self, receiver: Expr, unit: Unit) -> bool:
        name = _name_on_self(receiver, unit)
        owner = _owner(unit)
        if name is None or owner is None:
            return False
        siblings = [
            other for other in self._evaluator.project.units_in(unit.module) if _owner(other) is owner
        ]
        return any(
            switch.off and _name_on_self(switch.receiver, other) == name
            for other in siblings
            for switch in self._switches(other)
        )

    def _switches(self, unit: Unit) -> list[_Switch]:
        found = self._known.get(unit.index)
        if found is None:
            found = self._known[unit.index] = list(self._find(unit))
        return found

    def _find(self, unit: Unit) -> Iterator[_Switch]:
        for index, call in enumerate(unit.facts.calls):
            if isinstance(call.callee, Attr) and call.callee.name in self._matcher.can_unblock:
                for value, _ in self._evaluator.evaluate(call.callee, unit):
                    if isinstance(value, LibraryValue) and self._matcher.unblocking(value.name):
                        yield _Switch(index, call.callee.base, self._is_off(value.name, call, unit))

    def _is_off(self, name: str, call: CallFact, unit: Unit) -> bool:
        given = Arguments.of(self._evaluator, call, unit).given()
        return any(self._matcher.fits(form, given) for form in self._matcher.unblocking(name))


def _precedes(switch: _Switch, receiver: Expr, index: int) -> bool:
    return switch.number < index and switch.receiver == receiver


def _is_named(switch: _Switch, name: str) -> bool:
    return isinstance(switch.receiver, Name) and switch.receiver.id == name


def _owner(unit: Unit) -> ClassUnit | None:
    method = method_of(unit)
    return None if method is None else method.owner


def _name_on_self(receiver: Expr, unit: Unit) -> str | None:
    """The attribute's name, if `receiver` is one of the first parameter of the method around."""
    method = method_of(unit)
    if method is None or not method.facts.parameters or not isinstance(receiver, Attr):
        return None
    is_self = isinstance(receiver.base, Name) and receiver.base.id == method.facts.parameters[0].name
    return receiver.name if is_self else None
