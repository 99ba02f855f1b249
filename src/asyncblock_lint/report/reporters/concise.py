"""A line a finding, as editors and `grep` like it."""

from collections.abc import Iterator

from asyncblock_lint.model.result import Diagnostic, LintResult
from asyncblock_lint.report.options import ReportOptions
from asyncblock_lint.report.words import last_line, problem_lines, visible

DESCRIPTION = "one line a finding"
FOR_PEOPLE = True


def render(result: LintResult, options: ReportOptions) -> Iterator[str]:
    """Findings, then problems, then the count; columns count from 1."""
    yield from map(_line, result.findings)
    yield from problem_lines(result.problems)
    yield last_line(result)


def _line(finding: Diagnostic) -> str:
    place = f"{visible(finding.path)}:{finding.line}:{finding.column + 1}"
    return f"{place}: {finding.code} {finding.name}: {visible(finding.message)}\n"
