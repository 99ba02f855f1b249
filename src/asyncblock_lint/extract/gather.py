"""Reads many files into facts, in several processes where that pays."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor

import msgspec

from asyncblock_lint.extract.visitor import module_facts
from asyncblock_lint.model.facts import ModuleFacts
from asyncblock_lint.model.result import Problem
from asyncblock_lint.model.source import SourceFile
from asyncblock_lint.stack import deep_stack

_SMALLEST_PARALLEL = 64
_CHUNK = 40
_LARGEST_FILE = 20_000_000

Progress = Callable[[int, int], None]
"""Told how many files of how many are done."""


class _Unread(msgspec.Struct, frozen=True, tag=True):
    """Why a file gave no facts."""

    line: int
    message: str


class _Read(msgspec.Struct, frozen=True, tag=True):
    """The facts of a file."""

    facts: ModuleFacts


_Outcome = _Read | _Unread
_DECODER = msgspec.msgpack.Decoder(list[_Outcome])


def gather(
    files: Sequence[SourceFile], jobs: int, progress: Progress | None = None
) -> tuple[list[tuple[SourceFile, ModuleFacts]], list[Problem]]:
    """The facts of every file that can be read and parsed, and a problem for every other.

    Order follows `files`, whatever the number of processes (`jobs`, at least 1).
    """
    read: list[tuple[SourceFile, ModuleFacts]] = []
    problems: list[Problem] = []
    outcomes = _outcomes([file.location for file in files], jobs)
    for done, (file, outcome) in enumerate(zip(files, outcomes, strict=True), 1):
        if isinstance(outcome, _Read):
            read.append((file, outcome.facts))
        else:
            problems.append(Problem(file.path, outcome.line, outcome.message))
        if progress is not None:
            progress(done, len(files))
    return read, problems


def regather(
    modules: Iterable[tuple[SourceFile, ModuleFacts]], contents: Mapping[str, bytes]
) -> tuple[list[tuple[SourceFile, ModuleFacts]], list[Problem]]:
    """As `gather`, if some of the files, by their paths as shown, had other contents."""
    read: list[tuple[SourceFile, ModuleFacts]] = []
    problems: list[Problem] = []
    with deep_stack():
        for file, facts in modules:
            outcome = facts_of(contents[file.path]) if file.path in contents else _Read(facts)
            if isinstance(outcome, _Read):
                read.append((file, outcome.facts))
            else:
                problems.append(Problem(file.path, outcome.line, outcome.message))
    return read, problems


def _outcomes(locations: Sequence[str], jobs: int) -> Iterator[_Outcome]:
    if jobs < 2 or len(locations) < _SMALLEST_PARALLEL:
        with deep_stack():
            yield from map(_read, locations)
        return
    chunks = [locations[start : start + _CHUNK] for start in range(0, len(locations), _CHUNK)]
    with ProcessPoolExecutor(min(jobs, len(chunks))) as pool:
        for encoded in pool.map(_read_chunk, chunks):
            yield from _DECODER.decode(encoded)


def _read_chunk(locations: Sequence[str]) -> bytes:
    """Facts travel between processes as MessagePack: quicker than pickle, and plain data."""
    with deep_stack():
        return msgspec.msgpack.encode([_read(location) for location in locations])


def _read(location: str) -> _Outcome:
    try:
        with open(location, "rb") as stream:  # noqa: PTH123 - a path object per file costs time
            content = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        return _Unread(1, f"cannot be read: {error.strerror or error}")
    if len(content) > _LARGEST_FILE:
        return _Unread(1, f"is larger than {_LARGEST_FILE // 1_000_000} MB")
    return facts_of(content)


def decode(content: bytes) -> str:
    """The text of a Python file: by its coding comment or byte order mark, else UTF-8.

    Raises `SyntaxError` for an unknown coding and `UnicodeDecodeError` for bytes that do not fit.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return content.decode(encoding)


def facts_of(content: bytes) -> _Outcome:
    """The facts of one file's bytes, or why there are none."""
    try:
        return _Read(module_facts(decode(content)))
    except SyntaxError as error:
        return _Unread(error.lineno or 1, f"cannot be parsed: {error.msg}")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _Unread(line, f"cannot be decoded as {error.encoding}: {error.reason}")
    except ValueError as error:
        return _Unread(1, f"cannot be parsed: {error}")
    except (RecursionError, MemoryError):
        return _Unread(1, "cannot be parsed: nested too deeply")
