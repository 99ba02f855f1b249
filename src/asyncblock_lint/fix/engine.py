"""Applies fixes pass by pass and keeps only those that prove right; nothing is written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from asyncblock_lint.fix.apply import apply, overlap
from asyncblock_lint.fix.verify import Complaint, complaints
from asyncblock_lint.model.repair import Dropped
from asyncblock_lint.model.result import Diagnostic, Fix, LintResult

_MOST_PASSES = 10
_MOST_TRIALS = 200

Relint = Callable[[Mapping[str, bytes]], LintResult]
"""Lints the project with other contents of some files, by their paths as shown."""


class Engine:
    """Fixes what can be fixed in one of the ways `wanted`; then tells what came of it.

    `read` gives a file as it was when `first` came of it.
    """

    def __init__(
        self, first: LintResult, relint: Relint, read: Callable[[str], bytes], wanted: Collection[str]
    ) -> None:
        self.result = first
        self.before: dict[str, bytes] = {}
        self.after: dict[str, bytes] = {}
        self.fixed: Counter[str] = Counter()
        self.dropped: list[Dropped] = []
        self._proven = first
        self._relint = relint
        self._read = read
        self._wanted = frozenset(wanted)
        self._refused: set[tuple[str, Fix]] = set()
        self._trials = 0

    def run(self) -> None:
        """Make passes until nothing is left to fix: fixes that overlap wait for the next one."""
        for _ in range(_MOST_PASSES):
            batch = self._batch()
            if not batch:
                return
            kept = self._sound_part([], batch)
            if kept:
                self._keep(kept)

    def _batch(self) -> list[Diagnostic]:
        batch: list[Diagnostic] = []
        taken: dict[str, list[Fix]] = {}
        for finding in self.result.findings:
            fix, others = finding.fix, taken.setdefault(finding.path, [])
            if fix is None or fix.applicability not in self._wanted or (finding.path, fix) in self._refused:
                continue
            if not any(overlap(fix.edits, other.edits) for other in others):
                batch.append(finding)
                others.append(fix)
        return batch

    def _sound_part(self, kept: list[Diagnostic], batch: Sequence[Diagnostic]) -> list[Diagnostic]:
        """`kept`, and of a batch what can be applied besides; halves are tried if the whole is wrong."""
        wrong = self._try([*kept, *batch])
        if not wrong:
            return [*kept, *batch]
        if len(batch) == 1:
            self._drop(batch[0], wrong[0].reason)
            return kept
        blamed = {complaint.path for complaint in wrong}
        innocent = [finding for finding in batch if finding.path not in blamed]
        suspects = [finding for finding in batch if finding.path in blamed]
        parts = [innocent, suspects] if innocent and suspects else _halves(batch)
        for part in parts:
            kept = self._sound_part(kept, part)
        return kept

    def _try(self, batch: Iterable[Diagnostic]) -> list[Complaint]:
        if self._trials == _MOST_TRIALS:
            return [Complaint("", "too many fixes went wrong to try them one by one")]
        self._trials += 1
        fixed = list(batch)
        after = self._relint(self.after | self._contents(fixed))
        wrong = complaints(self.result, after, fixed)
        if not wrong:
            self._proven = after
        return wrong

    def _contents(self, batch: Iterable[Diagnostic]) -> dict[str, bytes]:
        fixes: dict[str, list[Fix]] = {}
        for finding in batch:
            if finding.fix is not None:
                fixes.setdefault(finding.path, []).append(finding.fix)
        return {path: apply(self._content(path), inside) for path, inside in fixes.items()}

    def _content(self, path: str) -> bytes:
        if path not in self.before:
            self.before[path] = self._read(path)
        return self.after.get(path, self.before[path])

    def _keep(self, batch: Sequence[Diagnostic]) -> None:
        self.after |= self._contents(batch)
        # What was proven last is the whole batch: each success adds to the one before.
        self.result = self._proven
        self.fixed.update(finding.path for finding in batch)

    def _drop(self, finding: Diagnostic, reason: str) -> None:
        if finding.fix is not None:
            self._refused.add((finding.path, finding.fix))
        self.dropped.append(Dropped(finding, reason))


def _halves(batch: Sequence[Diagnostic]) -> list[Sequence[Diagnostic]]:
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]]
