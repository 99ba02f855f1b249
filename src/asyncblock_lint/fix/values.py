"""What a value certainly is, as far as the text around it tells."""

from __future__ import annotations

import ast

from asyncblock_lint.fix.awaits import function_around
from asyncblock_lint.fix.names import bindings
from asyncblock_lint.fix.source import Source

_TEXTS = frozenset({"format", "isoformat", "join", "lower", "strftime", "strip", "upper"})
_NUMBERS_AND_TEXTS = frozenset({"float", "int", "len", "round", "str"})
_BODIES = frozenset({"dumps", "encode"})


def is_plain(source: Source, node: ast.expr) -> bool:
    """Whether a value is a text or a number, or a list of such; neither `None`, true nor false."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str | int | float) and not isinstance(node.value, bool)
    if isinstance(node, ast.List | ast.Tuple):
        return all(is_plain(source, item) for item in node.elts)
    if isinstance(node, ast.Call):
        callee = node.func
        is_text = isinstance(callee, ast.Attribute) and callee.attr in _TEXTS
        return is_text or (isinstance(callee, ast.Name) and callee.id in _NUMBERS_AND_TEXTS)
    if isinstance(node, ast.BinOp):
        return is_plain(source, node.left) or is_plain(source, node.right)
    if isinstance(node, ast.Name):
        return _is_plain_name(source, node)
    return isinstance(node, ast.JoinedStr)


def is_one(source: Source, node: ast.expr) -> bool:
    """Whether a value is `None`, a text or a number, not several of them."""
    value = bound_value(source, node) if isinstance(node, ast.Name) else node
    if isinstance(value, ast.Constant) and value.value is None:
        return True
    return not isinstance(value, ast.List | ast.Tuple | ast.Name) and is_plain(source, node)


def is_form(source: Source, node: ast.expr) -> bool:
    """Whether a value is a dictionary of texts and numbers, written out and not changed afterwards."""
    if isinstance(node, ast.Name):
        function = function_around(source, node)
        value = bound_value(source, node)
        reads = [] if function is None else [item for item in ast.walk(function) if _is_read(item, node.id)]
        return isinstance(value, ast.Dict) and len(reads) == 1 and is_form(source, value)
    if not isinstance(node, ast.Dict):
        return False
    return all(key is not None and is_plain(source, key) for key in node.keys) and all(
        is_plain(source, value) for value in node.values
    )


def is_text(node: ast.expr) -> bool:
    """Whether a value is text or bytes that stand for themselves as the body of a request."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bytes) or (isinstance(node.value, str) and node.value.isascii())
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _BODIES


def is_without_query(source: Source, node: ast.expr) -> bool:
    """Whether an address certainly has no part behind a question mark."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and "?" not in node.value
    if isinstance(node, ast.JoinedStr):
        written = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        return "/" in written and "?" not in written
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant):
        return "/" in str(node.right.value) and "?" not in str(node.right.value)
    if isinstance(node, ast.Name):
        value = bound_value(source, node)
        return value is not None and not isinstance(value, ast.Name) and is_without_query(source, value)
    return False


def bound_value(source: Source, name: ast.Name) -> ast.expr | None:
    """What the only assignment to a name gives it, in the function around or else in the module."""
    function = function_around(source, name)
    for scope in (function, source.tree):
        binders = bindings(scope).get(name.id, ()) if scope is not None else ()
        if binders:
            statement = source.parent(binders[0])
            is_only = len(binders) == 1 and isinstance(statement, ast.Assign | ast.AnnAssign)
            is_whole = is_only and statement is not None and binders[0] in ast.iter_child_nodes(statement)
            return statement.value if is_whole and isinstance(statement, ast.Assign | ast.AnnAssign) else None
    return None


def _is_plain_name(source: Source, node: ast.Name) -> bool:
    function = function_around(source, node)
    binders = bindings(function).get(node.id, ()) if function is not None else ()
    if len(binders) == 1 and isinstance(binders[0], ast.arg) and function is not None:
        annotation = binders[0].annotation
        is_told = isinstance(annotation, ast.Name) and annotation.id in _NUMBERS_AND_TEXTS
        return is_told and not _may_be_none(function.args, binders[0])
    value = bound_value(source, node)
    return value is not None and not isinstance(value, ast.Name) and is_plain(source, value)


def _may_be_none(arguments: ast.arguments, argument: ast.arg) -> bool:
    """Whether `None` is a parameter's default, or nothing is known because it takes many."""
    usual = [*arguments.posonlyargs, *arguments.args]
    without = len(usual) - len(arguments.defaults)
    defaults = dict(zip(usual[without:], arguments.defaults, strict=True))
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    defaults.update({name: value for name, value in keywords if value is not None})
    default = defaults.get(argument)
    is_none = isinstance(default, ast.Constant) and default.value is None
    return is_none or argument not in (*usual, *arguments.kwonlyargs)


def _is_read(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
