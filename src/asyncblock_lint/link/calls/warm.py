"""Functions that compute once, and whose answer is there before the loop gets to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asyncblock_lint.link.conditions.reachable import within
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import FunctionValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import CallFact, Expr, Name, Region, Span, Test
from asyncblock_lint.model.graph import Edge, OnLoop

_IMPORT_DEPTH = 4
_START_DEPTH = 6
_ASKED_ONLY_OF_ERRORS = ("raises", "tried")


def called_on_import(evaluator: Evaluator) -> frozenset[int]:
    """The cached functions that modules call, a few calls deep: the loop most often finds the
    answer there."""
    warm: set[int] = set()
    seen: set[int] = set()
    units = [module.body for module in evaluator.project.modules]
    for _ in range(_IMPORT_DEPTH):
        called = [function for unit in units for function in _called(evaluator, unit)]
        warm.update(function.unit for function in called if function.role == "cached")
        fresh = {function.unit for function in called} - seen
        seen |= fresh
        units = [evaluator.project.units[index] for index in sorted(fresh)]
    return frozenset(warm)


def computed_at_start(
    evaluator: Evaluator, contexts: Mapping[int, OnLoop], edges: Mapping[int, Mapping[Span, list[Edge]]]
) -> tuple[frozenset[int], frozenset[int]]:
    """The functions that answer without waiting once an application has started, since its start calls
    them in any case, or has a thread call them; and all that its start calls."""
    units = evaluator.project.units
    warm: set[int] = set()
    seen = {index for index, on_loop in contexts.items() if on_loop.kind == "startup"}
    pending = sorted(seen)
    for _ in range(_START_DEPTH):
        called = [value for index in pending for value in _surely_called(evaluator, units[index])]
        for value in called:
            unit = units[value.unit]
            is_plain = not unit.facts.parameters and unit.kind == "sync"
            if is_plain and (value.role == "cached" or _computes_once(unit, edges.get(unit.index, {}))):
                warm.add(unit.index)
        pending = sorted({value.unit for value in called} - seen)
        seen.update(pending)
    return frozenset(warm), frozenset(seen)


def _called(evaluator: Evaluator, unit: Unit) -> Iterator[FunctionValue]:
    """The functions of the project that `unit` calls by name."""
    for call in unit.facts.calls:
        if not call.is_decorator and not call.guard:
            yield from _functions(evaluator, call.callee, unit)


def _surely_called(evaluator: Evaluator, unit: Unit) -> Iterator[FunctionValue]:
    """The functions of the project that `unit` calls, or hands on, under no condition and before it
    yields."""
    conditional = [
        region.calls
        for region in unit.facts.regions
        if region.test is not None and region.test.op not in _ASKED_ONLY_OF_ERRORS
    ]
    for number, call in enumerate(unit.facts.calls[: unit.facts.opening]):
        if not call.is_decorator and not within(number, tuple(conditional)):
            for part in _parts(call):
                yield from _functions(evaluator, part, unit)


def _parts(call: CallFact) -> Iterator[Expr]:
    yield call.callee
    yield from (argument.value for argument in call.arguments)


def _functions(evaluator: Evaluator, expression: Expr, unit: Unit) -> Iterator[FunctionValue]:
    for value, _ in evaluator.evaluate(expression, unit):
        if isinstance(value, FunctionValue):
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
