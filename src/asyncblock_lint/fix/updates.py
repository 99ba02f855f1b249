"""Values that others see as well, and that a statement makes anew from what they were."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from asyncblock_lint.fix.names import bindings
from asyncblock_lint.fix.source import Node, Source


def is_update(source: Source, function: ast.AST, node: Node) -> bool:
    """Whether the statement around the node reads such a value before the node and writes it behind: were
    it to pause there, what another task writes meanwhile would be lost."""
    for child, outer in source.around(node):
        if isinstance(outer, ast.AugAssign):
            return child is outer.value and _is_seen(function, outer.target)
        if isinstance(outer, ast.Assign):
            places = (part for target in outer.targets for part in _places(target))
            targets = [place for place in places if _is_seen(function, place)]
            return child is outer.value and _is_read_before(source, outer.value, node, targets)
        if isinstance(outer, ast.stmt):
            return False
    return False


def _places(target: ast.expr) -> Iterator[ast.expr]:
    """What a target assigns to, one by one."""
    if isinstance(target, ast.Tuple | ast.List):
        for item in target.elts:
            yield from _places(item)
    else:
        yield target.value if isinstance(target, ast.Starred) else target


def _is_seen(function: ast.AST, target: ast.expr) -> bool:
    """Whether other functions see what is assigned: it is no variable of this function alone."""
    if isinstance(target, ast.Name):
        binders = bindings(function).get(target.id, ())
        return any(isinstance(binder, ast.Global | ast.Nonlocal) for binder in binders)
    return isinstance(target, ast.Attribute | ast.Subscript)


def _is_read_before(source: Source, value: ast.expr, node: Node, targets: Iterable[ast.expr]) -> bool:
    written = {source.code(target) for target in targets}
    return any(
        isinstance(part, ast.Name | ast.Attribute | ast.Subscript)
        and source.start(part) < source.end(node)
        and source.code(part) in written
        and not _is_asked_only(source, part)
        for part in ast.walk(value)
    )


def _is_asked_only(source: Source, part: ast.expr) -> bool:
    """Whether only the truth of a value counts: there is nothing yet that could be lost."""
    parent = source.parent(part)
    return isinstance(parent, ast.BoolOp) or (isinstance(parent, ast.IfExp) and parent.test is part)
