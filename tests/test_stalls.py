"""How long loops are estimated to compute, and how surely."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from asyncblock_lint import Config, Diagnostic, lint
from asyncblock_lint.extract.visitor import module_facts
from asyncblock_lint.link.loops.amounts import (
    OPEN,
    OUTSIDE,
    Amount,
    combined,
    least,
    mean_of_range,
    one_of,
    operated,
    rounds_of_range,
)
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import LoopFact


def loops_of(body: str) -> tuple[LoopFact, ...]:
    """The loops of a function with that body."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return module_facts(f"async def f(xs, n):\n{lines}").functions[0].loops


def findings(
    tmp_path: Path, source: str, *, budget: float = 0.1, certainty: Certainty = Certainty.GUESS
) -> tuple[Diagnostic, ...]:
    """What is found in a program, guesses included."""
    (tmp_path / "main.py").write_text(source, encoding="utf-8")
    folder = str(tmp_path)
    config = Config(
        working_directory=folder, project_root=folder, jobs=1, certainty=certainty, loop_budget=budget
    )
    return lint(config).findings


def only(tmp_path: Path, source: str) -> Diagnostic:
    """The one loop found in a program."""
    [finding] = [item for item in findings(tmp_path, source) if item.code == "ABL701"]
    return finding


class TestFacts:
    def test_a_round_counts_its_own_operations_and_a_step(self) -> None:
        outer, inner = loops_of("for x in xs:\n    y = x * x\n    for z in xs:\n        z + x - y")
        assert (outer.operations, inner.operations) == (2, 3)
        assert (outer.parent, inner.parent) == (-1, 0)

    def test_a_branch_counts_half(self) -> None:
        [loop] = loops_of("for x in xs:\n    if x:\n        a * b\n        f(x)")
        assert loop.operations == 1 + (1 + 3) / 2
        assert loop.seldom == (0,)

    def test_what_handles_exceptions_does_not_count(self) -> None:
        [loop] = loops_of("for x in xs:\n    try:\n        a * b\n    except ValueError:\n        f(x)")
        assert loop.operations == 2

    @pytest.mark.parametrize(("body", "leaves"), [("break", True), ("return 1", True), ("continue", False)])
    def test_how_a_loop_ends(self, body: str, leaves: bool) -> None:
        [loop] = loops_of(f"for x in xs:\n    if x:\n        {body}")
        assert loop.leaves is leaves
        assert not loop.raises

    def test_a_break_ends_the_inner_loop_and_a_return_both(self) -> None:
        outer, inner = loops_of("for x in xs:\n    for y in x:\n        break")
        assert (outer.leaves, inner.leaves) == (False, True)
        outer, inner = loops_of("for x in xs:\n    for y in x:\n        return")
        assert (outer.leaves, inner.leaves) == (True, True)

    def test_an_exception_ends_a_loop_in_its_own_way(self) -> None:
        [loop] = loops_of("for x in xs:\n    raise ValueError")
        assert loop.raises
        assert not loop.leaves

    def test_a_while_says_what_it_compares(self) -> None:
        [loop] = loops_of("while n < 10 and xs:\n    n += 1")
        assert (loop.kind, loop.operator, loop.leaves) == ("while", "Lt", True)
        [endless] = loops_of("while True:\n    pass")
        assert (endless.operator, endless.is_idle) == ("always", True)

    def test_awaits_and_calls_belong_to_the_loops_around_them(self) -> None:
        outer, inner = loops_of("f()\nfor x in xs:\n    g(x)\n    for y in x:\n        await h(y)\nawait i()")
        assert (outer.calls, inner.calls) == ((1, 3), (2, 3))
        assert (outer.awaits, inner.awaits) == ((0, 1), (0, 1))

    def test_a_comprehension_is_as_many_loops_as_it_has_for(self) -> None:
        outer, inner = loops_of("[x * y for x in xs for y in x]")
        assert (outer.kind, inner.parent, inner.operations) == ("comprehension", 0, 3)


