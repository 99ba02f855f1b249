"""Call graphs drawn from names, for the tests of what comes after linking.

A function is a line such as `async main` and a list of what it calls, one entry a site:
`helper` (a function of the graph), `time.sleep` (a blocker), `a|b` (one site, two targets),
`~x` (likely), `?x` (a guess), `to_thread:x` (eager), `apply>x` (`x` is called inside `apply`).
Function 0 starts on line 1, function 1 on line 101, and so on; each site stands a line below the last.
"""

from collections.abc import Mapping

from asyncblock_lint.model.catalogue import Blocker
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Directive, Span
from asyncblock_lint.model.graph import CallGraph, Edge, Function, OnLoop, Site, Step
from asyncblock_lint.model.verdict import Verdict

BLOCKERS = {
    blocker.name: blocker
    for blocker in (
        Blocker("time.sleep", "ABL101", "sleeps"),
        Blocker("net.get", "ABL201", "waits for the server"),
        Blocker("net.post", "ABL201", "waits for the server"),
        Blocker("disk.open", "ABL401", "opens a file"),
        Blocker("disk.stat", "ABL402", "asks for a file"),
        Blocker("odd.get", "ABL201", "may wait", certainty=Certainty.GUESS),
    )
}
PATH = "app.py"
_CERTAINTIES = {"~": Certainty.LIKELY, "?": Certainty.GUESS}


def graph_of(
    functions: Mapping[str, list[str]],
    *comments: tuple[str, int, str],
    contexts: Mapping[str, str] | None = None,
) -> CallGraph:
    """The graph of `functions`; `comments` are (function, lines below its start, text)."""
    names = [head.split()[-1] for head in functions]
    kinds = [head.rpartition(" ")[0] or "sync" for head in functions]
    kind_of = {name: "coroutine" for name, kind in zip(names, kinds, strict=True) if "async" in kind}
    kind_of.update(contexts or {})
    directives = [_directive(text, line_of(names, name) + offset) for name, offset, text in comments]
    return CallGraph(
        functions=tuple(
            Function(PATH, "app", name, kind, _lines(names, name, 0, 90), line_of(names, name))
            for name, kind in zip(names, kinds, strict=True)
        ),
        sites={
            index: tuple(_site(names, index, number, text) for number, text in enumerate(calls, 1))
            for index, calls in enumerate(functions.values())
        },
        contexts={names.index(name): OnLoop(kind) for name, kind in kind_of.items()},
        directives={PATH: tuple(sorted(directives, key=lambda directive: directive.line))},
    )


def line_of(names: list[str], name: str) -> int:
    return 100 * names.index(name) + 1


def _lines(names: list[str], name: str, first: int, last: int) -> Span:
    return Span(line_of(names, name) + first, 0, line_of(names, name) + last, 8)


def _directive(text: str, line: int) -> Directive:
    kind, _, codes = text.partition(":")
    return Directive(kind, line, 20, tuple(codes.split()))


def _site(names: list[str], index: int, number: int, text: str) -> Site:
    before, _, calls = text.rpartition(":")
    span = _lines(names, names[index], number, number)
    edges = tuple(_edge(names, index, span, call) for call in calls.split("|"))
    return Site(index, span, edges, taker=before)


def _edge(names: list[str], index: int, span: Span, text: str) -> Edge:
    certainty = _CERTAINTIES.get(text[0], Certainty.EXACT)
    *passed, called = text.lstrip("~?").split(">")
    steps = [Step(index, span, passed[0] if passed else called)]
    for name, following in zip(passed, [*passed[1:], called], strict=False):
        steps.append(Step(names.index(name), _lines(names, name, 50, 50), following))
    if called in BLOCKERS:
        return Edge(steps[0], certainty, blocker=BLOCKERS[called], via=tuple(steps[1:]))
    return Edge(steps[0], certainty, target=names.index(called), via=tuple(steps[1:]))


def told(verdict: Verdict) -> str:
    """The verdict in a line: `main ABL101 helper > time.sleep`, then what is out of the ordinary."""
    words = [verdict.function.name, verdict.code, " > ".join(step.calls for step in verdict.trace)]
    if verdict.certainty is not Certainty.EXACT:
        words.append(verdict.certainty.label)
    if verdict.others:
        words.append(f"+{verdict.others}")
    return " ".join(words)
