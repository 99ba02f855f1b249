"""Puts the asynchronous counterpart of a call in its place: `time.sleep(x)` to `await asyncio.sleep(x)`.

Which counterparts there are, the tables `remedies` of the rule files tell.
"""

import ast

from asyncblock_lint.fix.awaits import awaiting, may_await
from asyncblock_lint.fix.calls import call_parts
from asyncblock_lint.fix.libraries import agreeing, twin
from asyncblock_lint.fix.rewrite import DISPLAY, UNSAFE, Change, Rewrite, weaker
from asyncblock_lint.fix.sharing import is_shared
from asyncblock_lint.fix.site import Site
from asyncblock_lint.model.certainty import Certainty

PRIORITY = 10


def rewrite(site: Site) -> Rewrite | None:
    """The call of the counterpart, awaited; arguments stay as they are."""
    source, call = site.source, site.node
    if not isinstance(call, ast.Call) or not site.is_direct or site.taker or not may_await(source, call):
        return None
    found = twin(site, site.blocker.name)
    if found is None:
        return None
    remedy, spelling = found
    parts = call_parts(source, call)
    before, behind = awaiting(source, call)
    changes = [Change(parts.start, parts.opening, f"{before}{spelling.text}")]
    if behind:
        changes.append(Change(parts.closing + 1, parts.closing + 1, behind))
    applicability = remedy.applicability
    if site.finding.certainty is not Certainty.EXACT:
        applicability = weaker(applicability, UNSAFE)
    if is_shared(source, call):
        applicability = DISPLAY
    title = f"await `{spelling.text}` instead"
    advice = agreeing(site, remedy, f"use `await {remedy.use}(...)`")
    return Rewrite(title, applicability, tuple(changes), spelling.imports, advice)
