"""What is known of the value of an expression: constants, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.known import Items, Known, Made, Member, Text, truth
from asyncblock_lint.link.inference.promised import Promised
from asyncblock_lint.link.inference.values import (
    ClassValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    ModuleValue,
    Value,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import (
    FREE,
    Attr,
    Bytes,
    Call,
    CallFact,
    Choice,
    Class,
    Const,
    Display,
    Element,
    Expr,
    Func,
    Imported,
    Item,
    Name,
    Narrowed,
    Operation,
    Region,
    Test,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_MOST_ITEMS = 24
_FILLING = "format"
_ASKED = frozenset({"__bool__", "__len__"})
_LOOK_UPS = ("get", "pop")
OWN = "self."
"""What the names of attributes of the object begin with in a setting of its method."""
_DEEPEST = 8
_BUILTIN = "builtins."
_MIXED = frozenset({"builtins.str", "builtins.int"})
_TURNED: Mapping[str, Callable[..., str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "casefold": str.casefold,
    "strip": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
}
Decided = Sequence[tuple[Region, bool]]
"""Regions of a function of which it is known whether the running loop gets there, and whether it does."""


@dataclass(frozen=True, slots=True)
class View:
    """A function as it is seen from inside: what it is given, and which of its regions run.

    Without `names` neither constants of modules and classes nor annotations are read: what they say
    today decides no branch for good. `holds` tells how a condition comes out.
    """

    unit: Unit
    given: Mapping[str, Known] = field(default_factory=dict)
    decided: Decided = ()
    holds: Callable[[Test], bool | None] = lambda test: None
    names: bool = True


class Constants:
    """Reads expressions as far as constants go."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._promises = Promised(evaluator)

    def read(self, expression: Expr | None, view: View, depth: int = 0) -> Known | None:
        """What is known of `expression`, standing in the function that `view` shows."""
        if depth > _DEEPEST:
            return None
        match expression:
            case Const():
                return expression
            case Bytes():
                return Made(LibraryInstance("builtins.bytes"))
            case Func() | Class():
                return Made(counts=True)
            case Display(kind="dict", keys=keys, items=items) if len(keys) == len(items) <= _MOST_ITEMS:
                return self._dict(keys, items, view, depth + 1)
            case Display(kind=kind):
                return Made(LibraryInstance(f"{_BUILTIN}{kind}"))
            case Narrowed(value=value):
                return self.read(value, view, depth + 1)
            case Operation(base=base, method="__add__", other=other):
                return _joined(self.read(base, view, depth + 1), self.read(other, view, depth + 1))
            case Operation(base=base, method="__mod__"):
                return _filled(self.read(base, view, depth + 1), "%")
            case Choice():
                return self._chosen(expression, view, depth + 1)
            case Item(base=base, index=index):
                return _under(self.read(base, view, depth + 1), self.read(index, view, depth + 1), None)
            case Element(value=value):
                return self._element(value, view, depth + 1)
            case Attr():
                return self._attribute(expression, view, depth + 1)
            case Call(index=index):
                return self._call(view.unit.facts.calls[index], expression, view, depth + 1)
            case Name():
                return self._name(expression, view, depth + 1)
        return None

    # Names

    def _name(self, name: Name, view: View, depth: int) -> Known | None:
        unit = view.unit
        if name.binding == FREE:
            return self._outside(name.id, unit, depth) if view.names else None
        if name.binding < len(unit.facts.parameters):
            known = self._still(view.given.get(name.id), name, view)
            return self._promised(name, view) if known is None else known
        if self._evaluator.touched.is_rebound(name.id, unit):
            return None
        binding = unit.facts.bindings[name.binding]
        if binding.kind == "join" and isinstance(binding.value, Choice):
            return _agreed(self.read(item, view, depth) for item in sources(binding.value, view.decided))
        known = self._still(self.read(binding.value, view, depth), name, view)
        return self._promised(name, view) if known is None else known

    def _still(self, known: Known | None, name: Name, view: View) -> Known | None:
        """What is known of a dict that was bound to the name, now that others may have filled it."""
        if not isinstance(known, Items):
            return known
        touched = self._evaluator.touched
        # Who reads an argument is one of those that get hold of it.
        is_shared = touched.holders(name.id, view.unit) > (1 if view.names else 0)
        is_known = not is_shared and not touched.is_changed(name.id, view.unit)
        return known if is_known else Made(LibraryInstance("builtins.dict"))

    def _outside(self, name: str, unit: Unit, depth: int) -> Known | None:
        """A constant of the module around `unit`."""
        found = self.written(name, unit)
        return None if found is None else self._constant(found, depth)

    def _constant(self, written: tuple[Expr, Unit], depth: int) -> Known | None:
        """What is known of something from outside of a function, where dicts may be changed anywhere."""
        known = self.read(written[0], View(written[1]), depth)
        return Made(LibraryInstance("builtins.dict")) if isinstance(known, Items) else known

    def written(self, name: str, unit: Unit) -> tuple[Expr, Unit] | None:
        """What a name from outside of `unit` is bound to once and for all, and where that is written."""
        around = unit
        while around.parent is not None and around.kind != "module":
            if name in around.plain:
                return None
            around = around.parent
        return self._in_module(self._project.module_of(unit).index, name, 0)

    def _in_module(self, module: int, name: str, depth: int) -> tuple[Expr, Unit] | None:
        """The same of what the module binds, or imports from the one that does."""
        found = self._project.modules[module]
        index = found.body.facts.final.get(name)
        if index is None or name in found.global_stores or depth > _DEEPEST:
            return None
        binding = found.body.facts.bindings[index]
        if isinstance(binding.value, Imported):
            node = binding.value
            source = self._evaluator.imports.source(node.module, node.level, module)
            return None if source is None else self._in_module(source, binding.value.name, depth + 1)
        if binding.kind != "plain" or binding.value is None:
            return None
        return binding.value, found.body

    # What is read from something

    def _element(self, container: Expr, view: View, depth: int) -> Known | None:
        """What every item of a list is that is written out."""
        if isinstance(container, Name) and len(view.unit.facts.parameters) <= container.binding:
            if self._evaluator.touched.is_changed(container.id, view.unit):
                return None
            container = view.unit.facts.bindings[container.binding].value or container
        match container:
            case Display(kind="list" | "tuple" | "set", items=items):
                return _agreed(self.read(item, view, depth) for item in items)
        return None

    def _dict(self, keys: Sequence[Expr], items: Sequence[Expr], view: View, depth: int) -> Known:
        entries = []
        for key, item in zip(keys, items, strict=True):
            match self.read(key, view, depth):
                case Const(value=str(name)):
                    known = self.read(item, view, depth)
                    is_empty = isinstance(known, Items) and not known.entries
                    entries.append((name, Made(LibraryInstance("builtins.dict")) if is_empty else known))
                case _:
                    return Made(LibraryInstance("builtins.dict"))
        return Items(tuple(entries))

    def _attribute(self, expression: Attr, view: View, depth: int) -> Known | None:
        own = attribute_of_self(expression, view.unit)
        if own:
            given = view.given.get(own)
            return self._promised(expression, view) if given is None else given
        base = self.read(expression.base, view, depth)
        if isinstance(base, Member):
            return {"value": base.value, "name": Const(base.name)}.get(expression.name)
        if isinstance(base, Made) and isinstance(base.value, InstanceValue) and base.is_exact:
            return self._evaluator.kept.constant(base.value, expression.name)
        values = self._evaluator.evaluate(expression.base, view.unit) if view.names else ()
        match [value for value, _ in values]:
            case [ClassValue(cls=cls)]:
                return self._of_class(cls, expression.name, depth)
            case [ModuleValue(module=module)]:
                found = self._in_module(module, expression.name, 0)
                return None if found is None else self._constant(found, depth)
        return self._promised(expression, view)

    def _of_class(self, cls: int, name: str, depth: int) -> Known | None:
        """A member of an enumeration, or a constant in the body of the class."""
        unit = self._project.classes[cls]
        index = unit.body.facts.final.get(name)
        if index is None or unit.stores.get(name) or self._evaluator.contents.is_set_outside(name):
            return None
        value = unit.body.facts.bindings[index].value
        constant = value if isinstance(value, Const) else None
        if not self._evaluator.enumerated.is_one(cls):
            return self.read(value, View(unit.body), depth)
        return Member(cls, name, constant, is_mixed=self._is_mixed(cls))

    def _is_mixed(self, cls: int) -> bool:
        bases = self._evaluator.matcher.bases
        return any(not _MIXED.isdisjoint(bases(name)) for name in self._library_bases(cls))

    def _library_bases(self, cls: int) -> list[str]:
        order = self._evaluator.classes.order(cls)
        return [value.name for value in order if isinstance(value, LibraryValue)]

    # Calls and choices

    def _call(self, call: CallFact, expression: Call, view: View, depth: int) -> Known | None:
        callee = call.callee
        found = self._method(callee, call, view, depth) if isinstance(callee, Attr) else None
        if found is not None:
            return found
        classes = self._evaluator.evaluate(callee, view.unit)
        if not classes or not all(self._is_class(value) for value, _ in classes):
            return self._promised(expression, view)
        match classes:
            case [(ClassValue(cls=cls), _)] if self._evaluator.enumerated.is_one(cls):
                return self._member(cls, call, view, depth)
        match self._evaluator.evaluate(expression, view.unit):
            case [(InstanceValue(cls=cls) as made, _)]:
                return Made(made, counts=self._counts(cls))
        return Made()

    def _counts(self, cls: int) -> bool | None:
        """Whether objects of the class count as true; `None` if it may tell that itself."""
        order = self._evaluator.classes.order(cls)
        own = [self._project.classes[base.cls] for base in order if isinstance(base, ClassValue)]
        asks = any(not _ASKED.isdisjoint(base.body.facts.final) for base in own)
        return None if asks or len(own) < len(order) else True

    def _method(self, callee: Attr, call: CallFact, view: View, depth: int) -> Known | None:
        """What a method of a text or a dict gives."""
        if callee.name not in (*_LOOK_UPS, *_TURNED, _FILLING):
            return None
        base = self.read(callee.base, view, depth)
        if callee.name in _LOOK_UPS and isinstance(base, Items) and call.arguments:
            key, *rest = [self.read(argument.value, view, depth) for argument in call.arguments]
            return _under(base, key, rest[0] if rest else Const(None))
        if callee.name in _TURNED and isinstance(base, Const) and isinstance(base.value, str):
            return None if call.arguments else Const(_TURNED[callee.name](base.value))
        return _filled(base, "{") if callee.name == _FILLING else None

    def _is_class(self, value: Value) -> bool:
        is_library = isinstance(value, LibraryValue) and self._evaluator.matcher.is_class(value.name)
        return is_library or isinstance(value, ClassValue)

    def _member(self, cls: int, call: CallFact, view: View, depth: int) -> Known | None:
        """The member that is asked for by its value: `Kind("fast")`."""
        given = self.read(call.arguments[0].value, view, depth) if len(call.arguments) == 1 else None
        if isinstance(given, Member):
            return given
        members = (self._of_class(cls, name, depth) for name in self._project.classes[cls].body.facts.final)
        return next(
            (
                member
                for member in members
                if isinstance(member, Member) and given is not None and member.value == given
            ),
            None,
        )

    def _promised(self, expression: Expr, view: View) -> Known | None:
        return self._promises.of(expression, view.unit) if view.names else None

    def _chosen(self, choice: Choice, view: View, depth: int) -> Known | None:
        if choice.test is not None:
            holds = view.holds(choice.test)
            if holds is not None:
                return self.read(choice.options[0 if holds else 1], view, depth)
            return _agreed(self.read(option, view, depth) for option in choice.options)
        for option in choice.options[:-1]:
            found = self.read(option, view, depth)
            counts = truth(found)
            if counts is not False:
                return found if counts else None
        return self.read(choice.options[-1], view, depth)


