"""Makes an endpoint that blocks and never awaits a plain function, which its framework runs in a thread:
`async def report():` to `def report():`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from asyncblock_lint.fix.names import bindings, qualified
from asyncblock_lint.fix.rewrite import DISPLAY, UNSAFE, Change, Rewrite
from asyncblock_lint.fix.site import Site
from asyncblock_lint.fix.values import bound_value

PRIORITY = 30

_PLAIN = "ABL803"
_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LOOP_ONLY = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom)


def rewrite(site: Site) -> Rewrite | None:
    """The function without `async`, if nobody else calls it.

    The change covers the whole function, so that no other fix puts an `await` in meanwhile.
    """
    source, node = site.source, site.node
    if site.finding.code != _PLAIN or not isinstance(node, ast.AsyncFunctionDef) or _needs_loop(node):
        return None
    start, end = source.start(node), source.end(node)
    text = source.text[start:end]
    change = Change(start, end, text.removeprefix("async").lstrip(" \t"))
    is_shown = _is_known_elsewhere(site, node) or _is_tied(site, node)
    applicability = DISPLAY if is_shown else UNSAFE
    return Rewrite(f"make `{node.name}` a plain function", applicability, (change,))


def _needs_loop(function: ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(node, _LOOP_ONLY) or (isinstance(node, ast.comprehension) and bool(node.is_async))
        for node in _own(function)
    )


def _own(function: ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """What runs when the function does; the functions inside of it do not."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _OWN_SCOPE):
            pending += ast.iter_child_nodes(node)


def _is_tied(site: Site, function: ast.AsyncFunctionDef) -> bool:
    """Whether the function uses an object that one thread has made, or one of a library of the loop."""
    return any(
        (isinstance(node, ast.Name) and _belongs_to_loop(site, node))
        or (isinstance(node, ast.Call) and _is_of_thread(site, function, node))
        for node in _own(function)
    )


def _belongs_to_loop(site: Site, name: ast.Name) -> bool:
    value = bound_value(site.source, name)
    made = qualified(site.source, value.func) if isinstance(value, ast.Call) else ""
    return made.rpartition(".")[2][:1].isupper() and made.partition(".")[0] in site.project.loops


def _is_of_thread(site: Site, function: ast.AsyncFunctionDef, call: ast.Call) -> bool:
    """Whether a call works on an object of a certain thread that the function has not made itself."""
    verdict, root = site.blocking.get(call), call.func
    while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
        root = root.func if isinstance(root, ast.Call) else root.value
    is_own = isinstance(root, ast.Name) and root.id in bindings(function)
    return verdict is not None and verdict.blocker.fix == "same-thread" and not is_own


def _is_known_elsewhere(site: Site, function: ast.AsyncFunctionDef) -> bool:
    """Whether anything but its decorators names the function, and so might await it."""
    if any(path != site.source.path for path in site.project.mentions(function.name)):
        return True
    return any(
        function.name == getattr(node, field, "")
        for node in ast.walk(site.source.tree)
        for field in ("id", "attr")
    )
