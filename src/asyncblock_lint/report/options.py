"""What a reporter may need besides the result."""

import functools
import tokenize
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ReadLines = Callable[[str], Sequence[str]]
"""Gives the lines of a file by its path as shown; none if it can no longer be read."""


def lines_below(folder: Path) -> ReadLines:
    """Read files whose paths are relative to `folder`."""

    # A few suffice: findings come file by file.
    @functools.lru_cache(maxsize=4)
    def read(path: str) -> Sequence[str]:
        try:
            with tokenize.open(folder / path) as file:
                return file.read().split("\n")
        except (OSError, SyntaxError, UnicodeDecodeError):
            return ()

    return read


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """`color`: mark up for a terminal. `lines`: where code frames get their source from."""

    color: bool = False
    lines: ReadLines = field(default_factory=lambda: lines_below(Path.cwd()))
