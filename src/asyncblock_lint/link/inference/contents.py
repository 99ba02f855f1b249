"""What is put into containers after they were made, and on objects from outside their class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.elsewhere import Elsewhere, Home
from asyncblock_lint.link.inference.literals import constant_key, last_word
from asyncblock_lint.link.inference.registered import Registered
from asyncblock_lint.link.inference.values import (
    NONE,
    NOTHING,
    ClassValue,
    FunctionValue,
    InstanceValue,
    LibraryInstance,
    ModuleValue,
    SequenceValue,
    Value,
    Values,
    at_most,
    choose,
    holds_nothing,
)
from asyncblock_lint.link.project import ClassUnit, Project, Unit, method_of, shown_name
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import (
    FREE,
    Argument,
    Attr,
    Call,
    CallFact,
    Display,
    Element,
    Expr,
    Item,
    Name,
    Star,
    Store,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator, Question

_ADDED_AT = {
    "append": 0, "appendleft": 0, "add": 0, "put": 0, "put_nowait": 0, "push": 0,
    "insert": 1, "setdefault": 1, "extend": 0, "set": 0,
}  # fmt: skip
"""Methods of containers that add an argument, by its position; `set` only of what `get` gives back."""

_CONTAINERS = frozenset({"builtins.list", "builtins.dict", "builtins.set"})
_MOST_STORES = 60
_MOST_ITEMS = 16


@dataclass(frozen=True, slots=True)
class _Addition:
    """`value`, written in `unit`, is put into a container; `key` where it is known, else as it is
    `written`. `is_for_cell`: only into one that is known to hold something, since other objects have a
    method of that name as well."""

    unit: Unit
    binding: int
    value: Expr
    is_keyed: bool
    key: object = None
    is_for_cell: bool = False
    written: Expr | None = None


class Contents:
    """Finds what the project puts into containers and on objects, by the names it goes by."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._registered = Registered(evaluator)
        self._homes = Elsewhere(evaluator)
        self._found_elsewhere: dict[Home, list[_Addition]] | None = None
        self._found_by_object: dict[tuple[int, str], list[_Addition]] = {}

    # Containers

    def in_variable(self, values: Values, unit: Unit, name: str) -> Values:
        """The containers among `values`, bound to `name` in `unit`, with what is added to them."""
        if not _has_container(values):
            return values
        additions = [item for item in self._variables.get((unit.module, name), ()) if _means(item, unit)]
        if unit.kind == "module":
            additions += self._elsewhere.get(Home(ModuleValue, unit.module, name), ())
        return self._with(values, additions)

    def in_attribute(self, values: Values, cls: ClassUnit, name: str) -> Values:
        """The containers among `values`, kept by objects of `cls`, with what methods add to them."""
        if not _has_container(values):
            return values
        additions = [*self._attributes.get((cls.index, name), ())]
        additions += self._elsewhere.get(Home(ClassValue, cls.index, name), ())
        additions += self._by_object(cls, name)
        return self._with(values, additions)

    def _by_object(self, cls: ClassUnit, name: str) -> list[_Addition]:
        """What is added by way of an object of the class: `bus.handlers.append(f)`."""
        key = cls.index, name
        if key not in self._found_by_object:
            # Who is asked again while this is being found out has to do without.
            self._found_by_object[key] = []
            told = self._on_objects.get(name, ())[:_MOST_STORES]
            self._found_by_object[key] = [item for base, item in told if self._is_of(base, item.unit, cls)]
        return self._found_by_object[key]

    def _is_of(self, base: Expr, unit: Unit, cls: ClassUnit) -> bool:
        values = self._evaluator.callers.resolve(self._evaluator.evaluate(base, unit))
        order = self._evaluator.classes.order
        return any(
            isinstance(value, InstanceValue) and ClassValue(cls.index) in order(value.cls)
            for value, _ in values
        )

    def in_object(self, cls: int) -> Values:
        """What methods put into items of their own object, whose class inherits from a container."""
        return self._evaluator.remembered((19, cls, ""), lambda: self._in_object(cls))

    def _in_object(self, cls: int) -> Values:
        bases = [base.cls for base in self._evaluator.classes.order(cls) if isinstance(base, ClassValue)]
        additions = [item for base in bases for item in self._own_items.get(base, ())]
        return choose([self._added(item) for item in additions[:_MOST_ITEMS]]) if additions else NOTHING

    def _with(self, values: Values, additions: list[_Addition]) -> Values:
        if not additions:
            return values
        return tuple((self._grown(value, additions), certainty) for value, certainty in values)

    def _grown(self, value: Value, additions: list[_Addition]) -> Value:
        if isinstance(value, SequenceValue) and value.kind != "tuple":
            room = [item for item in additions if not item.is_for_cell][:_MOST_ITEMS]
            entries = [entry for item in room for entry in self._entries(item, value.kind)]
            return value.with_more(tuple(values for _, values in entries), tuple(key for key, _ in entries))
        if isinstance(value, LibraryInstance) and _holds_nothing(value):
            if not self._evaluator.matcher.gives_back(value.type):
                additions = [item for item in additions if not item.is_for_cell]
            if not additions:
                return value
            held = choose([self._added(item) for item in additions[:_MOST_ITEMS]])
            is_mapping = any(item.is_keyed for item in additions)
            return replace(value, items=(NOTHING, held) if is_mapping else (held,))
        return value

    def _entries(self, item: _Addition, kind: str) -> list[tuple[object, Values]]:
        """What is added, under its key; for each caller by itself, if callers give the key."""
        is_open = kind == "dict" and item.key is None
        found = self._registered.entries(item.written, item.value, item.unit) if is_open else []
        anonymous = self._evaluator.closures.anonymous
        told = [(key, at_most(anonymous(values), Certainty.LIKELY)) for key, values in found]
        return told or [(item.key, self._added(item))]

    def _added(self, item: _Addition) -> Values:
        """What is added, as seen from where the container is used."""
        given = self._evaluator.callers.together(self._evaluator.evaluate(item.value, item.unit))
        return at_most(self._evaluator.closures.anonymous(given), Certainty.LIKELY)

    @cached_property
    def _variables(self) -> dict[tuple[int, str], list[_Addition]]:
        found: dict[tuple[int, str], list[_Addition]] = {}
        for base, addition in self._additions:
            if isinstance(base, Name):
                found.setdefault((addition.unit.module, base.id), []).append(addition)
        return found

    @cached_property
    def _attributes(self) -> dict[tuple[int, str], list[_Addition]]:
        found: dict[tuple[int, str], list[_Addition]] = {}
        for base, addition in self._additions:
            owner = _receiver_class(base.base, addition.unit) if isinstance(base, Attr) else None
            if isinstance(base, Attr) and owner is not None:
                found.setdefault((owner.index, base.name), []).append(addition)
        return found

    @cached_property
    def _on_objects(self) -> dict[str, list[tuple[Expr, _Addition]]]:
        """What is added to attributes of others than `self`: their names, and whose they are."""
        found: dict[str, list[tuple[Expr, _Addition]]] = {}
        for base, addition in self._additions:
            if isinstance(base, Attr) and _receiver_class(base.base, addition.unit) is None:
                found.setdefault(base.name, []).append((base.base, addition))
        return found

    @property
    def _elsewhere(self) -> dict[Home, list[_Addition]]:
        """What is added by way of an import, or of the name of a class."""
        if self._found_elsewhere is None:
            # To find the homes, names of modules and classes are evaluated: they hold no containers.
            self._found_elsewhere = {}
            for base, addition in self._additions:
                home = self._homes.home(base, addition.unit)
                if home is not None:
                    self._found_elsewhere.setdefault(home, []).append(addition)
        return self._found_elsewhere

    @cached_property
    def _own_items(self) -> dict[int, list[_Addition]]:
        found: dict[int, list[_Addition]] = {}
        for base, addition in self._additions:
            owner = _receiver_class(base, addition.unit)
            if owner is not None:
                found.setdefault(owner.index, []).append(addition)
        return found

    @cached_property
    def _additions(self) -> list[tuple[Expr, _Addition]]:
        """Everything that is added to a variable or an attribute."""
        found: list[tuple[Expr, _Addition]] = []
        for unit in self._project.units:
            for store in unit.facts.stores:
                if store.name == "[]" and store.value is not None:
                    key = constant_key(store.key, unit, self._project)
                    binding = _binding(store.base)
                    addition = _Addition(unit, binding, store.value, True, key, written=store.key)
                    found.append((store.base, addition))
            for call in unit.facts.calls:
                found.extend(_added_by(call, unit, self._project))
                if last_word(call.callee) in self._evaluator.matcher.filling:
                    found.extend(_filled_by(call, unit))
        return found

    # Objects, classes and modules

    def on_object(self, classes: tuple[Value, ...], name: str) -> Values:
        """What is stored under `name` on an object of one of the classes, or on such a class."""
        indices = {value.cls for value in classes if isinstance(value, ClassValue)}
        return self._stored(
            (9, min(indices), f"{max(indices)}.{name}"),
            name,
            lambda base: isinstance(base, InstanceValue | ClassValue) and base.cls in indices,
        )

    def on_function(self, unit: int, name: str) -> Values:
        """What is stored under `name` on a function of the project."""
        return self._stored(
            (14, unit, name), name, lambda base: isinstance(base, FunctionValue) and base.unit == unit
        )

    def on_module(self, module: int, name: str) -> Values:
        """What other modules store under `name` on this one."""
        return self._stored((10, module, name), name, lambda base: base == ModuleValue(module))

    def on_library_object(self, owner: str, name: str) -> Values:
        """What is stored under `name` on objects of a library class."""
        if owner.startswith("builtins."):
            # What one dict holds tells nothing of the others.
            return NOTHING
        return self._stored((11, 0, f"{owner}.{name}"), name, lambda base: _is_of(base, owner))

    def _stored(self, question: Question, name: str, is_owner: Callable[[Value], bool]) -> Values:
        if name not in self._stores:
            return NOTHING
        return self._evaluator.remembered(question, lambda: self._find_stored(name, is_owner))

    def set_through(self, setter: Unit) -> Iterator[Values]:
        """What is stored under the name of the property that the method sets."""
        name = shown_name(setter.facts.name).rpartition(".")[2]
        assert setter.owner is not None
        own = setter.owner.stores.get(name, ())
        for unit, store in [*own, *self._stores.get(name, ())[:_MOST_STORES]]:
            bases = self._evaluator.callers.resolve(self._evaluator.evaluate(store.base, unit))
            if store.value is not None and any(self._has_setter(base, name, setter) for base, _ in bases):
                yield self._evaluator.evaluate(store.value, unit)

    def _has_setter(self, value: Value, name: str, setter: Unit) -> bool:
        held = self._evaluator.classes.raw(value.cls, name) if isinstance(value, InstanceValue) else NOTHING
        return any(isinstance(item, FunctionValue) and item.setter == setter.index for item, _ in held)

    def is_set_outside(self, name: str) -> bool:
        """Whether anything but a class's own methods sets an attribute of that name."""
        return name in self._stores

    def _find_stored(self, name: str, is_owner: Callable[[Value], bool]) -> Values:
        evaluator = self._evaluator
        options = []
        for unit, store in self._stores[name][:_MOST_STORES]:
            assert store.value is not None
            bases = evaluator.callers.resolve(evaluator.evaluate(store.base, unit))
            if any(is_owner(base) for base, _ in bases):
                values = evaluator.callers.resolve(evaluator.evaluate(store.value, unit))
                options.append(evaluator.closures.anonymous(values))
        known = [values for values in options if values and values != ((NONE, Certainty.EXACT),)]
        return at_most(choose(known), Certainty.LIKELY) if known else NOTHING

    @cached_property
    def _stores(self) -> dict[str, list[tuple[Unit, Store]]]:
        """Stores of attributes by name; not those of methods on their own object."""
        found: dict[str, list[tuple[Unit, Store]]] = {}
        for unit in self._project.units:
            for store in unit.facts.stores:
                is_own = _receiver_class(store.base, unit) is not None
                if store.value is not None and store.name != "[]" and not is_own:
                    found.setdefault(store.name, []).append((unit, store))
        return found


