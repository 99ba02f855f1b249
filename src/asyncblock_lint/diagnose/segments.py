"""Reads with LibCST no more of a file than the functions under suspicion, since it is slow."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper

from asyncblock_lint.diagnose.places import Place, PlaceFinder
from asyncblock_lint.model.facts import Span
from asyncblock_lint.model.graph import Function
from asyncblock_lint.model.verdict import Verdict
from asyncblock_lint.stack import deep_stack

Places = dict[Span, Place]
_DEFINITIONS = ("sync", "async", "generator", "async generator")


class Extent(NamedTuple):
    """Lines of a file, counted from 1, both included."""

    first: int
    last: int


def find_places(source: Sequence[str], verdicts: Sequence[Verdict], functions: Iterable[Function]) -> Places:
    """The place of each verdict's site, by the site's span.

    All three arguments are about one file; `source` is its lines. A place is missing where LibCST
    cannot read the source, or finds nothing at that span.
    """
    definitions = [_extent(function) for function in functions if _is_definition(function)]
    segments: dict[Extent, list[Verdict]] = {}
    for verdict in verdicts:
        home = _home(verdict.function, definitions, Extent(1, len(source)))
        segments.setdefault(home, []).append(verdict)
    found: Places = {}
    with deep_stack():
        for segment, inside in _outermost(segments).items():
            found.update(_read(source, segment, inside))
    return found


def _is_definition(function: Function) -> bool:
    return function.kind in _DEFINITIONS and not function.name.rpartition(".")[2].startswith("<")


def _extent(function: Function) -> Extent:
    return Extent(function.span.line, function.span.end_line)


def _home(function: Function, definitions: Iterable[Extent], file: Extent) -> Extent:
    """The lines of the function, or of the nearest one around a lambda; else the whole file."""
    own = _extent(function)
    if _is_definition(function):
        return own
    around = (outer for outer in definitions if outer.first <= own.first and own.last <= outer.last)
    return min(around, key=lambda outer: outer.last - outer.first, default=file)


def _outermost(segments: dict[Extent, list[Verdict]]) -> dict[Extent, list[Verdict]]:
    found: dict[Extent, list[Verdict]] = {}
    current = Extent(0, 0)
    for extent in sorted(segments, key=lambda extent: (extent.first, -extent.last)):
        if extent.last > current.last:
            current = extent
        found.setdefault(current, []).extend(segments[extent])
    return found


def _read(source: Sequence[str], extent: Extent, verdicts: list[Verdict]) -> Places:
    for part in (extent, Extent(1, len(source))):
        try:
            return _parse(source, part, verdicts)
        except cst.ParserSyntaxError:
            # Behind a form feed a function cannot be indented; and LibCST lags behind new syntax.
            continue
        except RecursionError:
            break
    return {}


def _parse(source: Sequence[str], extent: Extent, verdicts: list[Verdict]) -> Places:
    text = "\n".join(source[extent.first - 1 : extent.last]) + "\n"
    above = extent.first - 1
    if text[:1].isspace():
        text, above = f"if True:\n{text}", above - 1
    spans = {verdict.site.span: _lifted(verdict.site.span, above) for verdict in verdicts}
    found = _places(text, tuple(spans.values()))
    return {span: found[inner] for span, inner in spans.items() if inner in found}


@lru_cache(maxsize=4096)
def _places(text: str, spans: tuple[Span, ...]) -> Mapping[Span, Place]:
    """What stands at some spans of a text; kept, since trials of fixes ask again for most."""
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    finder = PlaceFinder(wrapper.module, spans)
    wrapper.visit(finder)
    return MappingProxyType(finder.found)


def _lifted(span: Span, lines: int) -> Span:
    return Span(span.line - lines, span.column, span.end_line - lines, span.end_column)
