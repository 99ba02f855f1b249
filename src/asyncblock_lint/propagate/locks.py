"""Waiting for a lock is waiting for whatever another thread does while it holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from asyncblock_lint.model.catalogue import Blocker
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.graph import CallGraph, Edge, Hold, Site, Step
from asyncblock_lint.propagate.network import Link, Network, reached_from
from asyncblock_lint.propagate.search import Ways
from asyncblock_lint.propagate.verdicts import Option, options

_CODE = "ABL601"


class _Blocked(NamedTuple):
    """A stretch that blocks while it holds its lock, and the best way to where it does."""

    option: Option
    hold: Hold


def with_lock_waits(network: Network, ways: Ways) -> CallGraph:
    """The graph with an edge wherever a lock is entered that a plain function elsewhere holds while
    it blocks. The loop never waits for itself, so functions that only the loop runs do not count."""
    graph = network.graph
    by_loop, by_threads = reached_from(network, graph.contexts), reached_from(network, graph.threads)
    blocked: dict[Hashable, list[_Blocked]] = defaultdict(list)
    own: set[tuple[int, Hashable]] = set()
    for hold in graph.holds:
        best = min(options(network, ways, _inside(network, hold)), default=None)
        if best is not None:
            own.add((hold.function, hold.lock))
            if hold.function in by_threads or hold.function not in by_loop:
                blocked[hold.lock].append(_Blocked(best, hold))
    waits: dict[int, list[Site]] = defaultdict(list)
    for hold in graph.holds:
        # A function that blocks while it holds the lock has findings of its own.
        if hold.enters and blocked[hold.lock] and (hold.function, hold.lock) not in own:
            waits[hold.function].append(_site(network, ways, hold, min(blocked[hold.lock], key=_rank)))
    return replace(graph, sites=_joined(graph.sites, waits)) if waits else graph


def _rank(blocked: _Blocked) -> tuple[int, int, int, int]:
    option = blocked.option
    return option.doubt, option.length, option.event, option.number


def _inside(network: Network, hold: Hold) -> Iterable[Link]:
    return [link for link in network.outgoing.get(hold.function, ()) if link.site.span in hold.inside]


def _site(network: Network, ways: Ways, hold: Hold, other: _Blocked) -> Site:
    graph, link = network.graph, other.option.link
    holder, step = graph.functions[other.hold.function], link.edge.step
    because = (
        f"waits for a lock that `{holder.qualified_name}` holds while it runs `{_name(ways, other.option)}`"
        f" ({holder.path}:{step.span.line})"
    )
    certainty = min(Certainty.LIKELY, Certainty(-other.option.doubt))
    blocker = Blocker(hold.enters, _CODE, because)
    edge = Edge(Step(hold.function, hold.span, hold.enters), certainty, blocker=blocker)
    return Site(hold.function, hold.span, (edge,))


def _name(ways: Ways, option: Option) -> str:
    """The blocker at the end of the way."""
    link, key = option.link, (option.group, Certainty(-option.doubt))
    while link.edge.target is not None:
        link = next(way.link for way in ways[link.edge.target] if (way.group, way.level) == key)
    assert link.edge.blocker is not None
    return link.edge.blocker.name


def _joined(
    sites: Mapping[int, tuple[Site, ...]], more: Mapping[int, list[Site]]
) -> Mapping[int, tuple[Site, ...]]:
    def place(site: Site) -> tuple[int, int, int]:
        return site.span.line, site.span.column, site.span.end_line

    added = {
        index: tuple(sorted((*sites.get(index, ()), *found), key=place)) for index, found in more.items()
    }
    return {**sites, **added}
