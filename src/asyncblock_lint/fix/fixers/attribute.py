"""Reads a property that blocks in a thread: `x.text` to `await asyncio.to_thread(lambda: x.text)`.

Setting one can only be sketched, as a call of `setattr`.
"""

import ast

from asyncblock_lint.fix.awaits import awaiting, may_await
from asyncblock_lint.fix.libraries import agreeing, thread_runner
from asyncblock_lint.fix.moving import is_sketch
from asyncblock_lint.fix.names import bindings
from asyncblock_lint.fix.rewrite import DISPLAY, UNSAFE, Change, Rewrite
from asyncblock_lint.fix.site import Site

PRIORITY = 60


def rewrite(site: Site) -> Rewrite | None:
    """The read as a function without parameters; only of what names alone lead to."""
    source, node = site.source, site.node
    if not isinstance(node, ast.Attribute) or site.taker or not may_await(source, node):
        return None
    found = thread_runner(site) if _is_read_itself(site, node) and _is_plain(node.value) else None
    if found is None:
        return None
    runner, spelling = found
    if isinstance(node.ctx, ast.Load):
        call, title = f"{spelling.text}(lambda: {source.code(node)})", f"read `{node.attr}` in a thread"
        before, behind = awaiting(source, node)
        change = Change(source.start(node), source.end(node), f"{before}{call}{behind}")
        applicability = DISPLAY if is_sketch(site) else UNSAFE
        advice = agreeing(site, runner, f"read it in a thread: `await {call}`")
        return Rewrite(f"{title} with `{spelling.text}`", applicability, (change,), spelling.imports, advice)
    statement = source.parent(node)
    if (
        not isinstance(statement, ast.Assign)
        or len(statement.targets) != 1
        or bindings(source.tree).get("setattr")
    ):
        return None
    arguments = f'setattr, {source.code(node.value)}, "{node.attr}", {source.code(statement.value)}'
    change = Change(source.start(statement), source.end(statement), f"await {spelling.text}({arguments})")
    return Rewrite(
        f"set `{node.attr}` in a thread with `{spelling.text}`", DISPLAY, (change,), spelling.imports
    )


def _is_read_itself(site: Site, node: ast.Attribute) -> bool:
    """Whether the property blocks, rather than what is done with its value."""
    name = site.finding.trace[0].calls.rpartition(".")[2]
    return name == node.attr and not (node.attr.startswith("__") and not node.attr.endswith("__"))


def _is_plain(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id != "super"
