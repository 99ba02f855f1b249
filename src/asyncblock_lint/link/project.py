"""All modules, functions and classes of a run, numbered and findable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from asyncblock_lint.model.facts import ClassFacts, FunctionFacts, ModuleFacts, Store
from asyncblock_lint.model.source import SourceFile


@dataclass(slots=True)
class Unit:
    """A function (or lambda, generator expression, class body, module body) with its surroundings.

    `owner` is the class whose body it stands in directly.
    """

    index: int
    module: int
    facts: FunctionFacts
    parent: Unit | None = None
    owner: ClassUnit | None = None
    body_of: ClassUnit | None = None
    plain: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    outer_names: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        return self.facts.kind

    @property
    def is_async(self) -> bool:
        """Whether the loop itself runs the body: a coroutine or an asynchronous generator."""
        return self.facts.kind in ("async", "async generator")


@dataclass(slots=True)
class ClassUnit:
    """A class: its facts, its body, and what methods store on their first parameter."""

    index: int
    module: int
    facts: ClassFacts
    parent: Unit
    body: Unit
    stores: dict[str, list[tuple[Unit, Store]]] = field(default_factory=dict)


@dataclass(slots=True)
class ModuleUnit:
    """A module: its file, its body, and what it holds by name."""

    index: int
    source: SourceFile
    facts: ModuleFacts
    body: Unit
    units: dict[str, Unit]
    classes: dict[str, ClassUnit]
    global_stores: dict[str, list[tuple[Unit, int]]] = field(default_factory=dict)


class Project:
    """The files of a run, ready to be asked what their names mean."""

    def __init__(self, files: Sequence[tuple[SourceFile, ModuleFacts]]) -> None:
        self.units: list[Unit] = []
        self.classes: list[ClassUnit] = []
        self.modules: list[ModuleUnit] = []
        self._names: dict[int, str] = {}
        for source, facts in files:
            self._add(source, facts)

    def _add(self, source: SourceFile, facts: ModuleFacts) -> None:
        index = len(self.modules)
        units = {function.name: self._unit(index, function) for function in facts.functions}
        for unit in units.values():
            unit.parent = None if unit.facts.parent is None else units[unit.facts.parent]
        module = ModuleUnit(index, source, facts, units["<module>"], units, {})
        self.modules.append(module)
        for class_facts in facts.classes:
            body, parent = units[class_facts.body], units[class_facts.parent]
            class_unit = ClassUnit(len(self.classes), index, class_facts, parent, body)
            self.classes.append(class_unit)
            module.classes[class_facts.name] = class_unit
            body.body_of = class_unit
        for unit in units.values():
            unit.owner = None if unit.parent is None else unit.parent.body_of
        for unit in units.values():
            _collect_stores(module, unit)

    def _unit(self, module: int, facts: FunctionFacts) -> Unit:
        plain: dict[str, list[int]] = {}
        for index, binding in enumerate(facts.bindings):
            if binding.kind == "plain" or binding.name.startswith("<"):
                plain.setdefault(binding.name, []).append(index)
        outer = frozenset(item.name for item in facts.outer)
        frozen = {name: tuple(indices) for name, indices in plain.items()}
        unit = Unit(len(self.units), module, facts, plain=frozen, outer_names=outer)
        self.units.append(unit)
        return unit

    @cached_property
    def imported(self) -> frozenset[str]:
        """The modules that are there once all files of the project are imported, by dotted name."""
        names: set[str] = set()
        for module in self.modules:
            for name in module.facts.imports:
                while name and name not in names:
                    names.add(name)
                    name = name.rpartition(".")[0]
        return frozenset(names)

    def units_in(self, module: int) -> Iterable[Unit]:
        """All units of the module with that index."""
        return self.modules[module].units.values()

    def module_of(self, unit: Unit) -> ModuleUnit:
        """The module that `unit` stands in."""
        return self.modules[unit.module]

    def qualified_name(self, unit: Unit) -> str:
        """The dotted name people read, without the ordinal of a repeated definition."""
        found = self._names.get(unit.index)
        if found is None:
            found = f"{self.modules[unit.module].source.module}.{shown_name(unit.facts.name)}"
            self._names[unit.index] = found
        return found


def shown_name(name: str) -> str:
    """A function's name in its file without the ordinals that keep repeated ones apart."""
    return ".".join(part.partition("#")[0] for part in name.split("."))


def method_of(unit: Unit | None) -> Unit | None:
    """The method that `unit` is, or is nested in."""
    while unit is not None and unit.owner is None:
        unit = unit.parent
    return unit


def _collect_stores(module: ModuleUnit, unit: Unit) -> None:
    for outer in unit.facts.outer:
        if outer.is_global:
            module.global_stores.setdefault(outer.name, []).append((unit, outer.binding))
    method = method_of(unit)
    if method is None or method.owner is None or not method.facts.parameters:
        return
    receiver = method.facts.parameters[0].name
    for store in unit.facts.stores:
        if getattr(store.base, "id", None) == receiver and store.name != "[]":
            method.owner.stores.setdefault(store.name, []).append((unit, store))
