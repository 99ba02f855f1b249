"""The engine alone: which fixes it keeps, and how often it has the project linted for that."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from results import FINDING, result_of

from asyncblock_lint.fix import Engine
from asyncblock_lint.fix.verify import complaints
from asyncblock_lint.model.result import Context, Diagnostic, Edit, Fix, LintResult

LINES = 64


def finding(number: int, context: str = "") -> Diagnostic:
    """One in each line of a file, whose fix turns the line's `x` into `y`."""
    fix = Fix("write `y`", "safe", (Edit(number, 0, number, 1, "y"),))
    place = Context("coroutine", context or f"app.main.f{number}")
    return replace(FINDING, line=number, context=place, fix=fix)


def run(relint: Callable[[set[int]], list[Diagnostic]]) -> tuple[Engine, int]:
    """The engine after its work; `relint` says what is found if some lines, counted from 1, are fixed."""
    trials = 0

    def lint(contents: Mapping[str, bytes]) -> LintResult:
        nonlocal trials
        trials += 1
        lines = contents[FINDING.path].decode().splitlines()
        return result_of(*relint({number for number, line in enumerate(lines, 1) if line == "y"}))

    first = result_of(*map(finding, range(1, LINES + 1)))
    engine = Engine(first, lint, lambda _: b"x\n" * LINES, {"safe"})
    engine.run()
    return engine, trials


@pytest.mark.parametrize("bad", [set[int](), {1}, {7, 30, 64}])
def test_useless_fixes_cost_one_trial_together(bad: set[int]) -> None:
    engine, trials = run(
        lambda done: [finding(line) for line in range(1, LINES + 1) if line not in done - bad]
    )
    assert {item.finding.line for item in engine.dropped} == bad
    assert sum(engine.fixed.values()) == LINES - len(bad)
    assert engine.after[FINDING.path].decode().split() == [
        "x" if line in bad else "y" for line in range(1, LINES + 1)
    ]
    assert trials == 1 + bool(bad)


def test_a_fix_that_brings_a_finding_elsewhere_is_searched_for_by_halves() -> None:
    def relint(done: set[int]) -> list[Diagnostic]:
        brought = [replace(finding(99, "app.main.other"), fix=None)] if 9 in done else []
        return [finding(line) for line in range(1, LINES + 1) if line not in done] + brought

    engine, trials = run(relint)
    assert [item.finding.line for item in engine.dropped] == [9]
    assert sum(engine.fixed.values()) == LINES - 1
    assert trials <= 2 * LINES.bit_length()


def test_a_fix_that_brings_a_finding_beside_it_is_suspected_at_once() -> None:
    def relint(done: set[int]) -> list[Diagnostic]:
        brought = [replace(finding(9), callee="net.other", fix=None)] if 9 in done else []
        return [finding(line) for line in range(1, LINES + 1) if line not in done] + brought

    engine, trials = run(relint)
    assert [(item.finding.line, item.reason) for item in engine.dropped] == [
        (9, "ABL201 of `net.other` would be new")
    ]
    assert trials == 2


def test_a_finding_that_calls_nothing_is_told_by_its_code() -> None:
    useless = replace(FINDING, code="ABL001", callee="")
    assert [item.reason for item in complaints(result_of(), result_of(useless), [])] == [
        "ABL001 would be new"
    ]


def test_a_function_without_a_name_is_known_again_in_another_line() -> None:
    before, after = (
        replace(FINDING, context=Context("coroutine", f"app.main.f.<locals>.<lambda:{line}:8>#2"))
        for line in (3, 4)
    )
    assert complaints(result_of(before), result_of(after), []) == []
