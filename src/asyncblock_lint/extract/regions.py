"""Stretches of a function that run under a condition, or inside a `with`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import NamedTuple

from asyncblock_lint.extract.scope import Scope
from asyncblock_lint.model.facts import Attr, Call, Const, Expr, Name, Region, Span, Test

Trees = Mapping[ast.expr, Expr]
"""The trees of the expressions read so far."""

_UNKNOWN = Test()


class Start(NamedTuple):
    """Where a region begins: how long the lists of its scope were then."""

    calls: int
    uses: int
    bindings: int
    returns: int
    yields: int
    awaits: int


def start(scope: Scope) -> Start:
    """The present end of the scope's lists."""
    return Start(
        len(scope.calls),
        len(scope.uses),
        len(scope.bindings),
        len(scope.returns),
        len(scope.yields),
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
        lines = scope.await_lines[begin.awaits :]
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
                await_line=lines[0] if lines else 0,
                is_checked=self.is_checked,
            )
        )


def read_test(node: ast.expr, trees: Trees) -> Test:
    """The condition `node`, in whose place its parts' trees are known."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _combined("not", (read_test(operand, trees),))
        case ast.BoolOp(op=operator, values=values):
            parts = tuple(read_test(value, trees) for value in values)
            return _combined("and" if isinstance(operator, ast.And) else "or", parts)
        case ast.Compare(
            left=left, ops=[ast.Is() | ast.IsNot() as operator], comparators=[ast.Constant(None)]
        ):
            test = _of("none", left, trees)
            return test if isinstance(operator, ast.Is) else _combined("not", (test,))
        case ast.Compare(left=left, ops=[operator], comparators=[other]):
            test = _among(operator, trees.get(left), other)
            return test if test.op else same(operator, trees.get(left), trees.get(other))
        case ast.NamedExpr(value=value):
            return read_test(value, trees)
    return _of("true", node, trees)


def _among(operator: ast.cmpop, subject: Expr | None, other: ast.expr) -> Test:
    """A comparison of a name with what is written out."""
    items = other.elts if isinstance(other, ast.Tuple | ast.List | ast.Set) else None
    if isinstance(operator, ast.Eq | ast.NotEq | ast.Is | ast.IsNot) and items is None:
        items = [other]
    elif not isinstance(operator, ast.In | ast.NotIn):
        items = None
    found = (item.value for item in items or () if isinstance(item, ast.Constant))
    constants = [value for value in found if value is None or isinstance(value, str | int | float)]
    if not items or len(constants) < len(items) or not _is_named(subject):
        return _UNKNOWN
    test = Test("among", subject, constants=tuple(constants))
    is_negative = isinstance(operator, ast.NotEq | ast.NotIn | ast.IsNot)
    return _combined("not", (test,)) if is_negative else test


def same(operator: ast.cmpop, subject: Expr | None, other: Expr | None) -> Test:
    """A comparison of two values, one of which a call gives or may give."""
    is_negative = isinstance(operator, ast.NotEq | ast.IsNot)
    if not is_negative and not isinstance(operator, ast.Eq | ast.Is):
        return _UNKNOWN
    is_called = _is_called(subject) or _is_called(other)
    if not is_called and not (isinstance(operator, ast.Is | ast.IsNot) and isinstance(subject, Name)):
        return _UNKNOWN
    if not all(isinstance(side, Name | Attr | Call) for side in (subject, other)):
        return _UNKNOWN
    test = Test("same", subject, other=other)
    return _combined("not", (test,)) if is_negative else test


def _is_called(subject: Expr | None) -> bool:
    """Whether it is what a call gives, or an attribute of that."""
    return isinstance(subject.base if isinstance(subject, Attr) else subject, Call)


def _of(op: str, node: ast.expr, trees: Trees) -> Test:
    subject = trees.get(node)
    return Test(op, subject) if isinstance(subject, Call | Const) or _is_named(subject) else _UNKNOWN


def _is_named(subject: Expr | None) -> bool:
    """Whether it is a name, or an attribute of one."""
    return isinstance(subject, Name) or (isinstance(subject, Attr) and isinstance(subject.base, Name))


def _combined(op: str, parts: tuple[Test, ...]) -> Test:
    return Test(op, parts=parts) if any(part.op for part in parts) else _UNKNOWN
