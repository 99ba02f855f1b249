"""A file as fixers see it: a syntax tree whose nodes know their parents and their place in the text."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cached_property

from asyncblock_lint.model.facts import Span

LINE_END = re.compile(r"\r\n|\r|\n")
_F_STRINGS_HAVE_PLACES = sys.version_info >= (3, 12)

Node = ast.expr | ast.stmt | ast.keyword | ast.alias


class Source:
    """One file. `text` has plain line ends; places in it are offsets, counted in characters.

    Raises `SyntaxError` or `ValueError` for a text that is no Python.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.newline = next(iter(LINE_END.findall(text)), "\n")
        self.text = LINE_END.sub("\n", text)
        self.tree = ast.parse(self.text)
        self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        self._parents = {
            child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)
        }

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node right around; `None` around the module."""
        return self._parents.get(node)

    def around(self, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """The nodes around, from the inside out, each after its child in which the node stands."""
        outer = self._parents.get(node)
        while outer is not None:
            yield node, outer
            node, outer = outer, self._parents.get(outer)

    def start(self, node: Node) -> int:
        """Where the node begins; parentheses around it are not part of it."""
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: Node) -> int:
        """Where the node ends."""
        return self._offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)

    def code(self, node: Node) -> str:
        """The node as written."""
        return self.text[self.start(node) : self.end(node)]

    def expression(self, span: Span) -> ast.expr | None:
        """The expression of which the whole text stands at a span; a call rather than anything else."""
        found = self._expressions.get((self.offset(span.line, span.column), self.offset(*span_end(span))), [])
        placed = [node for node in found if self._is_placed(node)]
        return max(placed, key=lambda node: isinstance(node, ast.Call), default=None)

    def head(self, span: Span) -> ast.AsyncFunctionDef | None:
        """The coroutine function of which `async def name` stands at a span."""
        start, end = self.offset(span.line, span.column), self.offset(*span_end(span))
        for node in ast.walk(self.tree):
            if isinstance(node, ast.AsyncFunctionDef) and self.start(node) == start:
                return node if end == start + len(f"async def {node.name}") else None
        return None

    def place(self, offset: int) -> tuple[int, int]:
        """The line, counted from 1, and the column, from 0, of an offset."""
        line = self.text.count("\n", 0, offset)
        return line + 1, offset - self._starts[line]

    def offset(self, line: int, column: int) -> int:
        """The offset of a line, counted from 1, and a column, from 0 in characters."""
        return self._starts[line - 1] + column

    def line_start(self, offset: int) -> int:
        """Where the line around an offset begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def indentation(self, node: Node) -> str:
        """The white space before the first line of a node."""
        start = self.line_start(self.start(node))
        line = self.text[start : self.start(node)]
        return line[: len(line) - len(line.lstrip())]

    @cached_property
    def _expressions(self) -> dict[tuple[int, int], list[ast.expr]]:
        found: dict[tuple[int, int], list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr) and node.lineno <= len(self._starts):
                found.setdefault((self.start(node), self.end(node)), []).append(node)
        return found

    def _is_placed(self, node: ast.expr) -> bool:
        """Whether the node's place is its own: those in f-strings are so since Python 3.12 only."""
        if _F_STRINGS_HAVE_PLACES or not any(
            isinstance(outer, ast.JoinedStr) for _, outer in self.around(node)
        ):
            return True
        try:
            read = ast.parse(f"({self.code(node)})", mode="eval").body
        except SyntaxError:
            return False
        return ast.dump(read) == ast.dump(node)

    def _offset(self, line: int, byte_column: int) -> int:
        begin = self._starts[line - 1]
        if self.text.isascii():
            return begin + byte_column
        # One character has at most four bytes, and at least one.
        row = self.text[begin : begin + byte_column].encode("utf-8", "surrogatepass")[:byte_column]
        return begin + len(row.decode("utf-8", "ignore"))


def span_end(span: Span) -> tuple[int, int]:
    """The line and column behind a span."""
    return span.end_line, span.end_column
