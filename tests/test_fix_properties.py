"""What holds of every fix: the program still is one, does the same, and is left alone afterwards."""

from __future__ import annotations

import asyncio
import inspect
import io
import tokenize
import warnings
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from programs import MISTAKE, Program, programs

from asyncblock_lint import Config, LintResult
from asyncblock_lint.fix.apply import decode
from asyncblock_lint.fix.verify import key
from asyncblock_lint.model.repair import Repair
from asyncblock_lint.pipeline import lint, repair, write

EXAMPLES = 60
_FAILURES = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, NameError, OSError, RuntimeError),
    *(TypeError, ValueError),
)
"""What programs drawn at random raise."""


class Gate:
    """Something to await and to enter."""

    async def echo(self, value: object) -> object:
        await asyncio.sleep(0)
        return value

    async def stream(self, *values: object) -> AsyncIterator[object]:
        for value in values:
            await asyncio.sleep(0)
            yield value

    async def __aenter__(self) -> Gate:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


def outcome(content: bytes, folder: Path) -> list[str]:
    """What a program notes, gives and leaves behind."""
    told: list[str] = []

    def note(*values: object, **named: object) -> object:
        told.append(f"{values} {named}")
        return values[0] if values else None

    source, target = folder / "source.txt", folder / "target.txt"
    source.write_text("[1,\n2]\n", encoding="utf-8")
    target.write_text("", encoding="utf-8")
    namespace: dict[str, Any] = {"note": note, "gate": Gate(), "__name__": "main"}
    try:
        exec(compile(content, "main.py", "exec", dont_inherit=True), namespace)
        store = namespace["Store"](str(source), namespace["Store"](str(source)))
        told.append(repr(asyncio.run(finished(namespace["work"](str(source), str(target), store)))))
        told.append(f"{store.total} {store.slots} {namespace['total']}")
    except _FAILURES as error:
        told.append(type(error).__name__)
    return [*told, target.read_text(encoding="utf-8")]


async def finished(work: Any) -> object:
    """What comes of a coroutine, or of an asynchronous generator."""
    return [item async for item in work] if inspect.isasyncgen(work) else await work


def compiles(content: bytes) -> bool:
    try:
        compile(content, "main.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def comments(content: bytes) -> Counter[str]:
    text, _ = decode(content)
    tokens = tokenize.generate_tokens(io.StringIO(text, newline=None).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def line_ends(content: bytes) -> set[str]:
    return {line[len(line.rstrip("\r\n")) :] for line in decode(content)[0].splitlines(keepends=True)} - {""}


def stripped(content: bytes) -> set[str]:
    return {line.strip() for line in decode(content)[0].splitlines()}


def config(folder: Path) -> Config:
    return Config(working_directory=str(folder), project_root=str(folder), jobs=1)


def fixed(folder: Path, content: bytes, wanted: set[str]) -> tuple[bytes, Repair]:
    """A file after fixing, and what came of it."""
    (folder / "main.py").write_bytes(content)
    made = repair(config(folder), wanted)
    write(made.revisions)
    return (folder / "main.py").read_bytes(), made


def check(program: Program, wanted: set[str], folder: Path, before: LintResult) -> bytes:
    """The fixed program, after a look at all that can be told without running it."""
    after, made = fixed(folder, program.content, wanted)
    assert compiles(after)
    # A directive that nothing needs any longer is a finding, and who wrote it has to say whether it goes.
    wrong = [item for item in made.dropped if item.reason != "ABL001 would be new"]
    assert [f"{item.finding.line}: {item.reason}" for item in wrong] == []
    assert comments(after) == comments(program.content)
    assert line_ends(after) <= line_ends(program.content)
    assert decode(after)[1] == decode(program.content)[1]
    assert set(program.kept) <= stripped(after)
    again, nothing = fixed(folder, after, wanted)
    assert not nothing.revisions
    assert again == after
    found, left = Counter(map(key, before.findings)), Counter(map(key, nothing.result.findings))
    assert left <= found
    assert made.fixed["main.py"] <= found.total() - left.total()
    return after


@pytest.mark.filterwarnings("ignore")
@settings(
    derandomize=True,
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(programs())
def test_fixes_keep_what_a_program_does(program: Program) -> None:
    with warnings.catch_warnings(), TemporaryDirectory() as temporary:
        warnings.simplefilter("ignore")
        assume(compiles(program.content))
        folder = Path(temporary).resolve()
        (folder / "code").mkdir()
        (folder / "code" / "main.py").write_bytes(program.content)
        before = lint(config(folder / "code"))
        safe = check(program, {"safe"}, folder / "code", before)
        unsafe = check(program, {"safe", "unsafe"}, folder / "code", before)
        expected = outcome(program.content, folder)
        # An import that a fix adds may give a name that was missing.
        assume(MISTAKE not in program.content and not {"NameError", "UnboundLocalError"} & set(expected))
        for content in {safe, unsafe} - {program.content}:
            assert outcome(content, folder) == expected
