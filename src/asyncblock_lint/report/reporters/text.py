"""For reading: the code, the path from the loop to the blocking call, and what to do."""

from collections.abc import Iterator

import click

from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.result import Diagnostic, Hop, LintResult
from asyncblock_lint.report.frame import code_frame
from asyncblock_lint.report.options import ReportOptions
from asyncblock_lint.report.words import counted, fixable_line, last_line, problem_lines, visible, width

DESCRIPTION = "the code, the path to the blocking call, and what to do"
FOR_PEOPLE = True

_FLAGS = {"safe": "--fix", "unsafe": "--unsafe-fixes", "display": "by hand"}


def render(result: LintResult, options: ReportOptions) -> Iterator[str]:
    """A block a finding, then problems, then the count; columns count from 1."""
    paint = _Paint(options.color)
    for finding in result.findings:
        yield _header(finding, paint)
        yield from _frame(finding, options, paint)
        yield from _path(finding.trace, paint)
        yield from _notes(finding, paint)
        yield "\n"
    yield from problem_lines(result.problems)
    yield last_line(result)
    yield fixable_line(result)


class _Paint:
    """The styles in use, each by what it is for; none without colour."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def _style(self, text: str, **style: object) -> str:
        return click.style(text, **style) if self._color else text  # type: ignore[arg-type]

    def place(self, text: str) -> str:
        return self._style(text, bold=True)

    def code(self, text: str) -> str:
        return self._style(text, fg="red", bold=True)

    def mark(self, text: str) -> str:
        return self._style(text, fg="red")

    def label(self, text: str) -> str:
        return self._style(text, fg="blue", bold=True)


def _header(finding: Diagnostic, paint: _Paint) -> str:
    place = paint.place(f"{visible(finding.path)}:{finding.line}:{finding.column + 1}")
    return f"{place}: {paint.code(finding.code)} {finding.name}: {visible(finding.message)}\n"


def _frame(finding: Diagnostic, options: ReportOptions, paint: _Paint) -> Iterator[str]:
    for line in code_frame(finding, options.lines(finding.path)):
        text = paint.mark(line.text) if line.is_marks else line.text
        yield f"  {paint.label(line.gutter)} {text}".rstrip() + "\n"


def _path(trace: tuple[Hop, ...], paint: _Paint) -> Iterator[str]:
    """The hops in three aligned columns."""
    places = [visible(f"{hop.path}:{hop.line}") for hop in trace]
    functions = [visible(hop.function) for hop in trace]
    label = paint.label("path:")
    for place, function, hop in zip(places, functions, trace, strict=True):
        columns = f"{_padded(place, places)}  {_padded(function, functions)}  calls {visible(hop.calls)}"
        yield f"  {label} {columns}\n"
        label = "     "


def _padded(text: str, column: list[str]) -> str:
    return text + " " * (max(map(width, column)) - width(text))


def _notes(finding: Diagnostic, paint: _Paint) -> Iterator[str]:
    if finding.others:
        yield f"  and {counted(finding.others, 'more blocking call')} reached from here\n"
    if finding.certainty is not Certainty.EXACT:
        yield f"  {paint.label('certainty:')} {finding.certainty.label}\n"
    if finding.help:
        yield f"  {paint.label('help:')} {visible(finding.help)}\n"
    if finding.fix:
        yield f"  {paint.label('fix:')} {visible(finding.fix.title)} ({_FLAGS[finding.fix.applicability]})\n"
