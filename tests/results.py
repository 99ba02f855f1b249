"""Results built by hand, for the tests of what comes after the analysis."""

from dataclasses import replace

from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.result import Context, Diagnostic, Hop, LintResult, Problem, Summary

SERVICE = """\
import slow


async def handler(url: str) -> str:
    return slow.fetch(url)
"""

FINDING = Diagnostic(
    code="ABL201",
    name="blocking-http",
    message="`net.get` waits for the server",
    path="app/main.py",
    line=5,
    column=11,
    end_line=5,
    end_column=26,
    certainty=Certainty.EXACT,
    callee="net.get",
    context=Context("coroutine", "app.main.handler"),
    trace=(
        Hop("app/main.py", 5, 11, "app.main.handler", "slow.fetch"),
        Hop("slow.py", 12, 4, "slow.fetch", "net.get"),
    ),
    others=0,
    help="use the asynchronous client",
    fingerprint="0123456789abcdef",
)
PROBLEM = Problem("bad.py", 3, "invalid syntax")


def result_of(*findings: Diagnostic, problems: tuple[Problem, ...] = ()) -> LintResult:
    """A result in twelve files and eighty functions."""
    return LintResult(findings, problems, Summary(12, 80, len(findings), len(problems)))


def finding_at(line: int, column: int, end_line: int, end_column: int) -> Diagnostic:
    """The finding, moved to another place."""
    return replace(FINDING, line=line, column=column, end_line=end_line, end_column=end_column)
