"""Files as functions use them: how they open one, and whether they read it and write it anew."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from asyncblock_lint.fix.source import Source

_OPEN = "open"
_MODE = frozenset("rwaxbt+U")
_WRITING = frozenset("wax+")
_ANEW = frozenset("wx+")
_WHOLE = {"read_text": False, "read_bytes": False, "write_text": True, "write_bytes": True}


class _Use(NamedTuple):
    """A call that opens, reads or writes a file: the path as written, and whether it is replaced."""

    call: ast.Call
    path: str
    writes: bool


def is_opening(call: ast.expr) -> bool:
    """Whether an expression calls something named `open`."""
    return isinstance(call, ast.Call) and _called(call) == _OPEN


def mode(call: ast.Call) -> str:
    """The mode that a file is opened in, as far as it is written there; empty if none is."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    given += call.args[1:2] if isinstance(call.func, ast.Name) else call.args[:2]
    texts = [node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return next((text for text in texts if text and set(text) <= _MODE), "")


def writes(call: ast.Call) -> bool:
    """Whether a file is opened to be written."""
    return bool(_WRITING & set(mode(call)))


def is_rewritten(source: Source, function: ast.AST, node: ast.AST) -> bool:
    """Whether the node works on a file that the function reads and then writes anew: were it to
    pause, another task could do the same meanwhile, and one of the two would be lost."""
    uses = sorted(_uses(source, function), key=lambda use: source.start(use.call))
    read: set[str] = set()
    both: set[str] = set()
    for use in uses:
        if not use.writes:
            read.add(use.path)
        elif use.path in read:
            both.add(use.path)
    mine = [use.call for use in uses if use.path in both]
    return any(call is node or _holds(source, call, node) for call in mine)


def _holds(source: Source, call: ast.Call, node: ast.AST) -> bool:
    """Whether the node stands where the file that the call opens is open."""
    item = source.parent(call)
    block = source.parent(item) if isinstance(item, ast.withitem) else None
    around = {outer for _, outer in source.around(node)}
    return call in around or (block is not None and block in around)


def _uses(source: Source, function: ast.AST) -> Iterator[_Use]:
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        name, receiver = _called(node), node.func.value if isinstance(node.func, ast.Attribute) else None
        if receiver is not None and name in _WHOLE:
            yield _Use(node, source.code(receiver), _WHOLE[name])
        elif name == _OPEN:
            first = node.args[0] if node.args and not _is_mode(node.args[0]) else receiver
            if first is not None:
                yield _Use(node, source.code(first), bool(_ANEW & set(mode(node))))


def _is_mode(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and set(node.value) <= _MODE


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
