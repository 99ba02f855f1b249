"""What a condition tells of the names in it."""

import ast
from collections.abc import Iterator

from asyncblock_lint.extract.annotations import annotation
from asyncblock_lint.model.facts import Const, Expr

Narrowing = tuple[str, Expr, bool]
"""A name, the type (or tuple of types), and whether it is *not* an instance of that."""


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
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), kinds]):
            kind = annotation(kinds)
            if kind is not None:
                yield name, kind, not holds
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[ast.Name(id=name)]),
            ops=[ast.Is() | ast.Eq()],
            comparators=[kinds],
        ) if holds:
            kind = annotation(kinds)
            if kind is not None:
                yield name, kind, False
        case ast.Compare(
            left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot() as operator], comparators=[ast.Constant(None)]
        ):
            yield name, Const(None), isinstance(operator, ast.Is) is not holds
