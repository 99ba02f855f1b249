"""Values that hold other values: what is costly to find out about them is kept."""

from __future__ import annotations

from typing import ClassVar


class Hashed:
    """Base of what holds other values: such nests deep and is looked up often, so that its hash, how
    deep it nests, whether it is open, and which other one it was found to equal, are worth keeping."""

    __slots__ = ("_depth", "_equal", "_hash", "_open")
    __match_args__: ClassVar[tuple[str, ...]]
    _depth: int
    _equal: Hashed
    _hash: int
    _open: bool

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            found = hash((type(self), *(getattr(self, name) for name in self.__match_args__)))
            object.__setattr__(self, "_hash", found)
            return found

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Hashed) or type(self) is not type(other) or hash(self) != hash(other):
            return False
        one, two = _first_equal(self), _first_equal(other)
        if one is two:
            return True
        if all(getattr(self, name) == getattr(other, name) for name in self.__match_args__):
            object.__setattr__(two, "_equal", one)
            return True
        return False


def _first_equal(value: Hashed) -> Hashed:
    """The last of the chain of equals that begins at `value`; the chain is shortened on the way."""
    while (found := getattr(value, "_equal", value)) is not value:
        further = getattr(found, "_equal", found)
        object.__setattr__(value, "_equal", further)
        value = further
    return value
