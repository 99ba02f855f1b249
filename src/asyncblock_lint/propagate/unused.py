"""Suppressions without effect: without them there would be no finding either.

A comment has an effect where it cuts a way that would otherwise go on, in a function that the loop
reaches. Of two comments on one way, the one nearer to the blocker has the effect.
"""

from collections.abc import Iterable, Iterator
from itertools import product

from asyncblock_lint.model.verdict import UnusedDirective, Verdict, Wanted
from asyncblock_lint.propagate.comments import Comment, is_silenced
from asyncblock_lint.propagate.network import Link, Network, reached_from
from asyncblock_lint.propagate.search import Ways
from asyncblock_lint.propagate.verdicts import EAGER, at_site, is_eager, onward, options

CODE = "ABL001"
_PREFIX = "ABL"
_NOT_SEARCHED = ("ABL000", CODE)

Uses = set[tuple[Comment, str]]
"""Comments with an effect, each with one of its codes as written."""


def unused_directives(
    network: Network, ways: Ways, wanted: Wanted, faults: Iterable[Verdict] = ()
) -> tuple[UnusedDirective, ...]:
    """The comments without effect, by path and place; none unless their code is selected. `faults`
    are the verdicts that need no way, as they would be without comments."""
    directives = network.graph.directives
    if CODE not in wanted.codes or not any(directives.values()):
        return ()
    uses = set(_uses(network, ways, wanted))
    for fault in faults:
        for comment in at_site(network, fault.site):
            uses.update((comment, written) for written in comment.covering(fault.code))
    found = []
    for path in sorted(directives):
        for directive in directives[path]:
            comment = Comment(path, directive)
            dead = tuple(code for code in _testable(comment, wanted) if (comment, code) not in uses)
            if dead and not _is_excused(network, comment):
                found.append(UnusedDirective(path, directive, tuple(filter(None, dead))))
    return tuple(found)


def _uses(network: Network, ways: Ways, wanted: Wanted) -> Iterator[tuple[Comment, str]]:
    reached = reached_from(network, network.graph.contexts)
    for index, marks in network.comments.marks.items():
        if index in reached and any(options(network, ways, network.outgoing.get(index, ()))):
            yield from ((mark, "") for mark in marks)
    for index in reached if network.comments.noqa else ():
        for link in network.outgoing.get(index, ()):
            for comment, code in _silenced(network, ways, wanted, link):
                yield from ((comment, written) for written in comment.covering(code))


def _silenced(network: Network, ways: Ways, wanted: Wanted, link: Link) -> Iterator[tuple[Comment, str]]:
    if link.comments:
        yield from product(link.comments, {way.code for way in onward(network, ways, link)})
    on_loop = link.function in network.graph.contexts
    if on_loop and is_eager(link, wanted) and any(options(network, ways, (link,))):
        yield from product(at_site(network, link.site), (EAGER,))


def _testable(comment: Comment, wanted: Wanted) -> tuple[str, ...]:
    """The codes whose findings were searched for; one empty code for the other kinds of comment."""
    if comment.directive.kind != "noqa":
        return ("",)
    searched = [code for code in wanted.codes if code not in _NOT_SEARCHED]
    return tuple(
        written
        for written in comment.directive.codes
        if written.upper().startswith(_PREFIX) and any(code.startswith(written.upper()) for code in searched)
    )


def _is_excused(network: Network, comment: Comment) -> bool:
    on_line = network.comments.noqa.get(comment.path, {}).get(comment.directive.line, ())
    if CODE in (written.upper() for written in comment.directive.codes):
        return True
    return is_silenced((other for other in on_line if other != comment), CODE)
