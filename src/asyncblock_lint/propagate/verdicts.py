"""One verdict for each place in a function of the loop from which a way leads to a blocker."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.codes import TWIN
from asyncblock_lint.model.facts import Span
from asyncblock_lint.model.graph import Site, Step
from asyncblock_lint.model.verdict import Verdict, Wanted
from asyncblock_lint.propagate.beyond import Beyond
from asyncblock_lint.propagate.comments import Comments, is_silenced
from asyncblock_lint.propagate.network import Link, Network
from asyncblock_lint.propagate.search import Way, Ways, is_open

EAGER = "ABL801"


class Option(NamedTuple):
    """A way from a place, by its first link; of two options the lesser is the better."""

    doubt: int
    is_twin: bool
    length: int
    event: int
    number: int
    group: int
    code: str
    link: Link


def reach_verdicts(network: Network, ways: Ways, wanted: Wanted) -> tuple[Verdict, ...]:
    """The verdicts on the places from which a way leads to a blocker, in order."""
    beyond = Beyond(network, ways)
    found = []
    for index, on_loop in network.graph.contexts.items():
        is_ignored = on_loop.kind in wanted.ignored_kinds or on_loop.certainty < wanted.certainty
        if is_ignored or index in network.comments.marks:
            continue
        for links in _places(network, ways, index):
            held = (option for option in options(network, ways, links) if option.code not in on_loop.without)
            best = min(held, default=None)
            if best is not None:
                code = EAGER if any(is_eager(link, wanted) for link in links) else best.code
                if code != EAGER or not is_silenced(at_site(network, best.link.site), EAGER):
                    found.append(_verdict(network, ways, best, code, _others(beyond, links, best)))
    return in_order(found)


def in_order(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts in the order path, line, column."""
    return tuple(sorted(verdicts, key=_position))


def options(network: Network, ways: Ways, links: Iterable[Link]) -> Iterator[Option]:
    """What the comments leave of the ways that begin with `links`."""
    for link in links:
        for way in onward(network, ways, link):
            if is_open(link, way.code, way.level):
                yield Option(
                    -way.level,
                    way.code == TWIN,
                    way.length,
                    way.event,
                    link.number,
                    way.group,
                    way.code,
                    link,
                )


def onward(network: Network, ways: Ways, link: Link) -> Iterator[Way]:
    """The ways that begin with `link`, whatever the comments on it."""
    if link.edge.target is None:
        yield Way(0, link.certainty, link.length, network.events[link.number], link.code, link)
    else:
        for way in ways.get(link.edge.target, ()):
            yield way._replace(length=link.length + way.length)


def is_eager(link: Link, wanted: Wanted) -> bool:
    """Whether a finding at this site is about handing over a result instead of a function."""
    return link.site.eager and EAGER in wanted.codes


def at_site(network: Network, site: Site) -> Comments:
    """The `noqa` comments on the line of the finding itself."""
    return network.comments.at(network.graph.functions[site.function].path, site.span)


def _places(network: Network, ways: Ways, index: int) -> Iterable[list[Link]]:
    # Entering and calling, or iterating and calling, are two sites at one place: one finding.
    found: dict[Span, list[Link]] = defaultdict(list)
    for link in network.outgoing.get(index, ()):
        if link.edge.target is None or link.edge.target in ways:
            found[link.site.span].append(link)
    return found.values()


def _others(beyond: Beyond, links: Iterable[Link], best: Option) -> int:
    """How many more calls block there; those that merely have a twin do not count."""
    events = 0
    for link in links:
        events |= beyond.link(link)
    return (events & ~beyond.twins).bit_count() - (best.code != TWIN)


def _verdict(network: Network, ways: Ways, best: Option, code: str, others: int) -> Verdict:
    level = Certainty(-best.doubt)
    last, trace = _trace(ways, best, level)
    blocker = last.edge.blocker
    assert blocker is not None
    trace[-1] = replace(trace[-1], calls=blocker.name)
    index = best.link.function
    function, on_loop = network.graph.functions[index], network.graph.contexts[index]
    surely = min(level, on_loop.certainty)
    return Verdict(
        function, best.link.site, on_loop.kind, code, blocker, surely, tuple(trace), others, on_loop.versions
    )


def _trace(ways: Ways, best: Option, level: Certainty) -> tuple[Link, list[Step]]:
    link = best.link
    key = best.group, level
    trace = [link.edge.step, *link.edge.via]
    while link.edge.target is not None:
        link = next(way.link for way in ways[link.edge.target] if (way.group, way.level) == key)
        trace += [link.edge.step, *link.edge.via]
    return link, trace


def _position(verdict: Verdict) -> tuple[str, int, int, int, int]:
    span = verdict.site.span
    return verdict.function.path, span.line, span.column, span.end_line, span.end_column
