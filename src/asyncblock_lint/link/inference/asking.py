"""Which parameters of a function its conditions ask about."""

from __future__ import annotations

from collections.abc import Iterator

from asyncblock_lint.link.inference.constants import attribute_of_self
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Attr, Call, Choice, Expr, Name, Narrowed, Operation, Test

_DEEPEST = 4


def asked_of(test: Test, unit: Unit) -> Iterator[str]:
    """The parameters, and attributes of the object, that a condition is about."""
    for side in (test.subject, *test.options):
        yield from asked_in(side, unit)
    for part in test.parts:
        yield from asked_of(part, unit)


def asked_in(side: Expr | None, unit: Unit) -> Iterator[str]:
    """The same of one side of a comparison, also where something is read from them."""
    own = attribute_of_self(side, unit)
    if own:
        yield own
    match side:
        case Call(index=index):
            call = unit.facts.calls[index]
            for part in (call.callee, *(argument.value for argument in call.arguments)):
                yield from asked_in(part, unit)
        case Attr(base=base):
            yield from asked_in(base, unit)
        case _:
            yield from parameters_in(side, unit)


def parameters_in(expression: Expr | None, unit: Unit, depth: int = 0) -> Iterator[str]:
    """The parameters that the expression is, or may still be where several bindings of it meet."""
    match expression:
        case Name(id=name, binding=index) if index != FREE and depth < _DEEPEST:
            if index < len(unit.facts.parameters):
                yield name
            else:
                yield from parameters_in(unit.facts.bindings[index].value, unit, depth + 1)
        case Narrowed(value=value):
            yield from parameters_in(value, unit, depth)
        case Operation(base=base, other=other):
            yield from parameters_in(base, unit, depth)
            yield from parameters_in(other, unit, depth)
        case Call(index=index) if depth < _DEEPEST:
            call = unit.facts.calls[index]
            for part in (call.callee, *(argument.value for argument in call.arguments)):
                yield from parameters_in(part, unit, depth + 1)
        case Attr(base=base):
            yield from parameters_in(base, unit, depth)
        case Choice(options=options, test=test):
            if test is not None:
                yield from asked_of(test, unit)
            for option in options:
                yield from parameters_in(option, unit, depth)
