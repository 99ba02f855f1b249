"""Measures how long an event loop stands still, and at which lines of a program.

A heartbeat on the loop sleeps for a moment and notes how late it wakes. A thread looks at the stack of
the loop's thread whenever the heartbeat is late.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from types import FrameType, TracebackType

INTERVAL = 0.005
"""Seconds between two beats."""
THRESHOLD = 0.06
"""Seconds of delay from which on the loop counts as stalled. What blocks in the programs takes longer."""

Stack = tuple[tuple[str, int], ...]
"""The files and lines of a program that were being run, the innermost first; empty inside libraries."""


class Probe:
    """One measurement: the greatest delay in seconds, how often each stack was seen meanwhile, and what
    the program gave."""

    def __init__(self, folder: Path) -> None:
        self.lag = 0.0
        self.result: object = None
        self.stacks: Counter[Stack] = Counter()
        self._folder = folder
        self._loop_thread = threading.get_ident()
        self._due: float | None = None
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Probe:
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._watcher.join()

    async def run(self, main: Callable[[], Awaitable[object]]) -> None:
        """Await `main()` under a heartbeat, and a few beats more for a stall at its end."""
        heart = asyncio.create_task(self._beat())
        await asyncio.sleep(0)
        try:
            self.result = await main()
            await asyncio.sleep(2 * INTERVAL)
        finally:
            self._due = None
            heart.cancel()

    async def _beat(self) -> None:
        while True:
            due = self._due = monotonic() + INTERVAL
            await asyncio.sleep(INTERVAL)
            self.lag = max(self.lag, monotonic() - due)

    def _watch(self) -> None:
        while not self._stop.wait(2 * INTERVAL):
            due = self._due
            if due is not None and monotonic() - due > THRESHOLD:
                self.stacks[self._stack(sys._current_frames().get(self._loop_thread))] += 1

    def _stack(self, frame: FrameType | None) -> Stack:
        lines = []
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(self._folder):
                lines.append((path.relative_to(self._folder).as_posix(), frame.f_lineno))
            frame = frame.f_back
        return tuple(lines)
