"""What a module, a class or an object holds under a name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.project import ClassUnit, ModuleUnit, Unit
from asyncblock_lint.link.values import (
    NOTHING,
    AccessorValue,
    ClassValue,
    FunctionValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    ModuleValue,
    NamespaceValue,
    ParameterValue,
    PathValue,
    SequenceValue,
    SuperValue,
    Value,
    Values,
    at_most,
    choose,
    closed,
    exactly,
    tells_little,
)
from asyncblock_lint.model.certainty import Certainty

if TYPE_CHECKING:
    from asyncblock_lint.link.evaluate import Evaluator

_MOST_SUBCLASSES = 8
_LONGEST_PATH = 4
_ACCESSORS = frozenset({"setter", "getter", "deleter"})


class Members:
    """Looks names up in modules, classes and objects."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._orders: dict[int, tuple[Value, ...]] = {}
        self._opening: set[int] = set()
        self._subclasses: dict[int, list[int]] | None = None

    # Modules

    def module_attribute(self, module: int, name: str) -> Values:
        """`module.name`: something bound there, or a submodule; nothing where neither is seen."""
        if not name:
            return exactly(ModuleValue(module))
        found = self.module_member(self._project.modules[module], name)
        if found is not None:
            return found
        source = self._project.modules[module].source
        submodule = self._evaluator.imports.module(f"{source.module}.{name}", module)
        return NOTHING if submodule is None else exactly(ModuleValue(submodule))

    def module_member(self, module: ModuleUnit, name: str) -> Values | None:
        """What the module binds to `name`, also by `global` or a star import; `None` if nothing does."""
        evaluator = self._evaluator
        found: list[Values] = []
        index = module.body.facts.final.get(name)
        if index is not None:
            found.append(evaluator.binding(index, module.body))
        elif name in module.body.plain:
            found.extend(evaluator.binding(index, module.body) for index in module.body.plain[name])
        found.extend(evaluator.binding(index, unit) for unit, index in module.global_stores.get(name, ()))
        if found:
            return choose(found)
        return self._starred_member(module, name)

    def _starred_member(self, module: ModuleUnit, name: str) -> Values | None:
        key = (2, module.index, name)
        stars = module.body.facts.stars
        if not stars or name.startswith("_"):
            return None
        values = self._evaluator.remembered(key, lambda: self._from_stars(module, name))
        return values or None

    def _from_stars(self, module: ModuleUnit, name: str) -> Values:
        evaluator = self._evaluator
        for star in reversed(module.body.facts.stars):
            if star.level:
                dotted = evaluator.imports.relative_name(star.module, star.level, module.index)
                source = None if dotted is None else evaluator.imports.relative(dotted)
            else:
                source = evaluator.imports.module(star.module, module.index)
            if source is None:
                library = f"{star.module}.{name}"
                if not star.level and evaluator.matcher.knows(library):
                    return exactly(LibraryValue(evaluator.matcher.canonical(library)))
                continue
            exports = self._project.modules[source].facts.exports
            if source == module.index or (exports is not None and name not in exports):
                continue
            found = self.module_member(self._project.modules[source], name)
            if found:
                return found
        return NOTHING

    # Objects

    def attribute(self, values: Values, name: str) -> Values:
        """What `name` is on each alternative; callers are asked only where nothing else is known."""
        values = closed(values) or values
        found = [at_most(self._attribute(value, name), certainty) for value, certainty in values]
        if not found:
            return NOTHING
        return found[0] if len(found) == 1 else choose([values for values in found if values])

    def _attribute(self, value: Value, name: str) -> Values:
        match value:
            case ModuleValue(module=module):
                return self.module_attribute(module, name)
            case NamespaceValue(dotted=dotted, importer=importer):
                return self._evaluator.module_named(f"{dotted}.{name}", importer)
            case LibraryValue(name=owner):
                return self._library_attribute(f"{owner}.{name}")
            case LibraryInstance(type=owner):
                return self._library_attribute(f"{owner}.{name}", value)
            case InstanceValue(cls=cls):
                return self.instance_attribute(cls, name)
            case ClassValue(cls=cls):
                return self._class_attribute(cls, name)
            case SuperValue(cls=cls):
                return self._search(self.order(cls)[1:], name, instance=True, origin=cls)
            case SequenceValue(kind=kind, items=items):
                held = choose(list(items)) if items else NOTHING
                container = f"builtins.{kind}"
                holder = LibraryInstance(container, (NOTHING, held) if kind == "dict" else (held,))
                return self._library_attribute(f"{container}.{name}", holder)
            case ParameterValue():
                return self._read_parameter(value, (), name)
            case PathValue(root=root, path=path) if len(path) < _LONGEST_PATH:
                return self._read_parameter(root, path, name)
            case FunctionValue(role="property") if name in _ACCESSORS:
                return exactly(AccessorValue(value, name))
        return NOTHING

    def _read_parameter(self, root: ParameterValue, path: tuple[str, ...], name: str) -> Values:
        """The attribute stays open for each caller to fill, provided that some caller has one."""
        longer = (*path, name)
        if not self.along(self._evaluator.callers.given(root), longer):
            return NOTHING
        return exactly(PathValue(root, longer))

    def along(self, values: Values, path: tuple[str, ...]) -> Values:
        """What is found by reading one attribute after another."""
        for name in path:
            values = self.attribute(values, name)
        return values

    def _library_attribute(self, name: str, owner: LibraryInstance | InstanceValue | None = None) -> Values:
        matcher = self._evaluator.matcher
        made = matcher.attribute_type(name) or (matcher.any_attribute(name) if owner else None)
        if made is not None:
            return self._evaluator.types.read(made, owner or LibraryInstance(name.rpartition(".")[0]))
        return exactly(LibraryValue(matcher.canonical(name), owner))

    # Classes

    def order(self, cls: int) -> tuple[Value, ...]:
        """The class, then its bases in the order they are searched; library bases included."""
        found = self._orders.get(cls)
        if found is not None:
            return found
        if cls in self._opening:
            return (ClassValue(cls),)
        self._opening.add(cls)
        unit = self._project.classes[cls]
        order: dict[Value, None] = {}
        for base in unit.facts.bases:
            for value, _ in self._evaluator.evaluate(base, unit.parent):
                inherited = self.order(value.cls) if isinstance(value, ClassValue) else (value,)
                for item in inherited:
                    # A base shared by several parents comes after all of them.
                    order.pop(item, None)
                    order[item] = None
        self._opening.discard(cls)
        order.pop(ClassValue(cls), None)
        result = self._orders[cls] = (ClassValue(cls), *order)
        return result

    def instance_attribute(self, cls: int, name: str) -> Values:
        """What an object of the class holds; what is missing, or only promised, is looked for
        in its subclasses."""
        return self._evaluator.remembered((5, cls, name), lambda: self._instance_attribute(cls, name))

    def _instance_attribute(self, cls: int, name: str) -> Values:
        found = self._search(self.order(cls), name, instance=True, origin=cls)
        if found and not self._are_stubs(found):
            return found
        if name.startswith("__") and not found:
            return NOTHING
        options = []
        for sub in self.subclasses(cls)[:_MOST_SUBCLASSES]:
            option = self._search(self.order(sub), name, instance=True, origin=sub)
            if option and not self._are_stubs(option):
                options.append(option)
        return at_most(choose(options), Certainty.LIKELY) if options else found

    def _are_stubs(self, values: Values) -> bool:
        """Whether these are but methods that subclasses are meant to implement."""
        return all(
            isinstance(value, FunctionValue) and self._project.units[value.unit].facts.is_stub
            for value, _ in values
        )

    def _class_attribute(self, cls: int, name: str) -> Values:
        return self._evaluator.remembered(
            (6, cls, name), lambda: self._search(self.order(cls), name, instance=False, origin=cls)
        )

    def _search(self, order: tuple[Value, ...], name: str, *, instance: bool, origin: int) -> Values:
        if name == "__class__" and instance:
            return exactly(ClassValue(origin))
        for value in order:
            if isinstance(value, ClassValue):
                found = self._own_attribute(self._project.classes[value.cls], name, instance=instance)
                if found is not None:
                    return found
            elif isinstance(value, LibraryValue) and self._evaluator.matcher.knows_method(value.name, name):
                return self._library_attribute(f"{value.name}.{name}", InstanceValue(origin))
        return NOTHING

    def _own_attribute(self, cls: ClassUnit, name: str, *, instance: bool) -> Values | None:
        """What this very class gives `name`, by a method, in its body, or in a method's store."""
        index = cls.body.facts.final.get(name)
        held = NOTHING if index is None else self._evaluator.binding(index, cls.body)
        if any(isinstance(value, FunctionValue) for value, _ in held):
            return self._bind(held, instance=instance)
        options = [held] if held else []
        hints = []
        for unit, store in cls.stores.get(name, ()):
            if store.annotation is not None:
                hints.append(self._evaluator.annotations.read(store.annotation, unit))
            if store.value is not None:
                stored = self._evaluator.evaluate(store.value, unit)
                options.append(self._evaluator.callers.resolve(stored))
        if not options and not hints:
            return None if index is None else NOTHING
        known = choose(options) if options else NOTHING
        return choose(hints) if hints and tells_little(known) else known

    def _bind(self, values: Values, *, instance: bool) -> Values:
        bound: list[Values] = []
        for value, certainty in values:
            if not isinstance(value, FunctionValue):
                bound.append(((value, certainty),))
            elif value.role == "property" and instance:
                bound.append(at_most(self._evaluator.results.of_property(value), certainty))
            elif value.role == "static" or (value.role in _FUNCTIONS and not instance):
                bound.append(((value, certainty),))
            else:
                bound.append(((replace(value, bound=True), certainty),))
        return choose(bound)

    def raw(self, cls: int, name: str) -> Values:
        """The function, property or value in the class body, not bound to anything."""
        for value in self.order(cls):
            if isinstance(value, ClassValue):
                body = self._project.classes[value.cls].body
                index = body.facts.final.get(name)
                if index is not None:
                    return self._evaluator.binding(index, body)
        return NOTHING

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

    def subclasses(self, cls: int) -> list[int]:
        """The classes of the project that have `cls` among their bases."""
        if self._subclasses is None:
            self._subclasses = {}
            for unit in self._project.classes:
                for base in self.order(unit.index)[1:]:
                    if isinstance(base, ClassValue):
                        self._subclasses.setdefault(base.cls, []).append(unit.index)
        return self._subclasses.get(cls, [])


_FUNCTIONS = ("", "cached", "context-manager", "async-context-manager")
_CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
_METHOD_ROLES = {"builtins.staticmethod": "static", "builtins.classmethod": "class"}
