"""What may be known of a value without knowing where it came from: a constant, a member, a kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from asyncblock_lint.model.facts import Const

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.values import Value


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an enumeration, a class of the project by its index; `value` is the constant behind it,
    if it is written out, and `is_mixed` if the member equals that."""

    cls: int
    name: str
    value: Const | None = None
    is_mixed: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A text of which no more than the start is known."""

    start: str


@dataclass(frozen=True, slots=True)
class Made:
    """An object, perhaps of the class of `value`: of that very class if it `is_exact`, or else of a
    subclass. `counts` tells whether it counts as true, if that is known."""

    value: Value | None = None
    is_exact: bool = True
    may_be_none: bool = False
    counts: bool | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A dict with these keys and no others, and what is known of its values."""

    entries: tuple[tuple[str, Known | None], ...]

    def __contains__(self, key: object) -> bool:
        return any(name == key for name, _ in self.entries)

    def get(self, key: str) -> Known | None:
        """What is known of the value under `key`."""
        return dict(self.entries).get(key)


Known = Const | Member | Text | Made | Items
Setting = tuple[tuple[str, Known], ...]
"""What the parameters of a function, and the attributes of its object, are given, as far as that
decides what it runs."""


def truth(known: Known | None) -> bool | None:
    """Whether what is known counts as true."""
    match known:
        case Const(value=value):
            return bool(value)
        case Text(start=start) if start:
            return True
        case Items(entries=entries):
            return bool(entries)
        case Made(counts=counts):
            return counts
        case Member(value=Const(value=value), is_mixed=is_mixed):
            return bool(value) if is_mixed else True
    return None


def is_none(known: Known | None) -> bool | None:
    """Whether what is known is `None`."""
    match known:
        case Const(value=value):
            return value is None
        case None | Made(may_be_none=True):
            return None
    return False


def both(one: Known | None, other: Known | None) -> Known | None:
    """What two sources tell together."""
    if isinstance(one, Made) and isinstance(other, Made):
        told = one if one.value is not None else other
        return Made(
            told.value,
            told.is_exact,
            one.may_be_none and other.may_be_none,
            other.counts if one.counts is None else one.counts,
        )
    return other if one is None or (isinstance(one, Made) and other is not None) else one


def equal(one: Known | None, other: Known | None) -> bool | None:
    """Whether two values are equal, as far as that follows from what is known of them."""
    match one, other:
        case Const(), Const():
            return one.value == other.value
        case Member(), Member() if one.cls == other.cls:
            return one.name == other.name or (one.value is not None and one.value == other.value)
        case Member(value=left, is_mixed=True), Member(value=right, is_mixed=True):
            return None if left is None or right is None else left == right
        case Member(), Member():
            return False
        case (Member(value=Const() as value, is_mixed=True), Const() as constant) | (
            Const() as constant,
            Member(value=Const() as value, is_mixed=True),
        ):
            return value == constant
        case (Text(start=start), Const(value=str(text))) | (Const(value=str(text)), Text(start=start)):
            return None if text.startswith(start) else False
        case (Const(value=None), rest) | (rest, Const(value=None)):
            return is_none(rest)
    return None


def contains(text: Known | None, part: Known | None) -> bool | None:
    """Whether `part in text`, of two texts."""
    match text, part:
        case Const(value=str(whole)), Const(value=str(sought)):
            return sought in whole
        case Text(start=start), Const(value=str(sought)) if sought in start:
            return True
    return None


def key_of(known: Known | None) -> object:
    """The key that a constant, or a member of an enumeration, is for items; `None` if it is unknown."""
    match known:
        case Const(value=value):
            return value
        case Member(name=name):
            return (name,)
    return None
