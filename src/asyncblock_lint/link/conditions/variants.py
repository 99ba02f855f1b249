"""Functions as particular calls run them: without the branches that the given constants rule out.

Each variant of a function is a function of its own in the call graph. So `load(url, wait=False)` does
not reach what `load` does `if wait:`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from asyncblock_lint.link.conditions.given import GivenConstants
from asyncblock_lint.link.conditions.sparing import Sparing
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.constants import OWN, attribute_of_self
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.known import Known, Made, Setting, both
from asyncblock_lint.link.inference.reachable import Ranges, within
from asyncblock_lint.link.inference.uses import ATTRIBUTES, Uses
from asyncblock_lint.link.inference.values import (
    NONE,
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
    Const,
    Expr,
    Name,
    Span,
    Use,
)
from asyncblock_lint.model.graph import Edge

_MOST = 12
_MOST_OPEN = 2
_DEEPEST = 4
_FOLLOWED = (*ATTRIBUTES, "enter", "iterate")


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
        self._asking = evaluator.asking
        self._choosing = evaluator.choosing
        self._sparing = Sparing(evaluator)
        self.uses = Uses(evaluator)
        self._numbers: dict[tuple[int, Setting], int] = {}
        self._settings: list[tuple[Unit, Setting]] = []
        self._outcomes: dict[tuple[object, ...], int] = {}
        self._counts: Counter[int] = Counter()
        self._opened: Counter[int] = Counter()
        self._deciding: dict[int, frozenset[str]] = {}
        self._passing: dict[int, frozenset[str]] = {}

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
        if unit.kind not in ("sync", "generator") or not self._decides(unit):
            return unit.index
        known = dict(setting)
        found: dict[str, Known | None] = {
            name: self._of_object(function.receiver, name, known)
            for name in sorted(self._decides(unit))
            if name.startswith(OWN)
        }
        for name in self._free(unit):
            around = [values for key, values in function.environment if key.name == name]
            found[name] = self._choosing.wide.object_given(known.get(name), around[0] if around else ())
        caller = caller or arguments.unit
        if caller is not None:
            for name in [name for name, value in found.items() if value is None]:
                found[name] = self._given.of_receiver(unit, name.removeprefix(OWN), arguments, caller)
            for parameter in unit.facts.parameters:
                if parameter.name in self._decides(unit):
                    found[parameter.name] = self._given.of_parameter(
                        parameter, unit, function, arguments, caller, setting
                    )
        given = tuple((name, value) for name, value in found.items() if value is not None)
        return self._number(unit, given) if given else unit.index

    def _of_object(
        self, receiver: InstanceValue | None, name: str, known: Mapping[str, Known]
    ) -> Known | None:
        """The constant that a method's object keeps; for a call on `self`, what is known of the caller's."""
        if receiver is None or receiver.is_self:
            return known.get(name) if receiver else None
        attribute = name.removeprefix(OWN)
        found = self._evaluator.kept.constant(receiver, attribute)
        if found is not None and found != Made(counts=True):
            return found
        match self._evaluator.kept.chosen(receiver, attribute):
            case [(value, _)]:
                return both(Const(None) if value == NONE else Made(value), found)
        return found

    def of_constants(self, function: FunctionValue, constants: Setting) -> int:
        """The number of what a call with these constants runs."""
        unit = self._project.units[function.unit]
        deciding = self._decides(unit) if constants else frozenset()
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
            if not names.isdisjoint(self._passed_on(call, unit)):
                changed.turned[call.span] = self._turned(call, unit, setting)
        for use in unit.facts.uses:
            if use.kind in _FOLLOWED and self._choosing.wide.is_told(use.subject, unit, setting):
                changed.left.add(use.span)
            elif use.span not in changed.dead and not names.isdisjoint(self._asked_by(use, unit)):
                changed.gone[use.span] = self._read(use, unit, ()) - self._read(use, unit, setting)
            made = unit.facts.calls[use.subject.index] if isinstance(use.subject, Call) else None
            is_passed = made is not None and not names.isdisjoint(self._passed_on(made, unit))
            if made is not None and is_passed and use.span not in changed.dead:
                turned = changed.turned.get(use.span, {})
                changed.turned[use.span] = turned | self._turned_later(use.subject, made, unit, setting)
        return changed

    def _names(self, values: Values) -> set[str]:
        """What steps call these values."""
        functions = [value for value, _ in values if isinstance(value, FunctionValue)]
        names = {self._project.qualified_name(self._project.units[value.unit]) for value in functions}
        return names | {value.name for value, _ in values if isinstance(value, LibraryValue)}

    def _asked_by(self, use: Use, unit: Unit) -> frozenset[str]:
        """What decides which property is read."""
        if isinstance(use.subject, Attr) and use.kind in ATTRIBUTES and self.uses.may_run(use):
            return self._choosing.asked(use.subject.base, unit)
        return frozenset()

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
        if any(_is_on_made(value) for value in values):
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
        if key not in self._numbers:
            # Calls in circles come back here, perhaps with another setting each time.
            self._numbers[key] = unit.index
            if self._opened[unit.index] < _MOST_OPEN:
                self._opened[unit.index] += 1
                self._numbers[key] = self._alike(unit, setting)
                self._opened[unit.index] -= 1
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

    # What decides

    def _decides(self, unit: Unit) -> frozenset[str]:
        """The parameters that decide what the function, or what it passes them on to, runs."""
        return self._find_deciding(unit, 0)

    def _free(self, unit: Unit) -> list[str]:
        """Those of them that are parameters of functions around."""
        own = {parameter.name for parameter in unit.facts.parameters}
        return sorted(name for name in self._decides(unit) - own if not name.startswith(OWN))

    def _find_deciding(self, unit: Unit, depth: int) -> frozenset[str]:
        found = self._deciding.get(unit.index)
        if found is None:
            self._deciding[unit.index] = frozenset()
            regions = range(len(unit.facts.regions))
            names = {name for number in regions for name in self._asking.of_region(number, unit)}
            for call in unit.facts.calls:
                names |= self._choosing.asked(call.callee, unit)
            for use in unit.facts.uses:
                names |= self._asked_by(use, unit)
            for call in unit.facts.calls if depth < _DEEPEST else ():
                names |= self._find_passed(call, unit, depth) | self._sparing.asked(call, unit)
            found = self._deciding[unit.index] = frozenset(names)
        return found

    def _passed_on(self, call: CallFact, unit: Unit) -> frozenset[str]:
        """The parameters of `unit` that the call passes to where they decide something."""
        key = id(call)
        if key not in self._passing:
            self._passing[key] = self._find_passed(call, unit, 0)
        return self._passing[key]

    def _find_passed(self, call: CallFact, unit: Unit, depth: int) -> frozenset[str]:
        passed = self._asking.of_arguments(call, unit)
        made = self._asking.of(call.callee.base, unit) if isinstance(call.callee, Attr) else frozenset()
        is_inner = isinstance(call.callee, Name) and len(unit.facts.parameters) <= call.callee.binding
        if not (passed or made or is_inner or attribute_of_self(call.callee, unit)):
            return frozenset()
        found: set[str] = set()
        arguments = Arguments.of(self._evaluator, call, unit)
        for value, _ in self._evaluator.evaluate(call.callee, unit):
            if isinstance(value, FunctionValue):
                target = self._project.units[value.unit]
                free = self._free(target)
                for name in self._find_deciding(target, depth + 1):
                    if name.startswith(OWN) and value.receiver is not None and value.receiver.is_self:
                        found.add(name)
                    elif name.startswith(OWN) and _is_on_made(value):
                        found |= made
                    elif name in free:
                        found.add(name)
                    expression = arguments.expression_for(target, name, skip_first=value.bound)
                    if expression is None:
                        expression = arguments.spread
                    found |= self._asking.of(expression, unit)
        return frozenset(found)


def _is_on_made(method: FunctionValue) -> bool:
    """Whether it is the method of an object that was seen being made."""
    return method.receiver is not None and bool(method.receiver.environment)


def _turned(edge: Edge, turned: Mapping[int, int]) -> Edge:
    return edge if edge.target is None else replace(edge, target=turned.get(edge.target, edge.target))


def _spans(items: Sequence[CallFact | Use], ranges: Ranges) -> Iterator[Span]:
    return (item.span for index, item in enumerate(items) if within(index, ranges))
