"""Blocks that are left without waiting: whatever their object started was awaited inside."""

from __future__ import annotations

from collections.abc import Iterator

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.reachable import within
from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import (
    FREE,
    Attr,
    Awaited,
    Call,
    CallFact,
    Choice,
    Display,
    Element,
    Entered,
    Expr,
    Func,
    Item,
    Name,
    Region,
    Star,
    Use,
)


class Settled:
    """Knows which `with` blocks await all that was started with their object."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher

    def is_left_at_once(self, use: Use, type_name: str, unit: Unit) -> bool:
        """Whether the block of the `with` item `use`, of an object of the class `type_name`, ends with
        nothing left to wait for."""
        awaiting = {name for form in self._matcher.forms(f"{type_name}.__exit__") for name in form.awaited}
        if not awaiting:
            return False
        for region in unit.facts.regions:
            if region.test is None and region.span == use.span and region.awaits[0] < region.awaits[1]:
                return self._awaits_all(use.subject, region, unit, frozenset(awaiting))
        return False

    def _awaits_all(self, subject: Expr, region: Region, unit: Unit, awaiting: frozenset[str]) -> bool:
        names = {
            binding.name
            for binding in unit.facts.bindings[slice(*region.bindings)]
            if binding.value == Entered(subject)
        }
        if not names or region.yields[0] < region.yields[1] or _is_kept(names, region, unit):
            return False
        inner = [other for other in self._inside(unit) if list(_calls_with(names, other, FREE))]
        carriers = {Func(other.facts.name) for other in inner}
        started = {
            (unit.index, index)
            for index, call in enumerate(unit.facts.calls)
            if within(index, (region.calls,)) and (_concerns(call, names) or _runs(call, carriers, unit))
        }
        started |= {(other.index, index) for other in inner for index in _calls_with(names, other, FREE)}
        return bool(started) and started <= self._awaited(region, unit, inner, awaiting)

    def _inside(self, unit: Unit) -> list[Unit]:
        return [other for other in self._evaluator.project.units_in(unit.module) if other.parent is unit]

    def _awaited(
        self, region: Region, unit: Unit, inner: list[Unit], awaiting: frozenset[str]
    ) -> set[tuple[int, int]]:
        """The calls, by unit and number, whose results are awaited in the block."""
        found = {
            (each.index, index)
            for each in (unit, *inner)
            for index, call in enumerate(each.facts.calls)
            if call.awaited
        }
        generators = {other.facts.name: other for other in inner}
        pending = list(unit.facts.awaits[slice(*region.awaits)])
        seen: set[Expr] = set()
        while pending:
            expression = pending.pop()
            if expression in seen:
                continue
            seen.add(expression)
            match expression:
                case Call(index=index):
                    found.add((unit.index, index))
                    if self._is_among(awaiting, unit.facts.calls[index], unit):
                        pending += [argument.value for argument in unit.facts.calls[index].arguments]
                case Func(name=name) if name in generators:
                    found |= {
                        (generators[name].index, given.index)
                        for given in generators[name].facts.yields
                        if isinstance(given, Call)
                    }
                case _:
                    pending.extend(_parts(expression, unit))
        return found

    def _is_among(self, awaiting: frozenset[str], call: CallFact, unit: Unit) -> bool:
        return any(
            isinstance(value, LibraryValue) and self._matcher.canonical(value.name) in awaiting
            for value, _ in self._evaluator.evaluate(call.callee, unit)
        )


def _parts(expression: Expr, unit: Unit) -> Iterator[Expr]:
    """What an expression holds, and for a variable, what is put into it as well."""
    match expression:
        case Name(id=name, binding=binding) if binding != FREE:
            value = unit.facts.bindings[binding].value
            if value is not None:
                yield value
            for call in unit.facts.calls:
                if isinstance(call.callee, Attr) and _is_named(call.callee.base, {name}):
                    yield from (argument.value for argument in call.arguments)
        case Star(value=value) | Element(value=value) | Awaited(value=value) | Item(base=value):
            yield value
        case Display(items=items) | Choice(options=items):
            yield from items


def _calls_with(names: set[str], unit: Unit, binding: int) -> Iterator[int]:
    """The calls in `unit` that have to do with a variable of these names."""
    for index, call in enumerate(unit.facts.calls):
        if _concerns(call, names, binding):
            yield index


def _concerns(call: CallFact, names: set[str], binding: int | None = None) -> bool:
    mentioned = [argument.value for argument in call.arguments]
    if isinstance(call.callee, Attr):
        mentioned.append(call.callee.base)
    return any(
        _is_named(value, names) and (binding is None or value.binding == binding)
        for value in mentioned
        if isinstance(value, Name)
    )


def _runs(call: CallFact, carriers: set[Func], unit: Unit) -> bool:
    """Whether the call is one of these functions of the same scope."""
    callee = call.callee
    if isinstance(callee, Name) and callee.binding != FREE:
        return unit.facts.bindings[callee.binding].value in carriers
    return False


def _is_kept(names: set[str], region: Region, unit: Unit) -> bool:
    """Whether the object is known by some other name as well."""
    kept = [store.value for store in unit.facts.stores[slice(*region.stores)]]
    kept += [binding.value for binding in unit.facts.bindings[slice(*region.bindings)]]
    return any(value is not None and _is_named(value, names) for value in kept)


def _is_named(expression: Expr, names: set[str]) -> bool:
    return isinstance(expression, Name) and expression.id in names
