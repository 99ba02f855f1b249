"""Functions that compute once, and whose answer is there before the loop gets to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.literals import last_word
from asyncblock_lint.link.inference.reachable import within
from asyncblock_lint.link.inference.values import ClassValue, FunctionValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Call, CallFact, Expr, Name, Region, Span, Test
from asyncblock_lint.model.graph import Edge, OnLoop

_IMPORT_DEPTH = 4
_START_DEPTH = 6
_LIFETIME = "ttl"
_ASKED_ONLY_OF_ERRORS = ("raises", "tried")


def called_on_import(evaluator: Evaluator) -> frozenset[int]:
    """The cached functions that modules call, a few calls deep: the loop most often finds the
    answer there."""
    warm: set[int] = set()
    seen: set[int] = set()
    units = [module.body for module in evaluator.project.modules]
    for _ in range(_IMPORT_DEPTH):
        called = [function for unit in units for function in _called(evaluator, unit)]
        warm.update(function.unit for function in called if _lasts(function, evaluator))
        fresh = {function.unit for function in called} - seen
        seen |= fresh
        units = [evaluator.project.units[index] for index in sorted(fresh)]
    return frozenset(warm)


Places = dict[Span, list[Edge]]


class Start(NamedTuple):
    """The functions that answer without waiting once an application has started, since its start calls
    them in any case, or has a thread call them (`warm`); and all that its start calls."""

    warm: frozenset[int]
    calls: frozenset[int]


def computed_at_start(
    evaluator: Evaluator, contexts: Mapping[int, OnLoop], edges: Mapping[int, Places]
) -> Start:
    """What the start of the application computes once and for all."""
    units = evaluator.project.units
    warm: set[int] = set()
    seen = {index for index, on_loop in contexts.items() if on_loop.kind == "startup"}
    pending = sorted(seen)
    for _ in range(_START_DEPTH):
        called = [value for index in pending for value in _surely_called(evaluator, units[index])]
        for value in called:
            unit = units[value.unit]
            is_plain = not unit.facts.parameters and unit.kind == "sync"
            if is_plain and (_lasts(value, evaluator) or _computes_once(unit, edges.get(unit.index, {}))):
                warm.add(unit.index)
        pending = sorted({value.unit for value in called} - seen)
        seen.update(pending)
    return Start(frozenset(warm), frozenset(seen))


def warm_up(origins: list[Unit], edges: dict[int, Places], start: Start) -> None:
    """Make calls of what the start has computed guesses, but for those that the start itself makes: plain
    functions by way of which it does are there twice from then on."""
    if not start.warm:
        return
    ways = [
        number
        for number in _leading_to(start.warm, edges)
        if origins[number].index in start.calls and not origins[number].is_async
    ]
    copies = {number: len(origins) + position for position, number in enumerate(ways)}
    origins.extend(origins[number] for number in ways)
    for number, copy in copies.items():
        edges[copy] = _redirected(edges[number], copies)
    for number in [number for number in edges if number < len(origins) - len(ways)]:
        unit = origins[number]
        if unit.is_async and unit.index in start.calls:
            edges[number] = _redirected(edges[number], copies)
        else:
            edges[number] = _guessed(edges[number], start.warm)


def _leading_to(targets: frozenset[int], edges: Mapping[int, Places]) -> list[int]:
    """The functions that come to one of `targets`, or are one, by number."""
    callers: dict[int, set[int]] = {}
    for number, places in edges.items():
        for edge in (edge for held in places.values() for edge in held):
            if edge.target is not None:
                callers.setdefault(edge.target, set()).add(number)
    found = set(targets)
    pending = [*targets]
    while pending:
        new = callers.get(pending.pop(), set()) - found
        found |= new
        pending += new
    return sorted(found & edges.keys())


def _redirected(places: Places, copies: Mapping[int, int]) -> Places:
    return {
        span: [
            edge if edge.target is None else replace(edge, target=copies.get(edge.target, edge.target))
            for edge in held
        ]
        for span, held in places.items()
    }


def _guessed(places: Places, warm: frozenset[int]) -> Places:
    return {
        span: [replace(edge, certainty=Certainty.GUESS) if edge.target in warm else edge for edge in held]
        for span, held in places.items()
    }


def _lasts(function: FunctionValue, evaluator: Evaluator) -> bool:
    """Whether the function is cached, and not for a time only."""
    unit = evaluator.project.units[function.unit]
    around = unit.parent or unit
    return function.role == "cached" and not any(_has_time(each, around) for each in unit.facts.decorators)


def _has_time(expression: Expr, unit: Unit) -> bool:
    """Whether a decorator, or the cache that it is given, has a word for the time to live."""
    if not isinstance(expression, Call):
        return _LIFETIME in last_word(expression).lower()
    call = unit.facts.calls[expression.index]
    words = [last_word(call.callee), *(argument.keyword or "" for argument in call.arguments)]
    return any(_LIFETIME in word.lower() for word in words) or any(
        _has_time(argument.value, unit) for argument in call.arguments
    )


def _called(evaluator: Evaluator, unit: Unit) -> Iterator[FunctionValue]:
    """The functions of the project that `unit` calls by name."""
    for call in unit.facts.calls:
        if not call.is_decorator and not call.guard:
            yield from _functions(evaluator, call.callee, unit)


def _surely_called(evaluator: Evaluator, unit: Unit) -> Iterator[FunctionValue]:
    """The functions of the project that `unit` calls, or hands on, under no condition and before it
    yields."""
    conditional = [region.calls for region in unit.facts.regions if _may_be_skipped(region)]
    for number, call in enumerate(unit.facts.calls[: unit.facts.opening]):
        if not call.is_decorator and not within(number, tuple(conditional)):
            for part in _parts(call):
                yield from _functions(evaluator, part, unit)


def _may_be_skipped(region: Region) -> bool:
    """Whether the function may end, other than by an exception, without having come to the region."""
    return region.test is not None and region.test.op not in _ASKED_ONLY_OF_ERRORS and not region.is_checked


def _parts(call: CallFact) -> Iterator[Expr]:
    yield call.callee
    yield from (argument.value for argument in call.arguments)


def _functions(evaluator: Evaluator, expression: Expr, unit: Unit) -> Iterator[FunctionValue]:
    for value, _ in evaluator.evaluate(expression, unit):
        if isinstance(value, ClassValue):
            made = evaluator.classes.raw(value.cls, "__init__")
            yield from (method for method, _ in made if isinstance(method, FunctionValue))
        elif isinstance(value, FunctionValue):
            yield value


def _computes_once(unit: Unit, places: Mapping[Span, list[Edge]]) -> bool:
    """Whether all that the function does is done where a variable of the module that it sets is not set
    yet: `if _model is None: _model = load()`."""
    kept = {outer.name for outer in unit.facts.outer if outer.is_global}
    first = [region for region in unit.facts.regions if region.test and _asks_for(region, kept)]
    items = [*_within(unit, first)]
    return bool(first) and bool(places) and set(places) <= set(items)


def _within(unit: Unit, regions: list[Region]) -> Iterator[Span]:
    for region in regions:
        yield from (call.span for call in unit.facts.calls[slice(*region.calls)])
        yield from (use.span for use in unit.facts.uses[slice(*region.uses)])


def _asks_for(region: Region, names: set[str]) -> bool:
    """Whether the region is entered only while one of the variables is not set."""
    test, holds = region.test or Test(), region.holds
    while test.op == "not":
        test, holds = test.parts[0], not holds
    is_named = isinstance(test.subject, Name) and test.subject.id in names
    return is_named and ((test.op == "none" and holds) or (test.op == "true" and not holds))
