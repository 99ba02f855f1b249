"""Which parts of a function cannot be reached while an event loop runs in its thread.

Functions that serve both worlds ask first: `try: asyncio.get_running_loop()`, or
`if loop.is_running()`. What stands in the branch for the other world never runs on a loop. Nor does
what a function does only if it is given something else than a call gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from asyncblock_lint.link.conditions.current import Current
from asyncblock_lint.link.conditions.kinds import KindReader, Kinds
from asyncblock_lint.link.conditions.told import Known, Told, truth_of
from asyncblock_lint.link.inference.values import ClassValue, FunctionValue, LibraryValue, SequenceValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.catalogue import Probe
from asyncblock_lint.model.facts import (
    FREE,
    Attr,
    Call,
    CallFact,
    Choice,
    Const,
    Expr,
    Name,
    Narrowed,
    Region,
    Test,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_DEEPEST = 8
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})
Ranges = tuple[tuple[int, int], ...]
Setting = tuple[tuple[str, Known], ...]
"""What the parameters of a function are given, as far as that decides what it runs."""
_ENDS: Mapping[str, Callable[[str, str], bool]] = {"startswith": str.startswith, "endswith": str.endswith}


class Reachable:
    """Knows the regions of functions that no running loop gets to, and those it always does."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._kinds = KindReader(evaluator)
        self._current = Current(evaluator)
        self._outcomes: dict[tuple[int, Setting], tuple[tuple[Region, bool], ...]] = {}
        self._given: dict[int, dict[str, Known]] = {}
        self._opening: set[int] = set()
        self._calling: set[int] = set()

    def calls(self, unit: Unit, setting: Setting = ()) -> Ranges:
        """The stretches of the unit's calls that a running loop never gets to, if the unit's parameters
        are given what `setting` says."""
        return tuple(region.calls for region, runs in self._decided(unit, setting) if not runs)

    def uses(self, unit: Unit, setting: Setting = ()) -> Ranges:
        """The stretches of the unit's uses that a running loop never gets to."""
        return tuple(region.uses for region, runs in self._decided(unit, setting) if not runs)

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

    def never_binds(self, binding: int, unit: Unit, setting: Setting = ()) -> bool:
        """Whether a running loop never gets to where `unit` makes that binding."""
        return _standing(binding, list(self._decided(unit, setting))) is False

    def _decided(self, unit: Unit, setting: Setting = ()) -> tuple[tuple[Region, bool], ...]:
        """The regions of which it is known whether a running loop gets there, and whether it does."""
        key = unit.index, setting
        found = self._outcomes.get(key)
        if found is None:
            if unit.index in self._opening or len(self._opening) >= _DEEPEST:
                return ()
            self._opening.add(unit.index)
            self._given[unit.index] = dict(setting)
            found = tuple(self._decide(unit))
            del self._given[unit.index]
            self._opening.discard(unit.index)
            self._outcomes[key] = found
        return found

    def _decide(self, unit: Unit) -> list[tuple[Region, bool]]:
        # Inner regions and tries come first in the facts, and later tests ask about what they bind.
        found: list[tuple[Region, bool]] = []
        for region in sorted(unit.facts.regions, key=lambda region: (region.calls[0], region.bindings[0])):
            if region.test is not None:
                answer = self._ask(region.test, unit, found)
                if answer is not None:
                    found.append((region, answer is region.holds))
        return found

    def _ask(self, test: Test, unit: Unit, known: list[tuple[Region, bool]], depth: int = 0) -> bool | None:
        """How `test` comes out on a running loop, as far as that is certain."""
        if test.op == "raises":
            return self._raises(test, unit)
        if test.op == "tried":
            return True if self._raised(test.calls[0], unit) else None
        if test.op == "not":
            answer = self._ask(test.parts[0], unit, known, depth)
            return None if answer is None else not answer
        if test.op in ("and", "or"):
            answers = [self._ask(part, unit, known, depth) for part in test.parts]
            decisive = test.op == "or"
            if decisive in answers:
                return decisive
            return None if None in answers else not decisive
        if test.subject is None:
            return None
        if test.op == "same":
            return True if test.other and self._current.is_same(test.subject, test.other, unit) else None
        if test.op == "among":
            given = self._constant(test.subject, unit, known, depth)
            return given.value in test.constants if isinstance(given, Const) else None
        truth, is_none = self._value(test.subject, unit, known, depth)
        return is_none if test.op == "none" else truth

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
        return tuple(name for probe in self._probes(index, unit) for name in probe.raises)

    def _probes(self, index: int, unit: Unit) -> list[Probe]:
        values = self._evaluator.evaluate(unit.facts.calls[index].callee, unit)
        names = [value.name for value, _ in values if isinstance(value, LibraryValue)]
        return [probe for name in names if (probe := self._matcher.probe(name)) is not None]

    def _value(
        self, subject: Expr, unit: Unit, known: list[tuple[Region, bool]], depth: int
    ) -> tuple[bool | None, bool | None]:
        """Whether `subject` is true, and whether it is `None`, on a running loop."""
        if depth > _DEEPEST:
            return None, None
        match subject:
            case Const(value=value):
                return bool(value), value is None
            case Call(index=index):
                if self._probes(index, unit):
                    return True, False
                call = unit.facts.calls[index]
                fits = self._fits_text(call, unit, known, depth)
                fits = self._fits_type(call, unit, known, depth) if fits is None else fits
                return self._called(index, unit) if fits is None else (fits, False)
            case Choice(options=options, test=test):
                holds = None if test is None else self._ask(test, unit, known, depth + 1)
                if holds is not None:
                    return self._value(options[0 if holds else 1], unit, known, depth + 1)
                taken = [option for option in options if not _is_skipped(option, known)]
                return _either([self._value(option, unit, known, depth + 1) for option in taken])
            case Attr():
                return truth_of(self._of_parameter(subject, unit))
            case Name(binding=index) if index != FREE:
                return self._bound(index, unit, known, depth + 1)
        return None, None

    def _bound(
        self, index: int, unit: Unit, known: list[tuple[Region, bool]], depth: int
    ) -> tuple[bool | None, bool | None]:
        binding = unit.facts.bindings[index]
        given = self._of_parameter(Name(binding.name, index), unit)
        if given is not None:
            return truth_of(given)
        if binding.value is None or index < len(unit.facts.parameters):
            return None, None
        if binding.kind != "join" or not isinstance(binding.value, Choice):
            return self._value(binding.value, unit, known, depth)
        return _agreed([self._value(option, unit, known, depth) for option in _sources(binding.value, known)])

    def _constant(
        self, subject: Expr | None, unit: Unit, known: list[tuple[Region, bool]], depth: int
    ) -> Known | None:
        """What the unit is given where `subject` stands, also if that may be bound anew before."""
        while isinstance(subject, Narrowed):
            subject = subject.value
        given = subject if isinstance(subject, Const) else self._of_parameter(subject, unit)
        if given is not None or not isinstance(subject, Name) or depth > _DEEPEST:
            return given
        if not len(unit.facts.parameters) <= subject.binding:
            return None
        value = unit.facts.bindings[subject.binding].value
        sources = _sources(value, known) if isinstance(value, Choice) else [value]
        found = [self._constant(source, unit, known, depth + 1) for source in sources]
        return found[0] if found and all(item == found[0] for item in found) else None

    def _of_parameter(self, subject: Expr | None, unit: Unit) -> Known | None:
        """What the unit is given for the parameter, or as the attribute of `self`, that `subject` is."""
        if isinstance(subject, Attr):
            attribute = attribute_of_self(subject, unit) or attribute_of_parameter(subject, unit)
            return self._given.get(unit.index, {}).get(attribute) if attribute else None
        if not isinstance(subject, Name) or not FREE != subject.binding < len(unit.facts.parameters):
            return None
        return self._given.get(unit.index, {}).get(subject.id)

    def _fits_text(
        self, call: CallFact, unit: Unit, known: list[tuple[Region, bool]], depth: int
    ) -> bool | None:
        """Whether a text that is given begins or ends as the call asks."""
        if not isinstance(call.callee, Attr) or call.callee.name not in _ENDS or len(call.arguments) != 1:
            return None
        given, wanted = self._constant(call.callee.base, unit, known, depth), call.arguments[0].value
        if not isinstance(given, Const) or not isinstance(given.value, str):
            return None
        if not isinstance(wanted, Const) or not isinstance(wanted.value, str):
            return None
        return _ENDS[call.callee.name](given.value, wanted.value)

    def _fits_type(
        self, call: CallFact, unit: Unit, known: list[tuple[Region, bool]], depth: int
    ) -> bool | None:
        """Whether what is given is an instance of what the call of `isinstance` names."""
        subject = asked_type(call)
        given = None if subject is None else self._constant(subject, unit, known, depth)
        kinds: Kinds = given.kinds if isinstance(given, Told) else ()
        if isinstance(given, Const):
            kinds = self._kinds.of(given, unit)
        return (
            self._kinds.answer(kinds, self._kinds.promised(call.arguments[1].value, unit)) if kinds else None
        )

    def _called(self, index: int, unit: Unit) -> tuple[bool | None, bool | None]:
        """The same of what a function of the project returns."""
        values = self._evaluator.evaluate(unit.facts.calls[index].callee, unit)
        if len(values) != 1:
            return None, None
        value, _ = values[0]
        if isinstance(value, ClassValue):
            return True, False
        if not isinstance(value, FunctionValue):
            return None, None
        target = self._evaluator.project.units[value.unit]
        if target.kind != "sync" or not target.facts.regions or target.index in self._calling:
            return None, None
        self._calling.add(target.index)
        answer = self._returned(target)
        self._calling.discard(target.index)
        return answer

    def _returned(self, target: Unit) -> tuple[bool | None, bool | None]:
        decided = self._decided(target)
        if not decided:
            return None, None
        dead = [region.returns for region, runs in decided if not runs]
        returned = [
            self._value(item, target, list(decided), 0)
            for position, item in enumerate(target.facts.returns)
            if not within(position, tuple(dead))
        ]
        return _agreed(returned)


