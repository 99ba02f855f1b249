"""Runs the programs below `tests/proof` and holds what the linter says of them against a real loop.

A program whose lines are marked must stall its loop at just those lines; one without marks must not.
The programs in `limits.md` are those in which linter and loop differ, for the reasons given there.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from literate import Case, mismatches, read_cases
from proving import PROOF, Outcome, run, run_all

from asyncblock_lint import Config, LintResult, lint
from asyncblock_lint.model.codes import CODES

TRIES = 3
"""A busy machine makes any loop late; what is no accident shows again."""
MOMENT = 3
"""Looks at a stack, 10 ms apart, up to which it does not count as a stall of its own."""

sys.path.insert(0, str(PROOF))

from probe import THRESHOLD  # noqa: E402

PROGRAMS = {document.stem: list(read_cases(document)) for document in sorted(PROOF.glob("*.md"))}
ALL = {f"{stem}: {case.name}": (stem, case) for stem, cases in PROGRAMS.items() for case in cases}
PROVED = [name for name, (stem, _) in ALL.items() if stem != "limits"]
WITHOUT_STALL = {"ABL000", "ABL001", "ABL402", "ABL604", "ABL802"}
"""Codes that do not stand for a call, or for one that fails or is too quick to be seen."""
ASIDE = "ABL803"
"""Stands at a function, for the calls that stall in it."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs use named pipes and signals")


@cache
def run_document(stem: str) -> dict[str, Outcome]:
    cases = PROGRAMS[stem]
    return {case.name: outcome for case, outcome in zip(cases, run_all(cases), strict=True)}


def disagreements(case: Case, outcome: Outcome) -> list[str]:
    """Where the loop did something else than the marks say, in words.

    A stack without lines is a library function that the loop called itself: it speaks for the line
    that handed it over. What is seen only for a moment comes right after a stall.
    """
    marked = {(mark.path, mark.line) for mark in case.expected() if mark.code != ASIDE}
    stacks = [stack for stack, _ in outcome.stacks]
    still = [] if frozenset() in stacks else sorted(marked.difference(*stacks))
    return [
        *(f"no stall at {path}:{line}" for path, line in still),
        *(
            f"a stall at {sorted(stack)}"
            for stack, seen in outcome.stacks
            if stack and not stack & marked and seen > MOMENT
        ),
        *([f"late by {outcome.lag:.3f} s"] if not marked and outcome.lag > THRESHOLD else []),
    ]


def differences(stem: str, case: Case) -> list[str]:
    """Where loop and marks differ in each of several tries; none as soon as they agree in one."""
    found = []
    outcome = run_document(stem)[case.name]
    for attempt in range(TRIES):
        if attempt:
            # The first run pays for what libraries import when they are first used.
            outcome = run([case, case])[-1]
        assert not outcome.error, outcome.error
        found = disagreements(case, outcome)
        if not found:
            break
    return found


@cache
def linted(name: str) -> LintResult:
    with TemporaryDirectory() as folder:
        case = ALL[name][1]
        case.write(Path(folder))
        return lint(Config(working_directory=folder, project_root=folder, jobs=1, codes=case.codes))


@pytest.mark.parametrize("name", ALL)
def test_the_linter_says_what_is_marked(name: str) -> None:
    assert linted(name).problems == ()
    assert mismatches(ALL[name][1].expected(), linted(name).findings) == []


@pytest.mark.parametrize("name", ALL)
def test_the_loop_does_what_is_marked(name: str) -> None:
    stem, case = ALL[name]
    if stem == "limits":
        outcome = run_document(stem)[case.name]
        assert not outcome.error, outcome.error
        assert disagreements(case, outcome), "loop and linter agree: the program belongs elsewhere"
    else:
        assert differences(stem, case) == []


def test_as_much_silence_is_proved_as_noise() -> None:
    stalling = sum(bool(ALL[name][1].expected()) for name in PROVED)
    assert stalling >= 60
    assert len(PROVED) - stalling >= 60


def test_every_code_that_stands_for_a_stall_is_proved() -> None:
    proved = {finding.code for name in PROVED for finding in linted(name).findings}
    assert {code.code for code in CODES} - proved == WITHOUT_STALL


def test_names_of_programs_are_unique() -> None:
    assert len(ALL) == sum(map(len, PROGRAMS.values()))
