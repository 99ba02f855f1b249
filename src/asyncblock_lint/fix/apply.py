"""Puts edits into the bytes of a file; all that they do not touch stays as it is."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Sequence

from asyncblock_lint.fix.source import LINE_END
from asyncblock_lint.model.result import Edit, Fix


def decode(content: bytes) -> tuple[str, str]:
    """The text of a Python file, and its encoding, which tells of a byte order mark as well.

    Raises `SyntaxError` or `UnicodeDecodeError` as the analysis does.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return content.decode(encoding), encoding


def apply(content: bytes, fixes: Iterable[Fix]) -> bytes:
    """The file with fixes put in that do not overlap; what several have in common counts once."""
    text, encoding = decode(content)
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    edits = dict.fromkeys(edit for fix in fixes for edit in fix.edits)
    for edit in sorted(edits, key=_place, reverse=True):
        start, end = starts[edit.line - 1] + edit.column, starts[edit.end_line - 1] + edit.end_column
        lead = _missing_line_end(text, start, edit)
        text = text[:start] + lead + edit.text + text[end:]
    return text.encode(encoding)


def overlap(one: Sequence[Edit], other: Sequence[Edit]) -> bool:
    """Whether two lists of edits cannot be applied together."""
    return any(_clash(mine, theirs) for mine in one for theirs in other)


def _clash(one: Edit, other: Edit) -> bool:
    if one == other or (_is_line(one) and _is_line(other)):
        return False
    first, second = sorted((one, other), key=_place)
    return (first.end_line, first.end_column) >= (second.line, second.column)


def _is_line(edit: Edit) -> bool:
    """Whether whole lines are put in, between two others."""
    is_empty = (edit.line, edit.column) == (edit.end_line, edit.end_column)
    return is_empty and edit.column == 0 and edit.text.endswith(("\n", "\r"))


def _missing_line_end(text: str, start: int, edit: Edit) -> str:
    """A last line may have no end, and then a line behind it must not go on with it."""
    is_cut = _is_line(edit) and start > 0 and text[start - 1] not in "\r\n"
    return ("\r\n" if edit.text.endswith("\r\n") else edit.text[-1]) if is_cut else ""


def _place(edit: Edit) -> tuple[int, int, int, int, bool, str]:
    """Where an edit belongs; of lines put in at one place, those that end a paragraph come first."""
    is_last = not edit.text.endswith(("\n\n", "\r\n\r\n"))
    return edit.line, edit.column, edit.end_line, edit.end_column, is_last, edit.text
