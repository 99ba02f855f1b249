"""The part of the call graph worth following: what is selected, certain enough and not allowed."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from typing import NamedTuple

from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Span
from asyncblock_lint.model.graph import CallGraph, Edge, Site
from asyncblock_lint.model.verdict import Wanted
from asyncblock_lint.propagate.comments import CommentIndex, Comments


class Link(NamedTuple):
    """An edge worth following, out of `function` at `site`.

    `number` orders links by their place in the graph; `length` counts the edge's steps; `code` is
    that of its blocker, else empty; `comments` are the `noqa` comments along it.
    """

    number: int
    function: int
    site: Site
    edge: Edge
    certainty: Certainty
    length: int
    code: str
    comments: Comments


@dataclass(frozen=True, slots=True)
class Network:
    """Links by the function they leave and by the one they enter.

    `events` gives each link to a blocker, by its number, the rank of its event: the place and name
    of a blocking call. Links to one event share a rank. `closed` are the functions through which
    no path goes on to their callers.
    """

    graph: CallGraph
    comments: CommentIndex
    outgoing: Mapping[int, list[Link]]
    incoming: Mapping[int, list[Link]]
    blocking: tuple[Link, ...]
    events: Mapping[int, int]
    closed: frozenset[int]


def build_network(graph: CallGraph, wanted: Wanted, comments: CommentIndex) -> Network:
    """Keep the edges that a finding may pass, and index them."""
    outgoing: dict[int, list[Link]] = defaultdict(list)
    incoming: dict[int, list[Link]] = defaultdict(list)
    blocking = []
    for link in _links(graph, wanted, comments):
        outgoing[link.function].append(link)
        if link.edge.target is None:
            blocking.append(link)
        else:
            incoming[link.edge.target].append(link)
    events = _events(graph, blocking)
    return Network(graph, comments, outgoing, incoming, tuple(blocking), events, _closed(graph, comments))


def reached_from(network: Network, functions: Iterable[int]) -> set[int]:
    """The functions, and all that they reach, whatever the comments on the way."""
    reached = set(functions)
    waiting = list(reached)
    while waiting:
        for link in network.outgoing.get(waiting.pop(), ()):
            target = link.edge.target
            if target is not None and target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _links(graph: CallGraph, wanted: Wanted, comments: CommentIndex) -> Iterator[Link]:
    is_allowed = matcher(wanted.allow)
    allowed = {index for index, function in enumerate(graph.functions) if is_allowed(function.qualified_name)}
    number = 0
    for index in sorted(graph.sites.keys() - allowed):
        has_noqa = graph.functions[index].path in comments.noqa
        for site in graph.sites[index]:
            for edge in site.edges:
                certainty, code = edge.certainty, ""
                if edge.blocker is not None:
                    certainty, code = min(certainty, edge.blocker.certainty), edge.blocker.code
                    if code not in wanted.codes or is_allowed(edge.blocker.name):
                        continue
                if certainty >= wanted.certainty and edge.target not in allowed:
                    along = comments.along(graph.functions, edge) if has_noqa or edge.via else ()
                    yield Link(number, index, site, edge, certainty, 1 + len(edge.via), code, along)
                    number += 1


def matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Tells whether a name fits one of the patterns."""
    if not patterns:
        return lambda name: False
    match = re.compile("|".join(map(translate, patterns))).match
    return cache(lambda name: match(name) is not None)


def _events(graph: CallGraph, blocking: list[Link]) -> dict[int, int]:
    keys = {link.number: _event(graph, link.edge) for link in blocking}
    # Links come in the order in which their places run: of equally near blockers the first is named.
    # What leaving a `with` block runs, at the place of its beginning, comes last.
    ordered = sorted(dict.fromkeys(keys.values()), key=lambda key: key[0].endswith("__exit__"))
    ranks = {key: rank for rank, key in enumerate(ordered)}
    return {number: ranks[key] for number, key in keys.items()}


def _event(graph: CallGraph, edge: Edge) -> tuple[str, str, int, int, int, int]:
    step = edge.via[-1] if edge.via else edge.step
    name = edge.blocker.name if edge.blocker else step.calls
    return name, graph.functions[step.function].path, *_corners(step.span)


def _corners(span: Span) -> tuple[int, int, int, int]:
    return span.line, span.column, span.end_line, span.end_column


def _closed(graph: CallGraph, comments: CommentIndex) -> frozenset[int]:
    # Calling a coroutine function runs nothing; calling a plain function that the loop also runs does.
    passable = ("sync", "lambda")
    owned = {index for index in graph.contexts if graph.functions[index].kind not in passable}
    return frozenset(owned | comments.marks.keys())
