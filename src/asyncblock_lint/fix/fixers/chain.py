"""Runs calls that feed each other in one thread: `json.load(open(p))` to
`await asyncio.to_thread(lambda: json.load(open(p)))`."""

from __future__ import annotations

import ast

from asyncblock_lint.fix.awaits import awaiting, may_await
from asyncblock_lint.fix.harmless import is_movable
from asyncblock_lint.fix.layout import fitting
from asyncblock_lint.fix.libraries import agreeing, has_substitute, thread_runner
from asyncblock_lint.fix.moving import BOUND, LAZY, LOCKS, needs_this_thread, runs_later
from asyncblock_lint.fix.rewrite import UNSAFE, Change, Rewrite
from asyncblock_lint.fix.sharing import is_shared
from asyncblock_lint.fix.site import Site
from asyncblock_lint.fix.source import Source

PRIORITY = 85

_NOT_LATER = (ast.NamedExpr, ast.Starred)


def rewrite(site: Site) -> Rewrite | None:
    """The outermost of the calls as a function without parameters, if several of them block."""
    source, node = site.source, site.node
    if not isinstance(node, ast.Call) or site.taker or runs_later(site) or needs_this_thread(site):
        return None
    calls = [call for call in _chain(source, node) if call in site.blocking]
    outermost = calls[-1]
    inside = {part for part in ast.walk(outermost) if part in site.blocking}
    if (
        len(inside) < 2
        or not all(_is_free(site, part) for part in inside)
        or not may_await(source, outermost)
    ):
        return None
    found = thread_runner(site)
    if found is None or isinstance(source.parent(outermost), ast.Await) or not _is_movable(site, outermost):
        return None
    runner, spelling = found
    before, behind = awaiting(source, outermost)
    code = f"lambda: {source.code(outermost)}"
    text = fitting(site, outermost, f"{before}{spelling.text}(", [code], f"){behind}")
    change = Change(source.start(outermost), source.end(outermost), text)
    advice = agreeing(site, runner, f"run both in one thread: `await {runner.usual}({code})`")
    title = f"run the calls in one thread with `{spelling.text}`"
    return Rewrite(title, UNSAFE, (change,), spelling.imports, advice)


def _chain(source: Source, node: ast.Call) -> list[ast.Call]:
    """The call, and those around it that its result goes into, from the inside out."""
    found = [node]
    for inner, outer in source.around(node):
        if isinstance(outer, ast.Call) and (inner is not outer.func or isinstance(inner, ast.Attribute)):
            found.append(outer)
        elif not isinstance(outer, ast.Attribute | ast.keyword):
            break
    return found


def _is_movable(site: Site, call: ast.Call) -> bool:
    is_later = any(isinstance(part, _NOT_LATER) for part in ast.walk(call))
    return not is_later and "\n" not in site.source.code(call) and is_movable(site, call)


def _is_free(site: Site, node: ast.AST) -> bool:
    """Whether a call that blocks may run in any thread, and has no counterpart that does not block."""
    if not isinstance(node, ast.Call) or node in site.tied or is_shared(site.source, node):
        return False
    verdict = site.blocking[node]
    is_bound = verdict.blocker.fix in BOUND or verdict.code == LOCKS
    is_direct = len(verdict.trace) == 1
    return not (
        is_bound
        or (is_direct and (verdict.blocker.fix in LAZY or has_substitute(site, verdict.blocker.name)))
    )
