"""A progress bar on standard error, for people who wait."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import click

Progress = Callable[[int, int], None]

LONG = 200
"""With fewer files the run is over before a bar could be read."""


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """What to tell how many files of how many are done; nothing unless somebody is watching."""
    if not is_watched():
        yield None
        return
    with ExitStack() as stack:
        yield _Bar(stack)


def is_watched() -> bool:
    """Whether somebody can see standard error."""
    return sys.stderr is not None and sys.stderr.isatty()


class _Bar:
    """Starts with the first news, if there is a long way to go."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._done = 0
        self._step: Callable[[int], None] | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._step is None:
            self._step = self._start(total) if total > LONG else _ignore
        self._step(done - self._done)
        self._done = done

    def _start(self, total: int) -> Callable[[int], None]:
        bar = click.progressbar(
            length=total, label="Reading files", file=sys.stderr, update_min_steps=total // 100
        )
        return self._stack.enter_context(bar).update


def _ignore(steps: int) -> None:
    """Show nothing."""
