"""What a fixer answers: changes of the text, and the imports they need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SAFE = "safe"
UNSAFE = "unsafe"
DISPLAY = "display"
APPLICABILITIES = (SAFE, UNSAFE, DISPLAY)
"""From a rewrite that keeps the meaning, by one that may not, to one that is only shown."""


@dataclass(frozen=True, slots=True)
class Change:
    """Replace the text between two offsets (end exclusive) by `text`, whose lines end in a plain
    line feed."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Import:
    """`import module`, or `from module import name`; `alias` is empty unless there is one."""

    module: str
    name: str = ""
    alias: str = ""

    def __str__(self) -> str:
        plain = f"from {self.module} import {self.name}" if self.name else f"import {self.module}"
        return f"{plain} as {self.alias}" if self.alias else plain


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a file writes a name, and what it has to import for that."""

    text: str
    imports: tuple[Import, ...] = ()


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A fix as a fixer writes it. `title` is a phrase that begins with a verb, in lower case. `help`
    takes the place of the finding's advice, where it would say something else; else it is empty."""

    title: str
    applicability: str
    changes: tuple[Change, ...]
    imports: tuple[Import, ...] = ()
    help: str = ""


def weaker(one: str, other: str) -> str:
    """The more careful of two applicabilities."""
    return max(one, other, key=APPLICABILITIES.index)


def merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes at one place become one, in their order; no line is indented within what is replaced."""
    changes = list(changes)
    found: dict[int, Change] = {}
    for change in changes:
        if not any(other.start < change.start < other.end for other in changes):
            first = found.get(change.start, Change(change.start, change.start, ""))
            found[change.start] = Change(first.start, change.end, first.text + change.text)
    return tuple(found.values())
