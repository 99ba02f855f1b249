"""The arguments of a call, evaluated when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from asyncblock_lint.link.literals import constant_key, resolved
from asyncblock_lint.link.matching import Given
from asyncblock_lint.link.project import Unit
from asyncblock_lint.link.values import (
    NOTHING,
    FunctionValue,
    LibraryInstance,
    LibraryValue,
    ModuleValue,
    NamespaceValue,
    NoneValue,
    PartialValue,
    Values,
    choose,
)
from asyncblock_lint.model.catalogue import Argument as Place
from asyncblock_lint.model.catalogue import Constant
from asyncblock_lint.model.facts import (
    Argument,
    CallFact,
    Const,
    Expr,
    Operation,
    Parameter,
    Star,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.evaluate import Evaluator

_DULL = (NoneValue, ModuleValue, NamespaceValue)


class Arguments:
    """Positional and keyword arguments; those of a partial come first."""

    def __init__(
        self,
        evaluator: Evaluator,
        positional: Sequence[Expr],
        keywords: Sequence[Argument],
        unit: Unit | None,
        leading: tuple[Values, ...] = (),
        named: tuple[tuple[str, Values], ...] = (),
        *,
        has_unpacked: bool = False,
        inside: FunctionValue | None = None,
    ) -> None:
        self._evaluator = evaluator
        self._positional = positional
        self._keywords = keywords
        self._unit = unit
        self._leading = leading
        self._named = dict(named)
        self.has_unpacked = has_unpacked
        self._inside = inside

    @classmethod
    def of(cls, evaluator: Evaluator, call: CallFact, unit: Unit) -> Arguments:
        """The arguments written in `call`; what follows a `*` has no known position."""
        positional: list[Expr] = []
        for argument in call.arguments:
            if argument.keyword is None:
                if isinstance(argument.value, Star):
                    break
                positional.append(argument.value)
        keywords = [argument for argument in call.arguments if argument.keyword not in (None, "**")]
        has_unpacked = len(positional) + len(keywords) < len(call.arguments)
        return cls(evaluator, positional, keywords, unit, has_unpacked=has_unpacked)

    @classmethod
    def none(cls, evaluator: Evaluator) -> Arguments:
        """No arguments."""
        return cls(evaluator, (), (), None)

    def after(self, partial: PartialValue) -> Arguments:
        """These arguments behind those that `partial` already has."""
        leading = (*partial.positional, *self._leading)
        named = (*partial.named, *self._named.items())
        return Arguments(
            self._evaluator,
            self._positional,
            self._keywords,
            self._unit,
            leading,
            named,
            has_unpacked=self.has_unpacked,
            inside=self._inside,
        )

    def closed_in(self, function: FunctionValue) -> Arguments:
        """These arguments, written in the body of `function`, with its parameters filled in."""
        return Arguments(
            self._evaluator,
            self._positional,
            self._keywords,
            self._unit,
            has_unpacked=self.has_unpacked,
            inside=function,
        )

    @property
    def positional(self) -> Sequence[Expr]:
        """The positional arguments as they are written, those of a partial left out."""
        return self._positional

    @property
    def count(self) -> int:
        """How many positional arguments there are."""
        return len(self._leading) + len(self._positional)

    def at(self, place: Place) -> Values:
        """The argument at a position, or under a keyword; nothing where it is not given."""
        if isinstance(place, int):
            if place < len(self._leading):
                return self._leading[place]
            expression = self.expression(place)
        else:
            if place in self._named:
                return self._named[place]
            expression = self.expression(place)
        if expression is None or self._unit is None:
            return NOTHING
        values = self._evaluator.evaluate(expression, self._unit)
        return values if self._inside is None else self._evaluator.closures.substitute(values, self._inside)

    def promised(self, place: Place) -> Values:
        """The objects that the argument describes, read like an annotation."""
        expression = self.expression(place)
        if expression is None or self._unit is None:
            return NOTHING
        return self._evaluator.annotations.read(expression, self._unit)

    def expression(self, place: Place) -> Expr | None:
        """What is written at a position or under a keyword."""
        if isinstance(place, int):
            position = place - len(self._leading)
            return self._positional[position] if 0 <= position < len(self._positional) else None
        return next((item.value for item in self._keywords if item.keyword == place), None)

    def key(self, place: Place) -> object:
        """The key that the argument is, if it is one that can be read."""
        if self._unit is None:
            return None
        return constant_key(self.expression(place), self._unit, self._evaluator.project)

    def any_of(self, places: Sequence[Place]) -> Values:
        """The alternatives at any of `places`."""
        given = [values for values in map(self.at, places) if values]
        return choose(given) if given else NOTHING

    def named(self) -> dict[str, Values]:
        """The keyword arguments."""
        named = dict(self._named)
        for item in self._keywords:
            if item.keyword is not None:
                named[item.keyword] = self.at(item.keyword)
        return named

    def bound_to(self, unit: Unit, *, skip_first: bool) -> dict[str, Values]:
        """What each parameter of `unit` is given, as far as it may matter to a closure."""
        if not (self._positional or self._leading or self._keywords or self._named):
            return {}
        given: dict[str, Values] = {}
        parameters = unit.facts.parameters[1:] if skip_first else unit.facts.parameters
        position = 0
        for parameter in parameters:
            if parameter.kind in ("positional", "both"):
                values = self.at(position) if position < self.count else self.at(parameter.name)
                position += 1
            elif parameter.kind == "keyword":
                values = self.at(parameter.name)
            else:
                continue
            kept = tuple(item for item in values if not isinstance(item[0], _DULL))
            if kept:
                given[parameter.name] = kept
        return given

    def expression_for(self, unit: Unit, name: str, *, skip_first: bool) -> Expr | None:
        """What is written for the parameter `name` of `unit`."""
        parameters = unit.facts.parameters[1:] if skip_first else unit.facts.parameters
        for position, parameter in enumerate(parameters):
            if parameter.name == name:
                by_position = self.expression(position) if parameter.kind in ("positional", "both") else None
                return by_position or self.expression(name)
        return None

    def constants(self, unit: Unit, *, skip_first: bool) -> tuple[tuple[str, Const], ...]:
        """The constants that parameters of `unit` are given or left to, by name."""
        found = []
        for parameter in unit.facts.parameters:
            value = self.expression_for(unit, parameter.name, skip_first=skip_first)
            if value is not None and self._unit is not None:
                value, _ = resolved(value, self._unit, self._evaluator.project)
            elif not (self.has_unpacked or self.is_given(unit, parameter, skip_first=skip_first)):
                value = parameter.default
            if isinstance(value, Const):
                found.append((parameter.name, value))
        return tuple(found)

    def is_given(self, unit: Unit, parameter: Parameter, *, skip_first: bool) -> bool:
        """Whether there is an argument for the parameter of `unit`."""
        names = [item.name for item in unit.facts.parameters[1 if skip_first else 0 :]]
        if parameter.name not in names:
            return True
        by_position = parameter.kind in ("positional", "both") and names.index(parameter.name) < self.count
        return by_position or parameter.name in self._named or self.expression(parameter.name) is not None

    def given(self, state: str = "") -> Given:
        """What is given, for the forms of a call that do not wait; `state` is that of the object asked."""
        constants: dict[Place, tuple[Constant, ...]] = {}
        types: dict[Place, tuple[str, ...]] = {}
        starts: dict[Place, str] = {}
        places: list[Place] = [*range(self.count), *self._named]
        places.extend(item.keyword for item in self._keywords if item.keyword is not None)
        for place in places:
            values = [value for value, _ in self.at(place)]
            objects = [value for value in values if isinstance(value, LibraryInstance)]
            in_states = [f"{value.type} @ {value.state}" for value in objects if value.state]
            types[place] = (*(value.type for value in objects), *in_states)
            constants[place] = tuple(self._constants(self.expression(place), self._unit))
            starts[place] = self._start(self.expression(place), self._unit)
        return Given(constants, types, starts, state, self._evaluator.project.imported)

    def _constants(self, expression: Expr | None, unit: Unit | None) -> Iterator[Constant]:
        if expression is None or unit is None:
            return
        expression, unit = resolved(expression, unit, self._evaluator.project)
        if isinstance(expression, Const):
            yield expression.value
        elif isinstance(expression, Operation) and expression.method == "__or__":
            yield from self._constants(expression.base, unit)
            yield from self._constants(expression.other, unit)
        else:
            for value, _ in self._evaluator.evaluate(expression, unit):
                if isinstance(value, LibraryValue):
                    yield value.name

    def _start(self, expression: Expr | None, unit: Unit | None) -> str:
        """How a text begins, as far as that is written."""
        if expression is None or unit is None:
            return ""
        expression, unit = resolved(expression, unit, self._evaluator.project)
        if isinstance(expression, Const) and isinstance(expression.value, str):
            return expression.value
        if isinstance(expression, Operation) and expression.method == "__add__":
            return self._start(expression.base, unit)
        if isinstance(expression, Operation) and expression.method == "__mod__":
            return self._start(expression.base, unit).partition("%")[0]
        return ""
