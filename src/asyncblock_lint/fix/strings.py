"""Which lines belong to strings: white space at their beginning means something."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator

_F_STRING_START = getattr(tokenize, "FSTRING_START", -1)
_F_STRING_END = getattr(tokenize, "FSTRING_END", -1)


def lines_in_strings(text: str) -> Iterator[int]:
    """The lines of some code, counted from 0, that begin inside of a string."""
    opened: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        (line, _), (last, _) = token.start, token.end
        if token.type == tokenize.STRING:
            yield from range(line, last)
        elif token.type == _F_STRING_START:
            opened.append(line)
        elif token.type == _F_STRING_END:
            yield from range(opened.pop(), last)
