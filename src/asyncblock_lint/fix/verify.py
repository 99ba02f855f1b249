"""Whether fixes did what they promise, told from the findings before and after."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from asyncblock_lint.model.result import Diagnostic, LintResult

_PLACE = re.compile(r"(?<=\w):\d+:\d+(?=>)")
"""Tells functions without a name apart, by where they stand."""


class Key(NamedTuple):
    """What stays of a finding if lines move and change."""

    path: str
    code: str
    function: str
    callee: str


class Complaint(NamedTuple):
    """What is wrong after a change, in which file, and in which of its functions if that is known.

    `useless` is the finding's key if every fix of such a finding left it there.
    """

    path: str
    reason: str
    function: str = ""
    useless: Key | None = None


def complaints(before: LintResult, after: LintResult, fixed: Iterable[Diagnostic]) -> list[Complaint]:
    """What speaks against the fixes of some findings; nothing, if those are gone and no others came."""
    found = [
        Complaint(problem.path, f"the file {problem.message}")
        for problem in after.problems
        if problem not in before.problems
    ]
    gone = Counter(map(key, fixed))
    expected = Counter(map(key, before.findings))
    expected.subtract(gone)
    for seen, count in Counter(map(key, after.findings)).items():
        if count > expected[seen]:
            named = f"{seen.code} of `{seen.callee}`" if seen.callee else seen.code
            reason = f"{seen.code} would still be there" if gone[seen] else f"{named} would be new"
            is_useless = 0 < gone[seen] <= count - expected[seen]
            found.append(Complaint(seen.path, reason, seen.function, seen if is_useless else None))
    return found


def key(finding: Diagnostic) -> Key:
    """What a finding is known by after a change."""
    return Key(finding.path, finding.code, _PLACE.sub("", finding.context.function), finding.callee)
