"""The arguments of a call, evaluated when asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from asyncblock_lint.link.inference.constants import View
from asyncblock_lint.link.inference.known import Items, Known, Setting, key_of
from asyncblock_lint.link.inference.literals import constant_key, resolved
from asyncblock_lint.link.inference.matching import Given
from asyncblock_lint.link.inference.values import (
    NOTHING,
    FunctionValue,
    LibraryInstance,
    LibraryValue,
    ModuleValue,
    NamespaceValue,
    NoneValue,
    PartialValue,
    SequenceValue,
    Values,
    choose,
    exactly,
)
from asyncblock_lint.link.project import Unit
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
    from asyncblock_lint.link.inference.evaluate import Evaluator


class Spread(NamedTuple):
    """What is unpacked into arguments by the first `*` and by `**`."""

    starred: Expr | None = None
    mapping: Expr | None = None


NO_SPREAD = Spread()
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
        spread: Spread = NO_SPREAD,
        asked: tuple[str, ...] = (),
        site: CallFact | None = None,
    ) -> None:
        self._evaluator = evaluator
        self.site = site
        self._positional = positional
        self._keywords = keywords
        self.unit = unit
        self._leading = leading
        self._named = dict(named)
        self.has_unpacked = has_unpacked
        self._inside = inside
        self._spread = spread
        self._known: Mapping[str, Known] = {}
        self._asked = asked

    @classmethod
    def of(cls, evaluator: Evaluator, call: CallFact, unit: Unit) -> Arguments:
        """The arguments written in `call`; what follows a `*` has no known position."""
        key = unit.index, id(call)
        found = evaluator.written.get(key)
        if found is None:
            found = evaluator.written[key] = cls._written(evaluator, call, unit)
        return found

    @classmethod
    def _written(cls, evaluator: Evaluator, call: CallFact, unit: Unit) -> Arguments:
        positional: list[Expr] = []
        starred: Expr | None = None
        for argument in call.arguments:
            if argument.keyword is None:
                if isinstance(argument.value, Star):
                    starred = argument.value.value
                    break
                positional.append(argument.value)
        keywords = [argument for argument in call.arguments if argument.keyword not in (None, "**")]
        mapping = next((item.value for item in call.arguments if item.keyword == "**"), None)
        has_unpacked = len(positional) + len(keywords) < len(call.arguments)
        spread = Spread(starred, mapping.value if isinstance(mapping, Star) else mapping)
        return cls(evaluator, positional, keywords, unit, has_unpacked=has_unpacked, spread=spread, site=call)

    @classmethod
    def none(cls, evaluator: Evaluator) -> Arguments:
        """No arguments."""
        return cls(evaluator, (), (), None)

    def after(self, partial: PartialValue) -> Arguments:
        """These arguments behind those that `partial` already has."""
        joined = copy(self)
        joined._leading = (*partial.positional, *self._leading)
        joined._named = {**dict(partial.named), **self._named}
        return joined

    def closed_in(self, function: FunctionValue) -> Arguments:
        """These arguments, written in the body of `function`, with its parameters filled in."""
        closed = copy(self)
        closed._inside = function
        return closed

    def where(self, known: Mapping[str, Known]) -> Arguments:
        """These arguments, in a function of whose parameters that is known."""
        told = copy(self)
        told._known = known
        return told

    @property
    def told(self) -> Mapping[str, Known]:
        """What is known of the function that they stand in."""
        return self._known

    @property
    def positional(self) -> Sequence[Expr]:
        """The positional arguments as they are written, those of a partial left out."""
        return self._positional

    @property
    def count(self) -> int:
        """How many positional arguments there are."""
        return len(self._leading) + len(self._positional)

    @property
    def are_none(self) -> bool:
        """Whether nothing at all is given."""
        return not (self.count or self._keywords or self._named) and self._spread == NO_SPREAD

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
        return self._unpacked(place) if expression is None else self._evaluated(expression)

    def _evaluated(self, expression: Expr | None) -> Values:
        if expression is None or self.unit is None:
            return NOTHING
        values = self._evaluator.evaluate(expression, self.unit)
        if self._asked:
            values = self._evaluator.results.of_objects(values, self._asked)
        return values if self._inside is None else self._evaluator.closures.substitute(values, self._inside)

    def _unpacked(self, place: Place) -> Values:
        """What `*value` or `**value` gives for a position or a keyword."""
        if isinstance(place, int):
            held, index = self._evaluated(self._spread.starred), place - self.count
            return self._evaluator.members.unpacked(held, index) if index >= 0 else NOTHING
        return self._evaluator.members.unpacked(self._evaluated(self._spread.mapping), place)

    def promised(self, place: Place) -> Values:
        """The objects that the argument describes, read like an annotation."""
        expression = self.expression(place)
        if expression is None or self.unit is None:
            return NOTHING
        return self._evaluator.annotations.read(expression, self.unit)

    def expression(self, place: Place) -> Expr | None:
        """What is written at a position or under a keyword."""
        if isinstance(place, int):
            position = place - len(self._leading)
            return self._positional[position] if 0 <= position < len(self._positional) else None
        return next((item.value for item in self._keywords if item.keyword == place), None)

    def key(self, place: Place) -> object:
        """The key that the argument is, if it is one that can be read."""
        if self.unit is None:
            return None
        expression = self.expression(place)
        key = constant_key(expression, self.unit, self._evaluator.project)
        return key if key is not None or expression is None else key_of(self.known(expression))

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
        if self.are_none and self.unit is None:
            return {}
        given: dict[str, Values] = {}
        parameters = unit.facts.parameters
        is_first_among_rest = skip_first and bool(parameters) and parameters[0].kind == "*"
        if skip_first and not is_first_among_rest:
            parameters = parameters[1:]
        position = -1 if is_first_among_rest else 0
        for parameter in parameters:
            if parameter.kind in ("positional", "both"):
                values = self._for_parameter(position, parameter.name)
                position += 1
            elif parameter.kind == "keyword":
                values = self.at(parameter.name)
            else:
                taken = [item.name for item in parameters]
                values = self._rest(position) if parameter.kind == "*" else self._other(taken)
            kept = tuple(item for item in values if not isinstance(item[0], _DULL))
            if kept or (not values and self._is_written(position - 1, parameter)):
                given[parameter.name] = kept
        return given

    def _is_written(self, position: int, parameter: Parameter) -> bool:
        """Whether something is written for the parameter, whatever it is."""
        if parameter.kind in ("positional", "both") and self.expression(position) is not None:
            return True
        return parameter.kind in ("both", "keyword") and self.expression(parameter.name) is not None

    def _for_parameter(self, position: int, name: str) -> Values:
        if position < self.count:
            return self.at(position)
        options = [values for values in (self.at(position), self.at(name)) if values]
        return choose(options) if options else NOTHING

    def _rest(self, first: int) -> Values:
        """What `*args` is: the positional arguments from `first` on, -1 being the object of a method."""
        items = tuple(
            self.at(position) if position >= 0 else NOTHING for position in range(first, self.count)
        )
        if any(items) or self._spread.starred is None:
            return exactly(SequenceValue("tuple", items))
        return NOTHING if items else self._evaluated(self._spread.starred)

    def _other(self, taken: Sequence[str]) -> Values:
        """What `**kwargs` is: the keyword arguments for which there is no parameter."""
        rest = {name: values for name, values in self.named().items() if name not in taken}
        if any(rest.values()) or self._spread.mapping is None:
            return exactly(SequenceValue("dict", tuple(rest.values()), False, tuple(rest)))
        return NOTHING if rest else self._evaluated(self._spread.mapping)

    def expression_for(self, unit: Unit, name: str, *, skip_first: bool) -> Expr | None:
        """What is written for the parameter `name` of `unit`."""
        parameters = unit.facts.parameters[1:] if skip_first else unit.facts.parameters
        for position, parameter in enumerate(parameters):
            if parameter.name == name:
                by_position = self.expression(position) if parameter.kind in ("positional", "both") else None
                return by_position or self.expression(name)
        return None

    def constants(self, unit: Unit, *, skip_first: bool, names: Collection[str] | None = None) -> Setting:
        """What is known of what parameters of `unit`, or those with the `names`, are given or left to."""
        found = []
        for parameter in unit.facts.parameters:
            if names is not None and parameter.name not in names:
                continue
            value = self.expression_for(unit, parameter.name, skip_first=skip_first)
            known = None
            if value is not None:
                known = self.known(value)
            elif not (self.has_unpacked or self.is_given(unit, parameter, skip_first=skip_first)):
                known = self._evaluator.constants.read(parameter.default, View(unit.parent or unit))
            if known is not None:
                found.append((parameter.name, known))
        return tuple(found)

    def known(self, expression: Expr) -> Known | None:
        """What is known of an expression among the arguments."""
        if self.unit is None:
            return None
        return self._evaluator.constants.read(expression, View(self.unit, self._known))

    @property
    def spread(self) -> Expr | None:
        """What is unpacked by `**`."""
        return self._spread.mapping

    @property
    def mapping(self) -> Known | None:
        """What is known of what is unpacked by `**`."""
        return None if self._spread.mapping is None else self.known(self._spread.mapping)

    @property
    def is_starred(self) -> bool:
        """Whether something is unpacked by `*`."""
        return self._spread.starred is not None

    def rest(self, unit: Unit) -> Items | None:
        """What `**` of `unit` takes: the keywords for which there is no other parameter."""
        names = {parameter.name for parameter in unit.facts.parameters}
        entries: dict[str, Known | None] = {}
        if self._spread.mapping is not None:
            unpacked = self.mapping
            if not isinstance(unpacked, Items):
                return None
            entries.update(unpacked.entries)
        entries.update((str(item.keyword), self.known(item.value)) for item in self._keywords)
        return Items(tuple((name, known) for name, known in entries.items() if name not in names))

    def is_given(self, unit: Unit, parameter: Parameter, *, skip_first: bool) -> bool:
        """Whether there is an argument for the parameter of `unit`."""
        names = [item.name for item in unit.facts.parameters[1 if skip_first else 0 :]]
        if parameter.name not in names:
            return True
        by_position = parameter.kind in ("positional", "both") and names.index(parameter.name) < self.count
        return by_position or parameter.name in self._named or self.expression(parameter.name) is not None

    def given(self, state: str = "", known: Mapping[Place, Constant] | None = None) -> Given:
        """What is given, for the forms of a call that do not wait; `state` is that of the object asked,
        and `known` are constants given by way of names."""
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
            constants[place] = tuple(self._constants(self.expression(place), self.unit))
            starts[place] = self._start(self.expression(place), self.unit)
        constants.update((place, (value,)) for place, value in (known or {}).items())
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
            known = self._evaluator.constants.read(expression, View(unit, self._known))
            if isinstance(known, Const):
                yield known.value

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
