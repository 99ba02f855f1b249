"""Reads tests of fixes from Markdown.

A heading is a test, prose says why. Fenced `python` blocks are the files, as in the literate cases:
the line before a block names the file in backticks (`main.py` if there is none). A `toml` block is
`pyproject.toml`. Behind them, a block marked `python safe` is a file as `--fix` leaves it, and one
marked `python unsafe` as `--unsafe-fixes` does; a case with neither must come out unchanged.
`python display` is a file with the edits of the fixes that are only shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FILE = re.compile(r"`(?P<path>[\w./-]+\.py)`")
_FENCE = re.compile(r"```(?P<language>python|toml)(?: (?P<mark>safe|unsafe|display))?$")

Files = dict[str, str]


@dataclass(frozen=True)
class FixCase:
    """A small project, and its files after each way of fixing."""

    name: str
    files: Files = field(default_factory=dict)
    after: dict[str, Files] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Lay the files out below `folder`."""
        for path, text in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def expected(self, mark: str) -> Files:
        """All files as they must be after fixing: what is safe is applied with the unsafe, too."""
        usual = self.after.get("safe", {}) if mark == "unsafe" and mark not in self.after else {}
        return {**self.files, **usual, **self.after.get(mark, {})}


def read_fix_cases(document: Path) -> Iterator[FixCase]:
    """The cases of one Markdown file; headings without files only group."""
    case, path = FixCase(""), "main.py"
    lines = iter(document.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.startswith("#"):
            yield from [case] if case.files else []
            case, path = FixCase(line.lstrip("# ")), "main.py"
        elif fence := _FENCE.match(line):
            text = "".join(f"{inner}\n" for inner in iter(lambda: next(lines), "```"))
            name = "pyproject.toml" if fence["language"] == "toml" else path
            (case.after.setdefault(fence["mark"], {}) if fence["mark"] else case.files)[name] = text
            path = "main.py"
        elif match := _FILE.search(line):
            path = match["path"]
    yield from [case] if case.files else []
