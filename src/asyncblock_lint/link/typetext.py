"""The type expressions of rule files (`list[a.B]`, `self`) as objects."""

from __future__ import annotations

import ast
from functools import cache

from asyncblock_lint.link.values import NOTHING, LibraryInstance, Values, exactly


def parse_type(text: str, owner: LibraryInstance | None = None) -> Values:
    """The object that `text` describes; `self` is `owner`, the object it was asked of."""
    if text == "self":
        return NOTHING if owner is None else exactly(owner)
    return _parse(text)


@cache
def _parse(text: str) -> Values:
    return _convert(ast.parse(text, mode="eval").body)


def _convert(node: ast.expr) -> Values:
    if isinstance(node, ast.Subscript):
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return exactly(LibraryInstance(_name(node.value), tuple(map(_convert, arguments))))
    return exactly(LibraryInstance(_name(node)))


def _name(node: ast.expr) -> str:
    name = ast.unparse(node)
    return f"builtins.{name}" if name in ("list", "dict", "tuple", "set") else name
