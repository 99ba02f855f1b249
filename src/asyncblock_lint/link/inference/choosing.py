"""What is left of alternatives where it is known what decides: `a if fast else b`, `table[kind]`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.constants import OWN, attribute_of_self
from asyncblock_lint.link.inference.known import Made, Setting, key_of
from asyncblock_lint.link.inference.reachable import Reachable, within
from asyncblock_lint.link.inference.values import NONE, FunctionValue, InstanceValue, Values, choose, exactly
from asyncblock_lint.link.inference.wide import WideParameters
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import (
    FREE,
    Attr,
    Awaited,
    Call,
    Choice,
    Const,
    Entered,
    Expr,
    Item,
    Name,
    Narrowed,
    Test,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_DEEPEST = 12
_MOST = 32
_FOLLOWED = (Attr, Awaited, Call, Choice, Entered, Item, Name, Narrowed)


class Choosing:
    """Evaluates expressions without the alternatives that a running loop, or a call, rules out."""

    def __init__(self, evaluator: Evaluator, reachable: Reachable) -> None:
        self._evaluator = evaluator
        self._reachable = reachable
        self.wide = WideParameters(evaluator)
        self._asking: dict[tuple[int, Expr], frozenset[str]] = {}
        self._deciding: dict[int, frozenset[str]] = {}
        self._settings: dict[int, dict[Setting, int]] = {}

    def evaluate(self, expression: Expr, unit: Unit, setting: Setting = ()) -> Values:
        """What `expression` may be in `unit` on a running loop, if the unit's parameters are given what
        `setting` says."""
        values = self._evaluator.evaluate(expression, unit)
        has_objects = any(isinstance(value, InstanceValue) for value, _ in values)
        if not setting and len(values) < 2 and not has_objects:
            return values
        return self._under(expression, unit, setting, {}) or values

    def under(self, expression: Expr, unit: Unit, setting: Setting) -> Values:
        """What `expression` is where it stands in `unit`, called with `setting`."""
        return self._under(expression, unit, setting, {})

    def _under(
        self, expression: Expr, unit: Unit, setting: Setting, told: dict[int, Values], depth: int = 0
    ) -> Values:
        """The same; `told` are the bindings asked for on the way, many of which meet again and again."""
        evaluator = self._evaluator
        if depth > _DEEPEST:
            return evaluator.evaluate(expression, unit)

        def inner(part: Expr) -> Values:
            return self._under(part, unit, setting, told, depth + 1)

        match expression:
            case Choice():
                taken = [inner(option) for option in self._taken(expression, unit, setting)]
                return choose(taken) if taken else ()
            case Name(binding=index) if len(unit.facts.parameters) <= index:
                if index not in told:
                    # What a loop binds may come back here.
                    told[index] = evaluator.evaluate(expression, unit)
                    told[index] = self._bound(index, unit, setting, inner)
                return told[index]
            case Name(id=name) if any(self.wide.named(expression, unit)):
                held = self.wide.held(dict(setting).get(name))
                return held or evaluator.evaluate(expression, unit)
            case Narrowed(value=value, to=to) if to == Const(None):
                return tuple(item for item in inner(value) if (item[0] == NONE) is not expression.is_not)
            case Item(base=base, index=index):
                key = key_of(self._reachable.known(index, unit, setting)) if setting else None
                if key is not None:
                    return evaluator.protocols.item(inner(base), key)
            case Attr(base=base, name=name):
                kept = dict(setting).get(attribute_of_self(expression, unit))
                if isinstance(kept, Made) and kept.value is not None and kept.is_exact:
                    return exactly(kept.value)
                return evaluator.members.attribute(inner(base), name)
            case Awaited(value=value):
                return evaluator.protocols.awaited(inner(value))
            case Entered(value=value, is_async=is_async):
                return evaluator.protocols.entered(inner(value), is_async=is_async)
            case Call(index=index) if setting:
                call = unit.facts.calls[index]
                given = Arguments.of(evaluator, call, unit).where(dict(setting))
                return evaluator.results.of_called(call, inner(call.callee), given, unit)
        return evaluator.evaluate(expression, unit)

    def _bound(self, index: int, unit: Unit, setting: Setting, inner: Callable[[Expr], Values]) -> Values:
        """What the binding gives its name, as far as `inner` follows what that is made of."""
        binding = unit.facts.bindings[index]
        if binding.kind == "join" and isinstance(binding.value, Choice):
            met = [inner(name) for name in self._met(binding.value, unit, setting)]
            return choose(met) if met else ()
        if isinstance(binding.value, _FOLLOWED) and binding.annotation is None:
            return inner(binding.value)
        return self._evaluator.binding(index, unit)

    def _met(self, join: Choice, unit: Unit, setting: Setting) -> list[Expr]:
        """The bindings of a name that may reach where branches meet."""
        return [
            option
            for option in join.options
            if not isinstance(option, Name)
            or option.binding == FREE
            or not self._reachable.never_binds(option.binding, unit, setting)
        ]

    def _taken(self, choice: Choice, unit: Unit, setting: Setting) -> list[Expr]:
        """The options of `a if test else b`, or of `a or b`, that may be what it is."""
        if choice.test is not None:
            holds = self._reachable.holds(choice.test, unit, setting)
            return [option for is_else, option in enumerate(choice.options) if holds is not bool(is_else)]
        taken: list[Expr] = []
        for option in choice.options:
            counts = self._reachable.holds(Test("true", option), unit, setting) if setting else None
            if counts is not False:
                taken.append(option)
            if counts:
                break
        return taken or [choice.options[-1]]

    # What decides

    def asked(self, expression: Expr, unit: Unit) -> frozenset[str]:
        """The parameters, and attributes of the object, that decide what the expression is."""
        key = unit.index, expression
        found = self._asking.get(key)
        if found is None:
            # Attributes that are stored by what they held come back here.
            self._asking[key] = frozenset()
            found = self._asking[key] = frozenset(self._asked(expression, unit, set()))
        return found

    def _asked(self, expression: Expr, unit: Unit, seen: set[int]) -> Iterator[str]:
        match expression:
            case Choice(options=options, test=test):
                yield from self._evaluator.asking.of_test(test, unit)
                for option in options if test is None else ():
                    yield from self._evaluator.asking.of(option, unit)
                for option in options:
                    yield from self._asked(option, unit, seen)
            case Name(binding=index) if len(unit.facts.parameters) <= index and index not in seen:
                seen.add(index)
                value = unit.facts.bindings[index].value
                if isinstance(value, Choice) and unit.facts.bindings[index].kind == "join":
                    for option in value.options:
                        yield from self._evaluator.asking.around(option, unit)
                        yield from self._asked(option, unit, seen)
                elif isinstance(value, _FOLLOWED):
                    yield from self._asked(value, unit, seen)
            case Name():
                yield from self.wide.named(expression, unit)
            case Item(base=base, index=index):
                yield from self._evaluator.asking.of(index, unit)
                yield from self._asked(base, unit, seen)
            case Attr(base=base, name=name) if own := attribute_of_self(expression, unit):
                if unit.owner is not None and self._evaluator.kept.is_decided(unit.owner.index, name):
                    yield own
            case Attr(base=base) | Awaited(value=base) | Entered(value=base) | Narrowed(value=base):
                yield from self._asked(base, unit, seen)
            case Call(index=index):
                call = unit.facts.calls[index]
                yield from self._asked(call.callee, unit, seen)
                yield from self._evaluator.asking.of_arguments(call, unit)
                if attribute_of_self(call.callee, unit):
                    yield from self._asked_inside(call.callee, unit)

    def _asked_inside(self, method: Expr, unit: Unit) -> Iterator[str]:
        """The attributes of the object that decide what another method of it returns."""
        for value, _ in self._evaluator.evaluate(method, unit):
            if isinstance(value, FunctionValue) and value.receiver is not None and value.receiver.is_self:
                decides = self.decides(self._evaluator.project.units[value.unit])
                yield from (name for name in decides if name.startswith(OWN))

    # What functions return and generators yield

    def returned(self, unit: Unit, setting: Setting) -> Values | None:
        """What the function returns, or yields, where it is called with `setting`; `None` if that makes
        no difference."""
        names = self.decides(unit)
        told = tuple((name, known) for name, known in setting if name in names)
        if not told:
            return None
        numbers = self._settings.setdefault(unit.index, {})
        if told not in numbers and len(numbers) >= _MOST:
            return None
        number = numbers.setdefault(told, len(numbers))
        key = (16, unit.index, number)
        return self._evaluator.remembered(key, lambda: self._returned(unit, told))

    def _returned(self, unit: Unit, setting: Setting) -> Values:
        dead = (self._reachable.yields if _yields(unit) else self._reachable.returns)(unit, setting)
        alive = [item for index, item in enumerate(_given_back(unit)) if not within(index, dead)]
        told: dict[int, Values] = {}
        found = [self._under(item, unit, setting, told) for item in alive]
        return choose(found) if found else ()

    def decides(self, unit: Unit) -> frozenset[str]:
        """The parameters that decide what the function returns or yields."""
        found = self._deciding.get(unit.index)
        if found is None:
            # Methods that call each other come back here.
            self._deciding[unit.index] = frozenset()
            names = {name for item in _given_back(unit) for name in self.asked(item, unit)}
            for number, region in enumerate(unit.facts.regions):
                first, end = region.yields if _yields(unit) else region.returns
                if first < end:
                    names |= self._evaluator.asking.of_region(number, unit)
            found = self._deciding[unit.index] = frozenset(names)
        return found


def _yields(unit: Unit) -> bool:
    return unit.kind in ("generator", "async generator")


def _given_back(unit: Unit) -> Sequence[Expr]:
    """What the function gives to whoever calls, enters or iterates it."""
    return unit.facts.yields if _yields(unit) else unit.facts.returns
