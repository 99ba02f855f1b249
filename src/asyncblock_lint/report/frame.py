"""The code around a finding, with the call underlined."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asyncblock_lint.model.result import Diagnostic
from asyncblock_lint.report.words import visible, width

_LONGEST = 120
_LEAD = 40


@dataclass(frozen=True, slots=True)
class FrameLine:
    """A line of source with its number in the gutter, or the marks under one."""

    gutter: str
    text: str
    is_marks: bool = False


def code_frame(finding: Diagnostic, lines: Sequence[str]) -> Iterator[FrameLine]:
    """The call's first line, the marks under it, and a line on either side unless it is blank.

    Nothing if the file no longer has such a line.
    """
    if not 0 < finding.line <= len(lines):
        return
    begin, end = _window(finding, lines)
    digits = len(str(finding.line + 1))
    for number in range(max(finding.line - 1, 1), min(finding.line + 1, len(lines)) + 1):
        text = _cut(lines[number - 1], begin, end)
        if number == finding.line or text:
            yield FrameLine(f"{number:>{digits}} |", text)
        if number == finding.line:
            yield FrameLine(f"{'':>{digits}} |", _marks(finding, lines, begin, end), is_marks=True)


def _window(finding: Diagnostic, lines: Sequence[str]) -> tuple[int, int]:
    """The stretch of characters to show: lines made by machines can be very long."""
    if len(lines[finding.line - 1]) <= _LONGEST:
        return 0, _LONGEST
    begin = max(finding.column - _LEAD, 0)
    return begin, begin + _LONGEST


def _cut(line: str, begin: int, end: int) -> str:
    shown = visible(line[begin:end]).rstrip()
    before, after = "…" if begin and shown else "", "…" if len(line) > end else ""
    return f"{before}{shown}{after}"


def _marks(finding: Diagnostic, lines: Sequence[str], begin: int, end: int) -> str:
    line = lines[finding.line - 1]
    stop = finding.end_column if finding.end_line == finding.line else len(line.rstrip())
    lead = width("…" if begin else "") + width(visible(line[begin : finding.column]))
    return " " * lead + "^" * max(width(visible(line[finding.column : min(stop, end)])), 1)
