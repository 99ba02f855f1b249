"""What annotations rule out as they are written: other classes, and `None`."""

from __future__ import annotations

from asyncblock_lint.link.inference.annotations import READ_AS_ANOTHER
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Attr, Const, Expr, Item, Name, Operation

_UNIONS = ("Union", "Annotated", "ClassVar", "Final", "TypeVar", "type", "Type")


def may_be_none(expression: Expr, unit: Unit) -> bool:
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


def names_one_class(annotation: Expr | None) -> bool:
    """Whether the annotation names one class, apart from `None`."""
    match annotation:
        case Operation(base=base, method="__or__", other=Const(value=None)):
            return names_one_class(base)
        case Name() | Attr():
            return True
        case Item(base=Name(id=name) | Attr(name=name)):
            return name not in _UNIONS and name not in READ_AS_ANOTHER
    return False
