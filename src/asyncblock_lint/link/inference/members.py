"""What a module, a class or an object holds under a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.values import (
    CALLED,
    ELEMENT,
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
    index_of,
    is_none,
    left_open,
)
from asyncblock_lint.link.project import ModuleUnit
from asyncblock_lint.model.certainty import Certainty

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_LONGEST_PATH = 6
_MOST_MADE = 3
_MOST_NAMES = 24
_SHORTEST_START = 3
_ACCESSORS = frozenset({"setter", "getter", "deleter"})


class Members:
    """Looks names up in modules, classes and objects."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

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
        if submodule is not None:
            return exactly(ModuleValue(submodule))
        return self._made_on_demand(self._project.modules[module])

    def _made_on_demand(self, module: ModuleUnit) -> Values:
        """What the module's `__getattr__` returns, if it is one that makes but a few things."""
        function = module.units.get("__getattr__")
        if function is None or len(function.facts.returns) > _MOST_MADE:
            return NOTHING
        return self._evaluator.results.returned(FunctionValue(function.index))

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
        if found and not all(map(is_none, found)):
            return choose(found)
        stored = self._evaluator.contents.on_module(module.index, name)
        if stored or found:
            return stored or choose(found)
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
        """What `name` is on each alternative; callers are asked where nothing else is known, or only what
        stands in for an argument that is left out."""
        values = (*closed(values), *self._unpromised(values)) or values
        found = [at_most(self._attribute(value, name), certainty) for value, certainty in values]
        if not found:
            return NOTHING
        return found[0] if len(found) == 1 else choose([values for values in found if values])

    def _unpromised(self, values: Values) -> Values:
        """Those that callers fill in, of which no annotation tells what they are."""
        return tuple(item for item in left_open(values) if not self._is_promised(item[0]))

    def _is_promised(self, value: Value) -> bool:
        root = value.root if isinstance(value, PathValue) else value
        if not isinstance(root, ParameterValue) or self._evaluator.callers.is_narrowed(root):
            return False
        annotated = (item.name for item in self._project.units[root.unit].facts.parameters if item.annotation)
        return root.name in annotated

    def beginning(self, values: Values, start: str) -> Values:
        """The functions with names that begin so, of one's class or module: which one it will be,
        nobody knows."""
        if len(start) < _SHORTEST_START:
            return NOTHING
        options = [
            at_most(self._attribute(value, name), certainty)
            for value, certainty in closed(values)
            for name in dict.fromkeys(self._names_in(value))
            if name.startswith(start)
        ]
        known = [option for option in options if any(isinstance(value, FunctionValue) for value, _ in option)]
        return at_most(choose(known), Certainty.LIKELY) if 0 < len(known) <= _MOST_NAMES else NOTHING

    def _names_in(self, value: Value) -> Iterator[str]:
        match value:
            case ModuleValue(module=module):
                yield from self._project.modules[module].body.facts.final
            case InstanceValue(cls=cls) | ClassValue(cls=cls):
                bases = [base for base in self._evaluator.classes.order(cls) if isinstance(base, ClassValue)]
                is_made = isinstance(value, InstanceValue) and value.environment is not None
                below = [] if is_made else self._evaluator.classes.subclasses(cls)
                for index in (*(base.cls for base in bases), *below):
                    yield from self._project.classes[index].body.facts.final

    def _attribute(self, value: Value, name: str) -> Values:
        match value:
            case ModuleValue(module=module):
                return self.module_attribute(module, name)
            case NamespaceValue(dotted=dotted, importer=importer):
                return self._evaluator.module_named(f"{dotted}.{name}", importer)
            case LibraryValue(name=owner):
                return self.library_attribute(f"{owner}.{name}")
            case LibraryInstance(type=owner):
                return self.library_attribute(f"{owner}.{name}", value)
            case InstanceValue():
                return self._evaluator.objects.attribute(value, name)
            case ClassValue(cls=cls):
                return self._evaluator.classes.class_attribute(cls, name)
            case SuperValue(cls=cls):
                return self._evaluator.classes.inherited_attribute(cls, name)
            case SequenceValue(kind="namespace"):
                return value.under(name)
            case SequenceValue(kind=kind):
                return self.library_attribute(f"builtins.{kind}.{name}", value)
            case ParameterValue():
                return self._read_parameter(value, (), name)
            case PathValue(root=root, path=path) if len(path) < _LONGEST_PATH:
                return self._read_parameter(root, path, name)
            case FunctionValue(role="property") if name in _ACCESSORS:
                return exactly(AccessorValue(value, name))
            case FunctionValue(kin=owner) if owner:
                return self.library_attribute(f"{owner}.{name}", LibraryInstance(owner))
            case FunctionValue(unit=unit):
                return self._evaluator.contents.on_function(unit, name)
        return NOTHING

    def _read_parameter(self, root: ParameterValue, path: tuple[str, ...], name: str) -> Values:
        """The attribute stays open for each caller to fill, provided that some caller has one."""
        longer = (*path, name)
        given = self._evaluator.callers.given(root)
        if given and not self._evaluator.generics.is_variable(root) and not self.along(given, longer):
            return NOTHING
        return exactly(PathValue(root, longer))

    def longer(self, value: ParameterValue | PathValue, name: str) -> PathValue | None:
        """One step further along what callers fill in, unless that is too far."""
        root, path = (value, ()) if isinstance(value, ParameterValue) else (value.root, value.path)
        return PathValue(root, (*path, name)) if len(path) < _LONGEST_PATH else None

    def along(self, values: Values, path: tuple[str, ...]) -> Values:
        """What is found by reading one attribute after another, by calling without arguments,
        and by unpacking."""
        for name in path:
            if name == ELEMENT:
                values = self._evaluator.protocols.element(values, is_async=False)
            elif name.startswith("["):
                values = self._evaluator.protocols.item(values, index_of(name))
            else:
                values = self._called(values) if name == CALLED else self.attribute(values, name)
        return values

    def unpacked(self, values: Values, place: int | str) -> Values:
        """What the containers have at a position or under a key; of what callers give that stays open."""
        options: list[Values] = []
        for value, certainty in values:
            if isinstance(value, ParameterValue | PathValue):
                longer = self.longer(value, f"[{place}]")
                options.append(NOTHING if longer is None else exactly(longer))
            else:
                options.append(self._unpacked(((value, certainty),), place))
        return choose(options) if options else NOTHING

    def _unpacked(self, values: Values, place: int | str) -> Values:
        """What is at the position or under the key; of what can but be iterated, any of it."""
        protocols = self._evaluator.protocols
        found = protocols.item(values, place)
        return found or (protocols.element(values, is_async=False) if isinstance(place, int) else NOTHING)

    def _called(self, values: Values) -> Values:
        return self._evaluator.results.of_values(values, Arguments.none(self._evaluator))

    def library_attribute(
        self, name: str, owner: LibraryInstance | InstanceValue | SequenceValue | None = None
    ) -> Values:
        matcher = self._evaluator.matcher
        made = matcher.attribute_type(name) or (matcher.any_attribute(name) if owner else None)
        class_name, _, attribute = name.rpartition(".")
        if made is not None:
            given = owner.holder if isinstance(owner, SequenceValue) else owner
            described = self._evaluator.types.read(made, given or LibraryInstance(class_name))
            return described or self._evaluator.yielded.attribute(class_name, attribute)
        if isinstance(owner, LibraryInstance) and not matcher.knows_method(class_name, attribute):
            stored = self._evaluator.contents.on_library_object(class_name, attribute)
            stored = stored or self._evaluator.yielded.attribute(class_name, attribute)
            if stored:
                return stored
            added = self._evaluator.classes.added_attribute(class_name, attribute)
            if added:
                return added
        return exactly(LibraryValue(matcher.canonical(name), owner))
