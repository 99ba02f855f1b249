"""Applies fixes pass by pass and keeps only those that prove right; nothing is written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from asyncblock_lint.fix.apply import apply, overlap
from asyncblock_lint.fix.verify import Complaint, complaints, key
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
        """`kept`, and of a batch what can be applied besides.

        If the whole is wrong, what is to blame for sure goes, and the rest is tried part by part.
        """
        wrong = self._try([*kept, *batch])
        if not wrong:
            return [*kept, *batch]
        if len(batch) == 1:
            self._drop(batch[0], wrong[0].reason)
            return kept
        blamed = _blamed(batch, wrong)
        if blamed:
            for finding, reason in blamed.items():
                self._drop(finding, reason)
            rest = [finding for finding in batch if finding not in blamed]
            return self._sound_part(kept, rest) if rest else kept
        for part in _parts(batch, wrong):
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


def _blamed(batch: Sequence[Diagnostic], wrong: Iterable[Complaint]) -> dict[Diagnostic, str]:
    """What has a fix that did nothing; or the only one that a function has, if nothing else is complained
    of: of several complaints one fix may be the reason."""
    complained = list(wrong)
    useless = {complaint.useless: complaint.reason for complaint in complained if complaint.useless}
    blamed = {finding: useless[key(finding)] for finding in batch if key(finding) in useless}
    if blamed or len(complained) > 1:
        return blamed
    inside = [finding for finding in batch if _is_in(finding, complained[0])]
    return {inside[0]: complained[0].reason} if len(inside) == 1 else {}


def _is_in(finding: Diagnostic, complaint: Complaint) -> bool:
    return (finding.path, finding.context.function) == (complaint.path, complaint.function)


def _parts(batch: Sequence[Diagnostic], wrong: Iterable[Complaint]) -> list[Sequence[Diagnostic]]:
    """Those beyond suspicion, and what is in a function or file complained of; or else halves."""
    functions = {(complaint.path, complaint.function) for complaint in wrong}
    paths = {path for path, _ in functions}
    for suspects in (
        [finding for finding in batch if (finding.path, key(finding).function) in functions],
        [finding for finding in batch if finding.path in paths],
    ):
        if 0 < len(suspects) < len(batch):
            return [[finding for finding in batch if finding not in suspects], suspects]
    return _halves(batch)


def _halves(batch: Sequence[Diagnostic]) -> list[Sequence[Diagnostic]]:
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]]
