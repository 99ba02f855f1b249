"""Stretches of a function that run under a condition, or inside a `with`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import NamedTuple

from asyncblock_lint.extract.annotations import annotation
from asyncblock_lint.extract.scope import Scope
from asyncblock_lint.model.facts import UNKNOWN, Attr, Call, Const, Expr, Item, Name, Region, Span, Test

Trees = Mapping[ast.expr, Expr]
"""The trees of the expressions read so far."""

UNTOLD = Test()
"""A condition of which nobody can tell how it comes out."""
_COMPARISONS: Mapping[type[ast.cmpop], tuple[str, bool]] = {
    ast.Eq: ("among", True),
    ast.Is: ("among", True),
    ast.NotEq: ("among", False),
    ast.IsNot: ("among", False),
    ast.In: ("in", True),
    ast.NotIn: ("in", False),
    ast.Lt: ("below", True),
    ast.GtE: ("below", False),
    ast.Gt: ("above", True),
    ast.LtE: ("above", False),
}
"""What a comparison asks, and whether it is true if that is so."""
_SWAPPED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
}


class Start(NamedTuple):
    """Where a region begins: how long the lists of its scope were then."""

    calls: int
    uses: int
    bindings: int
    returns: int
    yields: int
    stores: int
    awaits: int
    pauses: int


def start(scope: Scope) -> Start:
    """The present end of the scope's lists."""
    return Start(
        len(scope.calls),
        len(scope.uses),
        len(scope.bindings),
        len(scope.returns),
        len(scope.yields),
        len(scope.stores),
        len(scope.work.awaits),
        len(scope.await_lines),
    )


class OpenRegion(NamedTuple):
    """A region that has not ended yet: what it stands under, or the item of its `with`."""

    begin: Start
    test: Test | None
    holds: bool = True
    subject: Expr | None = None
    span: Span | None = None
    is_checked: bool = False

    def close(self, scope: Scope) -> None:
        """Add the region to the scope, unless nobody can tell when it runs or nothing stands in it."""
        begin, end = self.begin, start(scope)
        if self.test is not None and (end == begin or not self.test.op):
            return
        lines = scope.await_lines[begin.pauses :]
        scope.regions.append(
            Region(
                self.test,
                self.holds,
                self.subject,
                self.span,
                calls=(begin.calls, end.calls),
                uses=(begin.uses, end.uses),
                bindings=(begin.bindings, end.bindings),
                returns=(begin.returns, end.returns),
                yields=(begin.yields, end.yields),
                stores=(begin.stores, end.stores),
                awaits=(begin.awaits, end.awaits),
                await_line=lines[0] if lines else 0,
                is_checked=self.is_checked,
            )
        )


def read_test(node: ast.expr, trees: Trees) -> Test:
    """The condition `node`, in whose place its parts' trees are known."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return combined("not", (read_test(operand, trees),))
        case ast.BoolOp(op=operator, values=values):
            parts = tuple(read_test(value, trees) for value in values)
            return combined("and" if isinstance(operator, ast.And) else "or", parts)
        case ast.Compare(
            left=left, ops=[ast.Is() | ast.IsNot() as operator], comparators=[ast.Constant(None)]
        ):
            test = _of("none", left, trees)
            return test if isinstance(operator, ast.Is) else combined("not", (test,))
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[subject]),
            ops=[ast.Is() | ast.Eq()],
            comparators=[kinds],
        ):
            return kind_test(trees.get(subject), kinds)
        case ast.Compare(left=left, ops=[operator], comparators=[other]):
            return _compared(operator, left, other, trees)
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, kinds], keywords=[]):
            return kind_test(trees.get(subject), kinds)
        case ast.NamedExpr(value=value):
            return read_test(value, trees)
    return _of("true", node, trees)


def kind_test(subject: Expr | None, kinds: ast.expr) -> Test:
    """Whether `subject` is an instance of one of the classes."""
    kind = annotation(kinds)
    return UNTOLD if kind is None or not _is_told(subject) else Test("kind", subject, options=(kind,))


def _compared(operator: ast.cmpop, left: ast.expr, right: ast.expr, trees: Trees) -> Test:
    """A comparison of two things, one of which at least has a name."""
    if not isinstance(operator, ast.In | ast.NotIn | ast.Is | ast.IsNot) and isinstance(left, ast.Constant):
        left, right = right, left
        operator = _SWAPPED.get(type(operator), type(operator))()
    op, holds = _COMPARISONS[type(operator)]
    others = [right]
    if op == "in" and isinstance(right, ast.Tuple | ast.List | ast.Set):
        op, others = "among", right.elts
    subject, options = trees.get(left), tuple(trees.get(other, UNKNOWN) for other in others)
    if not (_is_told(subject) or (op == "in" and isinstance(subject, Const))) or UNKNOWN in options:
        return UNTOLD
    test = Test(op, subject, options=options)
    return test if holds else combined("not", (test,))


def _of(op: str, node: ast.expr, trees: Trees) -> Test:
    subject = trees.get(node)
    return Test(op, subject) if isinstance(subject, Const) or _is_told(subject) else UNTOLD


def _is_told(subject: Expr | None) -> bool:
    """Whether it is a call, a name, or what is read from one."""
    is_read = isinstance(subject, Attr | Item) and isinstance(subject.base, Call | Name)
    return is_read or isinstance(subject, Call | Name)


def combined(op: str, parts: tuple[Test, ...]) -> Test:
    """The test made of `parts` with `not`, `and` or `or`."""
    return Test(op, parts=parts) if any(part.op for part in parts) else UNTOLD
