"""Whether fixes did what they promise, told from the findings before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from asyncblock_lint.model.result import Diagnostic, LintResult


class Complaint(NamedTuple):
    """What is wrong after a change, and in which file."""

    path: str
    reason: str


def complaints(before: LintResult, after: LintResult, fixed: Iterable[Diagnostic]) -> list[Complaint]:
    """What speaks against the fixes of some findings; nothing, if those are gone and no others came."""
    found = [
        Complaint(problem.path, f"the file {problem.message}")
        for problem in after.problems
        if problem not in before.problems
    ]
    gone = Counter(map(_key, fixed))
    expected = Counter(map(_key, before.findings))
    expected.subtract(gone)
    for key, count in Counter(map(_key, after.findings)).items():
        if count > expected[key]:
            path, code, _, callee = key
            reason = f"{code} would still be there" if gone[key] else f"{code} of `{callee}` would be new"
            found.append(Complaint(path, reason))
    return found


def _key(finding: Diagnostic) -> tuple[str, str, str, str]:
    """What stays of a finding if lines move and change."""
    return finding.path, finding.code, finding.context.function, finding.callee
