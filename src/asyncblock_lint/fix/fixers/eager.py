"""Hands over a function instead of its result: `to_thread(f(x))` to `to_thread(f, x)`.

Where the off-loading callable takes no arguments for the function, `partial` binds them.
"""

import ast

from asyncblock_lint.fix.awaits import is_quoted
from asyncblock_lint.fix.calls import call_parts, handed_over
from asyncblock_lint.fix.libraries import binder
from asyncblock_lint.fix.rewrite import SAFE, UNSAFE, Change, Rewrite, Spelling
from asyncblock_lint.fix.site import Site
from asyncblock_lint.model.certainty import Certainty

PRIORITY = 0


def rewrite(site: Site) -> Rewrite | None:
    """The function and its arguments, one by one, or bound to it."""
    call = site.node
    if not site.taker or not isinstance(call, ast.Call) or is_quoted(site.source, call):
        return None
    taker = _taker(site, call)
    if taker is None or any(isinstance(argument, ast.Starred) for argument in taker.args):
        return None
    applicability = SAFE if site.finding.certainty is Certainty.EXACT else UNSAFE
    parts = call_parts(site.source, call)
    bound = _bound(site, call, taker)
    if bound is None:
        return None
    code, spelling = bound
    change = Change(parts.start, parts.closing + 1, code)
    title = f"pass `{parts.callee}` itself, not its result"
    return Rewrite(title, applicability, (change,), spelling.imports)


def _taker(site: Site, call: ast.Call) -> ast.Call | None:
    outer = site.source.parent(call)
    if isinstance(outer, ast.keyword):
        outer = site.source.parent(outer)
    return outer if isinstance(outer, ast.Call) and outer.func is not call else None


def _bound(site: Site, call: ast.Call, taker: ast.Call) -> tuple[str, Spelling] | None:
    """The call's function with its arguments, and what has to be imported for that."""
    source, callee = site.source, call_parts(site.source, call).callee
    if not call.args and not call.keywords:
        return callee, Spelling("")
    is_last = not taker.keywords and taker.args[-1:] == [call]
    offload = site.project.offloads.get(site.taker)
    passes = offload.passes if offload and is_last else "none"
    if passes == "all" or (passes == "positional" and not call.keywords):
        return handed_over(source, call, is_last=False), Spelling("")
    partial = binder(site)
    if partial is None:
        return None
    return f"{partial.text}({handed_over(source, call)})", partial
