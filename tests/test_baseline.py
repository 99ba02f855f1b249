"""Baselines: what is written, what is hidden, and what is refused."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from results import FINDING, PROBLEM, result_of

from asyncblock_lint.baseline import baseline_text, hide_known, read_baseline
from asyncblock_lint.errors import UserError

OTHER = replace(FINDING, path="app/a.py", fingerprint="ff")


def test_what_is_written_is_versioned_and_sorted() -> None:
    assert json.loads(baseline_text([FINDING, OTHER])) == {
        "version": 1,
        "findings": [
            {"path": "app/a.py", "code": "ABL201", "callee": "net.get", "fingerprint": "ff"},
            {"path": "app/main.py", "code": "ABL201", "callee": "net.get", "fingerprint": "0123456789abcdef"},
        ],
    }
    assert baseline_text([FINDING, OTHER]) == baseline_text([OTHER, FINDING])
    assert baseline_text([]).endswith("\n")


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(baseline_text([FINDING, OTHER, OTHER]))
    assert read_baseline(str(path)) == Counter({"ff": 2, FINDING.fingerprint: 1})


def test_known_findings_are_hidden_and_new_ones_stay() -> None:
    result = hide_known(result_of(FINDING, OTHER, problems=(PROBLEM,)), Counter({FINDING.fingerprint: 1}))
    assert result.findings == (OTHER,)
    assert result.problems == (PROBLEM,)
    assert result.summary.findings == 1
    assert result.summary.problems == 1


def test_one_more_of_the_same_is_new() -> None:
    known = Counter({FINDING.fingerprint: 1})
    assert hide_known(result_of(FINDING, FINDING), known).findings == (FINDING,)
    assert known == Counter({FINDING.fingerprint: 1})


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"{", "not a baseline: Input data was truncated"),
        (b"[]", "not a baseline: Expected `object`, got `array`"),
        (b'{"version": 1, "findings": [{}]}', "not a baseline: Object missing required field `path`"),
        (b'{"version": 2, "findings": []}', "a baseline of version 2; this program reads 1"),
        (b'{"version": 1, "findings": "\xff"}', "not a baseline: "),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "baseline.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_baseline(str(path))
    assert str(caught.value).startswith(f"{path}: {complaint}")
