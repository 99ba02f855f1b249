"""What objects keep from the time they are made, as far as constants decide it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.constants import OWN, View, attribute_of_self
from asyncblock_lint.link.inference.known import Known, Setting
from asyncblock_lint.link.inference.literals import last_word
from asyncblock_lint.link.inference.reachable import Ranges, within
from asyncblock_lint.link.inference.values import (
    NOTHING,
    ClassValue,
    FunctionValue,
    InstanceValue,
    Values,
    choose,
    closed,
)
from asyncblock_lint.link.project import ClassUnit, Unit, shown_name
from asyncblock_lint.model.facts import Attr, Binding, Call, CallFact, Expr, Item, Store, Test

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_LEVELS = 3
_Told = dict[int, Setting]
"""What is known of what constructors were given, by the index of their functions."""


class KeptConstants:
    """Reads attributes that are set in constructors and class bodies only."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._telling: dict[int, frozenset[str] | None] = {}
        self._open: set[tuple[int, str]] = set()

    def of_new(
        self, cls: int, constructors: list[FunctionValue], arguments: Arguments
    ) -> tuple[tuple[int, Setting], ...]:
        """What matters of the `arguments` with which an object of the class is made."""
        told: _Told = {}
        for function in constructors:
            self._construct(function, arguments, told, _LEVELS)
        if not constructors:
            body = self._project.classes[cls].body.index
            fields = tuple(self._fields(cls, arguments))
            told.update({body: fields} if fields else {})
        return tuple(told.items())

    def _construct(self, function: FunctionValue, arguments: Arguments, told: _Told, levels: int) -> None:
        """Note in `told` what the constructor is given, and what it gives to those of its bases."""
        unit = self._project.units[function.unit]
        if unit.index in told:
            return
        names = self._tell(unit)
        inner_calls = self._inner(unit) if levels else ()
        passed = {name for call in inner_calls for name in self._evaluator.asking.of_arguments(call, unit)}
        known = arguments.constants(unit, skip_first=True, names=passed.union(names or ()))
        if names is not None:
            told[unit.index] = tuple((name, value) for name, value in known if name in names)
        for call in inner_calls:
            for value, _ in self._evaluator.evaluate(call.callee, unit):
                if isinstance(value, FunctionValue):
                    inner = Arguments.of(self._evaluator, call, unit).where(dict(known))
                    self._construct(value, inner, told, levels - 1)

    def _inner(self, unit: Unit) -> list[CallFact]:
        """The calls of other constructors in one."""
        return [
            call
            for call in unit.facts.calls
            if isinstance(call.callee, Attr) and call.callee.name == "__init__"
        ]

    def _fields(self, cls: int, arguments: Arguments) -> Iterator[tuple[str, Known]]:
        """The fields that conditions ask for, with what a generated constructor is given for them."""
        order = self._evaluator.classes.order(cls)
        is_plain = not arguments.has_unpacked and all(isinstance(base, ClassValue) for base in order)
        names = self._evaluator.objects.field_names(cls)
        if arguments.count and not self._are_in_order(cls, names):
            return
        for position, name in enumerate(names):
            if name not in self._asked_anywhere:
                continue
            expression = arguments.expression(position) or arguments.expression(name)
            known = None
            if expression is not None:
                known = arguments.known(expression)
            elif is_plain:
                known = self._of_body(cls, name)
            if known is not None:
                yield name, known

    def _are_in_order(self, cls: int, names: list[str]) -> bool:
        """Whether a generated constructor surely takes all the fields, one after another."""
        bodies = [unit.body.facts.bindings for unit in self._classes(cls)]
        fields = [binding for bindings in bodies for binding in bindings if binding.annotation]
        is_plain = not any(isinstance(field.value, Call) or _is_shared(field) for field in fields)
        return is_plain and len(set(names)) == len(names)

    # Constants

    def constant(self, made: InstanceValue, name: str) -> Known | None:
        """What is known of what the object holds under `name` from the time it is made."""
        if self._evaluator.contents.is_set_outside(name) or made.environment is None:
            return None
        told = dict(made.given)
        stores = [item for unit in self._classes(made.cls) for item in unit.stores.get(name, ())]
        if not stores:
            if name not in self._evaluator.objects.field_names(made.cls):
                return self._of_body(made.cls, name)
            return dict(told.get(self._project.classes[made.cls].body.index, ())).get(name)
        if not _are_in_constructors(stores):
            return None
        run = [(method, store) for method, store in stores if method.index in told]
        if len(run) != 1 or self._of_body(made.cls, name) is not None:
            return None
        [(method, store)] = run
        return self._evaluator.constants.read(store.value, View(method, dict(told[method.index])))

    def is_constant(self, method: Unit, name: str) -> bool:
        """Whether only constructors set the attribute of the object whose method it is."""
        if method.owner is None or self._evaluator.contents.is_set_outside(name):
            return False
        classes = self._classes(method.owner.index)
        return _are_in_constructors([item for unit in classes for item in unit.stores.get(name, ())])

    def _of_body(self, cls: int, name: str) -> Known | None:
        """What is written in the body of the class, or of the first base that has the name."""
        for unit in self._classes(cls):
            index = unit.body.facts.final.get(name)
            if index is not None:
                value = unit.body.facts.bindings[index].value
                return self._evaluator.constants.read(value, View(unit.body))
        return None

    def _classes(self, cls: int) -> list[ClassUnit]:
        order = self._evaluator.classes.order(cls)
        return [self._project.classes[base.cls] for base in order if isinstance(base, ClassValue)]

    # Objects

    def chosen(self, made: InstanceValue, name: str) -> Values:
        """What the object holds under `name`, if what its constructor was given decides between what
        it stores; nothing if that makes no difference."""
        question = made.cls, name
        if question in self._open or self._evaluator.contents.is_set_outside(name):
            return NOTHING
        # What objects of several classes hold may be made of each other.
        self._open.add(question)
        found = self._find_chosen(made, name)
        self._open.remove(question)
        return found

    def _find_chosen(self, made: InstanceValue, name: str) -> Values:
        told = dict(made.given)
        for unit in self._classes(made.cls):
            if name in unit.body.facts.final:
                return NOTHING
            stores = unit.stores.get(name, [])
            if stores:
                is_told = all(self._is_told(store, method, told) for method, store in stores)
                return self._stored(unit, name, told) if is_told else NOTHING
        return NOTHING

    def _is_told(self, store: Store, method: Unit, told: _Told) -> bool:
        """Whether it is known of the constructor what decides what it stores."""
        if store.annotation is not None or method.index not in told:
            return False
        asked = self._evaluator.choosing.asked(store.value, method) if store.value is not None else ()
        return bool(told[method.index]) or any(name.startswith(OWN) for name in asked)

    def _stored(self, cls: ClassUnit, name: str, told: _Told) -> Values:
        options = []
        for method, store in cls.stores[name]:
            setting = told[method.index]
            if store.value is not None and not self._is_under(store, self._dead(method, setting), method):
                found = self._evaluator.choosing.under(store.value, method, setting)
                options.append(closed(found) or found)
        found = choose(options) if options else NOTHING
        return self._evaluator.contents.in_attribute(found, cls, name) if found else found

    def is_decided(self, cls: int, name: str) -> bool:
        """Whether what constructors are given may decide between what objects hold under `name`."""
        return any(
            self._is_under(store, self._conditional(method), method)
            or (store.value is not None and bool(self._evaluator.choosing.asked(store.value, method)))
            for unit in self._classes(cls)
            for method, store in unit.stores.get(name, ())
            if method.facts.name.endswith(".__init__")
        )

    def _dead(self, method: Unit, setting: Setting) -> Ranges:
        return self._evaluator.reachable.stores(method, setting)

    def _conditional(self, method: Unit) -> Ranges:
        return tuple(region.stores for region in method.facts.regions if region.test is not None)

    def _is_under(self, store: Store, ranges: Ranges, method: Unit) -> bool:
        position = next(index for index, item in enumerate(method.facts.stores) if item is store)
        return within(position, ranges)

    # What matters

    def _tell(self, unit: Unit) -> frozenset[str] | None:
        """The parameters of a constructor that decide what the object holds, or are asked for later;
        `None` if it keeps nothing that matters."""
        if unit.index not in self._telling:
            self._telling[unit.index] = None
            names: set[str] = set()
            matters = False
            for store in unit.facts.stores:
                if store.value is None:
                    continue
                names |= self._evaluator.choosing.asked(store.value, unit)
                if store.name in self._asked_anywhere:
                    matters = True
                    names |= self._evaluator.asking.of(store.value, unit)
            for number, region in enumerate(unit.facts.regions):
                if region.stores[0] < region.stores[1]:
                    names |= self._evaluator.asking.of_region(number, unit)
            self._telling[unit.index] = frozenset(names) if names or matters else None
        return self._telling[unit.index]

    @cached_property
    def _asked_anywhere(self) -> frozenset[str]:
        """The names of all attributes that some condition asks for, or that are passed on to functions
        whose conditions ask for what they are given."""
        asked = {
            name
            for unit in self._project.units
            for region in unit.facts.regions
            if region.test is not None
            for name in _attributes(region.test, unit)
        }
        return frozenset(asked.union(*map(self._passed, self._project.units)))

    def _passed(self, unit: Unit) -> Iterator[str]:
        """The attributes of its own object that a method passes on to where parameters decide something."""
        for call in unit.facts.calls if unit.owner is not None else ():
            names = [attribute_of_self(argument.value, unit) for argument in call.arguments]
            if any(names) and last_word(call.callee) in self._asking:
                yield from (name.removeprefix(OWN) for name in names if name)

    @cached_property
    def _asking(self) -> frozenset[str]:
        """The names of functions whose conditions ask for what they are given."""
        return frozenset(
            shown_name(unit.facts.name).rpartition(".")[2]
            for unit in self._project.units
            if any(
                self._evaluator.asking.of_region(number, unit) for number in range(len(unit.facts.regions))
            )
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


def _are_in_constructors(stores: list[tuple[Unit, Store]]) -> bool:
    return all(method.facts.name.endswith(".__init__") for method, _ in stores)


def _is_shared(field: Binding) -> bool:
    """Whether the field belongs to the class."""
    hint = field.annotation.base if isinstance(field.annotation, Item) else field.annotation
    return hint is not None and last_word(hint) == "ClassVar"
