"""What constructors hold for arguments that may be left out: what calls give says more than annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.values import (
    NOTHING,
    InstanceValue,
    ParameterValue,
    Values,
    at_most,
    choose,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Call, CallFact, Choice, Const, Expr, Name, Narrowed, Star

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator


class OptionalArguments:
    """Weighs the annotation of an optional argument against the calls in the project."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def held(self, promised: Values, unit: Unit, name: str) -> Values:
        """What the constructor `unit` holds for the argument, of which the annotation says `promised`.

        If the constructor makes an object of its own where none is given, and all that calls give is
        known, that counts, and the promise is but a guess.
        """
        calls = self._evaluator.callers.calls_named(unit)
        if not calls or not _makes_instead(unit, name):
            return promised
        guessed = at_most(promised, Certainty.GUESS)
        position = [parameter.name for parameter in unit.facts.parameters].index(name)
        if not any(_may_give(call, name, position) for call in calls):
            return guessed
        if not all(isinstance(value, InstanceValue) for value, _ in promised):
            return promised
        given = self._evaluator.settled((13, unit.index, name), lambda: self._given(promised, unit, name))
        return choose([given, guessed]) if given else guessed

    def _given(self, promised: Values, unit: Unit, name: str) -> Values:
        """The objects that calls give; of what is not known of them, the promise holds."""
        evaluator = self._evaluator
        options = []
        for arguments, _, skip_first in evaluator.callers.calls_of(unit):
            values = arguments.bound_to(unit, skip_first=skip_first).get(name, NOTHING)
            known = evaluator.callers.resolve(values)
            options.append(tuple(item for item in known if evaluator.classes.is_kind(item[0], promised)))
            is_given = arguments.has_unpacked or arguments.expression_for(unit, name, skip_first=skip_first)
            if is_given and not known and not self._is_left_out(values):
                options.append(promised)
        return at_most(choose(options), Certainty.LIKELY) if any(options) else NOTHING

    def _is_left_out(self, values: Values) -> bool:
        """Whether these are but parameters that are `None` by default."""
        return bool(values) and all(
            isinstance(value, ParameterValue) and self._is_optional(value) for value, _ in values
        )

    def _is_optional(self, value: ParameterValue) -> bool:
        parameters = self._evaluator.project.units[value.unit].facts.parameters
        return any(item.name == value.name and item.default == Const(None) for item in parameters)


def _makes_instead(unit: Unit, name: str) -> bool:
    """Whether the function calls something for what stands in the argument's place."""
    facts = unit.facts
    values = [binding.value for binding in facts.bindings if binding.value is not None]
    values.extend(store.value for store in facts.stores if store.value is not None)
    kept_as = {store.name for store in facts.stores if _is_name(store.value, name)}
    return (
        any(binding.name == name and isinstance(binding.value, Call) for binding in facts.bindings)
        or any(store.name in kept_as and isinstance(store.value, Call) for store in facts.stores)
        or any(_is_name_or_call(value, name) for value in values)
    )


def _is_name(expression: Expr | None, name: str) -> bool:
    if isinstance(expression, Narrowed):
        return _is_name(expression.value, name)
    return isinstance(expression, Name) and expression.id == name


def _is_name_or_call(expression: Expr, name: str) -> bool:
    """`name or make()`, or `make() if name is None else name`."""
    if not isinstance(expression, Choice):
        return False
    has_name = any(_is_name(option, name) for option in expression.options)
    return has_name and any(isinstance(option, Call) for option in expression.options)


def _may_give(call: CallFact, name: str, position: int) -> bool:
    """Whether the call has an argument for the parameter `name`, the one at `position` from `self` on."""
    positional = [argument for argument in call.arguments if argument.keyword is None]
    return (
        len(positional) >= position
        or any(isinstance(argument.value, Star) for argument in call.arguments)
        or any(argument.keyword in (name, "**") for argument in call.arguments)
    )
