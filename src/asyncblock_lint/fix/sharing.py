"""Whether other tasks could interfere if a function paused in the midst of its work."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from asyncblock_lint.fix.files import is_rewritten
from asyncblock_lint.fix.names import bindings
from asyncblock_lint.fix.source import Node, Source
from asyncblock_lint.fix.updates import is_update

_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOCK = re.compile(r"lock|mutex|semaphore|condition", re.IGNORECASE)
_OWN = frozenset({"self", "cls"})

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class _Write(NamedTuple):
    """A value that others see and that is written: the target, its place in the text, and the code of
    what holds it: an attribute is itself, an item its container."""

    target: ast.expr
    offset: int
    place: str


@lru_cache(maxsize=512)
def is_shared(source: Source, node: Node) -> bool:
    """Whether another task could interfere if the function paused at the expression: a lock of
    threads is held there, or a value that others see, be it a file, is read before and written behind
    it."""
    is_guarded = False
    for child, outer in source.around(node):
        is_guarded = is_guarded or isinstance(outer, ast.AsyncWith)
        if isinstance(outer, _DEFS):
            return not is_guarded and (
                is_rewritten(source, outer, node)
                or is_update(source, outer, node)
                or _is_revised(source, outer, node)
            )
        if isinstance(outer, ast.Lambda):
            return not is_guarded and is_rewritten(source, outer, node)
        if isinstance(outer, ast.With) and child in outer.body and _holds_lock(source, outer):
            return True
    return False


def _holds_lock(source: Source, statement: ast.With) -> bool:
    return any(_LOCK.search(source.code(item.context_expr)) for item in statement.items)


def _is_revised(source: Source, function: _Function, node: Node) -> bool:
    """Whether a value is made anew here from what it was, or because of what it was; or whether the call
    looks into a container that is changed later."""
    statement = _statement(source, node)
    for write in _writes(source, function):
        if write.target in _targets(statement):
            reads = (item for item in _reads(source, function, write) if _is_before(source, item, node))
            if any(_decides(source, read, write, statement) for read in reads):
                return True
        elif isinstance(write.target, ast.Subscript) and _looks_into(source, node, write):
            return True
    return False


def _statement(source: Source, node: ast.AST) -> ast.AST | None:
    return next((outer for _, outer in source.around(node) if isinstance(outer, ast.stmt)), None)


def _targets(statement: ast.AST | None) -> list[ast.expr]:
    if isinstance(statement, ast.Assign):
        return statement.targets
    return [statement.target] if isinstance(statement, ast.AnnAssign) else []


def _writes(source: Source, function: _Function) -> Iterator[_Write]:
    """The attributes, items and variables of others that the function binds or deletes."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Attribute | ast.Subscript | ast.Name) or isinstance(node.ctx, ast.Load):
            continue
        if _is_seen(function, node):
            held = node.value if isinstance(node, ast.Subscript) else node
            yield _Write(node, source.start(node), source.code(held))


def _is_seen(function: _Function, node: ast.expr) -> bool:
    """Whether others can get at what a chain of names leads to."""
    root = node
    while isinstance(root, ast.Attribute | ast.Subscript):
        root = root.value
    if not isinstance(root, ast.Name):
        return False
    binders = bindings(function).get(root.id, ())
    is_outer = any(isinstance(binder, ast.Global | ast.Nonlocal) for binder in binders)
    return is_outer or root.id in _OWN or not binders


def _reads(source: Source, function: _Function, write: _Write) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if not isinstance(node, ast.Attribute | ast.Subscript | ast.Name):
            continue
        is_read = isinstance(node.ctx, ast.Load) and source.code(node) == write.place
        if is_read and not _is_other_item(source, node, write):
            yield node


def _is_other_item(source: Source, read: ast.expr, write: _Write) -> bool:
    """Whether only an item is read that is certainly not the one written, or the item's container is
    looked up to write it."""
    parent, target = source.parent(read), write.target
    if parent is target:
        return True
    return (
        isinstance(parent, ast.Subscript)
        and isinstance(target, ast.Subscript)
        and isinstance(parent.slice, ast.Constant)
        and isinstance(target.slice, ast.Constant)
        and parent.slice.value != target.slice.value
    )


def _is_before(source: Source, read: ast.expr, node: Node) -> bool:
    return source.start(read) < source.end(node)


def _decides(source: Source, read: ast.expr, write: _Write, statement: ast.AST | None) -> bool:
    """Whether what was read goes into the new value, or tells that there has to be one."""
    if source.start(read) > write.offset:
        return any(outer is statement for _, outer in source.around(read))
    return any(
        (isinstance(outer, ast.If | ast.While | ast.IfExp | ast.Assert) and child is outer.test)
        or isinstance(outer, ast.NamedExpr)
        for child, outer in source.around(read)
    )


def _looks_into(source: Source, node: ast.AST, write: _Write) -> bool:
    """Whether the call is a method of the container, and an item is written behind it."""
    callee = node.func if isinstance(node, ast.Call) else None
    is_before = isinstance(callee, ast.Attribute) and source.start(callee) < write.offset
    return is_before and isinstance(callee, ast.Attribute) and source.code(callee.value) == write.place
