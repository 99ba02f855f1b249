"""Runs the call in the thread that its library wants: `save_all(x)` to `await sync_to_async(save_all)(x)`.

Which libraries want which, the tables `remedies` of the rule files tell.
"""

import ast

from asyncblock_lint.fix.awaits import awaiting, may_await
from asyncblock_lint.fix.calls import call_parts
from asyncblock_lint.fix.libraries import agreeing, wrapper
from asyncblock_lint.fix.moving import needs_this_thread, runs_later
from asyncblock_lint.fix.rewrite import DISPLAY, UNSAFE, Change, Rewrite
from asyncblock_lint.fix.site import Site

PRIORITY = 88


def rewrite(site: Site) -> Rewrite | None:
    """The function wrapped and its call awaited; the arguments stay where they are."""
    source, call = site.source, site.node
    if not isinstance(call, ast.Call) or site.taker or runs_later(site) or not may_await(source, call):
        return None
    found = wrapper(site)
    if found is None or isinstance(source.parent(call), ast.Await) or site.project.helpers:
        return None
    remedy, spelling = found
    parts, (before, behind) = call_parts(source, call), awaiting(source, call)
    wrapped = f"{spelling.text}({parts.callee})"
    changes = [Change(parts.start, parts.opening, f"{before}{wrapped}")]
    if behind:
        changes.append(Change(parts.closing + 1, parts.closing + 1, behind))
    applicability = DISPLAY if needs_this_thread(site) else UNSAFE
    advice = agreeing(site, remedy, f"run it in a thread: `await {wrapped}(...)`")
    title = f"run `{parts.callee}` in a thread with `{spelling.text}`"
    return Rewrite(title, applicability, tuple(changes), spelling.imports, advice)