def attribute_of_self(subject: Expr | None, unit: Unit) -> str:
    """How settings call an attribute of the object whose method `unit` is; empty for anything else."""
    is_own = (
        isinstance(subject, Attr)
        and isinstance(subject.base, Name)
        and subject.base.binding == 0
        and unit.owner is not None
        and bool(unit.facts.parameters)
    )
    return f"{OWN}{subject.name}" if is_own and isinstance(subject, Attr) else ""


def standing(binding: int, decided: Decided) -> bool | None:
    """Whether a running loop surely gets, or never gets, to where the name is bound."""
    around = [runs for region, runs in decided if region.bindings[0] <= binding < region.bindings[1]]
    return None if not around else all(around)


def sources(joined: Choice, decided: Decided) -> list[Name]:
    """The bindings that may reach where they meet: of what is bound where a running loop surely gets to
    the last, which goes before what was bound earlier."""
    found = [option for option in joined.options if isinstance(option, Name)]
    found = [option for option in found if standing(option.binding, decided) is not False]
    sure = [option for option in found if standing(option.binding, decided)]
    return sure[-1:] or found


def _joined(base: Known | None, other: Known | None) -> Known | None:
    """What is known of a text with another behind it."""
    match base, other:
        case Const(value=str(start)), Const(value=str(rest)):
            return Const(start + rest)
        case Const(value=str(start)), Text(start=rest):
            return Text(start + rest)
        case ((Const(value=str(start)) | Text(start=start)), _):
            return Text(start)
    return None


def _under(base: Known | None, key: Known | None, default: Known | None) -> Known | None:
    """What is known of an item, or of what stands in for it where there is none."""
    match base, key:
        case Items(), Const(value=str(name)):
            return base.get(name) if name in base else default
    return None


def _filled(base: Known | None, place: str) -> Known | None:
    """What is known of a text whose places are filled in: `"%s" % value`, `"{}".format(value)`."""
    match base:
        case Const(value=str(start)) | Text(start=start):
            return Text(start.partition(place)[0])
    return None


def _agreed(found: Iterator[Known | None]) -> Known | None:
    """What is known of all alternatives; none is read after the first that differs."""
    first = next(found, None)
    return first if first is not None and all(other == first for other in found) else None