def _is_of(value: Value, owner: str) -> bool:
    return isinstance(value, LibraryInstance) and value.type == owner


def _added_by(call: CallFact, unit: Unit, project: Project) -> Iterator[tuple[Expr, _Addition]]:
    callee = call.callee
    if isinstance(callee, Attr) and callee.name == "update":
        for key, value in _entries(call, unit, project):
            yield callee.base, _Addition(unit, _binding(callee.base), value, True, key)
    if not isinstance(callee, Attr) or callee.name not in _ADDED_AT:
        return
    position = _ADDED_AT[callee.name]
    arguments = [argument.value for argument in call.arguments if argument.keyword is None]
    if position < len(arguments) and not any(isinstance(value, Star) for value in arguments):
        value = Element(arguments[position]) if callee.name == "extend" else arguments[position]
        is_keyed = callee.name == "setdefault"
        key = constant_key(arguments[0], unit, project) if is_keyed else None
        yield callee.base, _Addition(unit, _binding(callee.base), value, is_keyed, key, callee.name == "set")
        around = container_of(callee.base, unit)
        if around is not None:
            inner = Display("list", (value,))
            yield around, _Addition(unit, _binding(around), inner, True)


def _filled_by(call: CallFact, unit: Unit) -> Iterator[tuple[Expr, _Addition]]:
    """What a function adds to the list that it is given first."""
    match call.arguments:
        case (Argument(value=base, keyword=None), Argument(value=value, keyword=None), *_):
            yield base, _Addition(unit, _binding(base), value, False)


