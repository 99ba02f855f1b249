"""Which parameters of a function its conditions ask about."""

from __future__ import annotations

from collections.abc import Iterator

from asyncblock_lint.link.inference.constants import attribute_of_self
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import (
    FREE,
    Attr,
    Call,
    CallFact,
    Choice,
    Expr,
    Item,
    Name,
    Narrowed,
    Operation,
    Star,
    Test,
)

_DEEPEST = 4


def asked_of(test: Test, unit: Unit, depth: int = 0) -> Iterator[str]:
    """The parameters, and attributes of the object, that a condition is about."""
    for side in (test.subject, *test.options):
        yield from parameters_in(side, unit, depth)
    for part in test.parts:
        yield from asked_of(part, unit, depth)


def asked_around(option: Expr, unit: Unit, depth: int = 0) -> Iterator[str]:
    """What the conditions ask about under which a variable is bound to what it may hold."""
    binding = option.binding if isinstance(option, Name) else FREE
    for region in unit.facts.regions if binding != FREE and depth <= _DEEPEST else ():
        first, end = region.bindings
        if region.test is not None and first <= binding < end:
            yield from asked_of(region.test, unit, depth)


def parameters_in(expression: Expr | None, unit: Unit, depth: int = 0) -> Iterator[str]:
    """The parameters, and attributes of the object, that what is known of the expression rests on."""
    own = attribute_of_self(expression, unit)
    if own:
        yield own
    if depth > _DEEPEST:
        return
    match expression:
        case Name(id=name, binding=index) if index != FREE:
            if index < len(unit.facts.parameters):
                yield name
            else:
                binding = unit.facts.bindings[index]
                if binding.kind == "join" and isinstance(binding.value, Choice):
                    for option in binding.value.options:
                        yield from asked_around(option, unit, depth + 1)
                yield from parameters_in(binding.value, unit, depth + 1)
        case Call(index=index):
            call = unit.facts.calls[index]
            for part in (call.callee, *(argument.value for argument in call.arguments)):
                yield from parameters_in(part, unit, depth + 1)
        case Choice(options=options, test=test):
            if test is not None:
                yield from asked_of(test, unit, depth + 1)
            for option in options:
                yield from parameters_in(option, unit, depth)
        case Operation(base=base, other=other) | Item(base=base, index=other):
            yield from parameters_in(base, unit, depth)
            yield from parameters_in(other, unit, depth)
        case Narrowed(value=base) | Attr(base=base) | Star(value=base):
            yield from parameters_in(base, unit, depth)


def passed_in(call: CallFact, unit: Unit) -> set[str]:
    """The parameters, and attributes of the object, on which arguments of the call rest."""
    return {name for argument in call.arguments for name in parameters_in(argument.value, unit)}
