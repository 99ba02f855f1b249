"""What is handed to a thread that no thread can run: coroutine functions, and what calls gave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from asyncblock_lint.link.calls.eager import Effects
from asyncblock_lint.link.calls.mentions import is_used
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import (
    FunctionValue,
    LibraryInstance,
    LibraryValue,
    NoneValue,
    PartialValue,
    RunValue,
    SequenceValue,
    Value,
    Values,
)
from asyncblock_lint.link.project import Project, Unit
from asyncblock_lint.model.catalogue import Blocker, Offload
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Call, CallFact, Choice, Expr, Name, Span
from asyncblock_lint.model.graph import Fault

_EAGER, _NEVER = "ABL801", "ABL802"
_PLAIN_ROLES = ("", "static", "class", "cached")
_ROLES = frozenset({"builtins.staticmethod", "builtins.classmethod"})


class Misfits:
    """Gathers the calls that hand over what cannot be run where it goes."""

    def __init__(self, evaluator: Evaluator, effects: Effects) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher
        self._project = evaluator.project
        self._effects = effects
        self._found: dict[Fault, None] = {}
        self._waiting: list[tuple[Unit, CallFact, FunctionValue, Arguments]] = []
        self._handing: dict[int, tuple[str, ...]] = {}

    def found(self) -> tuple[Fault, ...]:
        """The mistakes, once all calls were looked at."""
        for unit, call, value, arguments in self._waiting:
            self._check_function(unit, call, value, arguments)
        self._waiting.clear()
        return tuple(self._found)

    def check(self, unit: Unit, call: CallFact, value: Value, arguments: Arguments) -> None:
        """Look at what `call` in `unit` hands to a thread, if it calls `value`."""
        if isinstance(value, LibraryValue):
            offload = self._matcher.offload(value.name)
            if offload is not None and not self._matcher.is_named_by_user(value.name):
                name = self._matcher.offload_name(value.name)
                for place in offload.arguments:
                    given, written = arguments.at(place), arguments.expression(place)
                    self._look(unit, call.span, name, offload, given, written)
                    if offload.coroutine_runs == "nowhere" and self._loses(unit, call, name):
                        self._look_inside(unit, call.span, name, given)
        elif isinstance(value, FunctionValue) and call.arguments:
            # What a function does with its parameters is known once all of them were looked at.
            self._waiting.append((unit, call, value, arguments))

    def _check_function(self, unit: Unit, call: CallFact, value: FunctionValue, arguments: Arguments) -> None:
        target = self._project.units[value.unit]
        for parameter in self._handed_over(target):
            written = arguments.expression_for(target, parameter, skip_first=value.bound)
            if written is not None:
                given = self._evaluator.evaluate(written, unit)
                name = self._project.qualified_name(target)
                self._look(unit, call.span, name, Offload(()), given, written)

    def _look(
        self, unit: Unit, span: Span, name: str, offload: Offload, given: Values, written: Expr | None
    ) -> None:
        certainty = min((held for _, held in given), default=Certainty.EXACT)
        if (
            given
            and offload.coroutine_runs == "nowhere"
            and all(self._is_coroutine(value) for value, _ in given)
        ):
            what = "a coroutine" if isinstance(written, Call) else self._name(given)
            because = f"is given {what}: a thread awaits nothing, so its body never runs"
            self._add(Fault(unit.index, span, Blocker(name, _NEVER, because), certainty))
        elif isinstance(written, Call) and self._is_useless(written, unit, given):
            called = unit.facts.calls[written.index]
            because = (
                f"is called here, and what it gives is nothing that `{name.rpartition('.')[2]}` could call"
            )
            blocker = Blocker(self._called(called, unit), _EAGER, because)
            self._add(Fault(unit.index, called.span, blocker, certainty, on_loop_only=True, taker=name))

    def _look_inside(self, unit: Unit, span: Span, name: str, given: Values) -> None:
        """Whether what the thread calls does nothing but make coroutines."""
        certainty = min((held for _, held in given), default=Certainty.EXACT)
        if given and all(self._makes_coroutine(value) for value, _ in given):
            because = "is given what only makes a coroutine: nothing awaits that, so its body never runs"
            self._add(Fault(unit.index, span, Blocker(name, _NEVER, because), certainty))

    def _makes_coroutine(self, value: Value) -> bool:
        while isinstance(value, PartialValue):
            value = value.target
        if not isinstance(value, FunctionValue) or value.role not in _PLAIN_ROLES:
            return False
        unit = self._project.units[value.unit]
        returned = [
            option
            for item in unit.facts.returns
            for option in (item.options if isinstance(item, Choice) else (item,))
        ]
        made = [self._evaluator.evaluate(option, unit) for option in returned]
        return (
            unit.kind in ("sync", "lambda")
            and self._keeps_its_decorators(unit)
            and bool(made)
            and all(values and all(map(_is_unawaited, values)) for values in made)
        )

    def _loses(self, unit: Unit, call: CallFact, name: str) -> bool:
        """Whether nobody gets what the thread's function gives: a thread keeps it to itself, and what is
        awaited may be thrown away."""
        return self._matcher.is_class(name) or not is_used(unit.facts.calls.index(call), unit.facts)

    def _add(self, fault: Fault) -> None:
        if fault.certainty > Certainty.GUESS:
            self._found[fault] = None

    def _is_coroutine(self, value: Value) -> bool:
        """Whether calling the value, or the value itself, is a body that only a loop runs."""
        while isinstance(value, PartialValue):
            value = value.target
        if isinstance(value, RunValue):
            return value.how == "coroutine"
        if not isinstance(value, FunctionValue) or value.role not in _PLAIN_ROLES:
            return False
        unit = self._project.units[value.unit]
        return unit.is_async and self._keeps_its_decorators(unit)

    def _keeps_its_decorators(self, unit: Unit) -> bool:
        """Whether every decorator is known to leave the function what it is; an unknown one may make
        it a plain function."""
        parent = unit.parent or unit
        return all(self._is_known(self._evaluator.evaluate(item, parent)) for item in unit.facts.decorators)

    def _is_known(self, decorator: Values) -> bool:
        for value, _ in decorator:
            if not isinstance(value, LibraryValue):
                continue
            name, matcher = value.name, self._matcher
            if name not in _ROLES and not matcher.wrapper(name) and not matcher.decorator(name):
                return False
        return bool(decorator)

    def _is_useless(self, written: Call, unit: Unit, given: Values) -> bool:
        """Whether a call plainly gives nothing callable: a value, or nothing at all."""
        if given:
            return all(_is_datum(value) for value, _ in given)
        callees = self._evaluator.evaluate(unit.facts.calls[written.index].callee, unit)
        return bool(callees) and all(self._gives_nothing(value) for value, _ in callees)

    def _gives_nothing(self, value: Value) -> bool:
        if not isinstance(value, FunctionValue) or value.role not in _PLAIN_ROLES:
            return False
        facts = self._project.units[value.unit].facts
        returns_nothing = facts.kind == "sync" and not facts.returns
        return returns_nothing and not facts.is_stub and not facts.decorators

    def _handed_over(self, target: Unit) -> tuple[str, ...]:
        """The parameters that a function of the project hands to a thread, and does nothing else with."""
        found = self._handing.get(target.index)
        if found is None:
            names = {
                effect.parameter.name
                for _, effect in self._effects(target)
                if effect.mode == "offload" and effect.circumstances.coroutine_runs == "nowhere"
                if effect.parameter is not None and effect.parameter.unit == target.index
            }
            found = tuple(name for name in sorted(names) if self._only_hands_over(name, target))
            self._handing[target.index] = found
        return found

    def _only_hands_over(self, name: str, target: Unit) -> bool:
        """Whether no call in the function could be a question about the parameter, or about what the
        thread gave."""
        for unit in self._project.units_in(target.module):
            if not _is_within(unit, target):
                continue
            handing = {index for index, call in enumerate(unit.facts.calls) if self._is_offload(call, unit)}
            for index, call in enumerate(unit.facts.calls):
                if index not in handing and any(
                    _mentions(item, name, handing, unit) for item in _inputs(call)
                ):
                    return False
        return True

    def _is_offload(self, call: CallFact, unit: Unit) -> bool:
        """Whether the call hands functions over, or makes a wrapper of one."""
        values = [value for value, _ in self._evaluator.evaluate(call.callee, unit)]
        names = [value.name for value in values if isinstance(value, LibraryValue)]
        return any(self._matcher.offload(name) or self._matcher.wrapper(name) for name in names)

    def _name(self, given: Values) -> str:
        value = given[0][0]
        while isinstance(value, PartialValue):
            value = value.target
        if not isinstance(value, FunctionValue):
            return "a coroutine"
        return f"`{self._project.qualified_name(self._project.units[value.unit])}`, which is `async def`"

    def _called(self, call: CallFact, unit: Unit) -> str:
        for value, _ in self._evaluator.evaluate(call.callee, unit):
            if isinstance(value, FunctionValue):
                return self._project.qualified_name(self._project.units[value.unit])
            if isinstance(value, LibraryValue):
                return value.name
        return "the argument"


def never_run(project: Project, units: Iterable[int]) -> Iterator[Fault]:
    """Coroutine functions in the place of plain ones that a thread calls."""
    for index in sorted(units):
        unit = project.units[index]
        if unit.facts.head is not None:
            because = "is `async def`, but a thread calls it and awaits nothing, so its body never runs"
            blocker = Blocker(project.qualified_name(unit), _NEVER, because)
            yield Fault(index, unit.facts.head, blocker, Certainty.EXACT)


def _is_unawaited(item: tuple[Value, Certainty]) -> bool:
    return isinstance(item[0], RunValue) and item[0].how == "coroutine"


def _is_datum(value: Value) -> bool:
    if isinstance(value, LibraryInstance):
        return value.type.startswith("builtins.") and value.type != "builtins.object"
    if isinstance(value, RunValue):
        return value.how in ("coroutine", "generator")
    return isinstance(value, NoneValue | SequenceValue)


def _is_within(unit: Unit | None, outer: Unit) -> bool:
    while unit is not None and unit is not outer:
        unit = unit.parent
    return unit is not None


def _inputs(call: CallFact) -> Iterator[Expr]:
    yield call.callee
    for argument in call.arguments:
        yield argument.value


def _mentions(expression: Expr, name: str, handing: set[int], unit: Unit) -> bool:
    """Whether the expression is the parameter `name`, or what one of the calls `handing` gave."""
    if isinstance(expression, Name) and expression.binding >= 0:
        value = unit.facts.bindings[expression.binding].value
        given = getattr(value, "value", value)
        return expression.id == name or (isinstance(given, Call) and given.index in handing)
    return isinstance(expression, Name) and expression.id == name
