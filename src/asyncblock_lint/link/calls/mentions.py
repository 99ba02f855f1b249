"""Whether anything is done with what a call gives."""

from __future__ import annotations

from collections.abc import Iterator

from asyncblock_lint.model.facts import Call, Expr, FunctionFacts, Node


def is_used(index: int, facts: FunctionFacts) -> bool:
    """Whether the result of call number `index`, or what awaiting it gives, is mentioned anywhere."""
    call = Call(index)
    return any(_mentions(item, call) for item in _expressions(facts, call))


def _expressions(facts: FunctionFacts, call: Call) -> Iterator[Expr | None]:
    yield from (binding.value for binding in facts.bindings)
    yield from (*facts.returns, *facts.yields)
    yield from (use.subject for use in facts.uses)
    yield from (item for item in facts.awaits if item != call)
    for store in facts.stores:
        yield from (store.base, store.value)
    for other in facts.calls:
        yield from (other.callee, *(argument.value for argument in other.arguments))


def _mentions(part: object, call: Call) -> bool:
    if part == call:
        return True
    if isinstance(part, Node):
        return any(_mentions(getattr(part, name), call) for name in part.__struct_fields__)
    return isinstance(part, tuple) and any(_mentions(item, call) for item in part)
