"""Whether work may be moved from the loop's thread to another."""

from __future__ import annotations

import ast

from asyncblock_lint.fix.sharing import is_shared
from asyncblock_lint.fix.site import Site

LOCKS = "ABL601"
LOOPS = "ABL701"
"""Pure Python, which a thread frees the loop from by halves only; a process is not written by itself."""
LAZY = frozenset({"lazy", "stepwise"})
"""What rules say of calls whose work is done while their result is iterated."""

_LATER = ("__bool__", "__enter__", "__exit__", "__iter__", "__len__", "__next__")
BOUND = frozenset({"opens", "same-thread"})
"""What rules say of calls whose object belongs to the thread that made it."""


def is_sketch(site: Site) -> bool:
    """Whether a thread is no more than a proposal: it may not do the work, or would not free the loop."""
    return site.finding.code == LOOPS or needs_this_thread(site)


def needs_this_thread(site: Site) -> bool:
    """Whether the object called, what the call gives, or what it runs belongs to the thread of the loop."""
    if site.node in site.tied:
        return True
    is_entered = isinstance(site.source.parent(site.node), ast.withitem)
    return works_on_bound(site) or is_entered or is_shared(site.source, site.node)


def works_on_bound(site: Site) -> bool:
    """Whether an object that one thread has made would be used by another."""
    if site.blocker.fix == "opens":
        # A helper that blocks further after that works with the object itself.
        return site.is_direct or not site.finding.others
    return site.blocker.fix == "same-thread" or site.finding.code == LOCKS


def runs_later(site: Site) -> bool:
    """Whether not the call itself blocks but what is done with its result."""
    blocker = site.blocker
    is_lazy = site.is_direct and (blocker.fix in LAZY or blocker.name in site.project.iterated)
    return is_lazy or runs_generator(site) or site.finding.trace[0].calls.rpartition(".")[2] in _LATER


def runs_generator(site: Site) -> bool:
    """Whether a generator of the project does the work."""
    return len(site.functions) > 1 and "generator" in site.functions[1].kind
