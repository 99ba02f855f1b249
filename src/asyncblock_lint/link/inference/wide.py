"""Parameters of which an annotation leaves open what runs: an abstract class, or one of several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.known import Known, Made, Setting, both
from asyncblock_lint.link.inference.values import (
    ClassValue,
    InstanceValue,
    LibraryInstance,
    ParameterValue,
    PathValue,
    Value,
    Values,
    at_most,
    closed,
    exactly,
    was_made,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import FREE, Attr, Const, Expr, Name, Narrowed

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_BUILTIN = "builtins."


class WideParameters:
    """Tells which parameters they are, and which object a call gives for one."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._found: dict[tuple[int, int], bool] = {}
        self._resting: dict[int, bool] = {}

    def named(self, expression: Expr, unit: Unit) -> Iterator[str]:
        """The name of such a parameter, of the function or of one around it, if the expression is one."""
        if isinstance(expression, Name) and self.path(expression, unit) is not None:
            yield expression.id

    def has(self, name: str, unit: Unit) -> bool:
        """Whether the parameter of that name is one."""
        names = [parameter.name for parameter in unit.facts.parameters]
        return name in names and self._is_wide(names.index(name), unit)

    def path(self, expression: Expr, unit: Unit) -> PathValue | None:
        """What is read from such a parameter, attribute by attribute, or the parameter itself."""
        match expression:
            case Attr(base=base, name=name):
                found = self.path(base, unit)
                return None if found is None else PathValue(found.root, (*found.path, name))
            case Narrowed(value=value, to=Const(value=None)):
                return self.path(value, unit)
            case Name(id=name, binding=index):
                around = self._owner(name, unit) if index == FREE else (unit, index)
                if around is not None and self._is_wide(around[1], around[0]):
                    return PathValue(ParameterValue(around[0].index, name), ())
        return None

    def _owner(self, name: str, unit: Unit) -> tuple[Unit, int] | None:
        """The function around `unit` whose parameter the name is, bound but once, and which one."""
        around = unit.parent
        while around is not None and name not in around.plain:
            around = around.parent
        if around is None or len(around.plain[name]) != 1:
            return None
        [index] = around.plain[name]
        return around, index

    def is_told(self, expression: Expr, unit: Unit, setting: Setting) -> bool:
        """Whether it is such a path, and known how the object was made that the setting gives for it.
        The caller follows what the function does with that object."""
        path = self.path(expression, unit)
        known = dict(setting).get(path.root.name) if path else None
        return isinstance(known, Made) and known.is_exact and was_made(known.value)

    def object_given(self, known: Known | None, values: Values) -> Known | None:
        """What is `known` of an argument, with the one object that it may be."""
        match closed(values):
            case [(InstanceValue() | LibraryInstance() as value, certainty)] if len(values) == 1:
                is_exact = certainty is Certainty.EXACT and was_made(value)
                return both(known, Made(value, is_exact=is_exact))
        return known

    def held(self, known: Known | None) -> Values:
        """The object that a setting gives for a parameter; nothing if it gives none."""
        match known:
            case Made(value=InstanceValue() | LibraryInstance() as value, is_exact=is_exact):
                return at_most(exactly(value), Certainty.EXACT if is_exact else Certainty.LIKELY)
        return ()

    def _is_wide(self, index: int, unit: Unit) -> bool:
        if index == FREE or index >= len(unit.facts.parameters):
            return False
        parameter = unit.facts.parameters[index]
        if parameter.annotation is None or parameter.kind in ("*", "**"):
            return False
        key = unit.index, index
        if key not in self._found:
            self._found[key] = self.leave_open(closed(self._evaluator.binding(index, unit)))
        return self._found[key]

    def leave_open(self, promised: Values) -> bool:
        """Whether what runs depends on which object keeps the promise: one of several classes, of an
        abstract one, or made with this or that."""
        objects = [value for value, _ in promised if _is_object(value)]
        is_wide = len(objects) > 1 or self._evaluator.classes.are_wide(promised)
        return is_wide or any(self._rests_on_given(value, frozenset()) for value in objects)

    def _rests_on_given(self, value: Value, around: frozenset[int]) -> bool:
        """Whether what the object does rests on the objects that it was made with."""
        if not isinstance(value, InstanceValue) or value.cls in around:
            return False
        if value.cls not in self._resting:
            kept = self._kept(value.cls)
            inner = around | {value.cls}
            self._resting[value.cls] = any(self._differs(given, inner) for given in kept)
        return self._resting[value.cls]

    def _kept(self, cls: int) -> Iterator[Values]:
        """What objects of the class keep of what their constructors are given."""
        for base in self._evaluator.classes.order(cls):
            if not isinstance(base, ClassValue):
                continue
            own = self._evaluator.project.classes[base.cls]
            for unit, store in (item for stores in own.stores.values() for item in stores):
                if isinstance(store.value, Name) and 0 < store.value.binding < len(unit.facts.parameters):
                    yield self._evaluator.binding(store.value.binding, unit)
            for name in self._evaluator.objects.fields(own):
                yield self._evaluator.lookup(name, own.body)

    def _differs(self, values: Values, around: frozenset[int]) -> bool:
        promised = closed(values)
        if promised:
            return self._evaluator.classes.are_wide(promised) or any(
                self._rests_on_given(value, around) for value, _ in promised
            )
        given = closed(self._evaluator.callers.resolve(values))
        return sum(_is_object(value) for value, _ in given) > 1


def _is_object(value: Value) -> bool:
    is_library = isinstance(value, LibraryInstance) and not value.type.startswith(_BUILTIN)
    return is_library or isinstance(value, InstanceValue)


def is_promise(value: Value) -> bool:
    """Whether it is some object of a class, as annotations promise it, and none that was seen being made."""
    return _is_object(value) and not was_made(value)
