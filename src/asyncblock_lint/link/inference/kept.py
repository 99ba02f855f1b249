"""The constants that objects keep in their attributes from the time they are made."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.constants import View
from asyncblock_lint.link.inference.known import Known, Setting
from asyncblock_lint.link.inference.values import ClassValue, FunctionValue
from asyncblock_lint.link.project import ClassUnit, Unit
from asyncblock_lint.model.facts import Attr, Call, Expr, Test

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_LEVELS = 3
_Given = dict[int, dict[str, Known]]
"""What constructors, by the index of their functions, are given for their parameters."""


class KeptConstants:
    """Reads attributes that conditions ask for, and that are set in constructors and class bodies only."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._asked_of: dict[int, tuple[str, ...]] = {}

    def of_new(self, cls: int, constructors: list[FunctionValue], arguments: Arguments) -> Setting:
        """The constants that an object keeps which is made with `arguments`, by attribute."""
        names = self._asked(cls)
        if not names:
            return ()
        given: _Given = {}
        for function in constructors:
            self._construct(function, arguments, given, _LEVELS)
        found = ((name, self._kept(cls, name, given, arguments, constructors)) for name in names)
        return tuple((name, known) for name, known in found if known is not None)

    # What constructors are given

    def _construct(self, function: FunctionValue, arguments: Arguments, given: _Given, levels: int) -> None:
        """Note in `given` what the constructor is given, and what it gives to those of its bases."""
        unit = self._project.units[function.unit]
        if unit.index in given:
            return
        known = given[unit.index] = dict(arguments.constants(unit, skip_first=True))
        for call in unit.facts.calls if levels else ():
            if not isinstance(call.callee, Attr) or call.callee.name != "__init__":
                continue
            for value, _ in self._evaluator.evaluate(call.callee, unit):
                if isinstance(value, FunctionValue):
                    inner = Arguments.of(self._evaluator, call, unit).where(known)
                    self._construct(value, inner, given, levels - 1)

    # What is kept of it

    def _kept(
        self,
        cls: int,
        name: str,
        given: _Given,
        arguments: Arguments,
        constructors: list[FunctionValue],
    ) -> Known | None:
        classes = self._classes(cls)
        stores = [item for unit in classes for item in unit.stores.get(name, ())]
        bodies = [unit for unit in classes if name in unit.body.facts.final]
        if not stores:
            return self._of_body(cls, bodies[0], name, None if constructors else arguments)
        if bodies or not all(method.facts.name.endswith(".__init__") for method, _ in stores):
            return None
        made = [(method, store) for method, store in stores if method.index in given]
        if len(made) != 1:
            return None
        [(method, store)] = made
        return self._evaluator.constants.read(store.value, View(method, given[method.index]))

    def _of_body(self, cls: int, holder: ClassUnit, name: str, arguments: Arguments | None) -> Known | None:
        """What is written in the class body, unless a generated constructor is given something else."""
        index = holder.body.facts.final[name]
        binding = holder.body.facts.bindings[index]
        if binding.annotation is not None and arguments is not None:
            position = self._evaluator.objects.field_names(cls).index(name)
            expression = arguments.expression(position) or arguments.expression(name)
            if expression is not None:
                return arguments.known(expression)
            order = self._evaluator.classes.order(cls)
            if arguments.has_unpacked or not all(isinstance(base, ClassValue) for base in order):
                return None
        return self._evaluator.constants.read(binding.value, View(holder.body))

    def _classes(self, cls: int) -> list[ClassUnit]:
        order = self._evaluator.classes.order(cls)
        return [self._project.classes[base.cls] for base in order if isinstance(base, ClassValue)]

    # Which attributes matter

    def _asked(self, cls: int) -> tuple[str, ...]:
        """The attributes of the class that some condition asks for."""
        found = self._asked_of.get(cls)
        if found is None:
            names = {name for unit in self._classes(cls) for name in (*unit.stores, *unit.body.facts.final)}
            found = self._asked_of[cls] = tuple(sorted(names & self._asked_anywhere))
        return found

    @cached_property
    def _asked_anywhere(self) -> frozenset[str]:
        return frozenset(
            name
            for unit in self._project.units
            for region in unit.facts.regions
            if region.test is not None
            for name in _attributes(region.test, unit)
        )


def _attributes(test: Test, unit: Unit) -> Iterator[str]:
    """The names of attributes that a condition reads."""
    for side in (test.subject, *test.options):
        yield from _read_in(side, unit)
    for part in test.parts:
        yield from _attributes(part, unit)


def _read_in(side: Expr | None, unit: Unit) -> Iterator[str]:
    match side:
        case Attr(base=base, name=name):
            yield name
            yield from _read_in(base, unit)
        case Call(index=index):
            yield from _read_in(unit.facts.calls[index].callee, unit)
