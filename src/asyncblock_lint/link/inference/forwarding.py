"""Objects that a `__getattr__` asks for the attribute whose name it is given."""

from __future__ import annotations

from collections.abc import Iterator

from asyncblock_lint.link.project import Project, Unit
from asyncblock_lint.model.facts import FREE, Argument, Call, CallFact, Expr, Name

_NAME = 1
"""The binding of the parameter that is the attribute's name."""


def forwarded_to(unit: Unit, project: Project) -> Iterator[tuple[Expr, Unit]]:
    """The objects whose attribute the method `unit` returns, or a plain function that calls it; and where
    they are written."""
    inside = list(_inside(unit, project))
    for index, held in _asked(unit):
        is_returned = any(_is(returned, index, unit) for returned in unit.facts.returns)
        if is_returned or any(_calls(inner, index, unit) for inner in inside):
            yield held, unit
    for inner in inside:
        for index, held in _asked(inner):
            if any(call.callee == Call(index) for call in inner.facts.calls):
                yield held, inner


def _asked(unit: Unit) -> Iterator[tuple[int, Expr]]:
    """The calls of `getattr` with the name, and the objects that they ask."""
    for index, call in enumerate(unit.facts.calls):
        match call:
            case CallFact(
                callee=Name(id="getattr"),
                arguments=(Argument(value=held), Argument(value=Name() as name), *_),
            ) if _is_name(name, unit):
                yield index, held


def _is_name(name: Name, unit: Unit) -> bool:
    if name.binding != FREE:
        return name.binding == _NAME and unit.facts.name.endswith(".__getattr__")
    around = unit.parent
    return around is not None and around.plain.get(name.id) == (_NAME,)


def _is(expression: Expr, index: int, unit: Unit) -> bool:
    """Whether it is what that call gave."""
    if isinstance(expression, Name) and expression.binding != FREE:
        return unit.facts.bindings[expression.binding].value == Call(index)
    return expression == Call(index)


def _inside(unit: Unit, project: Project) -> Iterator[Unit]:
    """The plain functions written in `unit`."""
    for inner in project.module_of(unit).units.values():
        if inner.parent is unit and inner.kind in ("sync", "lambda"):
            yield inner


def _calls(inner: Unit, index: int, unit: Unit) -> bool:
    """Whether the function calls what that call around it gave."""
    return any(
        isinstance(call.callee, Name)
        and call.callee.binding == FREE
        and any(unit.facts.bindings[at].value == Call(index) for at in unit.plain.get(call.callee.id, ()))
        for call in inner.facts.calls
    )
