"""Functions as particular calls run them: without the branches that the given constants rule out.

Each variant of a function is a function of its own in the call graph. So `load(url, wait=False)` does
not reach what `load` does `if wait:`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from asyncblock_lint.link.conditions.deciding import Deciding, is_on_made
from asyncblock_lint.link.conditions.given import GivenConstants
from asyncblock_lint.link.conditions.sparing import Sparing
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.constants import OWN
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.known import Known, Setting
from asyncblock_lint.link.inference.reachable import Ranges, within
from asyncblock_lint.link.inference.uses import ATTRIBUTES, Uses
from asyncblock_lint.link.inference.values import (
    FunctionValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    RunValue,
    Values,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import (
    Attr,
    Call,
    CallFact,
    Expr,
    Span,
    Use,
)
from asyncblock_lint.model.graph import Edge

_MOST = 12
_MOST_OPEN = 2
_FOLLOWED = (*ATTRIBUTES, "enter", "iterate")


_Call = tuple[FunctionValue, int, int | None, Setting]
"""The function that is called, with which arguments, by whom, and how that is called itself."""


class _Changed(NamedTuple):
    """What a setting changes of a function, by place: what is never come to (`dead`), what the caller
    follows itself (`left`), what is not called of alternatives (`gone`), and what is called instead of
    what without it (`turned`)."""

    dead: frozenset[Span]
    left: set[Span]
    gone: dict[Span, set[str]]
    turned: dict[Span, dict[int, int]]


class Variants:
    """Numbers the variants behind the project's functions, in the order in which they are asked for."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._reachable = evaluator.reachable
        self._given = GivenConstants(evaluator)
        self._choosing = evaluator.choosing
        self._sparing = Sparing(evaluator)
        self.uses = Uses(evaluator)
        self._deciding = Deciding(evaluator, self._sparing, self.uses)
        self._numbers: dict[tuple[int, Setting], int] = {}
        self._settings: list[tuple[Unit, Setting]] = []
        self._outcomes: dict[tuple[object, ...], int] = {}
        self._counts: Counter[int] = Counter()
        self._opened: Counter[int] = Counter()
        self._open: set[tuple[int, Setting]] = set()
        self._circles = 0
        self._calls: dict[_Call, tuple[Arguments, int]] = {}

    def __iter__(self) -> Iterator[tuple[Unit, Setting]]:
        """The variants by number, those included that are asked for meanwhile."""
        yield from self._settings

    def origin(self, number: int) -> int:
        """The function of which this is a variant, or which it is itself."""
        first = len(self._project.units)
        return number if number < first else self._settings[number - first][0].index

    def of(
        self, function: FunctionValue, arguments: Arguments, caller: Unit | None, setting: Setting = ()
    ) -> int:
        """The number of what a call of `function` in `caller` runs, itself called with `setting`."""
        unit = self._project.units[function.unit]
        if unit.kind not in ("sync", "generator") or not self._deciding.of(unit):
            return unit.index
        call = function, id(arguments), None if caller is None else caller.index, setting
        if call not in self._calls:
            circles = self._circles
            number = self._find(function, arguments, caller, setting)
            if self._circles != circles:
                return number
            # The arguments are kept too, so that no others come to stand where they did.
            self._calls[call] = arguments, number
        return self._calls[call][1]

    def _find(
        self, function: FunctionValue, arguments: Arguments, caller: Unit | None, setting: Setting
    ) -> int:
        """The same, found anew: by the object, by what is around an inner function, and by the arguments."""
        unit = self._project.units[function.unit]
        known = dict(setting)
        names = sorted(name for name in self._deciding.of(unit) if name.startswith(OWN))
        found: dict[str, Known | None] = dict.fromkeys(names)
        found.update(self._evaluator.own.of(function.receiver, names, caller or arguments.unit, known))
        for name in self._deciding.free(unit):
            around = [values for key, values in function.environment if key.name == name]
            found[name] = self._choosing.wide.object_given(known.get(name), around[0] if around else ())
        caller = caller or arguments.unit
        if caller is not None:
            for name in [name for name, value in found.items() if value is None]:
                found[name] = self._given.of_receiver(unit, name.removeprefix(OWN), arguments, caller)
            for parameter in unit.facts.parameters:
                if parameter.name in self._deciding.of(unit):
                    found[parameter.name] = self._given.of_parameter(
                        parameter, unit, function, arguments, caller, setting
                    )
        given = tuple((name, value) for name, value in found.items() if value is not None)
        return self._number(unit, given) if given else unit.index

    def of_constants(self, function: FunctionValue, constants: Setting) -> int:
        """The number of what a call with these constants runs."""
        unit = self._project.units[function.unit]
        deciding = self._deciding.of(unit) if constants else frozenset()
        given = tuple((name, value) for name, value in constants if name in deciding)
        return self._number(unit, given) if given else unit.index

    def dead(self, number: int) -> frozenset[Span]:
        """The places that the variant never gets to."""
        first = len(self._project.units)
        return frozenset() if number < first else self.dead_in(*self._settings[number - first])

    def dead_in(self, unit: Unit, setting: Setting) -> frozenset[Span]:
        """The places in `unit` that a call with `setting` never gets to."""
        return frozenset(
            [
                *_spans(unit.facts.calls, self._reachable.calls(unit, setting)),
                *_spans(unit.facts.uses, self._reachable.uses(unit, setting)),
                *self._sparing.spared(unit, setting),
            ]
        )

    def edges(self, unit: Unit, setting: Setting, edges: Mapping[Span, list[Edge]]) -> dict[Span, list[Edge]]:
        """The edges of the variant, from those of the function itself."""
        changed = self._changed(unit, setting)
        return {
            span: [
                _turned(edge, changed.turned.get(span, {}))
                for edge in held
                if edge.step.calls not in changed.gone.get(span, ())
            ]
            for span, held in edges.items()
            if span not in changed.dead and span not in changed.left
        }

    def _changed(self, unit: Unit, setting: Setting) -> _Changed:
        """All that the setting changes of what the function runs."""
        changed = _Changed(self.dead_in(unit, setting), set(), {}, {})
        names = frozenset(name for name, _ in setting)
        for call in unit.facts.calls:
            if call.span in changed.dead:
                continue
            if self._choosing.wide.is_told(call.callee, unit, setting):
                changed.left.add(call.span)
            elif not names.isdisjoint(self._choosing.asked(call.callee, unit)):
                left = self._names(self._choosing.evaluate(call.callee, unit, setting))
                changed.gone[call.span] = self._names(self._evaluator.evaluate(call.callee, unit)) - left
            if not names.isdisjoint(self._deciding.passed_on(call, unit)):
                changed.turned[call.span] = self._turned(call, unit, setting)
        for use in unit.facts.uses:
            if use.kind in _FOLLOWED and self._choosing.wide.is_told(use.subject, unit, setting):
                changed.left.add(use.span)
            elif use.span not in changed.dead and not names.isdisjoint(self._deciding.asked_by(use, unit)):
                changed.gone[use.span] = self._read(use, unit, ()) - self._read(use, unit, setting)
            made = unit.facts.calls[use.subject.index] if isinstance(use.subject, Call) else None
            is_passed = made is not None and not names.isdisjoint(self._deciding.passed_on(made, unit))
            if made is not None and is_passed and use.span not in changed.dead:
                turned = changed.turned.get(use.span, {})
                changed.turned[use.span] = turned | self._turned_later(use.subject, made, unit, setting)
        return changed

    def _names(self, values: Values) -> set[str]:
        """What steps call these values."""
        functions = [value for value, _ in values if isinstance(value, FunctionValue)]
        names = {self._project.qualified_name(self._project.units[value.unit]) for value in functions}
        return names | {value.name for value, _ in values if isinstance(value, LibraryValue)}

    def _read(self, use: Use, unit: Unit, setting: Setting) -> set[str]:
        """What steps call the properties that are read, of a function called with the setting."""
        assert isinstance(use.subject, Attr)
        name, names = use.subject.name, set()
        for value, _ in self._choosing.evaluate(use.subject.base, unit, setting):
            if isinstance(value, InstanceValue):
                names |= self._names(self._evaluator.classes.declared(value, name))
            elif isinstance(value, LibraryInstance):
                names.add(f"{value.type}.{name}")
        return names

    def _turned(self, call: CallFact, unit: Unit, setting: Setting) -> dict[int, int]:
        """What the call runs without, and what with the setting of its function."""
        arguments = Arguments.of(self._evaluator, call, unit)
        values = [v for v, _ in self._evaluator.evaluate(call.callee, unit) if isinstance(v, FunctionValue)]
        told: dict[int, FunctionValue] = {}
        if any(is_on_made(value) for value in values):
            chosen = self._choosing.evaluate(call.callee, unit, setting)
            told = {value.unit: value for value, _ in chosen if isinstance(value, FunctionValue)}
        return {
            self.of(value, arguments, unit): self.of(told.get(value.unit, value), arguments, unit, setting)
            for value in values
        }

    def _turned_later(self, made: Expr, call: CallFact, unit: Unit, setting: Setting) -> dict[int, int]:
        """The same of what the call makes, which runs when it is entered or iterated."""
        arguments = Arguments.of(self._evaluator, call, unit)
        return {
            self.of_constants(value.function, value.constants): self.of(
                value.function, arguments, unit, setting
            )
            for value, _ in self._evaluator.evaluate(made, unit)
            if isinstance(value, RunValue)
        }

    def _number(self, unit: Unit, setting: Setting) -> int:
        """The number of the variant; of settings that come to the same, the first one's."""
        key = unit.index, setting
        if key in self._open:
            self._circles += 1
        elif key not in self._numbers:
            # Calls in circles come back here, perhaps with another setting each time.
            self._numbers[key] = unit.index
            if self._opened[unit.index] < _MOST_OPEN:
                self._open.add(key)
                self._opened[unit.index] += 1
                self._numbers[key] = self._alike(unit, setting)
                self._opened[unit.index] -= 1
                self._open.remove(key)
        return self._numbers[key]

    def _alike(self, unit: Unit, setting: Setting) -> int:
        changes = tuple(self._changes(unit, setting))
        outcome = unit.index, changes
        if changes and outcome not in self._outcomes:
            own = tuple(item for item in setting if item[0].startswith(OWN))
            if self._counts[unit.index] >= (_MOST if own != setting else 2 * _MOST):
                # What the object keeps is worth more than what one of many calls gives.
                return unit.index if own in ((), setting) else self._number(unit, own)
            self._counts[unit.index] += 1
            self._outcomes[outcome] = len(self._project.units) + len(self._settings)
            self._settings.append((unit, setting))
        return self._outcomes[outcome] if changes else unit.index

    def _changes(self, unit: Unit, setting: Setting) -> Iterator[tuple[object, ...]]:
        """The changes that make a difference, for comparison with those of other settings."""
        changed = self._changed(unit, setting)
        matter = (call for call in unit.facts.calls if call.span in changed.dead)
        yield from ((call.span,) for call in matter if self._matters(call, unit))
        yield from ((use.span,) for use in unit.facts.uses if use.span in changed.dead)
        yield from ((use.span, "left") for use in unit.facts.uses if use.span in changed.left)
        yield from ((call.span, "left") for call in unit.facts.calls if call.span in changed.left)
        yield from ((span, *sorted(gone)) for span, gone in changed.gone.items() if gone)
        for span, turned in changed.turned.items():
            new = sorted((before, after) for before, after in turned.items() if before != after)
            if new:
                yield (span, *new)

    def _matters(self, call: CallFact, unit: Unit) -> bool:
        """Whether the call may block, or run something that does."""
        return any(
            not isinstance(value, LibraryValue)
            or self._evaluator.matcher.blocker(value.name) is not None
            or value.name.rpartition(".")[2] in self._evaluator.matcher.handing
            for value, _ in self._evaluator.evaluate(call.callee, unit)
        )


def _turned(edge: Edge, turned: Mapping[int, int]) -> Edge:
    return edge if edge.target is None else replace(edge, target=turned.get(edge.target, edge.target))


def _spans(items: Sequence[CallFact | Use], ranges: Ranges) -> Iterator[Span]:
    return (item.span for index, item in enumerate(items) if within(index, ranges))
