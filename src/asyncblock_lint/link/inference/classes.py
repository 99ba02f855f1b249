"""Classes of the project: their order of bases, and what they and their objects hold by name."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.named import NamedClasses
from asyncblock_lint.link.inference.orders import resolution_order
from asyncblock_lint.link.inference.promises import Promises
from asyncblock_lint.link.inference.values import (
    NOTHING,
    ClassValue,
    FunctionValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    ParameterValue,
    Value,
    Values,
    are_bare,
    at_most,
    choose,
    closed,
    exactly,
    holding,
    is_none,
    is_outdone,
    left_open,
)
from asyncblock_lint.link.project import ClassUnit, Unit
from asyncblock_lint.model.certainty import Certainty

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_MOST_SUBCLASSES = 8


class Classes:
    """Looks names up in classes and in their bases."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._orders: dict[int, tuple[Value, ...]] = {}
        self._opening: set[int] = set()
        self._subclasses: dict[int, list[int]] | None = None
        self._named_classes = NamedClasses(self._project)
        self._promises = Promises(evaluator)

    def order(self, cls: int) -> tuple[Value, ...]:
        """The class, then its bases in the order they are searched; library bases included."""
        found = self._orders.get(cls)
        if found is not None:
            return found
        if cls in self._opening:
            return (ClassValue(cls),)
        self._opening.add(cls)
        unit = self._project.classes[cls]
        inherited: list[tuple[Value, ...]] = []
        for base in unit.facts.bases:
            for value, _ in self._evaluator.evaluate(base, unit.parent):
                inherited.append(self.order(value.cls) if isinstance(value, ClassValue) else (value,))
        self._opening.discard(cls)
        order = resolution_order(
            [tuple(base for base in bases if base != ClassValue(cls)) for bases in inherited]
        )
        result = self._orders[cls] = (ClassValue(cls), *order)
        return result

    def instance_attribute(self, cls: int, name: str) -> Values:
        """What an object of the class holds; what is missing, or only promised, is looked for
        in its subclasses."""
        return self._evaluator.remembered((5, cls, name), lambda: self._instance_attribute(cls, name))

    def _instance_attribute(self, cls: int, name: str) -> Values:
        found = self.exact_attribute(cls, name)
        is_open = bool(found) and self._is_open_field(found)
        if found and not is_open and not self._are_stubs(found):
            return found
        if name.startswith("__") and not found:
            return NOTHING
        options = []
        for sub, certainty in self._below(cls):
            option = self.exact_attribute(sub, name)
            if option and not self._are_stubs(option) and not self._is_open_field(option):
                options.append(at_most(option, certainty))
        if not options:
            return found
        kept = at_most(choose(options), Certainty.LIKELY)
        return (*kept, *found) if is_open else kept

    def _below(self, cls: int) -> Iterator[tuple[int, Certainty]]:
        """The classes that may keep what the class promises, and how surely they do."""
        known = self.subclasses(cls) or self._promises.implementations(cls)
        in_use = self._named_classes.in_use(known)
        for sub in sorted(known, key=lambda sub: sub not in in_use)[:_MOST_SUBCLASSES]:
            yield sub, Certainty.LIKELY if sub in in_use else Certainty.GUESS

    def any_attribute(self, cls: int, name: str) -> Values:
        """What some object holds that is known to be of the class or of a subclass: also methods
        that take the place of the base's."""
        found = self.instance_attribute(cls, name)
        return (*found, *self._overridden(cls, name)) if _are_methods(found, name) else found

    def _overridden(self, cls: int, name: str) -> Values:
        """The methods that take the place of a base's in a subclass, if they are but a few."""
        known = self.subclasses(cls)
        own = [sub for sub in known if name in self._project.classes[sub].body.facts.final]
        if not own or len(own) > _MOST_SUBCLASSES:
            return NOTHING
        in_use = self._named_classes.in_use(known)
        held = {sub: Certainty.LIKELY if sub in in_use else Certainty.GUESS for sub in own}
        return at_most(
            choose([at_most(self.exact_attribute(sub, name), held[sub]) for sub in own]), Certainty.LIKELY
        )

    def exact_attribute(self, cls: int, name: str) -> Values:
        """What an object of this very class holds."""
        return self._evaluator.remembered((8, cls, name), lambda: self._exact(cls, name))

    def _exact(self, cls: int, name: str) -> Values:
        found = self._evaluator.enumerated.value(cls, name)
        found = found or self._search(self.order(cls), name, instance=True, origin=cls)
        if found and not is_none(found) and not self._is_open_field(found):
            return found
        outside = self._evaluator.contents.on_object(self.order(cls), name)
        return choose([outside, found]) if outside and found and not is_none(found) else outside or found

    def _is_open_field(self, values: Values) -> bool:
        """Whether nothing is known but that a constructor may be given it."""
        return all(
            isinstance(value, ParameterValue) and self._project.units[value.unit].body_of is not None
            for value, _ in values
        )

    def inherited_attribute(self, cls: int, name: str) -> Values:
        """What `super()` gives in a method of the class."""
        return self._search(self.order(cls)[1:], name, instance=True, origin=cls)

    def _are_stubs(self, values: Values) -> bool:
        """Whether these are but methods that subclasses are meant to implement."""
        return all(
            isinstance(value, FunctionValue) and self._project.units[value.unit].facts.is_stub
            for value, _ in values
        )

    def class_attribute(self, cls: int, name: str) -> Values:
        """What the class itself holds."""
        return self._evaluator.remembered((6, cls, name), lambda: self._of_class(cls, name))

    def _of_class(self, cls: int, name: str) -> Values:
        enumerated = self._evaluator.enumerated
        member = enumerated.member(cls, name) if enumerated.is_one(cls) else NOTHING
        found = member or self._search(self.order(cls), name, instance=False, origin=cls)
        if found and not is_none(found):
            return self._evaluator.descriptors.read_from_class(found, cls)
        return self._evaluator.contents.on_object(self.order(cls), name) or found

    def _search(self, order: tuple[Value, ...], name: str, *, instance: bool, origin: int) -> Values:
        if name == "__class__" and instance:
            return exactly(ClassValue(origin))
        declared = NOTHING
        for value in order:
            if isinstance(value, ClassValue):
                receiver = InstanceValue(origin, is_self=True) if instance else None
                found = self._own_attribute(self._project.classes[value.cls], name, receiver)
                if found and self._is_open_field(found):
                    # A mixin declares what another base makes.
                    declared = declared or found
                elif found is not None:
                    return (*found, *declared)
            elif isinstance(value, LibraryValue) and self._knows(value.name, name):
                return self._evaluator.members.library_attribute(
                    f"{value.name}.{name}", InstanceValue(origin)
                )
        if name == "__new__":
            return exactly(LibraryValue("builtins.object.__new__"))
        return declared

    def _knows(self, library_class: str, name: str) -> bool:
        matcher = self._evaluator.matcher
        is_mapping = not name.startswith("__") and _is_builtin("builtins.dict", name)
        is_mixed_in = is_mapping and matcher.is_like(library_class, "builtins.dict")
        return is_mixed_in or matcher.knows_method(library_class, name)

    def _own_attribute(self, cls: ClassUnit, name: str, receiver: InstanceValue | None) -> Values | None:
        """What this very class gives `name`, by a method, in its body, or in a method's store."""
        index = cls.body.facts.final.get(name)
        held = NOTHING if index is None else self._evaluator.binding(index, cls.body)
        if any(isinstance(value, FunctionValue) for value, _ in held):
            return self._bind(held, receiver)
        if receiver and index is not None and name in self._evaluator.descriptors.own_names:
            held = self._evaluator.descriptors.read(held)
        is_field = index is not None and cls.body.facts.bindings[index].annotation is not None
        if is_field and receiver and len(left_open(held)) == len(held):
            held = (*held, *exactly(ParameterValue(cls.body.index, name)))
        options = [held] if held else []
        hints = []
        for unit, store in cls.stores.get(name, ()):
            if store.annotation is not None:
                hints.append(self._evaluator.annotations.read(store.annotation, unit))
            if store.value is not None:
                stored = self._evaluator.evaluate(store.value, unit)
                options.append(stored)
        if not options and not hints:
            return None if index is None else NOTHING
        known = choose(options) if options else NOTHING
        known = self._evaluator.contents.in_attribute(known, cls, name)
        field = ParameterValue(cls.body.index, name)
        if is_field and receiver and known:
            promised = closed(known)
            if are_bare(known) or self._evaluator.callers.are_narrower(field, promised):
                return exactly(field)
        hint = choose(hints) if hints else NOTHING
        known = self._evaluator.heard_of(known) if hint else known
        return (*hint, *known) if is_outdone(known, hint) else holding(known, hint)

    def _bind(self, values: Values, receiver: InstanceValue | None) -> Values:
        bound: list[Values] = []
        for value, certainty in values:
            if not isinstance(value, FunctionValue):
                bound.append(((value, certainty),))
            elif value.role == "property" and receiver:
                bound.append(at_most(self._evaluator.results.of_property(value, receiver), certainty))
            elif value.role == "static" or (value.role in _FUNCTIONS and not receiver):
                bound.append(((value, certainty),))
            else:
                bound.append(((replace(value, bound=True, receiver=receiver), certainty),))
        return choose(bound)

    def is_kind(self, value: Value, kinds: Values) -> bool:
        """Whether the object is of one of the classes whose objects `kinds` are, or a subclass's."""
        if isinstance(value, InstanceValue):
            bases: set[Value] = {_object_of(base) for base in self.order(value.cls)}
        elif isinstance(value, LibraryInstance):
            bases = {LibraryInstance(name) for name in self._evaluator.matcher.bases(value.type)}
        else:
            bases = {value}
        return any(kind in bases for kind, _ in kinds)

    def are_wide(self, promised: Values) -> bool:
        """Whether it is left to several classes of the project to keep the promise."""
        return any(
            isinstance(value, InstanceValue)
            and self._promises.leaves_open(value.cls)
            and bool(self.subclasses(value.cls) or self._promises.implementations(value.cls))
            for value, _ in promised
        )

    def among(self, values: Values, promised: Values) -> Values:
        """Those of `values` that are known to keep a promise: objects of its classes, of their
        subclasses, or with the methods of its protocols."""
        known = self._evaluator.callers.resolve(values)
        return tuple(
            item for item in known if self.is_kind(item[0], promised) or self._fits(item[0], promised)
        )

    def _fits(self, value: Value, promised: Values) -> bool:
        """Whether it is an object with all the methods of a protocol."""
        return isinstance(value, InstanceValue) and any(
            value.cls in self._promises.implementations(wanted.cls)
            for wanted, _ in promised
            if isinstance(wanted, InstanceValue)
        )

    def is_protocol(self, cls: int) -> bool:
        """Whether the class is a protocol, which objects of other classes keep."""
        return self._promises.is_protocol(cls)

    def callback(self, cls: int) -> list[Unit]:
        """The `__call__` of a protocol that asks for nothing else: what it describes is any callable."""
        return [] if self.subclasses(cls) else self._promises.callback(cls)

    def raw(self, cls: int, name: str) -> Values:
        """The function, property or value in the class body, not bound to anything."""
        for value in self.order(cls):
            if isinstance(value, ClassValue):
                body = self._project.classes[value.cls].body
                index = body.facts.final.get(name)
                if index is not None:
                    return self._evaluator.binding(index, body)
        return NOTHING

    def declared(self, value: InstanceValue, name: str) -> Values:
        """The same, of the object's class; where it only promises that, of those that may keep it."""
        found = self.raw(value.cls, name)
        if value.environment is not None or (found and not self._are_stubs(found)):
            return found
        options = [at_most(self.raw(sub, name), certainty) for sub, certainty in self._below(value.cls)]
        known = [option for option in options if option and not self._are_stubs(option)]
        return choose(known) if known else found

    def role(self, unit: Unit) -> str:
        """What the decorators make of a method: `static`, `class`, or something else."""
        if unit.facts.name.rpartition(".")[2] in _CLASS_METHODS:
            return "class"
        if not unit.facts.decorators or unit.parent is None:
            return ""
        for decorator in unit.facts.decorators:
            for value, _ in self._evaluator.evaluate(decorator, unit.parent):
                if isinstance(value, LibraryValue) and value.name in _METHOD_ROLES:
                    return _METHOD_ROLES[value.name]
        return ""

    def added_attribute(self, library_class: str, name: str) -> Values:
        """What objects of the project's subclasses of a library class hold under a name that the
        library's own objects are not known to have."""
        is_its_own = name.startswith("__") or _is_builtin(library_class, name)
        if is_its_own or library_class not in self._library_subclasses:
            return NOTHING
        return self._evaluator.remembered(
            (12, 0, f"{library_class}.{name}"), lambda: self._added(library_class, name)
        )

    def _added(self, library_class: str, name: str) -> Values:
        subclasses = self._library_subclasses[library_class]
        if len(subclasses) > _MOST_SUBCLASSES:
            return NOTHING
        objects = self._evaluator.objects
        found = [objects.attribute(InstanceValue(cls), name) for cls in subclasses]
        return at_most(choose([values for values in found if values]), Certainty.LIKELY)

    @cached_property
    def _library_subclasses(self) -> dict[str, list[int]]:
        """The classes of the project by the library classes that they inherit from."""
        found: dict[str, list[int]] = {}
        for unit in self._project.classes:
            for base in self.order(unit.index):
                if isinstance(base, LibraryValue) and base.name != "builtins.object":
                    for name in self._evaluator.matcher.bases(base.name):
                        found.setdefault(name, []).append(unit.index)
        return found

    def subclasses(self, cls: int) -> list[int]:
        """The classes of the project that have `cls` among their bases."""
        if self._subclasses is None:
            self._subclasses = {}
            for unit in self._project.classes:
                for base in self.order(unit.index)[1:]:
                    if isinstance(base, ClassValue):
                        self._subclasses.setdefault(base.cls, []).append(unit.index)
        return self._subclasses.get(cls, [])


def _object_of(value: Value) -> Value:
    match value:
        case ClassValue(cls=cls):
            return InstanceValue(cls)
        case LibraryValue(name=name):
            return LibraryInstance(name)
    return value


def _is_builtin(library_class: str, name: str) -> bool:
    """Whether a class of the language itself has the attribute, as `dict` has `get`."""
    module, _, cls = library_class.partition(".")
    return module == builtins.__name__ and hasattr(getattr(builtins, cls, None), name)


def _are_methods(values: Values, name: str) -> bool:
    return not name.startswith("__") and all(isinstance(value, FunctionValue) for value, _ in values)


_FUNCTIONS = ("", "cached", "context-manager", "async-context-manager")
_CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
_METHOD_ROLES = {"builtins.staticmethod": "static", "builtins.classmethod": "class"}
