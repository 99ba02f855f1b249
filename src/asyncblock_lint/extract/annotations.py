"""Annotations as expressions: read, never evaluated, with the strings among them parsed."""

import ast

from asyncblock_lint.model.facts import UNKNOWN, Attr, Const, Display, Expr, Item, Name, Operation


def annotation(node: ast.expr | None) -> Expr | None:
    """The annotation `node` as an expression whose names are free; `None` for no annotation."""
    return None if node is None else _convert(node)


def annotated_calls(node: ast.expr | None) -> list[ast.Call]:
    """The calls among the metadata of `Annotated[T, call(), …]`."""
    match node:
        case ast.Subscript(
            value=ast.Name(id="Annotated") | ast.Attribute(attr="Annotated"),
            slice=ast.Tuple(elts=[_, *metadata]),
        ):
            return [item for item in metadata if isinstance(item, ast.Call)]
    return []


def _convert(node: ast.expr) -> Expr:
    match node:
        case ast.Name(id=name):
            return Name(name)
        case ast.Attribute(value=base, attr=name):
            return Attr(_convert(base), name)
        case ast.Subscript(value=base, slice=index):
            return Item(_convert(base), _convert(index))
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return Display("tuple", tuple(_convert(item) for item in items))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return Operation(_convert(left), "__or__", _convert(right))
        case ast.Constant(value=None):
            return Const(None)
        case ast.Constant(value=str() as text):
            return _parse(text)
    return UNKNOWN


def _parse(text: str) -> Expr:
    try:
        return _convert(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError):
        return UNKNOWN
