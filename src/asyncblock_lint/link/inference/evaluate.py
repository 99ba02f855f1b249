"""What an expression stands for, found on demand and remembered."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from asyncblock_lint.link.inference.aliases import Aliases
from asyncblock_lint.link.inference.annotations import Annotations
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.asking import Asking
from asyncblock_lint.link.inference.callers import Callers
from asyncblock_lint.link.inference.choosing import Choosing
from asyncblock_lint.link.inference.classes import Classes
from asyncblock_lint.link.inference.closures import Closures
from asyncblock_lint.link.inference.constants import Constants
from asyncblock_lint.link.inference.contents import Contents
from asyncblock_lint.link.inference.descriptors import Descriptors
from asyncblock_lint.link.inference.enumerated import Enumerated
from asyncblock_lint.link.inference.generics import Generics
from asyncblock_lint.link.inference.handed import Handed
from asyncblock_lint.link.inference.imports import ImportResolver
from asyncblock_lint.link.inference.indirect import Indirect
from asyncblock_lint.link.inference.kept import KeptConstants
from asyncblock_lint.link.inference.keyed import Keyed
from asyncblock_lint.link.inference.library import LibraryResults
from asyncblock_lint.link.inference.literals import constant_key, last_word
from asyncblock_lint.link.inference.matching import Matcher
from asyncblock_lint.link.inference.members import Members
from asyncblock_lint.link.inference.objects import Objects
from asyncblock_lint.link.inference.optional import OptionalArguments
from asyncblock_lint.link.inference.own import OwnConstants
from asyncblock_lint.link.inference.passing import Passing
from asyncblock_lint.link.inference.protocols import Protocols
from asyncblock_lint.link.inference.reachable import Reachable
from asyncblock_lint.link.inference.results import CallResults
from asyncblock_lint.link.inference.routed import Routed
from asyncblock_lint.link.inference.touched import Touched
from asyncblock_lint.link.inference.typetext import TypeText
from asyncblock_lint.link.inference.values import (
    NONE,
    NOTHING,
    ClassValue,
    FunctionValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    ModuleValue,
    NamespaceValue,
    ParameterValue,
    RunValue,
    SequenceValue,
    Values,
    are_bare,
    at_most,
    choose,
    exactly,
    holding,
    is_outdone,
    left_open,
)
from asyncblock_lint.link.inference.yielded import Yielded
from asyncblock_lint.link.project import Project, Unit, method_of
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import (
    FREE,
    SLICE,
    Attr,
    Awaited,
    Binding,
    Bytes,
    Call,
    Choice,
    Class,
    Const,
    Display,
    Element,
    Entered,
    Expr,
    Func,
    Imported,
    Item,
    Name,
    Narrowed,
    Operation,
    Star,
    Unknown,
)

_DEEPEST = 200
_DEEP = 25
_HALFWAY = _DEEPEST // 2
"""What was too far away from a question is forgotten where one is answered that is this deep."""
_WIDEST_CIRCLE = 60
_BUILTINS = frozenset(dir(builtins))
_ANYTHING = ("Any", "object")
_CONSTANTS = {str: "builtins.str", int: "builtins.int", float: "builtins.float", bool: "builtins.bool"}
Question = tuple[int, int | InstanceValue, int | str | Values]
"""A kind of question; a unit, class, module or object; and what is asked of it."""


class Evaluator:
    """Evaluates expressions of the project's units to what they may stand for.

    Answers are remembered per binding and per call. Where a question meets itself, the inner one
    is answered with nothing, and what followed from that holds only until the outer one is answered.
    """

    def __init__(self, project: Project, imports: ImportResolver, matcher: Matcher) -> None:
        self.project = project
        self.imports = imports
        self.matcher = matcher
        self.members = Members(self)
        self.classes = Classes(self)
        self.optional = OptionalArguments(self)
        self.yielded = Yielded(self)
        self.descriptors = Descriptors(self)
        self.objects = Objects(self)
        self.enumerated = Enumerated(self)
        self.contents = Contents(self)
        self.touched = Touched(project)
        self.constants = Constants(self)
        self.asking = Asking()
        self.reachable = Reachable(self)
        self.choosing = Choosing(self, self.reachable)
        self.kept = KeptConstants(self)
        self.own = OwnConstants(self)
        self.keyed = Keyed(self)
        self.results = CallResults(self)
        self.library = LibraryResults(self)
        self.protocols = Protocols(self)
        self.closures = Closures(self)
        self.aliases = Aliases(self)
        self.annotations = Annotations(self)
        self.generics = Generics(self)
        self.types = TypeText(self)
        self.handed = Handed(self)
        self.routed = Routed(self)
        self.indirect = Indirect(self)
        self.callers = Callers(self)
        self.passing = Passing(self)
        self.written: dict[tuple[int, int], Arguments] = {}
        self._memo: dict[Question, Values] = {}
        self._attributes: dict[tuple[int, int], tuple[Attr, Values]] = {}
        self._refused = 0
        self._open: dict[Question, int] = {}
        self._lowest = _DEEPEST
        self._provisional: dict[Question, tuple[Values, int]] = {}
        self._waiting: list[Question] = []
        self._doubtful: dict[Question, bool] = {}
        self._readers: dict[type, Callable[[Any, Unit], Values]] = {
            Name: self._name,
            Attr: self._attribute,
            Call: self._call,
            Item: self._item,
            Awaited: self._awaited,
            Const: self._constant,
            Bytes: self._bytes,
            Func: self._function,
            Class: self._class,
            Choice: self._choice,
            Display: self._display,
            Star: self._star,
            Element: self._element,
            Entered: self._entered,
            Operation: self._operation,
            Imported: self._imported,
            Narrowed: self._narrowed,
            Unknown: self._unknown,
        }

    def evaluate(self, expression: Expr, unit: Unit) -> Values:
        """What `expression`, standing in `unit`, may be."""
        return self._readers[type(expression)](expression, unit)

    @property
    def is_deep(self) -> bool:
        """Whether so many questions are open that one about all callers had better not be asked."""
        is_deep = len(self._open) > _DEEP
        self._refused += is_deep
        return is_deep

    def remembered(self, key: Question, answer: Callable[[], Values]) -> Values:
        """The answer to the question `key`, asked once."""
        found = self._memo.get(key)
        if found is not None and not self._is_worth_asking_again(key, found):
            return found
        depth = len(self._open)
        if depth >= _DEEPEST:
            self._lowest = min(self._lowest, _HALFWAY)
            return NOTHING
        if key in self._open:
            self._lowest = min(self._lowest, self._open[key])
            return NOTHING
        if key in self._provisional:
            values, lowest = self._provisional[key]
            self._lowest = min(self._lowest, lowest)
            return values
        outer, self._lowest = self._lowest, _DEEPEST
        self._open[key] = depth
        first = len(self._waiting)
        values = answer()
        del self._open[key]
        if self._lowest >= depth:
            self._memo[key] = values
            self._close_circle(depth, first)
            self._lowest = outer
        else:
            self._provisional[key] = values, self._lowest
            self._waiting.append(key)
            self._lowest = min(outer, self._lowest)
        return values

    def _close_circle(self, depth: int, first: int) -> None:
        """Let go of the answers that waited, from the `first` on, for the question at `depth`: they are
        found again, now that it is answered. Of a wide circle they are kept as they are, or it would
        take for ever; but not those that lack what was too far away."""
        since = self._waiting[first:]
        waiting = [key for key in since if self._provisional[key][1] >= depth]
        self._waiting[first:] = [key for key in since if self._provisional[key][1] < depth]
        for key in waiting:
            values, lowest = self._provisional.pop(key)
            if len(waiting) > _WIDEST_CIRCLE and lowest != _HALFWAY:
                self._memo[key] = values
                self._doubtful.setdefault(key, True)

    def _is_worth_asking_again(self, key: Question, found: Values) -> bool:
        """Whether nothing was found, or a name that no rule knows, inside a wide circle: that is asked for
        once more outside of it."""
        if not self._doubtful.get(key) or (found and len(self.heard_of(found)) == len(found)):
            return False
        self._doubtful[key] = False
        return True

    def settled(self, key: Question, answer: Callable[[], Values]) -> Values:
        """The answer to a question whose circles are wide: the first answer stands.

        Questions about callers run through the whole project; asking again whatever had met one
        that was still open would take for ever.
        """
        found = self._memo.get(key)
        if found is not None:
            return found
        if key in self._open or len(self._open) >= _DEEPEST:
            self._refused += 1
            return NOTHING
        lowest, self._lowest = self._lowest, _DEEPEST
        self._open[key] = len(self._open)
        values = self._memo[key] = answer()
        del self._open[key]
        self._lowest = lowest
        return values

    # Names

    def _name(self, node: Name, unit: Unit) -> Values:
        if node.binding == FREE:
            return self.lookup(node.id, unit)
        return self.binding(node.binding, unit)

    def binding(self, index: int, unit: Unit) -> Values:
        """What a binding of `unit` gives its name."""
        return self.remembered((0, unit.index, index), lambda: self._binding(index, unit))

    def _binding(self, index: int, unit: Unit) -> Values:
        binding = unit.facts.bindings[index]
        if index < len(unit.facts.parameters):
            return self._parameter(index, unit)
        hint = self._hint(binding, unit)
        if binding.value is None:
            return hint
        values = self.contents.in_variable(self.evaluate(binding.value, unit), unit, binding.name)
        if hint and unit.body_of is not None and not isinstance(binding.value, Display):
            # A field's value may be a descriptor (`field(default_factory=…)`); its type is the hint.
            return hint
        values = self.heard_of(values) if hint else values
        return (*hint, *left_open(values)) if is_outdone(values, hint) else holding(values, hint)

    def heard_of(self, values: Values) -> Values:
        """`values` without attributes and the like of libraries that the rules do not tell of: an
        annotation beside them knows more."""
        return tuple(
            item
            for item in values
            if not isinstance(item[0], LibraryValue) or self.matcher.knows(item[0].name)
        )

    def _hint(self, binding: Binding, unit: Unit) -> Values:
        return NOTHING if binding.annotation is None else self.annotations.read(binding.annotation, unit)

    def _parameter(self, index: int, unit: Unit) -> Values:
        parameter = unit.facts.parameters[index]
        owner = unit.owner
        if index == 0 and owner is not None and unit.kind != "lambda":
            role = self.classes.role(unit)
            if role != "static":
                if role == "class":
                    is_any = unit.facts.name.endswith(".__init_subclass__")
                    return exactly(ClassValue(owner.index, is_any=is_any))
                return exactly(InstanceValue(owner.index, is_self=True))
        parent = unit.parent or unit
        known = NOTHING
        if parameter.annotation is not None:
            known = self.annotations.read(parameter.annotation, parent)
            known = self.callers.in_state(known, ParameterValue(unit.index, parameter.name))
            if parameter.default == Const(None) and unit.facts.name.endswith(".__init__"):
                known = self.optional.held(known, unit, parameter.name)
            is_told = unit.facts.name.endswith(".__init__") or _is_of_some(parameter.annotation)
            known = NOTHING if is_told and are_bare(known) else known
            if parameter.kind == "*":
                known = exactly(LibraryInstance("builtins.tuple", (known,)))
            elif parameter.kind == "**":
                known = exactly(LibraryInstance("builtins.dict", (NOTHING, known)))
            elif self.callers.are_narrower(ParameterValue(unit.index, parameter.name), known):
                known = NOTHING
        if not known and parameter.default is not None:
            known = at_most(self.evaluate(parameter.default, parent), Certainty.LIKELY)
        return (*known, (ParameterValue(unit.index, parameter.name), Certainty.EXACT))

    def lookup(self, name: str, unit: Unit | None) -> Values:
        """What a free name means in `unit`: its own scope, those around it, the module, builtins."""
        start = unit
        while unit is not None and unit.kind != "module":
            visible = unit is start or unit.body_of is None
            if visible and name in unit.plain and name not in unit.outer_names:
                return choose([self.binding(index, unit) for index in unit.plain[name]])
            if name == "__class__" and unit.body_of is not None:
                return exactly(ClassValue(unit.body_of.index))
            unit = unit.parent
        assert unit is not None
        found = self.members.module_member(self.project.module_of(unit), name)
        if found is not None:
            return found
        if name in _BUILTINS:
            return exactly(LibraryValue(f"builtins.{name}"))
        return NOTHING

    # Imports

    def _imported(self, node: Imported, unit: Unit) -> Values:
        importer = unit.module
        if node.level:
            return self._imported_relatively(node, importer)
        if not node.name:
            return self.module_named(node.module, importer)
        module = self.imports.module(node.module, importer)
        if module is not None:
            return self.members.module_attribute(module, node.name)
        if self.imports.is_namespace(node.module, importer):
            return self.module_named(f"{node.module}.{node.name}", importer)
        return self.members.library_attribute(self.matcher.canonical(f"{node.module}.{node.name}"))

    def _imported_relatively(self, node: Imported, importer: int) -> Values:
        dotted = self.imports.relative_name(node.module, node.level, importer)
        if dotted is None:
            return NOTHING
        module = self.imports.relative(dotted)
        if module is not None and module != importer:
            return self.members.module_attribute(module, node.name)
        submodule = self.imports.relative(f"{dotted}.{node.name}".strip("."))
        if submodule is not None:
            return exactly(ModuleValue(submodule))
        return NOTHING if module is None else self.members.module_attribute(module, node.name)

    def module_named(self, dotted: str, importer: int) -> Values:
        """The module, folder of modules, or library that `dotted` names."""
        module = self.imports.module(dotted, importer)
        if module is not None:
            return exactly(ModuleValue(module))
        if self.imports.is_namespace(dotted, importer):
            return exactly(NamespaceValue(dotted, importer))
        return exactly(LibraryValue(self.matcher.canonical(dotted)))

    # Everything else

    def _attribute(self, node: Attr, unit: Unit) -> Values:
        """What it is, kept unless it rests on a question that was still open, or refused."""
        key = id(node), unit.index
        known = self._attributes.get(key)
        if known is not None:
            return known[1]
        outer, self._lowest, refused = self._lowest, _DEEPEST, self._refused
        values = self.members.attribute(self.evaluate(node.base, unit), node.name)
        if self._lowest == _DEEPEST and self._refused == refused:
            # The node is kept too, so that no other one comes to stand where it did.
            self._attributes[key] = node, values
        self._lowest = min(outer, self._lowest)
        return values

    def _call(self, node: Call, unit: Unit) -> Values:
        key = (1, unit.index, node.index)
        return self.remembered(key, lambda: self.results.of_call(unit.facts.calls[node.index], unit))

    def _item(self, node: Item, unit: Unit) -> Values:
        values = self.evaluate(node.base, unit)
        if node.index == SLICE:
            return self.protocols.sliced(values)
        index = constant_key(node.index, unit, self.project)
        return self.protocols.item(values, index)

    def _awaited(self, node: Awaited, unit: Unit) -> Values:
        return self.protocols.awaited(self.evaluate(node.value, unit))

    def _constant(self, node: Const, unit: Unit) -> Values:
        if node.value is None:
            return exactly(NONE)
        return exactly(LibraryInstance(_CONSTANTS[type(node.value)]))

    def _bytes(self, node: Bytes, unit: Unit) -> Values:
        return exactly(LibraryInstance("builtins.bytes"))

    def _function(self, node: Func, unit: Unit) -> Values:
        function = FunctionValue(self.project.module_of(unit).units[node.name].index)
        if "<genexpr:" in node.name.rpartition(".")[2]:
            return exactly(RunValue("generator", function))
        return exactly(function)

    def _class(self, node: Class, unit: Unit) -> Values:
        return exactly(ClassValue(self.project.module_of(unit).classes[node.name].index))

    def _choice(self, node: Choice, unit: Unit) -> Values:
        return choose([self.evaluate(option, unit) for option in node.options])

    def _display(self, node: Display, unit: Unit) -> Values:
        starred = any(isinstance(item, Star) for item in node.items)
        items = tuple(self.evaluate(item, unit) for item in node.items[:64])
        keys = tuple(constant_key(key, unit, self.project) for key in node.keys[:64])
        is_fixed = not starred and node.kind in ("list", "tuple")
        return exactly(SequenceValue(node.kind, items, is_fixed, keys))

    def _star(self, node: Star, unit: Unit) -> Values:
        return self.protocols.element(self.evaluate(node.value, unit), is_async=False)

    def _element(self, node: Element, unit: Unit) -> Values:
        return self.protocols.element(self.evaluate(node.value, unit), is_async=node.is_async)

    def _entered(self, node: Entered, unit: Unit) -> Values:
        return self.protocols.entered(self.evaluate(node.value, unit), is_async=node.is_async)

    def _operation(self, node: Operation, unit: Unit) -> Values:
        base = self.evaluate(node.base, unit)
        return self.protocols.operation(base, node.method, lambda: self.evaluate(node.other, unit))

    def _narrowed(self, node: Narrowed, unit: Unit) -> Values:
        values = self.evaluate(node.value, unit)
        narrowed = self.annotations.read(node.to, unit)
        if node.is_not:
            return tuple(item for item in values if not self.classes.is_kind(item[0], narrowed))
        within = tuple(item for item in values if self.classes.is_kind(item[0], narrowed))
        return within or narrowed or values

    def _unknown(self, node: Unknown, unit: Unit) -> Values:
        return NOTHING

    def current_class(self, unit: Unit) -> int | None:
        """The class whose method `unit` is or is nested in."""
        method = method_of(unit)
        return None if method is None or method.owner is None else method.owner.index


def _is_of_some(annotation: Expr) -> bool:
    """Whether it tells what is in a container, though not in a way that can be read: `list[Callable]`."""
    if not isinstance(annotation, Item):
        return False
    held = annotation.index.items[-1] if isinstance(annotation.index, Display) else annotation.index
    return not (isinstance(held, Name | Attr) and last_word(held) in _ANYTHING)
