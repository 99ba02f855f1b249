"""The help of a finding and its fix name the same library."""

from pathlib import Path

import pytest

from asyncblock_lint import load_config
from asyncblock_lint.pipeline import lint

_MIXED = """\
import asyncio
import time

import trio


def load():
    time.sleep(1)


async def of_trio(nursery: trio.Nursery):
    {code}
    await trio.sleep(1)


async def of_asyncio():
    {code}
    await asyncio.sleep(1)
"""


def helps(folder: Path, code: str) -> list[str]:
    (folder / "main.py").write_text(_MIXED.format(code=code))
    config = load_config(options={"jobs": 1}, working_directory=str(folder))
    return [finding.help for finding in lint(config).findings]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("time.sleep(2)", "sleep"),
        ("load()", "to_thread"),
        ('with open("a") as f: print(f.read())', "to_thread"),
        ("list(open('a'))", "to_thread"),
    ],
)
def test_the_library_of_the_function_is_named(tmp_path: Path, code: str, name: str) -> None:
    found = helps(tmp_path, code)
    assert len(found) >= 2
    first, last = found[0], found[-1]
    assert f"trio.{name}" in first
    assert "asyncio." not in first
    assert f"asyncio.{name}" in last
    assert "trio." not in last


def test_a_finding_without_a_fix_keeps_its_help(tmp_path: Path) -> None:
    found = helps(tmp_path, "print(lambda: 1, [[load() for _ in x] for x in 'ab'])")
    assert found
    assert all(found)
