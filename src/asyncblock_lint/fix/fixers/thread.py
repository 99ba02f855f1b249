"""Runs the call in a thread: `f(x)` to `await asyncio.to_thread(f, x)`, or what is in use instead."""

import ast

from asyncblock_lint.fix.awaits import awaiting, is_shared, may_await
from asyncblock_lint.fix.calls import call_parts, handed_over
from asyncblock_lint.fix.libraries import binder, thread_runner
from asyncblock_lint.fix.rewrite import DISPLAY, UNSAFE, Change, Rewrite
from asyncblock_lint.fix.site import Site

PRIORITY = 90

_LATER = ("__enter__", "__exit__", "__iter__", "__next__")
_LOCKS = "ABL601"
_NEVER_RUNS = "ABL802"
_LOOPS = "ABL701"
"""Pure Python, which a thread frees the loop from by halves only; a process is not written by itself."""


def rewrite(site: Site) -> Rewrite | None:
    """The call handed to a thread and awaited; the arguments are evaluated here as before."""
    source, call = site.source, site.node
    if not isinstance(call, ast.Call) or site.taker or _runs_later(site) or not may_await(source, call):
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
    is_shown = site.finding.code == _LOOPS or _needs_this_thread(site)
    applicability = DISPLAY if is_shown else UNSAFE
    return Rewrite(title, applicability, (change,), imports)


def _runs_later(site: Site) -> bool:
    """Whether not the call itself blocks but what is done with its result."""
    runs_generator = len(site.functions) > 1 and "generator" in site.functions[1].kind
    is_lazy = site.is_direct and site.blocker.fix == "lazy"
    return is_lazy or runs_generator or site.finding.trace[0].calls.rpartition(".")[2] in _LATER


def _needs_this_thread(site: Site) -> bool:
    """Whether the object called, or what the call gives, belongs to the thread of the loop."""
    is_entered = isinstance(site.source.parent(site.node), ast.withitem)
    return _is_bound(site) or is_entered or is_shared(site.source, site.node)


def _is_bound(site: Site) -> bool:
    """Whether an object that one thread has made would be used by another."""
    if site.blocker.fix == "opens":
        # A helper that blocks further after that works with the object itself.
        return site.is_direct or not site.finding.others
    return site.blocker.fix == "same-thread" or site.finding.code == _LOCKS
