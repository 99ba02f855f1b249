"""Functions as particular calls run them: without the branches that the given constants rule out.

Each variant of a function is a function of its own in the call graph. So `load(url, wait=False)` does
not reach what `load` does `if wait:`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from asyncblock_lint.link.conditions.choosing import Choosing
from asyncblock_lint.link.conditions.given import GivenConstants
from asyncblock_lint.link.conditions.kept import OWN, ObjectConstants
from asyncblock_lint.link.conditions.reachable import (
    Ranges,
    Reachable,
    Setting,
    asked_type,
    attribute_of_parameter,
    attribute_of_self,
    within,
)
from asyncblock_lint.link.conditions.sparing import Sparing
from asyncblock_lint.link.conditions.told import Known
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import FunctionValue, LibraryValue, RunValue, Values
from asyncblock_lint.link.project import Unit
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
    Span,
    Test,
    Use,
)
from asyncblock_lint.model.graph import Edge

_MOST = 8
_DEEPEST = 4


class Variants:
    """Numbers the variants behind the project's functions, in the order in which they are asked for."""

    def __init__(self, evaluator: Evaluator, reachable: Reachable) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._reachable = reachable
        self._constants = ObjectConstants(evaluator)
        self._given = GivenConstants(evaluator, self._constants)
        self._choosing = Choosing(evaluator, reachable)
        self._sparing = Sparing(evaluator)
        self._numbers: dict[tuple[int, Setting], int] = {}
        self._settings: list[tuple[Unit, Setting]] = []
        self._outcomes: dict[tuple[object, ...], int] = {}
        self._counts: dict[int, int] = {}
        self._deciding: dict[int, frozenset[str]] = {}

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
        if caller is None or unit.kind not in ("sync", "generator") or not self._decides(unit):
            return unit.index
        known = dict(setting)
        found: dict[str, Known | None] = {
            name: self._constants.of_object(function.receiver, name, known)
            or self._given.of_receiver(unit, name.removeprefix(OWN), arguments, caller, known)
            for name in sorted(self._decides(unit))
            if name.startswith(OWN)
        }
        for parameter in unit.facts.parameters:
            if parameter.name in self._decides(unit):
                found[parameter.name] = self._given.of_parameter(
                    parameter, unit, function, arguments, caller, known
                )
        for name in sorted(self._decides(unit)):
            parameter_name, dot, attribute = name.partition(".")
            if dot and not name.startswith(OWN):
                expression = arguments.expression_for(unit, parameter_name, skip_first=function.bound)
                found[name] = self._given.of_attribute(expression, attribute, caller, known)
        given = tuple((name, value) for name, value in found.items() if value is not None)
        return self._number(unit, given) if given else unit.index

    def of_constants(self, function: FunctionValue, constants: Sequence[tuple[str, Const]]) -> int:
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
        dead = self.dead_in(unit, setting)
        found = {span: held for span, held in edges.items() if span not in dead}
        for call in unit.facts.calls:
            if call.span in found:
                found[call.span] = self._chosen(call, unit, setting, found[call.span])
            if call.span in found and self._passes_on(call, unit):
                turned = self._turned(call, unit, setting)
                found[call.span] = [_turned(edge, turned) for edge in found[call.span]]
        for use in unit.facts.uses:
            made = unit.facts.calls[use.subject.index] if isinstance(use.subject, Call) else None
            if made is not None and use.span in found and self._passes_on(made, unit):
                turned = self._turned_later(use.subject, made, unit, setting)
                found[use.span] = [_turned(edge, turned) for edge in found[use.span]]
        return found

    def _chosen(self, call: CallFact, unit: Unit, setting: Setting, edges: list[Edge]) -> list[Edge]:
        """The edges of the call without those of alternatives that the setting rules out."""
        if self._choosing.left(call.callee, unit, setting) is None:
            return edges
        left = self._names(self._choosing.evaluate(call.callee, unit, setting))
        gone = self._names(self._evaluator.evaluate(call.callee, unit)) - left
        return [edge for edge in edges if edge.step.calls not in gone]

    def _names(self, values: Values) -> set[str]:
        """What steps call these values."""
        functions = [value for value, _ in values if isinstance(value, FunctionValue)]
        names = {self._project.qualified_name(self._project.units[value.unit]) for value in functions}
        return names | {value.name for value, _ in values if isinstance(value, LibraryValue)}

    def _turned(self, call: CallFact, unit: Unit, setting: Setting) -> dict[int, int]:
        """What the call runs without, and what with the setting of its function."""
        arguments = Arguments.of(self._evaluator, call, unit)
        return {
            self.of(value, arguments, unit): self.of(value, arguments, unit, setting)
            for value, _ in self._evaluator.evaluate(call.callee, unit)
            if isinstance(value, FunctionValue)
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
            # Calls in circles come back here.
            self._numbers[key] = unit.index
            if self._is_useful(unit, setting):
                self._numbers[key] = self._alike(unit, setting)
        return self._numbers[key]

    def _alike(self, unit: Unit, setting: Setting) -> int:
        outcome = self._outcome(unit, setting)
        if outcome not in self._outcomes:
            if self._counts.get(unit.index, 0) >= _MOST:
                return unit.index
            self._counts[unit.index] = self._counts.get(unit.index, 0) + 1
            self._outcomes[outcome] = len(self._project.units) + len(self._settings)
            self._settings.append((unit, setting))
        return self._outcomes[outcome]

    def _outcome(self, unit: Unit, setting: Setting) -> tuple[object, ...]:
        """All that the setting changes of what the function runs."""
        dead = self.dead_in(unit, setting)
        found: list[object] = [unit.index, dead]
        for call in unit.facts.calls:
            if call.span not in dead and self._passes_on(call, unit):
                found.append((call.span, *sorted(self._turned(call, unit, setting).items())))
            if self._choosing.left(call.callee, unit, setting) is not None:
                left = self._names(self._choosing.evaluate(call.callee, unit, setting))
                found.append((call.span, *sorted(left)))
        for use in unit.facts.uses:
            made = unit.facts.calls[use.subject.index] if isinstance(use.subject, Call) else None
            if made is not None and use.span not in dead and self._passes_on(made, unit):
                later = self._turned_later(use.subject, made, unit, setting)
                found.append((use.span, *sorted(later.items())))
        return tuple(found)

    def _is_useful(self, unit: Unit, setting: Setting) -> bool:
        if self._reachable.calls(unit, setting) != self._reachable.calls(unit):
            return True
        if self._reachable.uses(unit, setting) != self._reachable.uses(unit):
            return True
        if any(self._choosing.left(call.callee, unit, setting) for call in unit.facts.calls):
            return True
        if any(True for _ in self._sparing.spared(unit, setting)):
            return True
        names = {name for name, _ in setting}
        return any(names & self._passed_on(call, unit, 0) for call in unit.facts.calls)

    # What decides

    def _decides(self, unit: Unit) -> frozenset[str]:
        """The parameters that decide what the function, or what it passes them on to, runs."""
        return self._find_deciding(unit, 0)

    def _find_deciding(self, unit: Unit, depth: int) -> frozenset[str]:
        found = self._deciding.get(unit.index)
        if found is None:
            self._deciding[unit.index] = frozenset()
            tests = {region.test for region in unit.facts.regions if region.test is not None}
            for call in unit.facts.calls:
                tests |= self._choosing.tests(call.callee, unit)
            names = {name for test in tests for name in _asked(test, unit)}
            for call in unit.facts.calls if depth < _DEEPEST else ():
                names |= self._passed_on(call, unit, depth) | self._sparing.asked(call, unit)
            found = self._deciding[unit.index] = frozenset(names)
        return found

    def _passes_on(self, call: CallFact, unit: Unit) -> bool:
        return bool(self._passed_on(call, unit, 0))

    def _passed_on(self, call: CallFact, unit: Unit, depth: int) -> set[str]:
        """The parameters of `unit` that the call passes to where they decide something."""
        passed = _passed(call, unit)
        if not passed and not attribute_of_self(call.callee, unit):
            return set()
        found = set()
        arguments = Arguments.of(self._evaluator, call, unit)
        for value, _ in self._evaluator.evaluate(call.callee, unit):
            if isinstance(value, FunctionValue):
                target = self._project.units[value.unit]
                for name in self._find_deciding(target, depth + 1):
                    if name.startswith(OWN) and value.receiver is not None and value.receiver.is_self:
                        found.add(name)
                    parameter, dot, attribute = name.partition(".")
                    expression = arguments.expression_for(target, parameter, skip_first=value.bound)
                    if isinstance(expression, Name) and expression.id in passed:
                        found.add(f"{expression.id}{dot}{attribute}")
        return found


def _turned(edge: Edge, turned: Mapping[int, int]) -> Edge:
    return edge if edge.target is None else replace(edge, target=turned.get(edge.target, edge.target))


def _spans(items: Sequence[CallFact | Use], ranges: Ranges) -> Iterator[Span]:
    return (item.span for index, item in enumerate(items) if within(index, ranges))


def _asked(test: Test, unit: Unit) -> Iterator[str]:
    """The parameters that a test is about."""
    if test.op == "same":
        return
    subject = test.subject
    if isinstance(subject, Call):
        call = unit.facts.calls[subject.index]
        subject = call.callee.base if isinstance(call.callee, Attr) else asked_type(call)
    if isinstance(subject, Name):
        yield from _parameters(subject, unit)
    attribute = attribute_of_self(subject, unit) or attribute_of_parameter(subject, unit)
    if attribute:
        yield attribute
    for part in test.parts:
        yield from _asked(part, unit)


def _parameters(expression: Expr | None, unit: Unit, depth: int = 0) -> Iterator[str]:
    """The parameters that the expression is, or may still be where several bindings of it meet."""
    match expression:
        case Name(id=name, binding=index) if index != FREE and depth < _DEEPEST:
            if index < len(unit.facts.parameters):
                yield name
            else:
                yield from _parameters(unit.facts.bindings[index].value, unit, depth + 1)
        case Narrowed(value=value):
            yield from _parameters(value, unit, depth)
        case Choice(options=options):
            for option in options:
                yield from _parameters(option, unit, depth)


def _passed(call: CallFact, unit: Unit) -> set[str]:
    """The parameters of `unit` that are arguments of the call as they are."""
    count = len(unit.facts.parameters)
    return {
        argument.value.id
        for argument in call.arguments
        if isinstance(argument.value, Name) and FREE != argument.value.binding < count
    }
