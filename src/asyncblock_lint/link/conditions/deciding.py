"""Which parameters of a function, and attributes of its object, decide what it runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from asyncblock_lint.link.conditions.sparing import Sparing
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.constants import OWN, attribute_of_self
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.uses import ATTRIBUTES, Uses
from asyncblock_lint.link.inference.values import FunctionValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import Attr, CallFact, Name, Use

_Names = frozenset[str]
_NONE: _Names = frozenset()


class _Passing(NamedTuple):
    """A call in `unit` that may pass on what decides in the function that it runs."""

    unit: Unit
    call: CallFact
    function: FunctionValue
    arguments: Arguments
    object: _Names
    """What the object rests on whose method is called."""


class Deciding:
    """Follows parameters through calls to where a condition, a choice or a library call asks about them."""

    def __init__(self, evaluator: Evaluator, sparing: Sparing, uses: Uses) -> None:
        self._evaluator = evaluator
        self._units = evaluator.project.units
        self._asking = evaluator.asking
        self._choosing = evaluator.choosing
        self._sparing = sparing
        self._uses = uses
        self._found: dict[int, _Names] = {}
        self._passing: dict[int, dict[int, list[_Passing]]] = {}
        self._passed: dict[int, _Names] = {}

    def of(self, unit: Unit) -> _Names:
        """The parameters that decide what the function, or what it passes them on to, runs."""
        if unit.index not in self._found:
            self._settle(unit)
        return self._found[unit.index]

    def free(self, unit: Unit) -> list[str]:
        """Those of them that are parameters of functions around."""
        return sorted(name for name in self.of(unit) if _is_free(name, unit))

    def passed_on(self, call: CallFact, unit: Unit) -> _Names:
        """The parameters of `unit` that the call passes to where they decide something."""
        key = id(call)
        if key not in self._passed:
            self._passed[key] = frozenset(
                given
                for passing in self._calls(unit).get(key, ())
                for name in self.of(self._units[passing.function.unit])
                for given in self._given_for(name, passing)
            )
        return self._passed[key]

    def asked_by(self, use: Use, unit: Unit) -> _Names:
        """What decides which property is read."""
        if isinstance(use.subject, Attr) and use.kind in ATTRIBUTES and self._uses.may_run(use):
            return self._choosing.asked(use.subject.base, unit)
        return _NONE

    def _settle(self, first: Unit) -> None:
        """Answers for `first` and for all that it passes something on to."""
        found: dict[int, set[str]] = {}
        callers: dict[int, list[_Passing]] = defaultdict(list)
        open_ = [first]
        while open_:
            unit = open_.pop()
            if unit.index in found or unit.index in self._found:
                continue
            found[unit.index] = set(self._in(unit))
            for passing in (one for many in self._calls(unit).values() for one in many):
                callers[passing.function.unit].append(passing)
                open_.append(self._units[passing.function.unit])
        new = [
            (target, name) for target in callers for name in found.get(target, self._found.get(target, ()))
        ]
        while new:
            target, name = new.pop()
            for passing in callers.get(target, ()):
                for given in self._given_for(name, passing) - found[passing.unit.index]:
                    found[passing.unit.index].add(given)
                    new.append((passing.unit.index, given))
        self._found |= {index: frozenset(names) for index, names in found.items()}

    def _in(self, unit: Unit) -> Iterator[str]:
        """What decides in the function itself."""
        for number in range(len(unit.facts.regions)):
            yield from self._asking.of_region(number, unit)
        for call in unit.facts.calls:
            yield from self._choosing.asked(call.callee, unit)
            yield from self._sparing.asked(call, unit)
        for use in unit.facts.uses:
            yield from self.asked_by(use, unit)

    def _calls(self, unit: Unit) -> dict[int, list[_Passing]]:
        """The calls in the function that may pass something on, by identity."""
        if unit.index not in self._passing:
            self._passing[unit.index] = {
                id(call): found for call in unit.facts.calls if (found := list(self._targets(call, unit)))
            }
        return self._passing[unit.index]

    def _targets(self, call: CallFact, unit: Unit) -> Iterator[_Passing]:
        made = self._asking.of(call.callee.base, unit) if isinstance(call.callee, Attr) else _NONE
        is_inner = isinstance(call.callee, Name) and len(unit.facts.parameters) <= call.callee.binding
        passed = self._asking.of_arguments(call, unit)
        if passed or made or is_inner or attribute_of_self(call.callee, unit):
            arguments = Arguments.of(self._evaluator, call, unit)
            for value, _ in self._evaluator.evaluate(call.callee, unit):
                if isinstance(value, FunctionValue):
                    yield _Passing(unit, call, value, arguments, made)

    def _given_for(self, name: str, passing: _Passing) -> _Names:
        """What the call passes on where `name` decides in the function that it runs."""
        target, receiver = self._units[passing.function.unit], passing.function.receiver
        if name.startswith(OWN):
            if receiver is not None and receiver.is_self:
                return frozenset((name,))
            return passing.object if is_on_made(passing.function) else _NONE
        if _is_free(name, target):
            return frozenset((name,)) if _is_shared(name, target, passing.unit) else _NONE
        expression = passing.arguments.expression_for(target, name, skip_first=passing.function.bound)
        return self._asking.of(passing.arguments.spread if expression is None else expression, passing.unit)


def is_on_made(method: FunctionValue) -> bool:
    """Whether it is the method of an object that was seen being made."""
    return method.receiver is not None and bool(method.receiver.environment)


def _is_free(name: str, unit: Unit) -> bool:
    """Whether the name, which decides in `unit`, is of a function around it."""
    own = (parameter.name for parameter in unit.facts.parameters)
    return not name.startswith(OWN) and name not in own


def _is_shared(name: str, inner: Unit, caller: Unit) -> bool:
    """Whether the caller sees the same parameter of that name as the inner function."""
    return any(
        unit in (caller, *_around(caller))
        for unit in _around(inner)
        if any(parameter.name == name for parameter in unit.facts.parameters)
    )


def _around(unit: Unit) -> Iterator[Unit]:
    while unit.parent is not None:
        unit = unit.parent
        yield unit
