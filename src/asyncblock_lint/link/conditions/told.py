"""What is known of a value that a function is given, without its being written out."""

from __future__ import annotations

from dataclasses import dataclass

from asyncblock_lint.link.inference.values import Value
from asyncblock_lint.model.facts import Const


@dataclass(frozen=True, slots=True)
class Told:
    """Whether a value counts as true, whether it is `None`, and of which it is one; each left open where
    nobody can tell."""

    truth: bool | None = None
    is_none: bool | None = None
    kinds: tuple[Value, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return self.truth is not None or self.is_none is not None or bool(self.kinds)

    def along_with(self, other: Told) -> Told:
        """What both tell together."""
        return Told(
            other.truth if self.truth is None else self.truth,
            other.is_none if self.is_none is None else self.is_none,
            self.kinds or other.kinds,
        )


Known = Const | Told
"""What is known of an argument: its value, or something of it."""


def both(first: Known | None, second: Known | None) -> Known | None:
    """What two sources tell together; a value that is written out tells all."""
    if first is None or isinstance(second, Const):
        return second
    if second is None or isinstance(first, Const):
        return first
    return first.along_with(second)


def truth_of(known: Known | None) -> tuple[bool | None, bool | None]:
    """Whether the value counts as true, and whether it is `None`."""
    match known:
        case Const(value=value):
            return bool(value), value is None
        case Told(truth=truth, is_none=is_none):
            return truth, is_none
    return None, None
