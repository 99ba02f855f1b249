"""Backwards from the blockers: the best way to one, for every function that reaches any."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.codes import TWIN
from asyncblock_lint.model.verdict import Wanted
from asyncblock_lint.propagate.comments import is_silenced
from asyncblock_lint.propagate.network import Link, Network


class Way(NamedTuple):
    """The shortest way from a function to a blocker over links of `level` or better.

    `length` counts steps, `event` and `code` are those of the blocker at its end, `link` is the
    first link. It goes on with a way of the same `group` and `level`.
    """

    group: int
    level: Certainty
    length: int
    event: int
    code: str
    link: Link


Ways = Mapping[int, list[Way]]
"""The ways of each function through which paths go on; the best level comes first."""


def search(network: Network, wanted: Wanted) -> Ways:
    """All ways: one for each function, level and group of codes.

    A level has its own ways because a long exact one must not hide a short likely one from a
    caller that is itself only likely to take it. Codes that some comment tells apart have their own
    because a comment may cut the way of one and leave that of the other.
    """
    ways: dict[int, list[Way]] = defaultdict(list)
    levels = [level for level in sorted(Certainty, reverse=True) if level >= wanted.certainty]
    groups = _groups(network)
    for level in levels:
        for group, starts in enumerate(groups):
            for function, way in _nearest(network, starts, group, level).items():
                ways[function].append(way)
    return ways


def is_open(link: Link, code: str, level: Certainty) -> bool:
    """Whether a way to a blocker of this code may begin with `link` at this level."""
    return link.certainty >= level and not (link.comments and is_silenced(link.comments, code))


def _groups(network: Network) -> list[list[Link]]:
    """The links to blockers, together where neither a comment nor their rank tells their codes apart."""
    written = network.comments.codes()
    groups: dict[tuple[bool, ...], list[Link]] = defaultdict(list)
    for link in network.blocking:
        told_apart = [link.code.startswith(prefix) for prefix in written]
        groups[(link.code == TWIN, *told_apart)].append(link)
    return [groups[key] for key in sorted(groups)]


def _nearest(network: Network, starts: list[Link], group: int, level: Certainty) -> dict[int, Way]:
    """The ways of one group and level, found in the order of their length, then of their event."""
    found: dict[int, Way] = {}
    # A list for each length, sorted once it is due, is faster here than a heap.
    due: dict[int, list[tuple[int, int, str, Link]]] = defaultdict(list)
    for link in starts:
        if link.function not in network.closed and is_open(link, link.code, level):
            due[link.length].append((network.events[link.number], link.number, link.code, link))
    while due:
        length = min(due)
        for event, _, code, link in sorted(due.pop(length)):
            function = link.function
            if function in found:
                continue
            found[function] = Way(group, level, length, event, code, link)
            for caller in network.incoming.get(function, ()):
                to = caller.function
                if to not in found and to not in network.closed and is_open(caller, code, level):
                    due[length + caller.length].append((event, caller.number, code, caller))
    return found
