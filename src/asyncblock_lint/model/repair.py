"""What fixing a project comes to, before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from asyncblock_lint.model.result import Diagnostic, LintResult


@dataclass(frozen=True, slots=True)
class Revision:
    """A file to be written: where it lies, what it held when it was analysed, and what it shall hold."""

    path: str
    location: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Dropped:
    """A fix that was not kept, and why."""

    finding: Diagnostic
    reason: str


@dataclass(frozen=True, slots=True)
class Repair:
    """The files that change, how many findings each loses by a fix, the fixes that were not kept, and
    the result that then holds."""

    revisions: tuple[Revision, ...]
    fixed: Mapping[str, int]
    dropped: tuple[Dropped, ...]
    result: LintResult
