"""Which parameters of a function its conditions ask about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

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

_Names = frozenset[str]
_NONE: _Names = frozenset()


class Asking:
    """Finds the parameters of functions, and the attributes of their objects, on which something rests."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str, int], _Names] = {}

    def of_test(self, test: Test | None, unit: Unit) -> _Names:
        """What a condition asks about."""
        return frozenset(self._in_test(test, unit))

    def of_region(self, number: int, unit: Unit) -> _Names:
        """What the condition asks about under which region `number` of `unit` stands."""
        region = unit.facts.regions[number]
        return self._kept(unit, "region", number, lambda: self._in_test(region.test, unit))

    def of(self, expression: Expr | None, unit: Unit) -> _Names:
        """What is asked about where it is known of `expression` what it is."""
        return frozenset(self._in(expression, unit))

    def of_arguments(self, call: CallFact, unit: Unit) -> _Names:
        """What the arguments of the call rest on."""
        return frozenset(name for argument in call.arguments for name in self._in(argument.value, unit))

    def around(self, option: Expr, unit: Unit) -> Iterator[str]:
        """What the conditions ask about under which a variable is bound to what it may hold."""
        binding = option.binding if isinstance(option, Name) else FREE
        for number, region in enumerate(unit.facts.regions if binding != FREE else ()):
            first, end = region.bindings
            if region.test is not None and first <= binding < end:
                yield from self.of_region(number, unit)

    def _kept(self, unit: Unit, kind: str, number: int, find: Callable[[], Iterable[str]]) -> _Names:
        key = unit.index, kind, number
        found = self._found.get(key)
        if found is None:
            # What is bound in a loop may rest on itself.
            self._found[key] = _NONE
            found = self._found[key] = frozenset(find())
        return found

    def _in_test(self, test: Test | None, unit: Unit) -> Iterator[str]:
        for side in (test.subject, *test.options) if test else ():
            yield from self._in(side, unit)
        for part in test.parts if test else ():
            yield from self._in_test(part, unit)

    def _in(self, expression: Expr | None, unit: Unit) -> Iterator[str]:
        own = attribute_of_self(expression, unit)
        if own:
            yield own
        match expression:
            case Name(id=name, binding=index) if index != FREE:
                if index < len(unit.facts.parameters):
                    yield name
                else:
                    yield from self._kept(unit, "binding", index, lambda: self._in_binding(index, unit))
            case Call(index=index):
                yield from self._kept(unit, "call", index, lambda: self._in_call(index, unit))
            case Choice(options=options, test=test):
                yield from self._in_test(test, unit)
                for option in options:
                    yield from self._in(option, unit)
            case Operation(base=base, other=other) | Item(base=base, index=other):
                yield from self._in(base, unit)
                yield from self._in(other, unit)
            case Narrowed(value=base) | Attr(base=base) | Star(value=base):
                yield from self._in(base, unit)

    def _in_binding(self, index: int, unit: Unit) -> Iterator[str]:
        binding = unit.facts.bindings[index]
        if binding.kind == "join" and isinstance(binding.value, Choice):
            for option in binding.value.options:
                yield from self.around(option, unit)
        yield from self._in(binding.value, unit)

    def _in_call(self, index: int, unit: Unit) -> Iterator[str]:
        call = unit.facts.calls[index]
        for part in (call.callee, *(argument.value for argument in call.arguments)):
            yield from self._in(part, unit)
