"""Findings that people have labelled, as `labels.tsv` keeps them.

A row is a finding that somebody read with the source at hand: `true` if the call does stop the loop,
`false` if it does not, and a note why.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

import msgspec
from corpus import HERE, PACKAGES

from asyncblock_lint import Diagnostic

LABELS = HERE / "labels.tsv"

Place = tuple[str, int, str, str]
"""A finding within a package: path, line, code, callee."""


@dataclass(frozen=True, slots=True)
class Label:
    """A row, its fields in the order of the columns."""

    package: str
    version: str
    path: str
    line: int
    code: str
    callee: str
    label: Literal["true", "false"]
    note: str

    @property
    def place(self) -> Place:
        """The finding that it is about."""
        return self.path, self.line, self.code, self.callee


COLUMNS = [field.name for field in fields(Label)]


def read_labels() -> list[Label]:
    """Every row; a row that cannot be compared ends the program."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if rows.fieldnames != COLUMNS:
            sys.exit(f"{LABELS.name}: the columns must be {', '.join(COLUMNS)}")
        return list(_labels(rows))


def _labels(rows: Iterator[dict[str, str]]) -> Iterator[Label]:
    pinned = {(package.name, package.version) for package in PACKAGES}
    for number, row in enumerate(rows, 2):
        try:
            label = msgspec.convert(row, Label, strict=False)
        except msgspec.ValidationError as error:
            sys.exit(f"{LABELS.name}:{number}: {error}")
        if (label.package, label.version) not in pinned:
            sys.exit(f"{LABELS.name}:{number}: {label.package} {label.version} is not among the packages")
        yield label


def place(finding: Diagnostic) -> Place:
    """The finding as a label names it."""
    return finding.path, finding.line, finding.code, finding.callee
