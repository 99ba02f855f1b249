"""Which suppression comments stand where: `noqa` by line, the others by the function they mark."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from asyncblock_lint.model.facts import Directive, Span
from asyncblock_lint.model.graph import CallGraph, Edge, Function


class Comment(NamedTuple):
    """A directive and the file it stands in."""

    path: str
    directive: Directive

    def covering(self, code: str) -> tuple[str, ...]:
        """Those of its codes, as written, that cover `code`; an empty one if it names none."""
        return tuple(written for written in self.directive.codes or ("",) if code.startswith(written.upper()))


Comments = tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class CommentIndex:
    """`noqa` comments by path and line; `marks`: the `asyncblock:` comments of each function."""

    noqa: Mapping[str, Mapping[int, Comments]]
    marks: Mapping[int, Comments]

    def at(self, path: str, span: Span) -> Comments:
        """The `noqa` comments on the first and on the last line of `span`."""
        lines = self.noqa.get(path)
        if lines is None:
            return ()
        first = lines.get(span.line, ())
        return first if span.end_line == span.line else first + lines.get(span.end_line, ())

    def codes(self) -> list[str]:
        """All codes that `noqa` comments name, in capitals."""
        comments = (comment for lines in self.noqa.values() for found in lines.values() for comment in found)
        return sorted({code.upper() for comment in comments for code in comment.directive.codes})

    def along(self, functions: tuple[Function, ...], edge: Edge) -> Comments:
        """The `noqa` comments at any place that `edge` passes."""
        found = self.at(functions[edge.step.function].path, edge.step.span)
        for step in edge.via:
            found += self.at(functions[step.function].path, step.span)
        return found


def read_comments(graph: CallGraph) -> CommentIndex:
    """Sort the directives of all files by where they take effect."""
    noqa: dict[str, dict[int, Comments]] = {}
    marks: dict[str, list[Directive]] = defaultdict(list)
    for path, directives in graph.directives.items():
        for directive in directives:
            if directive.kind == "noqa":
                lines = noqa.setdefault(path, {})
                lines[directive.line] = (*lines.get(directive.line, ()), Comment(path, directive))
            else:
                marks[path].append(directive)
    return CommentIndex(noqa, _marked(graph.functions, marks) if marks else {})


def is_silenced(comments: Iterable[Comment], code: str) -> bool:
    """Whether any of the `noqa` comments covers `code`."""
    return any(comment.covering(code) for comment in comments)


def _marked(functions: tuple[Function, ...], marks: Mapping[str, list[Directive]]) -> dict[int, Comments]:
    found: dict[int, Comments] = {}
    for index, function in enumerate(functions):
        # A class body or a module has no header of its own to carry the mark.
        if function.path not in marks or function.kind in ("class", "module"):
            continue
        header = range(function.span.line, max(function.span.line, function.header_end) + 1)
        mine = tuple(Comment(function.path, mark) for mark in marks[function.path] if mark.line in header)
        if mine:
            found[index] = mine
    return found
