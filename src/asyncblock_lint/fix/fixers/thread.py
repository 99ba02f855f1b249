"""Runs the call in a thread: `f(x)` to `await asyncio.to_thread(f, x)`, or what is in use instead."""

import ast
import re

from asyncblock_lint.fix.awaits import awaiting, may_await
from asyncblock_lint.fix.calls import call_parts
from asyncblock_lint.fix.layout import handed
from asyncblock_lint.fix.libraries import agreeing, binder, thread_runner
from asyncblock_lint.fix.moving import is_sketch, runs_later
from asyncblock_lint.fix.rewrite import DISPLAY, UNSAFE, Change, Rewrite
from asyncblock_lint.fix.site import Site

PRIORITY = 90

_NEVER_RUNS = "ABL802"
_LOG = re.compile(r"(.*_)?log(ger|ging)?", re.IGNORECASE)


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
    parts, imports = call_parts(source, call), spelling.imports
    before, behind = awaiting(source, call)
    opened, closed = f"{before}{spelling.text}(", f"){behind}"
    if call.keywords and runner.passes != "all":
        partial = binder(site)
        if partial is None:
            return None
        opened, closed, imports = f"{opened}{partial.text}(", f"){closed}", (*imports, *partial.imports)
    change = Change(parts.start, parts.closing + 1, handed(site, call, opened, closed))
    title = f"run `{parts.callee}` in a thread with `{spelling.text}`"
    applicability = DISPLAY if is_sketch(site) or _is_log(call) else UNSAFE
    advice = agreeing(site, runner, f"run it in a thread: `await {runner.usual}({parts.callee}, ...)`")
    return Rewrite(title, applicability, (change,), imports, advice)


def _is_log(call: ast.Call) -> bool:
    """Whether a line is logged: there are many, in an order that matters, and one queue that a thread
    empties serves them all."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    name = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", "")
    return _LOG.fullmatch(name) is not None
