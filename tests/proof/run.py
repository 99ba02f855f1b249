"""Runs programs one after the other, each under a loop with a probe.

    run.py OUTCOMES FOLDER...

Each folder holds a `main.py` with a coroutine function `main`. What was measured of each is a line of
JSON in the file OUTCOMES. A program that fails ends the run.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from pathlib import Path

from probe import Probe


def run(folder: Path) -> dict[str, object]:
    """What the probe saw of one program."""
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    main = importlib.import_module("main").main
    with Probe(folder) as probe:
        asyncio.run(probe.run(main))
    sys.path.remove(str(folder))
    _forget(folder, set(sys.modules) - before)
    return {"lag": probe.lag, "stacks": sorted(probe.stacks.items()), "result": repr(probe.result)}


def _forget(folder: Path, modules: set[str]) -> None:
    """Let the next program have modules of the same names."""
    for name in modules:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).is_relative_to(folder):
            del sys.modules[name]


if __name__ == "__main__":
    with Path(sys.argv[1]).open("w", encoding="utf-8") as outcomes:
        for name in sys.argv[2:]:
            print(json.dumps(run(Path(name))), file=outcomes, flush=True)
