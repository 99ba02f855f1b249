"""What a condition tells of the names in it."""

import ast
from collections.abc import Iterator

from asyncblock_lint.extract.annotations import annotation
from asyncblock_lint.model.facts import Const, Expr

Narrowing = tuple[str, Expr, bool]
"""A name or what is read from one (`self.path`), the type (or tuple of types), and whether it is
*not* an instance of that."""


def narrowings(test: ast.expr, holds: bool) -> Iterator[Narrowing]:
    """What is known where `test` is true (`holds`) or false."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from narrowings(operand, not holds)
        case ast.BoolOp(op=ast.And(), values=values) if holds:
            for value in values:
                yield from narrowings(value, holds)
        case ast.BoolOp(op=ast.Or(), values=values) if not holds:
            for value in values:
                yield from narrowings(value, holds)
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, kinds]):
            kind, path = annotation(kinds), dotted(subject)
            if kind is not None and path is not None:
                yield path, kind, not holds
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[subject]),
            ops=[ast.Is() | ast.Eq()],
            comparators=[kinds],
        ) if holds:
            kind, path = annotation(kinds), dotted(subject)
            if kind is not None and path is not None:
                yield path, kind, False
        case ast.Compare(
            left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot() as operator], comparators=[ast.Constant(None)]
        ):
            yield name, Const(None), isinstance(operator, ast.Is) is not holds


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` as text, where the expression is a name or is read from one."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None
