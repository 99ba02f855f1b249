"""Baselines: findings that were there before, written down so that only new ones are reported."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from asyncblock_lint.errors import UserError
from asyncblock_lint.model.result import Diagnostic, LintResult

VERSION = 1


class _Entry(msgspec.Struct, frozen=True, order=True):
    """A finding as it is written down; all but the fingerprint is for people."""

    path: str
    code: str
    callee: str
    fingerprint: str


class _Baseline(msgspec.Struct, frozen=True):
    """The file; equal findings are listed as often as they were found."""

    version: int
    findings: tuple[_Entry, ...]


def baseline_text(findings: Iterable[Diagnostic]) -> str:
    """The findings as a baseline file, in an order that keeps its history readable."""
    entries = sorted(
        _Entry(finding.path, finding.code, finding.callee, finding.fingerprint) for finding in findings
    )
    encoded = msgspec.json.encode(_Baseline(VERSION, tuple(entries)))
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def read_baseline(path: str) -> Counter[str]:
    """How often each fingerprint is listed; raises `UserError` if that cannot be told."""
    try:
        baseline = msgspec.json.decode(Path(path).read_bytes(), type=_Baseline)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a baseline: {error}") from error
    if baseline.version != VERSION:
        raise UserError(f"{path}: a baseline of version {baseline.version}; this program reads {VERSION}")
    return Counter(entry.fingerprint for entry in baseline.findings)


def hide_known(result: LintResult, known: Counter[str]) -> LintResult:
    """The result without the findings of the baseline, as many of each as it lists."""
    findings = tuple(_new(result.findings, known.copy()))
    return replace(result, findings=findings, summary=replace(result.summary, findings=len(findings)))


def _new(findings: Iterable[Diagnostic], left: Counter[str]) -> Iterator[Diagnostic]:
    for finding in findings:
        if left[finding.fingerprint] > 0:
            left[finding.fingerprint] -= 1
        else:
            yield finding
