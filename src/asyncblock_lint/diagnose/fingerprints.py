"""A name for each finding that edits elsewhere do not change."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from asyncblock_lint.diagnose.source import Lines
from asyncblock_lint.model.result import Diagnostic


def with_fingerprints(findings: Iterable[Diagnostic], lines: Lines) -> tuple[Diagnostic, ...]:
    """Name each finding by what it is and what its lines say, and equal ones by their order."""
    seen: Counter[tuple[str, ...]] = Counter()
    named = []
    for finding in findings:
        text = "".join("".join(lines(finding.path)[finding.line - 1 : finding.end_line]).split())
        key = (finding.path, finding.code, finding.context.function, finding.callee, text)
        seen[key] += 1
        named.append(replace(finding, fingerprint=_digest(*key, str(seen[key]))))
    return tuple(named)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
