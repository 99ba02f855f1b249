"""Runs programs in a process of their own, and tells how their loops did.

`tests/proof` has what goes on in that process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from literate import Case

PROOF = Path(__file__).parent / "proof"
PATIENCE = 90
"""Seconds for the programs of one document."""


@dataclass(frozen=True)
class Outcome:
    """What the probe saw of a program: the greatest delay in seconds, and while the loop was late, how
    often it saw which lines being run. `result` is what the program gave, as text."""

    error: str = ""
    result: str = ""
    lag: float = 0.0
    stacks: tuple[tuple[frozenset[tuple[str, int]], int], ...] = ()


def read_outcome(line: str) -> Outcome:
    raw = json.loads(line)
    stacks = ((frozenset((path, number) for path, number in stack), seen) for stack, seen in raw["stacks"])
    return Outcome(result=raw["result"], lag=raw["lag"], stacks=tuple(stacks))


def run_all(cases: Sequence[Case], **environment: str) -> list[Outcome]:
    """The outcomes of programs, also of those behind one that fails."""
    outcomes: list[Outcome] = []
    while len(outcomes) < len(cases):
        outcomes += run(cases[len(outcomes) :], **environment)
    return outcomes


def run(cases: Sequence[Case], **environment: str) -> list[Outcome]:
    """The outcomes of programs that run one after the other in a process, up to the first that fails."""
    with TemporaryDirectory() as temporary:
        folders = [Path(temporary).resolve() / str(number) for number in range(len(cases))]
        for case, folder in zip(cases, folders, strict=True):
            case.write(folder)
        path = Path(temporary) / "outcomes"
        error = run_programs([str(PROOF / "run.py"), str(path), *map(str, folders)], environment)
        outcomes = [read_outcome(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return outcomes if len(outcomes) == len(cases) else [*outcomes, Outcome(error)]


def run_programs(arguments: list[str], environment: Mapping[str, str]) -> str:
    """How the process ended, in words for a program that made it fail."""
    try:
        process = subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return f"no end within {PATIENCE} s"
    return f"exit code {process.returncode}: {process.stderr[-2000:]}"
