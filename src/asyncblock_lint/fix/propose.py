"""Proposes a fix for each finding: what the fixers make of its place, as edits of lines and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from asyncblock_lint.fix.imports import import_changes
from asyncblock_lint.fix.registry import all_fixers
from asyncblock_lint.fix.rewrite import APPLICABILITIES, Change, Rewrite
from asyncblock_lint.fix.site import Site, Surroundings
from asyncblock_lint.fix.source import Source
from asyncblock_lint.model.facts import Span
from asyncblock_lint.model.graph import CallGraph
from asyncblock_lint.model.result import Diagnostic, Edit, Fix
from asyncblock_lint.model.verdict import Verdict

ReadText = Callable[[str], str]
_Key = tuple[str, Span, str]


def propose(
    findings: Iterable[Diagnostic],
    verdicts: Iterable[Verdict],
    graph: CallGraph,
    read: ReadText,
    project: Surroundings,
    known: Mapping[Diagnostic, Diagnostic],
) -> Iterator[Diagnostic]:
    """The findings, each with the best rewrite that a fixer knows for it.

    `read` gives the text of a file by its path as shown. A file that can no longer be read, or no
    longer be parsed, gets no fixes. `known` are findings of an earlier run with their fixes, by what they
    are without those, in files that are the same.
    """
    judged = {(item.function.path, item.site.span, item.code): item for item in verdicts}
    sources: dict[str, Source | None] = {}
    for finding in findings:
        if finding in known:
            yield known[finding]
            continue
        verdict = judged.get(_key(finding))
        if verdict is None:
            yield finding
            continue
        if finding.path not in sources:
            sources = {finding.path: _source(finding.path, read)}
        source = sources[finding.path]
        site = source and _site(finding, verdict, graph, source, project)
        yield replace(finding, fix=_fix(site)) if site else finding


def _key(finding: Diagnostic) -> _Key:
    span = Span(finding.line, finding.column, finding.end_line, finding.end_column)
    return finding.path, span, finding.code


def _source(path: str, read: ReadText) -> Source | None:
    try:
        return Source(path, read(path))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def _site(
    finding: Diagnostic, verdict: Verdict, graph: CallGraph, source: Source, project: Surroundings
) -> Site | None:
    node = source.expression(verdict.site.span)
    functions = tuple(graph.functions[step.function] for step in verdict.trace)
    taker = verdict.site.taker
    if node is None:
        return None
    return Site(finding, verdict.blocker, node, source, functions, taker, project)


def _fix(site: Site) -> Fix | None:
    """The safest rewrite, and of those the preferred one."""
    rewrites = [found for fixer in all_fixers() if (found := fixer.rewrite(site))]
    if not rewrites:
        return None
    best = min(rewrites, key=lambda found: APPLICABILITIES.index(found.applicability))
    return Fix(best.title, best.applicability, tuple(_edits(site.source, best)))


def _edits(source: Source, rewrite: Rewrite) -> Iterator[Edit]:
    changes: Mapping[Change, None] = dict.fromkeys(
        [*import_changes(source, rewrite.imports), *rewrite.changes]
    )
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        start, end = source.place(change.start), source.place(change.end)
        yield Edit(*start, *end, change.text.replace("\n", source.newline))