class TestAmounts:
    def test_unknown_open_and_foreign_spread(self) -> None:
        assert combined((Amount(1), None, OPEN), sum) is None
        assert operated(Amount(1), "__add__", OPEN) == OPEN
        assert operated(OUTSIDE, "__mul__", Amount(2)) == OUTSIDE
        assert operated(Amount(6), "__floordiv__", Amount(4)) == Amount(1)

    def test_what_cannot_be_computed_is_unknown(self) -> None:
        assert operated(Amount(1), "__truediv__", Amount(0)) is None
        assert operated(Amount(10), "__pow__", Amount(10**6)) is None
        assert operated(Amount(-1), "__pow__", Amount(0.5)) is None

    def test_the_least_bounds_what_is_unknown_as_a_guess(self) -> None:
        assert least([None, Amount(1000)]) == Amount(1000, Certainty.GUESS)
        assert least([Amount(3), Amount(1000)]) == Amount(3)
        assert least([OUTSIDE, OUTSIDE]) == OUTSIDE

    def test_one_of_several_may_be_the_largest(self) -> None:
        assert one_of([Amount(1), Amount(5)]) == Amount(5, Certainty.LIKELY)
        assert one_of([Amount(5)]) == Amount(5)
        assert one_of([Amount(5), None]) is None

    @pytest.mark.parametrize("given", [(10,), (2, 10), (0, 10, 3), (10, 0, -2), (5, 1)])
    def test_ranges_have_as_many_numbers_as_python_says(self, given: tuple[int, ...]) -> None:
        assert rounds_of_range(*given) == len(range(*given))

    def test_the_mean_of_a_range(self) -> None:
        assert math.isclose(mean_of_range(10), 5)
        assert math.isclose(mean_of_range(10, 20), 15)


