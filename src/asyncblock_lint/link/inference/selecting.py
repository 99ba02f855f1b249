"""What a function returns for the constants that a call gives: `make("redis")`, `STORES[kind]()`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.values import NOTHING, Values, choose
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Attr, Call, Choice, Const, Expr, Item, Name, Narrowed, Test

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

Constants = tuple[tuple[str, Const], ...]
_DEEPEST = 8


class Selecting:
    """Reads the bodies of functions with some of their parameters known."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._deciding: dict[int, frozenset[str]] = {}

    def deciding(self, unit: Unit, constants: Constants) -> Constants:
        """Those of the constants on which it depends what the function returns."""
        names = self._deciding.get(unit.index)
        if names is None:
            names = self._deciding[unit.index] = frozenset(_deciding(unit))
        return tuple(item for item in constants if item[0] in names)

    def returned(self, unit: Unit, constants: Constants) -> Values:
        """What the function returns if its parameters are those constants."""
        return _Body(self._evaluator, unit, dict(constants)).returned()

    def keys(self, expression: Expr | None, unit: Unit, depth: int = 0) -> frozenset[str]:
        """The parameters of `unit` by which the expression is looked up in a container."""
        match expression:
            case Name(binding=index) if len(unit.facts.parameters) <= index and depth < _DEEPEST:
                return self.keys(unit.facts.bindings[index].value, unit, depth + 1)
            case Narrowed(value=value):
                return self.keys(value, unit, depth)
            case Choice(options=options) if depth < _DEEPEST:
                return frozenset().union(*(self.keys(option, unit, depth + 1) for option in options))
            case Item(index=index):
                return frozenset(filter(None, [_parameter(index, unit)]))
            case Call(index=index):
                call = unit.facts.calls[index]
                if isinstance(call.callee, Attr) and call.callee.name == "get" and call.arguments:
                    return frozenset(filter(None, [_parameter(call.arguments[0].value, unit)]))
        return frozenset()

    def looked_up(self, expression: Expr, unit: Unit, constants: Constants) -> Values | None:
        """What the expression is if the keys by which it is looked up are those constants; `None` if
        they have no part in it."""
        names = self.keys(expression, unit)
        if not any(name in names for name, _ in constants):
            return None
        return _Body(self._evaluator, unit, dict(constants)).selected(expression)


class _Body:
    """A function of which some parameters are known."""

    def __init__(self, evaluator: Evaluator, unit: Unit, known: Mapping[str, Const]) -> None:
        self._evaluator = evaluator
        self._unit = unit
        self._known = known
        self._dead = [
            region
            for region in unit.facts.regions
            if region.test is not None and self._holds(region.test) is (not region.holds)
        ]

    def selected(self, expression: Expr) -> Values | None:
        return self._selected(expression, 0)

    def returned(self) -> Values:
        options = [
            self._evaluate(expression, 0)
            for position, expression in enumerate(self._unit.facts.returns)
            if not any(first <= position < end for first, end in (region.returns for region in self._dead))
        ]
        return choose(options) if options else NOTHING

    def _evaluate(self, expression: Expr, depth: int) -> Values:
        found = self._selected(expression, depth) if depth < _DEEPEST else None
        return self._evaluator.evaluate(expression, self._unit) if found is None else found

    def _selected(self, expression: Expr, depth: int) -> Values | None:
        """What the constants make of the expression; `None` if they have no part in it."""
        match expression:
            case Name(binding=index) if len(self._unit.facts.parameters) <= index:
                binding = self._unit.facts.bindings[index]
                is_told = binding.value is not None and binding.annotation is None
                return self._selected(binding.value, depth + 1) if binding.value and is_told else None
            case Choice(options=options, test=test):
                return self._chosen(options, test, depth)
            case Narrowed(value=value):
                return self._selected(value, depth + 1)
            case Item(base=base, index=index):
                key = self._constant(index)
                held = None if key is None else self._evaluator.evaluate(base, self._unit)
                return None if key is None or not held else self._evaluator.protocols.item(held, key.value)
            case Call(index=index):
                return self._called(index, depth)
        return None

    def _chosen(self, options: tuple[Expr, ...], test: Test | None, depth: int) -> Values | None:
        holds = None if test is None else self._holds(test)
        if holds is not None:
            return self._evaluate(options[0 if holds else 1], depth + 1)
        left = [option for option in options if not self._is_dead(option)]
        if len(left) == len(options):
            return None
        return choose([self._evaluate(option, depth + 1) for option in left]) if left else None

    def _called(self, index: int, depth: int) -> Values | None:
        call = self._unit.facts.calls[index]
        key = self._constant(call.arguments[0].value) if call.arguments else None
        if key is not None and isinstance(call.callee, Attr) and call.callee.name == "get":
            held = self._evaluator.evaluate(call.callee.base, self._unit)
            return self._evaluator.protocols.item(held, key.value) or None
        callee = self._selected(call.callee, depth + 1)
        if not callee:
            return None
        arguments = Arguments.of(self._evaluator, call, self._unit)
        return self._evaluator.results.of_values(callee, arguments)

    def _is_dead(self, option: Expr) -> bool:
        return isinstance(option, Name) and any(
            first <= option.binding < end for first, end in (region.bindings for region in self._dead)
        )

    def _constant(self, expression: Expr | None) -> Const | None:
        name = _parameter(expression, self._unit)
        return self._known.get(name) if name else None

    def _holds(self, test: Test) -> bool | None:
        if test.op == "not":
            answer = self._holds(test.parts[0])
            return None if answer is None else not answer
        if test.op in ("and", "or"):
            answers = [self._holds(part) for part in test.parts]
            decisive = test.op == "or"
            return decisive if decisive in answers else None if None in answers else not decisive
        given = self._constant(test.subject)
        if given is None:
            return None
        match test.op:
            case "among":
                return given.value in test.constants
            case "none":
                return given.value is None
            case "true":
                return bool(given.value)
        return None


def _parameter(expression: Expr | None, unit: Unit) -> str:
    """The parameter of `unit` that the expression is, if it is one."""
    while isinstance(expression, Narrowed):
        expression = expression.value
    is_one = isinstance(expression, Name) and FREE != expression.binding < len(unit.facts.parameters)
    return expression.id if is_one and isinstance(expression, Name) else ""


def _deciding(unit: Unit) -> set[str]:
    """The parameters that conditions ask about, and that items are looked up by."""
    facts = unit.facts
    tests = [region.test for region in facts.regions if region.test is not None]
    asked: list[Expr | None] = []
    values = [binding.value for binding in facts.bindings]
    for expression in (*values, *facts.returns, *(call.callee for call in facts.calls)):
        if isinstance(expression, Item):
            asked.append(expression.index)
        elif isinstance(expression, Choice) and expression.test is not None:
            tests.append(expression.test)
    for call in facts.calls:
        if isinstance(call.callee, Attr) and call.callee.name == "get" and call.arguments:
            asked.append(call.arguments[0].value)
    while tests:
        test = tests.pop()
        asked.append(test.subject)
        tests.extend(test.parts)
    return {name for name in (_parameter(item, unit) for item in asked) if name}
