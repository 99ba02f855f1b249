"""Sketches a long computation in a process: `f(x)` to `await loop.run_in_executor(processes, f, x)`.

A thread would compete with the loop for the interpreter. Where the pool comes from is not for a fix to say.
"""

import ast

from asyncblock_lint.fix.awaits import awaiting, may_await
from asyncblock_lint.fix.calls import call_parts, handed_over
from asyncblock_lint.fix.moving import LOOPS
from asyncblock_lint.fix.rewrite import DISPLAY, Change, Rewrite
from asyncblock_lint.fix.site import Site

PRIORITY = 50


def rewrite(site: Site) -> Rewrite | None:
    """The call of a function that another process can find by its name."""
    source, call = site.source, site.node
    if site.finding.code != LOOPS or not isinstance(call, ast.Call) or site.taker:
        return None
    if not isinstance(call.func, ast.Name) or call.keywords or not may_await(source, call):
        return None
    if site.is_direct or "." in site.functions[1].name or site.functions[1].kind != "sync":
        return None
    parts = call_parts(source, call)
    before, behind = awaiting(source, call)
    text = f"{before}loop.run_in_executor(processes, {handed_over(source, call)}){behind}"
    title = f"run `{parts.callee}` in a pool of processes"
    return Rewrite(title, DISPLAY, (Change(parts.start, parts.closing + 1, text),))
