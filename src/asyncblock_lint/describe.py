"""A function's part of the call graph in words, for contributors and the curious."""

from collections.abc import Iterator

from asyncblock_lint.model.graph import CallGraph, Edge, Site
from asyncblock_lint.model.verdict import Judgement


def describe(graph: CallGraph, judgement: Judgement, index: int) -> Iterator[str]:
    """Lines that tell who runs the function, what it runs place by place, and where it blocks."""
    function = graph.functions[index]
    kind = graph.contexts.get(index)
    runs = "run by its callers" if kind is None else f"run by the loop ({kind})"
    yield f"{function.qualified_name}  {function.path}:{function.span.line}  {runs}"
    for site in graph.sites.get(index, ()):
        for edge in site.edges:
            yield _described(graph, site, edge)
    for verdict in judgement.verdicts:
        if verdict.site.function == index:
            steps = " > ".join(step.calls for step in verdict.trace)
            yield f"  {verdict.code} at line {verdict.site.span.line} [{verdict.certainty.label}]: {steps}"


def _described(graph: CallGraph, site: Site, edge: Edge) -> str:
    calls = " > ".join(step.calls for step in (edge.step, *edge.via))
    end = _place(graph, edge.target) if edge.blocker is None else edge.blocker.code
    return f"  {site.span.line}:{site.span.column + 1}  {calls}  {end} [{edge.certainty.label}]"


def _place(graph: CallGraph, target: int | None) -> str:
    if target is None:
        return ""
    function = graph.functions[target]
    return f"{function.path}:{function.span.line}"
