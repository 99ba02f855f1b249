"""Proposes a fix for each finding: what the fixers make of its place, as edits of lines and columns."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial

from asyncblock_lint.fix.imports import import_changes
from asyncblock_lint.fix.reach import needs_loop
from asyncblock_lint.fix.registry import all_fixers
from asyncblock_lint.fix.rewrite import APPLICABILITIES, Change, Rewrite
from asyncblock_lint.fix.site import Definition, Site, Surroundings
from asyncblock_lint.fix.source import Source
from asyncblock_lint.model.facts import Span
from asyncblock_lint.model.graph import CallGraph
from asyncblock_lint.model.result import Diagnostic, Edit, Fix
from asyncblock_lint.model.verdict import Verdict

ReadText = Callable[[str], str]


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
    files = _Files(list(verdicts), graph, read)
    for finding in findings:
        if finding in known:
            yield known[finding]
            continue
        verdict = files.verdict(finding)
        source = files.source(finding.path) if verdict else None
        if verdict is None or source is None:
            yield finding
            continue
        node = source.expression(verdict.site.span) or source.head(verdict.site.span)
        site = node and _site(finding, verdict, node, source, files, graph, project)
        yield _fixed(site) if site else finding


class _Files:
    """The files of the findings, each read once, and what blocks in them."""

    def __init__(self, verdicts: Sequence[Verdict], graph: CallGraph, read: ReadText) -> None:
        self._read = read
        self._known = {(item.function.path, item.site.span, item.code): item for item in verdicts}
        self._by_path: dict[str, list[Verdict]] = {}
        for item in verdicts:
            self._by_path.setdefault(item.function.path, []).append(item)
        self._sources: dict[str, Source | None] = {}
        self._blocking: dict[str, dict[ast.expr, Verdict]] = {}
        self._functions = {function.qualified_name: function for function in graph.functions}
        self._needs_loop = cache(partial(needs_loop, graph))

    def verdict(self, finding: Diagnostic) -> Verdict | None:
        """What a finding was made from."""
        span = Span(finding.line, finding.column, finding.end_line, finding.end_column)
        return self._known.get((finding.path, span, finding.code))

    def source(self, path: str) -> Source | None:
        """The file; `None` if it can no longer be read, or be parsed."""
        if path not in self._sources:
            self._sources[path] = _source(path, self._read)
        return self._sources[path]

    def blocking(self, path: str) -> Mapping[ast.expr, Verdict]:
        """The expressions of a file that block."""
        if path not in self._blocking:
            source = self.source(path)
            placed = [(source.expression(item.site.span), item) for item in self._by_path[path] if source]
            self._blocking[path] = {node: item for node, item in placed if node is not None}
        return self._blocking[path]

    def tied(self, path: str) -> frozenset[ast.expr]:
        """Those of them that run what only the thread of the loop may call."""
        return frozenset(
            node
            for node, item in self.blocking(path).items()
            if len(item.trace) > 1 and self._needs_loop(item.trace[1].function)
        )

    def definition(self, name: str) -> Definition | None:
        """The code of a function of the project, by its qualified name."""
        function = self._functions.get(name)
        source = self.source(function.path) if function else None
        if function is None or source is None:
            return None
        line = function.span.line
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and line == _first_line(node):
                blocks = any(item.function == function for item in self._by_path.get(function.path, ()))
                return Definition(source, node, blocks)
        return None


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min(part.lineno for part in (node, *node.decorator_list))


def _source(path: str, read: ReadText) -> Source | None:
    try:
        return Source(path, read(path))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def _site(
    finding: Diagnostic,
    verdict: Verdict,
    node: ast.expr | ast.AsyncFunctionDef,
    source: Source,
    files: _Files,
    graph: CallGraph,
    project: Surroundings,
) -> Site:
    return Site(
        finding=finding,
        blocker=verdict.blocker,
        node=node,
        source=source,
        functions=tuple(graph.functions[step.function] for step in verdict.trace),
        taker=verdict.site.taker,
        project=project,
        blocking=files.blocking(finding.path),
        tied=files.tied(finding.path),
        definitions=files.definition,
    )


def _fixed(site: Site) -> Diagnostic:
    """The finding with the safest rewrite, and of those the preferred one; what it says of itself is
    the better help, as it knows what fits the place."""
    rewrites = [found for fixer in all_fixers() if (found := fixer.rewrite(site))]
    if not rewrites:
        return site.finding
    best = min(rewrites, key=lambda found: APPLICABILITIES.index(found.applicability))
    fix = Fix(best.title, best.applicability, tuple(_edits(site.source, best)))
    return replace(site.finding, fix=fix, help=best.help or site.finding.help)


def _edits(source: Source, rewrite: Rewrite) -> Iterator[Edit]:
    changes: Mapping[Change, None] = dict.fromkeys(
        [*import_changes(source, rewrite.imports), *rewrite.changes]
    )
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        start, end = source.place(change.start), source.place(change.end)
        yield Edit(*start, *end, change.text.replace("\n", source.newline))
