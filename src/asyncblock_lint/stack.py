"""Room for deep recursion, as deeply nested source and long chains of names need it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_DEEPEST = 4000


@contextmanager
def deep_stack() -> Iterator[None]:
    """Raise Python's recursion limit to 4,000 calls meanwhile, which the C stack still bears."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
