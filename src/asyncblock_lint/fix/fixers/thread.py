"""Runs the call in a thread: `f(x)` to `await asyncio.to_thread(f, x)`, or what is in use instead."""

import ast

from asyncblock_lint.fix.awaits import awaiting, may_await
from asyncblock_lint.fix.calls import call_parts, handed_over
from asyncblock_lint.fix.libraries import agreeing, binder, thread_runner
from asyncblock_lint.fix.moving import is_sketch, runs_later
from asyncblock_lint.fix.rewrite import DISPLAY, UNSAFE, Change, Rewrite
from asyncblock_lint.fix.site import Site

PRIORITY = 90

_NEVER_RUNS = "ABL802"


def rewrite(site: Site) -> Rewrite | None:
    """The call handed to a thread and awaited; the arguments are evaluated here as before."""
    source, call = site.source, site.node
    if not isinstance(call, ast.Call) or site.taker or runs_later(site) or not may_await(source, call):
        return None
    if site.finding.code == _NEVER_RUNS:
        return None
    found = thread_runner(site)
    if found is None or isinstance(source.parent(call), ast.Await):
        return None
    runner, spelling = found
    parts = call_parts(source, call)
    code, imports = handed_over(source, call), spelling.imports
    if call.keywords and runner.passes != "all":
        partial = binder(site)
        if partial is None:
            return None
        code, imports = f"{partial.text}({code})", (*imports, *partial.imports)
    before, behind = awaiting(source, call)
    change = Change(parts.start, parts.closing + 1, f"{before}{spelling.text}({code}){behind}")
    title = f"run `{parts.callee}` in a thread with `{spelling.text}`"
    applicability = DISPLAY if is_sketch(site) else UNSAFE
    advice = agreeing(site, runner, f"run it in a thread: `await {runner.usual}({parts.callee}, ...)`")
    return Rewrite(title, applicability, (change,), imports, advice)
