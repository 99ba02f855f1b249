"""What annotations, and libraries, promise of values: the class they are of, and that they are not `None`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.annotations import READ_AS_ANOTHER
from asyncblock_lint.link.inference.known import Made
from asyncblock_lint.link.inference.values import (
    NOTHING,
    ClassValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    NoneValue,
    ParameterValue,
    PathValue,
    Values,
    closed,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Attr, Call, Const, Expr, Item, Name, Operation, Store

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_UNIONS = ("Union", "Annotated", "ClassVar", "Final", "TypeVar", "type", "Type")
_OPEN = (NoneValue, ParameterValue, PathValue)
_BUILTIN = "builtins."


class Promised:
    """Reads annotations where all is told by them that a value may be."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def of(self, expression: Expr, unit: Unit) -> Made | None:
        """What `expression`, standing in `unit`, is promised to be an object of."""
        values = [value for value, _ in self._told(expression, unit)]
        match [value for value in values if not isinstance(value, _OPEN)]:
            case [LibraryInstance(type=name)] if name.startswith(_BUILTIN):
                return Made(LibraryInstance(name), is_exact=False, may_be_none=_may_be_none(expression, unit))
            case [InstanceValue(cls=cls)]:
                return Made(InstanceValue(cls), is_exact=False, may_be_none=_may_be_none(expression, unit))
        return None

    def _told(self, expression: Expr, unit: Unit) -> Values:
        """All that the expression may be, if an annotation with one class in it tells that, or a library
        that gives it."""
        match expression:
            case Name(binding=index) if index != FREE:
                is_told = _names_one_class(unit.facts.bindings[index].annotation)
                return self._evaluator.evaluate(expression, unit) if is_told else NOTHING
            case Call(index=index):
                callees = self._evaluator.evaluate(unit.facts.calls[index].callee, unit)
                is_told = bool(callees) and all(isinstance(value, LibraryValue) for value, _ in callees)
                return self._evaluator.evaluate(expression, unit) if is_told else NOTHING
            case Attr(base=base, name=name):
                match closed(self._evaluator.evaluate(base, unit)):
                    case [(InstanceValue(cls=cls), _)]:
                        return self._attribute(cls, name)
        return NOTHING

    def _attribute(self, cls: int, name: str) -> Values:
        """What the body of the class says in an annotation, or its methods where they store what they were
        given."""
        for base in self._evaluator.classes.order(cls):
            if not isinstance(base, ClassValue):
                break
            found = self._evaluator.project.classes[base.cls]
            index = found.body.facts.final.get(name)
            if index is not None and found.body.facts.bindings[index].annotation is not None:
                return self._read(found.body.facts.bindings[index].annotation, found.body)
            if index is not None or found.stores.get(name):
                return self._stored(found.stores.get(name, []), name)
        return NOTHING

    def _stored(self, stores: list[tuple[Unit, Store]], name: str) -> Values:
        told = [_annotation(store, method) for method, store in stores if store.value != Const(None)]
        if not told or any(item != told[0] for item in told) or self._evaluator.contents.is_set_outside(name):
            return NOTHING
        return self._read(*told[0])

    def _read(self, annotation: Expr | None, unit: Unit) -> Values:
        is_told = annotation is not None and _names_one_class(annotation)
        return self._evaluator.annotations.read(annotation, unit) if annotation and is_told else NOTHING


def _annotation(store: Store, method: Unit) -> tuple[Expr | None, Unit]:
    """How it is annotated what a method stores, there or as a parameter; and where that is read."""
    if store.annotation is None and isinstance(store.value, Name) and store.value.binding != FREE:
        return method.facts.bindings[store.value.binding].annotation, method.parent or method
    return store.annotation, method


def _may_be_none(expression: Expr, unit: Unit) -> bool:
    """Whether no annotation says that the expression is never `None`."""
    if not isinstance(expression, Name) or expression.binding == FREE:
        return True
    parameters = unit.facts.parameters
    is_left_out = expression.binding < len(parameters) and parameters[expression.binding].default == Const(
        None
    )
    annotation = unit.facts.bindings[expression.binding].annotation
    return is_left_out or not (isinstance(annotation, Name | Attr) or _is_container(annotation))


def _is_container(annotation: Expr | None) -> bool:
    """Whether it is a class with others in brackets, as `list[str]`."""
    match annotation:
        case Item(base=Name(id=name) | Attr(name=name)):
            return name not in (*_UNIONS, "Optional")
    return False


def _names_one_class(annotation: Expr | None) -> bool:
    """Whether the annotation names one class, apart from `None`."""
    match annotation:
        case Operation(base=base, method="__or__", other=Const(value=None)):
            return _names_one_class(base)
        case Name() | Attr():
            return True
        case Item(base=Name(id="Optional") | Attr(name="Optional"), index=inner):
            return isinstance(inner, Const) or _names_one_class(inner)
        case Item(base=Name(id=name) | Attr(name=name)):
            return name not in _UNIONS and name not in READ_AS_ANOTHER
    return False
