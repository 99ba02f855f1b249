"""Whether work may be moved from the loop's thread to another."""

from __future__ import annotations

import ast

from asyncblock_lint.fix.awaits import is_shared
from asyncblock_lint.fix.site import Site

LOCKS = "ABL601"
BOUND = frozenset({"opens", "same-thread"})
"""What rules say of calls whose object belongs to the thread that made it."""


def needs_this_thread(site: Site) -> bool:
    """Whether the object called, or what the call gives, belongs to the thread of the loop."""
    is_entered = isinstance(site.source.parent(site.node), ast.withitem)
    return works_on_bound(site) or is_entered or is_shared(site.source, site.node)


def works_on_bound(site: Site) -> bool:
    """Whether an object that one thread has made would be used by another."""
    if site.blocker.fix == "opens":
        # A helper that blocks further after that works with the object itself.
        return site.is_direct or not site.finding.others
    return site.blocker.fix == "same-thread" or site.finding.code == LOCKS
