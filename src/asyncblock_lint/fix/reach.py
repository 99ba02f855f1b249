"""What a function of the project comes to run, as far as that matters to where it may run."""

from __future__ import annotations

from asyncblock_lint.model.graph import CallGraph


def needs_loop(graph: CallGraph, function: int) -> bool:
    """Whether a plain function, or one that it calls, does what only the thread of a running loop may."""
    seen, pending = {function}, [function]
    while pending:
        current = pending.pop()
        if "async" in graph.functions[current].kind:
            continue
        if graph.functions[current].needs_loop:
            return True
        for site in graph.sites.get(current, ()):
            targets = {edge.target for edge in site.edges if edge.target is not None}
            pending += targets - seen
            seen |= targets
    return False
