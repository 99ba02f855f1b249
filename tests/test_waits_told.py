"""What findings about waiting, nested loops and misplaced coroutines say."""

from pathlib import Path

import pytest

from asyncblock_lint import Config, Diagnostic, lint

_LOCK = """
import threading
import time

lock = threading.Lock()

def refresh():
    with lock:
        time.sleep(1)

async def read():
    with lock:
        return 1
"""
_NESTED = """
import asyncio

async def work():
    await asyncio.sleep(1)

async def handler():
    asyncio.run(work())
"""
_DEADLOCK = """
import asyncio

async def handler(work):
    asyncio.run_coroutine_threadsafe(work(), asyncio.get_running_loop()).result()
"""
_ACROSS = """
import asyncio
import threading

async def handler(lock: threading.Lock):
    with lock:
        await asyncio.sleep(1)
"""
_NEVER = """
import asyncio

async def work():
    await asyncio.sleep(1)

async def handler():
    await asyncio.to_thread(work)
"""


def only_finding(folder: Path, source: str) -> Diagnostic:
    (folder / "main.py").write_text(source, encoding="utf-8")
    result = lint(Config(working_directory=str(folder), project_root=str(folder), jobs=1))
    [finding] = result.findings
    return finding


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        (_LOCK, "ABL601", ["`main.refresh` holds", "`time.sleep` (main.py:9)", "stops the event loop"]),
        (_NESTED, "ABL604", ["`asyncio.run` raises RuntimeError"]),
        (_DEADLOCK, "ABL603", ["a deadlock"]),
        (_NEVER, "ABL802", ["is given `main.work`, which is `async def`: a thread awaits nothing"]),
        (_ACROSS, "ABL605", ["stays held across the `await` in line 7"]),
    ],
)
def test_a_message_says_what_happens(tmp_path: Path, source: str, code: str, words: list[str]) -> None:
    finding = only_finding(tmp_path, source)
    assert finding.code == code
    for part in words:
        assert part in finding.message


def test_a_nested_loop_is_replaced_by_an_await(tmp_path: Path) -> None:
    assert "`await work()`" in only_finding(tmp_path, _NESTED).help
