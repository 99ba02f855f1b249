"""Verdicts that need no path: what is handed over wrongly, and endpoints that had better be plain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from asyncblock_lint.model.catalogue import Blocker
from asyncblock_lint.model.codes import BY_CODE
from asyncblock_lint.model.facts import Span
from asyncblock_lint.model.graph import CallGraph, Fault, OnLoop, Site, Step
from asyncblock_lint.model.verdict import Verdict, Wanted

_PLAIN = BY_CODE["ABL803"].code
_NO_CONTEXT = OnLoop("coroutine")
_BLOCKING_BELOW = "ABL800"


def fault_verdicts(
    graph: CallGraph, wanted: Wanted, is_allowed: Callable[[str], bool], verdicts: Iterable[Verdict]
) -> Iterator[Verdict]:
    """The verdicts on mistakes at their own places, before any comment is heard."""
    taken = {(verdict.site.function, verdict.site.span) for verdict in verdicts}
    for fault in graph.faults:
        on_loop = graph.contexts.get(fault.function)
        is_wanted = fault.blocker.code in wanted.codes and fault.certainty >= wanted.certainty
        if fault.on_loop_only and (on_loop is None or (fault.function, fault.span) in taken):
            continue
        names = graph.functions[fault.function].qualified_name, fault.blocker.name
        if is_wanted and not any(map(is_allowed, names)):
            found = _verdict(graph, fault, on_loop or _NO_CONTEXT)
            if found.kind not in wanted.ignored_kinds:
                yield found


def plain_verdicts(graph: CallGraph, wanted: Wanted, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """One verdict for each endpoint that blocks and never awaits, though its framework would run a
    plain function in a thread."""
    blocking: dict[int, Verdict] = {}
    for verdict in verdicts if _PLAIN in wanted.codes else ():
        if verdict.code < _BLOCKING_BELOW:
            held = blocking.setdefault(verdict.site.function, verdict)
            if verdict.certainty > held.certainty:
                blocking[verdict.site.function] = verdict
    for index, worst in blocking.items():
        function, on_loop = graph.functions[index], graph.contexts.get(index)
        if on_loop is None or not on_loop.threaded or function.kind != "async" or function.needs_loop:
            continue
        because = "is `async def`, blocks and never awaits: a thread would run a plain `def`"
        blocker = Blocker(function.qualified_name, _PLAIN, because)
        span = function.head or Span(function.span.line, 0, function.span.line, 0)
        yield _verdict(graph, Fault(index, span, blocker, worst.certainty), on_loop)


def _verdict(graph: CallGraph, fault: Fault, on_loop: OnLoop) -> Verdict:
    step = Step(fault.function, fault.span, fault.blocker.name)
    return Verdict(
        function=graph.functions[fault.function],
        site=Site(fault.function, fault.span, (), fault.taker),
        kind=on_loop.kind,
        code=fault.blocker.code,
        blocker=fault.blocker,
        certainty=min(fault.certainty, on_loop.certainty),
        trace=(step,),
        others=0,
        versions=on_loop.versions,
    )