def _entries(call: CallFact, unit: Unit, project: Project) -> Iterator[tuple[object, Expr]]:
    """What a call of `update` adds to a dict."""
    for argument in call.arguments:
        if argument.keyword not in (None, "**"):
            yield argument.keyword, argument.value
        elif isinstance(argument.value, Display) and argument.value.kind == "dict":
            for key, value in zip(argument.value.keys, argument.value.items, strict=False):
                yield constant_key(key, unit, project), value


def container_of(base: Expr, unit: Unit) -> Expr | None:
    """`x`, if `base` is `x[key]`, or `x.setdefault(key, [])` and the like."""
    if isinstance(base, Item):
        return base.base
    callee = unit.facts.calls[base.index].callee if isinstance(base, Call) else None
    return callee.base if isinstance(callee, Attr) and callee.name in ("setdefault", "get") else None


def _binding(base: Expr) -> int:
    return base.binding if isinstance(base, Name) else FREE


def _means(addition: _Addition, unit: Unit) -> bool:
    """Whether the variable added to is the one that `unit` binds."""
    if addition.unit is unit:
        return addition.binding != FREE or unit.kind == "module"
    if addition.binding != FREE:
        return False
    around: Unit | None = addition.unit.parent
    while around is not None and around is not unit:
        around = around.parent
    return around is unit


def _holds_nothing(value: LibraryInstance) -> bool:
    """Whether nothing is known of what the container holds, or only that it is containers of which
    nothing is known."""
    if holds_nothing(value):
        return True
    return bool(value.items[-1]) and all(
        isinstance(item, LibraryInstance) and item.type in _CONTAINERS and not any(item.items)
        for item, _ in value.items[-1]
    )


def _has_container(values: Values) -> bool:
    return any(isinstance(value, SequenceValue | LibraryInstance) for value, _ in values)


def _receiver_class(base: Expr, unit: Unit) -> ClassUnit | None:
    """The class around, if `base` is the first parameter of its method."""
    method = method_of(unit)
    if method is None or not method.facts.parameters or not isinstance(base, Name):
        return None
    return method.owner if base.id == method.facts.parameters[0].name else None
