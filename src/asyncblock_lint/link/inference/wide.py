"""Parameters of which an annotation leaves open what runs: an abstract class, or one of several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.known import Known, Made, both
from asyncblock_lint.link.inference.values import (
    InstanceValue,
    LibraryInstance,
    Value,
    Values,
    at_most,
    closed,
    exactly,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import FREE, Expr, Name

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_BUILTIN = "builtins."


class WideParameters:
    """Tells which parameters they are, and which object a call gives for one."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._found: dict[tuple[int, int], bool] = {}

    def named(self, expression: Expr, unit: Unit) -> Iterator[str]:
        """The name of such a parameter, if the expression is one."""
        if isinstance(expression, Name) and self._is_wide(expression.binding, unit):
            yield expression.id

    def has(self, name: str, unit: Unit) -> bool:
        """Whether the parameter of that name is one."""
        names = [parameter.name for parameter in unit.facts.parameters]
        return name in names and self._is_wide(names.index(name), unit)

    def object_given(self, known: Known | None, values: Values) -> Known | None:
        """What is `known` of an argument, with the one object that it may be."""
        match closed(values):
            case [(InstanceValue() | LibraryInstance() as value, certainty)] if len(values) == 1:
                is_exact = certainty is Certainty.EXACT and _was_made(value)
                return both(known, Made(value, is_exact=is_exact))
        return known

    def held(self, known: Known | None) -> Values:
        """The object that a setting gives for a parameter; nothing if it gives none."""
        match known:
            case Made(value=InstanceValue() | LibraryInstance() as value, is_exact=is_exact):
                return at_most(exactly(value), Certainty.EXACT if is_exact else Certainty.LIKELY)
        return ()

    def _is_wide(self, index: int, unit: Unit) -> bool:
        if index == FREE or index >= len(unit.facts.parameters):
            return False
        parameter = unit.facts.parameters[index]
        if parameter.annotation is None or parameter.kind in ("*", "**"):
            return False
        key = unit.index, index
        if key not in self._found:
            promised = closed(self._evaluator.binding(index, unit))
            objects = [value for value, _ in promised if _is_object(value)]
            self._found[key] = len(objects) > 1 or self._evaluator.classes.are_wide(promised)
        return self._found[key]


def _is_object(value: Value) -> bool:
    is_library = isinstance(value, LibraryInstance) and not value.type.startswith(_BUILTIN)
    return is_library or isinstance(value, InstanceValue)


def _was_made(value: Value) -> bool:
    return isinstance(value, InstanceValue) and value.environment is not None
