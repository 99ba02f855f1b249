"""Makes an endpoint that blocks and never awaits a plain function, which its framework runs in a thread:
`async def report():` to `def report():`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from asyncblock_lint.fix.rewrite import DISPLAY, UNSAFE, Change, Rewrite
from asyncblock_lint.fix.site import Site

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
    applicability = DISPLAY if _is_known_elsewhere(site, node) else UNSAFE
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


def _is_known_elsewhere(site: Site, function: ast.AsyncFunctionDef) -> bool:
    """Whether anything but its decorators names the function, and so might await it."""
    if any(path != site.source.path for path in site.project.mentions(function.name)):
        return True
    return any(
        function.name == getattr(node, field, "")
        for node in ast.walk(site.source.tree)
        for field in ("id", "attr")
    )
