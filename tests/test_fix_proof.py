"""Runs the programs below `tests/fixes/proof` before and after their repair.

A repaired program gives the same result, and its loop no longer stands still. Those in `alone.md` keep
every byte.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import certifi
import pytest
from literate import Case, read_cases
from proving import Outcome, run_all

from asyncblock_lint import Config
from asyncblock_lint.pipeline import lint, repair, write

STALL = 0.15
"""Seconds by which the loop of a program must be late before its repair."""
QUICK = 0.05
"""Seconds by which it may be late afterwards; a slow machine has a third of what it was before."""
TRIES = 5
"""A busy machine makes any loop late; what is no accident shows again."""
SLOW = "0.25"
"""Seconds that what programs wait for takes, see `tests/proof/slow.py`."""

PROGRAMS = {
    document.stem: list(read_cases(document))
    for document in sorted((Path(__file__).parent / "fixes" / "proof").glob("*.md"))
}
ALONE = {case.name: case for case in PROGRAMS.pop("alone")}
ALL = {f"{stem}: {case.name}": (stem, case) for stem, cases in PROGRAMS.items() for case in cases}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs use named pipes and signals")


@cache
def repaired(case: Case) -> Case:
    """The program after `--unsafe-fixes`."""
    with TemporaryDirectory() as folder:
        case.write(Path(folder))
        made = repair(Config(working_directory=folder, project_root=folder, jobs=1), {"safe", "unsafe"})
        assert [(item.finding.line, item.reason) for item in made.dropped] == []
        write(made.revisions)
        files = {path: (Path(folder) / path).read_text(encoding="utf-8") for path, _ in case.files}
    return Case(case.name, tuple(files.items()), case.certainty)


@cache
def one_certificate() -> str:
    """The path of a file with a single certificate. Clients of httpx read all that there are when they
    are made, and how long that takes says nothing about a repair."""
    end = "-----END CERTIFICATE-----\n"
    first = Path(certifi.where()).read_text(encoding="utf-8").partition(end)[0]
    path = Path(mkdtemp()) / "one.pem"
    path.write_text(first + end, encoding="utf-8")
    return str(path)


def run_pairs(cases: Sequence[Case]) -> list[tuple[Outcome, Outcome]]:
    """How the programs do, each before and after its repair."""
    versions = [version for case in cases for version in (case, repaired(case))]
    outcomes = run_all(versions, SLOW=SLOW, SSL_CERT_FILE=one_certificate())
    return list(zip(outcomes[::2], outcomes[1::2], strict=True))


@cache
def run_document(stem: str) -> dict[str, tuple[Outcome, Outcome]]:
    cases = PROGRAMS[stem]
    return {case.name: pair for case, pair in zip(cases, run_pairs(cases), strict=True)}


def complaints(before: Outcome, after: Outcome) -> list[str]:
    """What speaks against a repair, in words."""
    return [
        *([f"late by only {before.lag:.3f} s before"] if before.lag <= STALL else []),
        *([f"late by {after.lag:.3f} s"] if after.lag > max(QUICK, before.lag / 3) else []),
        *([f"gives {after.result}, not {before.result}"] if after.result != before.result else []),
    ]


@pytest.mark.parametrize("name", ALL)
def test_the_loop_of_a_repaired_program_is_free(name: str) -> None:
    stem, case = ALL[name]
    found = []
    before, after = run_document(stem)[case.name]
    for attempt in range(TRIES):
        if attempt:
            # The first run pays for what libraries import when they are first used.
            before, after = run_pairs([case, case])[-1]
        assert not before.error + after.error, before.error + after.error
        found = complaints(before, after)
        if not found:
            break
    assert found == []


@pytest.mark.parametrize("name", ALONE)
def test_what_cannot_be_repaired_is_left_alone(name: str) -> None:
    assert repaired(ALONE[name]) == ALONE[name]


def test_programs_left_alone_run() -> None:
    assert [outcome.error for outcome in run_all(list(ALONE.values()), SLOW=SLOW)] == [""] * len(ALONE)


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_left_to_find_in_a_repaired_program(name: str) -> None:
    with TemporaryDirectory() as folder:
        repaired(ALL[name][1]).write(Path(folder))
        result = lint(Config(working_directory=folder, project_root=folder, jobs=1))
    assert [(finding.line, finding.code) for finding in result.findings] == []


def test_enough_is_proved() -> None:
    assert len(ALL) >= 55
    assert len({case.name for case in (*ALONE.values(), *(case for _, case in ALL.values()))}) == len(
        ALL
    ) + len(ALONE)