def asked_type(call: CallFact) -> Expr | None:
    """Whose type the call asks for, if it is one of `isinstance`."""
    is_question = call.callee == Name("isinstance") and len(call.arguments) == 2
    return call.arguments[0].value if is_question else None


def attribute_of_self(subject: Expr | None, unit: Unit) -> str:
    """How settings call an attribute of the object whose method `unit` is; empty for anything else."""
    is_own = (
        isinstance(subject, Attr)
        and isinstance(subject.base, Name)
        and subject.base.binding == 0
        and unit.owner is not None
        and bool(unit.facts.parameters)
    )
    return f"self.{subject.name}" if is_own and isinstance(subject, Attr) else ""


def attribute_of_parameter(subject: Expr | None, unit: Unit) -> str:
    """How settings call an attribute of what `unit` is given for another parameter; empty for anything
    else."""
    match subject:
        case Attr(base=Name(id=parameter, binding=index), name=name):
            is_given = FREE != index < len(unit.facts.parameters) and not attribute_of_self(subject, unit)
            return f"{parameter}.{name}" if is_given else ""
    return ""


def within(position: int, ranges: Ranges) -> bool:
    """Whether the position is in one of the stretches."""
    return any(first <= position < end for first, end in ranges)


def _standing(binding: int, known: list[tuple[Region, bool]]) -> bool | None:
    """Whether a running loop surely gets, or never gets, to where the name is bound."""
    around = [runs for region, runs in known if region.bindings[0] <= binding < region.bindings[1]]
    return None if not around else all(around)


def _sources(joined: Choice, known: list[tuple[Region, bool]]) -> list[Name]:
    """The bindings that may reach where they meet: of what is bound where a running loop surely gets to
    the last, which goes before what was bound earlier."""
    sources = [option for option in joined.options if isinstance(option, Name)]
    sources = [option for option in sources if _standing(option.binding, known) is not False]
    sure = [option for option in sources if _standing(option.binding, known)]
    return sure[-1:] or sources


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
