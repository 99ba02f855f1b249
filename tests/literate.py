"""Reads tests from Markdown.

A heading is a test, prose says why, and fenced `python`, `toml` and `text` blocks are its files: the
line before a block names the file in backticks (`main.py` if there is none). A line that ends in
`# blocks: NAME` must be found under that name; a code before the name (`# blocks: ABL801 open`) or
a context after it (`# blocks: time.sleep (background-task)`) must fit as well. Every other line
must stay silent. A block that begins with `python certainty=guess` has its case run at that
certainty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.codes import DEFAULT_CODES
from asyncblock_lint.model.result import Diagnostic

_ENDPOINT = "ABL803"
_MARK = re.compile(
    r"#\s*blocks:\s*(?:(?P<code>ABL\d+)\s+)?(?P<name>[\w.]+)(?:\s+\((?P<context>[\w-]+)\))?(?P<rest>.*)$"
)
_FILE = re.compile(r"`(?P<path>[\w./-]+\.(?:py|toml|txt|lock))`")
_FENCE = re.compile(r"```(?:python|toml|text)\b")


@dataclass(frozen=True)
class Expected:
    """A finding that a case demands; `code` and `context` are empty where it does not say."""

    path: str
    line: int
    callee: str
    code: str = ""
    context: str = ""


@dataclass(frozen=True)
class Case:
    """A small project and what must be found in it, at which certainty."""

    name: str
    files: tuple[tuple[str, str], ...]
    certainty: Certainty = Certainty.LIKELY

    def expected(self) -> list[Expected]:
        """What the marks in the files demand, in order."""
        return [mark for path, text in self.files for mark in marks(path, text)]

    @property
    def codes(self) -> frozenset[str]:
        """The codes to look for: those that are on, but what is said of whole endpoints, beside the
        findings in them, only where a mark names it."""
        named = {mark.code for mark in self.expected()}
        return DEFAULT_CODES - ({_ENDPOINT} - named)

    def write(self, folder: Path) -> None:
        """Lay the files out below `folder`."""
        for path, text in self.files:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


def marks(path: str, text: str) -> Iterator[Expected]:
    """The findings that comments in `text` demand; several on a line stand behind one another."""
    for number, line in enumerate(text.splitlines(), 1):
        rest = line
        while match := _MARK.search(rest):
            yield Expected(path, number, match["name"], match["code"] or "", match["context"] or "")
            rest = match["rest"]


def mismatches(expected: list[Expected], found: tuple[Diagnostic, ...]) -> list[str]:
    """Every expected finding that is missing and every found one that nobody expected, in words."""
    left = list(found)
    missing = []
    for item in expected:
        match = next((finding for finding in left if _fits(item, finding)), None)
        if match is None:
            missing.append(f"missed alarm: {item.path}:{item.line} {item.code} {item.callee} {item.context}")
        else:
            left.remove(match)
    extra = [
        f"false alarm: {finding.path}:{finding.line} {finding.code} {finding.callee} ({finding.context.kind})"
        for finding in left
    ]
    return missing + extra


def _fits(item: Expected, finding: Diagnostic) -> bool:
    return (
        (finding.path, finding.line, finding.callee) == (item.path, item.line, item.callee)
        and item.code in ("", finding.code)
        and item.context in ("", finding.context.kind)
    )


def read_cases(document: Path) -> Iterator[Case]:
    """The cases of one Markdown file; headings without files only group.

    Raises ValueError for a case that has a file twice.
    """
    name, files, path, certainty = "", dict[str, str](), "main.py", "likely"
    lines = iter(document.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.startswith("#"):
            yield from _finished(name, files, certainty)
            name, files, path, certainty = line.lstrip("# "), {}, "main.py", "likely"
        elif _FENCE.match(line):
            _, _, told = line.partition(" certainty=")
            certainty = told or certainty
            if path in files:
                raise ValueError(
                    f"{document.name}: {name}: {path} is there twice; name the file before its block"
                )
            files[path] = "".join(f"{inner}\n" for inner in iter(lambda: next(lines), "```"))
            path = "main.py"
        elif match := _FILE.search(line):
            path = match["path"]
    yield from _finished(name, files, certainty)


def _finished(name: str, files: dict[str, str], certainty: str) -> Iterator[Case]:
    if files:
        yield Case(name, tuple(files.items()), Certainty[certainty.upper()])