class TestEstimates:
    def test_the_message_has_the_arithmetic(self, tmp_path: Path) -> None:
        finding = only(tmp_path, "async def f():\n    for i in range(10_000_000):\n        i * i + 1\n")
        assert finding.message == (
            "`for` computes for about 10,000,000 rounds x 3 operations = 0.6 s, and stops the event loop"
        )
        assert finding.certainty is Certainty.EXACT
        assert "ProcessPoolExecutor" in finding.help

    def test_nested_loops_are_multiplied(self, tmp_path: Path) -> None:
        source = (
            "async def f():\n    for i in range(4000):\n        for j in range(2500):\n            i * j\n"
        )
        assert "10,000,000 rounds x 2 operations = 0.4 s" in only(tmp_path, source).message

    def test_the_path_leads_to_the_loop(self, tmp_path: Path) -> None:
        source = "def g(n):\n    for i in range(n):\n        i * i\n\nasync def f():\n    g(10_000_000)\n"
        finding = only(tmp_path, source)
        assert [(hop.line, hop.calls) for hop in finding.trace] == [(6, "main.g"), (2, "for")]

    def test_the_budget_decides(self, tmp_path: Path) -> None:
        source = "async def f():\n    for i in range(1_000_000):\n        i * i\n"
        assert findings(tmp_path, source) == ()
        assert len(findings(tmp_path, source, budget=0.01)) == 1
        assert findings(tmp_path, source.replace("1_000_000", "10_000_000"), budget=60) == ()

    @pytest.mark.parametrize(
        "source",
        [
            "async def f(x):\n    for i in range(10**8):\n        if i * i == x:\n            return i\n",
            "async def f(x):\n    return any(i * i == x for i in range(10**8))\n",
            "def g(n):\n    return g(n - 1) + g(n - 2) if n > 1 else n\n\nasync def f():\n    g(40)\n",
            "async def f(n):\n    for i in range(min(n, 10**8)):\n        i * i\n",
            "async def f(x):\n    while not x.step():\n        pass\n",
        ],
        ids=["may return", "any", "recursion", "bounded", "unknown step"],
    )
    def test_what_is_but_a_guess(self, tmp_path: Path, source: str) -> None:
        assert only(tmp_path, source).certainty is Certainty.GUESS
        assert findings(tmp_path, source, certainty=Certainty.LIKELY) == ()

    @pytest.mark.parametrize(
        "source",
        [
            "def g(n):\n    return g(n - 1) + 1 if n else 0\n\nasync def f():\n    g(900)\n",
            "def g(xs, n):\n    return [g(x, n - 1) or g(x, n - 1) for x in xs]\n\n"
            "async def f(xs):\n    g(xs, 40)\n",
            "def g(n):\n    return g(n - 1) + g(n - 2) if n > 1 else n\n\nasync def f():\n    g(5)\n",
            "async def f(n):\n    for i in range(n):\n        i * i\n",
            "async def f(n):\n    for i in range(min(n, 100)):\n        i * i\n",
        ],
        ids=["one call", "parts of a tree", "few levels", "unknown", "bounded"],
    )
    def test_what_is_not_even_a_guess(self, tmp_path: Path, source: str) -> None:
        assert findings(tmp_path, source) == ()

    def test_a_cached_recursion_does_not_grow(self, tmp_path: Path) -> None:
        source = (
            "import functools\n\n@functools.lru_cache\ndef g(n):\n"
            "    return g(n - 1) + g(n - 2) if n > 1 else n\n\nasync def f():\n    g(40)\n"
        )
        assert findings(tmp_path, source) == ()

    def test_a_request_decides(self, tmp_path: Path) -> None:
        source = (
            "from fastapi import FastAPI, Query\napp = FastAPI()\n\n@app.get('/')\n"
            "async def f(n: int{}):\n    for i in range(n):\n        i * i\n"
        )
        finding = only(tmp_path, source.format(""))
        assert finding.certainty is Certainty.GUESS
        assert "runs as many rounds as a request asks for" in finding.message
        assert findings(tmp_path, source.format(" = Query(le=1000)")) == ()
        assert only(tmp_path, source.format(" = Query(le=10**8)")).certainty is Certainty.GUESS
        assert findings(tmp_path, source.format(" = 5")) == ()

    def test_waiting_is_told_from_computing(self, tmp_path: Path) -> None:
        wait = "    while time.time() < end:\n        pass\n"
        source = "import time\nasync def f():\n    end = time.time() + 180\n" + wait
        finding = only(tmp_path, source)
        assert finding.message == "`while` goes round and round for 3 min, and stops the event loop"
        assert "event" in finding.help


class TestPatterns:
    @pytest.mark.parametrize(
        ("pattern", "is_found"),
        [
            (r"^(a+)+$", True),
            (r"([a-z]+)*x", True),
            (r"(?:\\w+\\s?)*$", True),
            (r"^\\w+(\\.\\w+)*$", False),
            (r"(ab)+c*", False),
        ],
    )
    def test_repeating_what_is_repeated_is_a_guess(
        self, tmp_path: Path, pattern: str, is_found: bool
    ) -> None:
        source = (f"import re\n\nasync def f(text):\n    return re.match(r'{pattern}', text)\n").replace(
            "\\\\", "\\"
        )
        found = findings(tmp_path, source)
        assert [finding.code for finding in found] == (["ABL702"] if is_found else [])
        assert findings(tmp_path, source, certainty=Certainty.LIKELY) == ()


def test_pure_python_is_advised_a_process_and_c_a_thread(tmp_path: Path) -> None:
    source = (
        "import hashlib\nimport markdown\n\nasync def f(text, salt):\n"
        "    markdown.markdown(text)\n    hashlib.pbkdf2_hmac('sha256', text, salt, 600_000)\n"
    )
    in_process, in_thread = (finding.help for finding in findings(tmp_path, source))
    assert "loop.run_in_executor(processes, markdown.markdown, text)" in in_process
    assert "to_thread(hashlib.pbkdf2_hmac" in in_thread
