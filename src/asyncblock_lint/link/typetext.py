"""The type expressions of rule files (`list[a.B]`, `self`) as objects."""

from __future__ import annotations

import ast
from functools import cache

from asyncblock_lint.link.values import LibraryInstance, Values, exactly


def parse_type(text: str, owner: LibraryInstance) -> Values:
    """The object that `text` describes; `self` is `owner`, the object it was asked of."""
    return _convert(_tree(text), owner)


@cache
def _tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _convert(node: ast.expr, owner: LibraryInstance) -> Values:
    if isinstance(node, ast.Name) and node.id == "self":
        return exactly(owner)
    if isinstance(node, ast.Subscript):
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        items = tuple(_convert(argument, owner) for argument in arguments)
        return exactly(LibraryInstance(_name(node.value), items))
    return exactly(LibraryInstance(_name(node)))


def _name(node: ast.expr) -> str:
    name = ast.unparse(node)
    return f"builtins.{name}" if name in ("list", "dict", "tuple", "set") else name
