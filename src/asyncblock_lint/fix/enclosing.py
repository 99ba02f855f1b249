"""Puts a statement into a block of its own."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from asyncblock_lint.fix.awaits import function_around
from asyncblock_lint.fix.names import bindings, is_unused
from asyncblock_lint.fix.rewrite import Change
from asyncblock_lint.fix.source import Source

_SIMPLE = (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)
_PARTS = (
    *(ast.Attribute, ast.Await, ast.Call, ast.keyword, ast.Subscript, ast.Compare, ast.BinOp, ast.UnaryOp),
    *(ast.Dict, ast.List, ast.Set, ast.Tuple),
)


def statement_around(source: Source, node: ast.expr) -> ast.stmt | None:
    """The simple statement that evaluates an expression once and in any case; else `None`."""
    for _, outer in source.around(node):
        if isinstance(outer, _SIMPLE):
            return outer if is_on_its_own(source, outer) else None
        if not isinstance(outer, _PARTS):
            return None
    return None


def is_on_its_own(source: Source, statement: ast.stmt) -> bool:
    """Whether no other statement shares the lines, and they can be indented without changing a text."""
    start, end = source.start(statement), source.end(statement)
    before = source.text[source.line_start(start) : start]
    behind = source.text[end : line_end(source, end)].strip()
    if before.strip() or (behind and not behind.startswith("#")):
        return False
    texts = (node for node in ast.walk(statement) if isinstance(node, ast.Constant | ast.JoinedStr))
    return not any("\n" in source.code(node) and _has_line_ends(source.code(node)) for node in texts)


def _has_line_ends(code: str) -> bool:
    return '"""' in code or "'''" in code or "\\\n" in code


def siblings(source: Source, statement: ast.stmt) -> list[ast.stmt]:
    """The statements of the block that a statement stands in."""
    outer = source.parent(statement)
    for _, value in ast.iter_fields(outer) if outer is not None else ():
        if isinstance(value, list) and statement in value:
            return value
    return [statement]


def home(source: Source, statements: Sequence[ast.stmt], node: ast.AST) -> int:
    """The number of the statement that a node stands in; -1 if it is none of them."""
    around = {outer for _, outer in source.around(node)}
    return next((number for number, item in enumerate(statements) if item in around), -1)


def line_end(source: Source, offset: int) -> int:
    """Where the line around an offset ends, its line feed not included."""
    end = source.text.find("\n", offset)
    return len(source.text) if end < 0 else end


def unit(source: Source, statement: ast.stmt) -> str:
    """One level of indentation, as the block that the statement is in has it."""
    outer = source.parent(statement)
    inside = source.indentation(statement)
    around = source.indentation(outer) if isinstance(outer, ast.stmt) else ""
    return inside.removeprefix(around) or "    "


def indented(source: Source, start: int, end: int, by: str) -> list[Change]:
    """Indents the lines that begin between two offsets, but for blank ones."""
    changes = []
    offset = source.text.find("\n", start, end) + 1
    while offset:
        if source.text[offset : line_end(source, offset)].strip():
            changes.append(Change(offset, offset, by))
        offset = source.text.find("\n", offset, end) + 1
    return changes


def put_into(source: Source, statement: ast.stmt, header: str) -> list[Change]:
    """The statement as the body of a block with that header."""
    start, by = source.start(statement), unit(source, statement)
    first = Change(start, start, f"{header}\n{source.indentation(statement)}{by}")
    return [first, *indented(source, start, source.end(statement), by)]


def free_name(source: Source, node: ast.expr, names: tuple[str, ...], maker: str) -> str | None:
    """The first name that means nothing in the function around, or there only what `maker` made in a block
    before."""
    function = function_around(source, node)
    if function is None:
        return None
    return next((name for name in names if _is_free(source, function, node, name, maker)), None)


def _is_free(source: Source, function: ast.AST, node: ast.expr, name: str, maker: str) -> bool:
    if is_unused(function, name):
        return True
    blocks = [
        block
        for block in ast.walk(function)
        if isinstance(block, ast.AsyncWith) and _opens(source, block, name, maker)
    ]
    inside = {item for block in blocks for item in ast.walk(block)}
    uses = {item for item in ast.walk(function) if isinstance(item, ast.Name) and item.id == name}
    is_only_there = uses <= inside and len(bindings(function).get(name, ())) == len(blocks)
    return bool(maker) and node not in inside and is_only_there


def _opens(source: Source, block: ast.AsyncWith, name: str, maker: str) -> bool:
    return any(
        isinstance(item.optional_vars, ast.Name)
        and item.optional_vars.id == name
        and isinstance(item.context_expr, ast.Call)
        and source.code(item.context_expr.func) == maker
        for item in block.items
    )
