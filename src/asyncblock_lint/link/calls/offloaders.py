"""Finds the project's own functions that run a function in a thread and give back what it returns:
`async def in_thread(function, *args): return await asyncio.to_thread(function, *args)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from asyncblock_lint.link.calls.outcomes import Outcome
from asyncblock_lint.link.project import Project, Unit
from asyncblock_lint.model.facts import (
    Argument,
    Awaited,
    Call,
    Const,
    Expr,
    FunctionFacts,
    Name,
    Star,
)
from asyncblock_lint.model.graph import Offloader

_MODULE = "<module>"

Effects = Callable[[Unit], Iterable[tuple[object, Outcome]]]
"""Gives what a unit does with its parameters."""


def find_offloaders(project: Project, effects: Effects) -> Iterator[Offloader]:
    """Those at the top level of a module that take the function first, and then its arguments."""
    for unit in project.units:
        facts = unit.facts
        if facts.kind == "async" and facts.parent == _MODULE and not facts.decorators:
            passes = _passes(facts)
            if passes and _only_hands_on(unit, facts.parameters[0].name, effects):
                yield Offloader(unit.index, passes)


def _passes(facts: FunctionFacts) -> str:
    """Which arguments the function passes on: `all`, `positional`, or empty if it is none of those."""
    kinds = [parameter.kind for parameter in facts.parameters]
    if (
        kinds[:1] not in (["both"], ["positional"])
        or kinds[1:] not in (["*"], ["*", "**"])
        or not facts.returns
    ):
        return ""
    names = [parameter.name for parameter in facts.parameters]
    if not all(_gives_back(value, facts, names) for value in facts.returns):
        return ""
    return "all" if len(names) > 2 else "positional"


def _gives_back(value: Expr, facts: FunctionFacts, names: list[str]) -> bool:
    """Whether a result is what the thread gives, which was handed the function and all arguments."""
    if not isinstance(value, Awaited) or not isinstance(value.value, Call):
        return False
    given = _without_places(facts.calls[value.value.index].arguments)
    if len(given) == 1 and isinstance(given[0].value, Call):
        given = list(facts.calls[given[0].value.index].arguments)
    wanted = list(zip(names, ("", "*", "**"), strict=False))
    return [_given(argument) for argument in given] == wanted


def _given(argument: Argument) -> tuple[str, str]:
    """The variable that is given, and how: by itself, as `*name` or as `**name`."""
    value, star = argument.value, argument.keyword or ""
    if isinstance(value, Star):
        value, star = value.value, star or "*"
    return (value.id if isinstance(value, Name) else "", star)


def _without_places(arguments: Iterable[Argument]) -> list[Argument]:
    """The arguments but for a leading `None`, which stands for the usual threads."""
    given = list(arguments)
    return given[1:] if given and given[0].value == Const(None) else given


def _only_hands_on(unit: Unit, name: str, effects: Effects) -> bool:
    """Whether nothing becomes of the function that is given but that a thread runs it."""
    modes = {
        outcome.mode
        for _, outcome in effects(unit)
        if outcome.parameter and outcome.parameter.unit == unit.index and outcome.parameter.name == name
    }
    return modes == {"offload"}
