"""Whether what is known of a value makes it an object of a class: `isinstance(given, kinds)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.constants import View, sources
from asyncblock_lint.link.inference.known import Items, Known, Made, Member, Text
from asyncblock_lint.link.inference.values import (
    NONE,
    PLAIN_DATA,
    ClassValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    Value,
    Values,
    exactly,
)
from asyncblock_lint.model.catalogue import Abstract
from asyncblock_lint.model.facts import Call, Choice, Const, Display, Expr, Name, Operation, Test

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_BUILTIN = "builtins."
_ASKED = "__subclasshook__"


class Kinds:
    """Decides what is an object of some classes, or of their subclasses."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def decide(self, known: Known | None, test: Test, view: View) -> bool | None:
        """How the test comes out whether its subject, of which so much is `known`, is an object of one
        of the classes."""
        decided = self._is_one(known, test.options[0], view)
        if decided is None and self._is_data(test.options[0], view) and self._is_foreign(test.subject, view):
            return False
        return decided

    def _is_one(self, known: Known | None, written: Expr, view: View) -> bool | None:
        value = _object(known)
        kinds = self._read(written, view)
        if value is None or not kinds:
            return None
        if any(kind == LibraryInstance("builtins.object") or self._is_of(value, kind) for kind, _ in kinds):
            return None if isinstance(known, Made) and known.may_be_none else True
        is_exact = not isinstance(known, Made) or known.is_exact
        if not is_exact and self._may_become(value, kinds):
            return None
        is_other = self._is_known_well(value) and not any(self._may_pass(value, kind) for kind, _ in kinds)
        return False if is_other else None

    def _read(self, written: Expr, view: View) -> Values | None:
        """Objects of the classes; `None` if some of them are not known."""
        match written:
            case Display(kind="tuple", items=items):
                parts = [self._read(item, view) for item in items]
            case Operation(base=base, method="__or__", other=other):
                parts = [self._read(base, view), self._read(other, view)]
            case _:
                return self._evaluator.annotations.read(written, view.unit) or None
        known = [part for part in parts if part is not None]
        return tuple(item for part in known for item in part) if len(known) == len(parts) else None

    def _is_of(self, value: Value, kind: Value) -> bool:
        """Whether the object's class is, inherits from, or is listed as one of, the class."""
        if self._evaluator.classes.is_kind(value, exactly(kind)):
            return True
        abstract = self._abstract(kind)
        return isinstance(value, LibraryInstance) and abstract is not None and value.type in abstract.builtins

    def _may_become(self, value: Value, kinds: Values) -> bool:
        """Whether an object of a subclass may be one of those classes, or what the language takes for one."""
        classes = self._evaluator.classes
        if any(classes.is_kind(kind, exactly(value)) for kind, _ in kinds):
            return True
        if isinstance(value, InstanceValue):
            return any(classes.is_kind(InstanceValue(sub), kinds) for sub in classes.subclasses(value.cls))
        return value == LibraryInstance("builtins.float")

    def _may_pass(self, value: Value, kind: Value) -> bool:
        """Whether the class may count the object as its own although that does not inherit from it."""
        classes = self._evaluator.classes
        if isinstance(kind, InstanceValue):
            return classes.is_protocol(kind.cls) or bool(classes.raw(kind.cls, _ASKED))
        abstract = self._abstract(kind)
        return isinstance(value, InstanceValue) and abstract is not None and abstract.is_structural

    def _abstract(self, kind: Value) -> Abstract | None:
        return self._evaluator.matcher.abstract(kind.type) if isinstance(kind, LibraryInstance) else None

    def _is_known_well(self, value: Value) -> bool:
        """Whether all classes that the object belongs to are known."""
        if isinstance(value, LibraryInstance):
            return value.type.startswith(_BUILTIN)
        if not isinstance(value, InstanceValue):
            return value == NONE
        return all(self._is_plain(base) for base in self._evaluator.classes.order(value.cls))

    def _is_plain(self, base: Value) -> bool:
        """Whether all that a class inherits from is known."""
        if isinstance(base, LibraryValue):
            matcher = self._evaluator.matcher
            return "builtins.object" in matcher.bases(base.name) or matcher.abstract(base.name) is not None
        if not isinstance(base, ClassValue):
            return False
        cls = self._evaluator.project.classes[base.cls]
        return all(self._evaluator.evaluate(written, cls.parent) for written in cls.facts.bases)

    # Objects of classes that no rule knows

    def _is_data(self, written: Expr, view: View) -> bool:
        """Whether it is the class of texts, of bytes or of numbers."""
        match self._evaluator.evaluate(written, view.unit):
            case [(LibraryValue(name=name), _)]:
                return name in PLAIN_DATA
        return False

    def _is_foreign(self, subject: Expr | None, view: View) -> bool:
        """Whether all that the subject may be was made by calling a class of some library, by its name:
        such an object is no text and no number."""
        unit = view.unit
        if not isinstance(subject, Name) or subject.binding < len(unit.facts.parameters):
            return False
        if self._evaluator.touched.is_rebound(subject.id, unit):
            return False
        value = unit.facts.bindings[subject.binding].value
        if isinstance(value, Choice) and unit.facts.bindings[subject.binding].kind == "join":
            options = sources(value, view.decided)
            return bool(options) and all(self._is_foreign(option, view) for option in options)
        if not isinstance(value, Call):
            return False
        callees = self._evaluator.evaluate(unit.facts.calls[value.index].callee, unit)
        return bool(callees) and all(
            isinstance(item, LibraryValue) and _is_class(item) for item, _ in callees
        )


def _is_class(value: LibraryValue) -> bool:
    """Whether it is named as classes are, and is no class of the language's own."""
    last = value.name.rpartition(".")[2]
    return (
        value.owner is None
        and not value.name.startswith(_BUILTIN)
        and last[:1].isupper()
        and not last.isupper()
    )


def _object(known: Known | None) -> Value | None:
    """An object of the class that what is known belongs to."""
    match known:
        case Const(value=None):
            return NONE
        case Const(value=value):
            return LibraryInstance(f"{_BUILTIN}{type(value).__name__}")
        case Text():
            return LibraryInstance("builtins.str")
        case Items():
            return LibraryInstance("builtins.dict")
        case Member(cls=cls):
            return InstanceValue(cls)
        case Made(value=value):
            return value
    return None
