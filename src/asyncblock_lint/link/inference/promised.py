"""What annotations, and libraries, promise of values: the class they are of, and that they are not `None`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.annotations import READ_AS_ANOTHER
from asyncblock_lint.link.inference.known import Made
from asyncblock_lint.link.inference.values import (
    ClassValue,
    InstanceValue,
    LibraryInstance,
    LibraryValue,
    NoneValue,
    ParameterValue,
    PathValue,
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
        if not self._is_told(expression, unit):
            return None
        values = [value for value, _ in self._evaluator.evaluate(expression, unit)]
        match [value for value in values if not isinstance(value, _OPEN)]:
            case [LibraryInstance(type=name)] if name.startswith(_BUILTIN):
                return Made(LibraryInstance(name), is_exact=False, may_be_none=_may_be_none(expression, unit))
            case [InstanceValue(cls=cls), *others] if all(_is_of(cls, other) for other in others):
                return Made(InstanceValue(cls), is_exact=False, may_be_none=_may_be_none(expression, unit))
        return None

    def _is_told(self, expression: Expr, unit: Unit) -> bool:
        """Whether all is known that the expression may be: by an annotation with one class in it, or since
        a library gives it."""
        match expression:
            case Name(binding=index) if index != FREE:
                return _names_one_class(unit.facts.bindings[index].annotation)
            case Call(index=index):
                callees = self._evaluator.evaluate(unit.facts.calls[index].callee, unit)
                return bool(callees) and all(isinstance(value, LibraryValue) for value, _ in callees)
            case Attr(base=base, name=name):
                match self._evaluator.evaluate(base, unit):
                    case [(InstanceValue(cls=cls), _)]:
                        return self._is_attribute_told(cls, name)
        return False

    def _is_attribute_told(self, cls: int, name: str) -> bool:
        """Whether the body of the class annotates the attribute, or its methods give it nothing but what
        they annotate."""
        for base in self._evaluator.classes.order(cls):
            if not isinstance(base, ClassValue):
                return False
            found = self._evaluator.project.classes[base.cls]
            index = found.body.facts.final.get(name)
            if index is not None and found.body.facts.bindings[index].annotation is not None:
                return _names_one_class(found.body.facts.bindings[index].annotation)
            stores = found.stores.get(name)
            if stores or index is not None:
                told = [_tells(store, method) for method, store in stores or () if store.value != Const(None)]
                return bool(told) and all(told) and not self._evaluator.contents.is_set_outside(name)
        return False


def _is_of(cls: int, value: object) -> bool:
    return isinstance(value, InstanceValue) and value.cls == cls


def _tells(store: Store, method: Unit) -> bool:
    """Whether what is stored is annotated, there or as a parameter of the method."""
    annotation = store.annotation
    if annotation is None and isinstance(store.value, Name) and store.value.binding != FREE:
        annotation = method.facts.bindings[store.value.binding].annotation
    return _names_one_class(annotation)


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
