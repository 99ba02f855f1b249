"""Which parts of a function cannot be reached while an event loop runs in its thread.

Functions that serve both worlds ask first: `try: asyncio.get_running_loop()`, or
`if loop.is_running()`. What stands in the branch for the other world never runs on a loop. Nor does
what a function does only if it is given something else than a call gives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.comparing import Comparing
from asyncblock_lint.link.inference.constants import View, sources, standing
from asyncblock_lint.link.inference.current import Current
from asyncblock_lint.link.inference.known import Known, Setting, is_none, truth
from asyncblock_lint.link.inference.probed import Probed
from asyncblock_lint.link.inference.values import ClassValue, FunctionValue, LibraryValue, SequenceValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import Call, Choice, Display, Expr, Name, Region, Test

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_DEEPEST = 8
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})
Ranges = tuple[tuple[int, int], ...]


class Reachable:
    """Knows the regions of functions that no running loop gets to, and those it always does."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._comparing = Comparing(evaluator)
        self._current = Current(evaluator)
        self._probed = Probed(evaluator)
        self._outcomes: dict[tuple[int, Setting], tuple[tuple[Region, bool], ...]] = {}
        self._given: dict[int, dict[str, Known]] = {}
        self._regions: dict[int, list[tuple[Region, frozenset[str]]]] = {}
        self._opening: set[int] = set()
        self._calling: set[int] = set()

    def calls(self, unit: Unit, setting: Setting = ()) -> Ranges:
        """The stretches of the unit's calls that a running loop never gets to, if the unit's parameters
        are given what `setting` says."""
        return tuple(region.calls for region, runs in self._decided(unit, setting) if not runs)

    def uses(self, unit: Unit, setting: Setting = ()) -> Ranges:
        """The stretches of the unit's uses that a running loop never gets to."""
        return tuple(region.uses for region, runs in self._decided(unit, setting) if not runs)

    def returns(self, unit: Unit, setting: Setting = ()) -> Ranges:
        """The stretches of what the unit returns that a running loop never gets to."""
        return tuple(region.returns for region, runs in self._decided(unit, setting) if not runs)

    def yields(self, unit: Unit, setting: Setting = ()) -> Ranges:
        """The stretches of what the unit yields that a running loop never gets to."""
        return tuple(region.yields for region, runs in self._decided(unit, setting) if not runs)

    def stores(self, unit: Unit, setting: Setting = ()) -> Ranges:
        """The stretches of what the unit stores that a running loop never gets to."""
        return tuple(region.stores for region, runs in self._decided(unit, setting) if not runs)

    def holds(self, test: Test, unit: Unit, setting: Setting = ()) -> bool | None:
        """How `test`, standing in `unit`, comes out on a running loop, as far as that is certain."""
        known = list(self._decided(unit, setting))
        outer = self._given.get(unit.index)
        self._given[unit.index] = dict(setting)
        answer = self._ask(test, unit, known)
        del self._given[unit.index]
        if outer is not None:
            self._given[unit.index] = outer
        return answer

    def known(self, expression: Expr, unit: Unit, setting: Setting = ()) -> Known | None:
        """What is known of `expression` where `unit` is called with `setting`, also by constants and
        annotations from outside of it."""
        view = View(
            unit, dict(setting), self._decided(unit, setting), lambda test: self.holds(test, unit, setting)
        )
        return self._evaluator.constants.read(expression, view)

    def never_binds(self, binding: int, unit: Unit, setting: Setting = ()) -> bool:
        """Whether a running loop never gets to where `unit` makes that binding."""
        return standing(binding, self._decided(unit, setting)) is False

    def _decided(self, unit: Unit, setting: Setting = ()) -> tuple[tuple[Region, bool], ...]:
        """The regions of which it is known whether a running loop gets there, and whether it does."""
        key = unit.index, setting
        found = self._outcomes.get(key)
        if found is None:
            if unit.index in self._opening or len(self._opening) >= _DEEPEST:
                return ()
            if setting:
                self._decided(unit)
            self._opening.add(unit.index)
            self._given[unit.index] = dict(setting)
            found = tuple(self._decide(unit, setting))
            del self._given[unit.index]
            self._opening.discard(unit.index)
            self._outcomes[key] = found
        return found

    def _decide(self, unit: Unit, setting: Setting) -> list[tuple[Region, bool]]:
        # Inner regions and tries come first in the facts, and later tests ask about what they bind.
        found: list[tuple[Region, bool]] = []
        names = frozenset(name for name, _ in setting)
        always = {id(region): runs for region, runs in self._outcomes.get((unit.index, ()), ())}
        for region, asked in self._tests(unit):
            if setting and names.isdisjoint(asked):
                runs = always.get(id(region))
            else:
                answer = self._ask(region.test or Test(), unit, found)
                runs = None if answer is None else answer is region.holds
            if runs is not None:
                found.append((region, runs))
        return found

    def _tests(self, unit: Unit) -> list[tuple[Region, frozenset[str]]]:
        """The regions that stand under a condition, and the parameters that it asks about."""
        found = self._regions.get(unit.index)
        regions = unit.facts.regions
        if found is None:
            asked = (self._evaluator.asking.of_region(number, unit) for number in range(len(regions)))
            pairs = [pair for pair in zip(regions, asked, strict=True) if pair[0].test is not None]
            found = sorted(pairs, key=lambda pair: (pair[0].calls[0], pair[0].bindings[0]))
            self._regions[unit.index] = found
        return found

    def _ask(self, test: Test, unit: Unit, known: list[tuple[Region, bool]], depth: int = 0) -> bool | None:
        """How `test` comes out on a running loop, as far as that is certain."""
        if depth > _DEEPEST:
            return None
        if test.op == "raises":
            return self._raises(test, unit)
        if test.op == "tried":
            return True if self._raised(test.calls[0], unit) else None
        if test.op == "not":
            answer = self._ask(test.parts[0], unit, known, depth)
            return None if answer is None else not answer
        if test.op in ("and", "or"):
            answers = [self._ask_part(part, test, unit, known, depth) for part in test.parts]
            decisive = test.op == "or"
            if decisive in answers:
                return decisive
            return None if None in answers else not decisive
        if test.subject is None:
            return None
        if test.op == "among" and any(
            self._current.is_same(test.subject, option, unit) for option in test.options
        ):
            return True
        if test.options:
            return self._comparing.holds(test, self._view(unit, known, depth))
        is_true, is_missing = self._value(test.subject, unit, known, depth)
        return is_missing if test.op == "none" else is_true

    def _ask_part(
        self, part: Test, test: Test, unit: Unit, known: list[tuple[Region, bool]], depth: int
    ) -> bool | None:
        answer = self._ask(part, unit, known, depth)
        return self._probed.beside(part, test.parts, unit) if answer is None else answer

    def _view(self, unit: Unit, known: list[tuple[Region, bool]], depth: int) -> View:
        """The function from inside, as far as regions of it are decided by now."""
        given = self._given.get(unit.index, {})
        return View(unit, given, known, lambda test: self._ask(test, unit, known, depth + 1), names=False)

    def _raises(self, test: Test, unit: Unit) -> bool | None:
        """A running loop does not get into a handler for what a probe raises without one."""
        calls = range(*test.calls)
        raised = {name for index in calls for name in self._raised(index, unit)}
        caught = self._caught(test, unit)
        asks_only = all(self._raised(index, unit) for index in calls)
        if raised and (raised & caught or (asks_only and (not caught or caught & _BROAD))):
            return False
        return None

    def _caught(self, test: Test, unit: Unit) -> set[str]:
        """The exceptions that a handler is for; none if it is for all."""
        values = [] if test.subject is None else [v for v, _ in self._evaluator.evaluate(test.subject, unit)]
        found = [*values]
        for value in values:
            if isinstance(value, SequenceValue):
                found.extend(inner for item in value.items for inner, _ in item)
        return {value.name for value in found if isinstance(value, LibraryValue)}

    def _raised(self, index: int, unit: Unit) -> tuple[str, ...]:
        """What the call raises where no loop runs."""
        return tuple(name for probe in self._probed.probes(index, unit) for name in probe.raises)

    def _value(
        self, subject: Expr, unit: Unit, known: list[tuple[Region, bool]], depth: int
    ) -> tuple[bool | None, bool | None]:
        """Whether `subject` is true, and whether it is `None`, on a running loop."""
        if depth > _DEEPEST:
            return None, None
        match subject:
            case Call(index=index):
                if self._probed.probes(index, unit):
                    return True, False
                view = self._view(unit, known, depth)
                fits = self._comparing.fits_text(unit.facts.calls[index], view)
                if fits is not None:
                    return fits, False
                found = self._evaluator.constants.read(subject, view)
                return self._called(index, unit) if found is None else (truth(found), is_none(found))
            case Choice(options=options, test=test):
                holds = None if test is None else self._ask(test, unit, known, depth + 1)
                if holds is not None:
                    return self._value(options[0 if holds else 1], unit, known, depth + 1)
                taken = [option for option in options if not _is_skipped(option, known)]
                return _either([self._value(option, unit, known, depth + 1) for option in taken])
            case Name(id=name, binding=index) if len(unit.facts.parameters) <= index:
                if self._evaluator.touched.is_rebound(name, unit):
                    return None, None
                return self._bound(index, unit, known, depth + 1)
            case Display():
                # A container that was made empty is hardly asked before it is filled.
                return None, False
        found = self._evaluator.constants.read(subject, self._view(unit, known, depth))
        return truth(found), is_none(found)

    def _bound(
        self, index: int, unit: Unit, known: list[tuple[Region, bool]], depth: int
    ) -> tuple[bool | None, bool | None]:
        value = unit.facts.bindings[index].value
        if value is None:
            return None, None
        if unit.facts.bindings[index].kind != "join" or not isinstance(value, Choice):
            return self._value(value, unit, known, depth)
        return _agreed([self._value(option, unit, known, depth) for option in sources(value, known)])

    def _called(self, index: int, unit: Unit) -> tuple[bool | None, bool | None]:
        """Whether what a function of the project returns is true, and whether it is `None`."""
        values = self._evaluator.evaluate(unit.facts.calls[index].callee, unit)
        if len(values) != 1:
            return None, None
        value, _ = values[0]
        if isinstance(value, ClassValue):
            return True, False
        if not isinstance(value, FunctionValue):
            return None, None
        target = self._evaluator.project.units[value.unit]
        if target.kind != "sync" or target.index in self._calling:
            return None, None
        self._calling.add(target.index)
        answer = self._returned(target)
        self._calling.discard(target.index)
        return answer

    def _returned(self, target: Unit) -> tuple[bool | None, bool | None]:
        asked = self._probed.returned(target)
        decided = list(self._decided(target))
        decided += self._probed.told(asked, target, decided) if asked else []
        if not asked and not decided:
            return None, None
        if not all(self._probed.is_surely_asked(call, target, decided) for call in asked):
            return None, None
        dead = tuple(region.returns for region, runs in decided if not runs)
        returned = [item for position, item in enumerate(target.facts.returns) if not within(position, dead)]
        bare = [self._probed.bare(item, target) for item in returned]
        return _agreed([self._value(item, target, decided, 0) for item in bare])


def within(position: int, ranges: Ranges) -> bool:
    """Whether the position is in one of the stretches."""
    return any(first <= position < end for first, end in ranges)


def _is_skipped(option: Expr, known: list[tuple[Region, bool]]) -> bool:
    """Whether the option is a call that a running loop does not get to."""
    return isinstance(option, Call) and any(
        not runs and within(option.index, (region.calls,)) for region, runs in known
    )


def _either(answers: list[tuple[bool | None, bool | None]]) -> tuple[bool | None, bool | None]:
    """What an expression with alternatives gives: beside a loop that runs, `None` is for where none does."""
    if (True, False) in answers and all(answer in ((True, False), (False, True)) for answer in answers):
        return True, False
    return _agreed(answers)


def _agreed(answers: list[tuple[bool | None, bool | None]]) -> tuple[bool | None, bool | None]:
    """What all answers have in common."""
    if not answers:
        return None, None
    truths, nones = zip(*answers, strict=True)
    return (
        truths[0] if len(set(truths)) == 1 else None,
        nones[0] if len(set(nones)) == 1 else None,
    )
