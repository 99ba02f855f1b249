"""Turns the positions of `ast`, which count UTF-8 bytes, into characters."""

import ast
import re

from asyncblock_lint.model.facts import Span

_LINE_END = re.compile(r"\r\n|\r|\n")

Located = ast.expr | ast.stmt | ast.excepthandler | ast.alias | ast.arg | ast.keyword


class Positions:
    """Knows one source text; lines from 1, columns from 0 in characters."""

    def __init__(self, source: str) -> None:
        self._lines = None if source.isascii() else _LINE_END.split(source)

    def span(self, node: Located) -> Span:
        """Where `node` stands; the end is exclusive."""
        end_line = node.end_lineno or node.lineno
        end_column = node.col_offset if node.end_col_offset is None else node.end_col_offset
        if self._lines is None:
            return Span(node.lineno, node.col_offset, end_line, end_column)
        return Span(
            node.lineno,
            self._characters(node.lineno, node.col_offset),
            end_line,
            self._characters(end_line, end_column),
        )

    def between(self, first: Located, last: Located) -> Span:
        """From the beginning of `first` to the end of `last`."""
        start, end = self.span(first), self.span(last)
        return Span(start.line, start.column, end.end_line, end.end_column)

    def _characters(self, line: int, byte_column: int) -> int:
        # Inside multi-line f-strings Python before 3.12 reports lines that do not exist.
        if self._lines is None or not 0 < line <= len(self._lines):
            return byte_column
        text = self._lines[line - 1]
        if text.isascii():
            return byte_column
        return len(text.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "ignore"))
