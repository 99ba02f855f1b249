"""Compare what the linter finds now with what people have labelled.

    python benchmarks/precision.py

Prints the precision by package and certainty, then the labelled findings that are gone. Where a line is
still reported but for another call, the finding counts as other, not as gone. The exit code is 1 if one
that was labelled `true` is gone.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus import PACKAGES, run, table
from labels import Label, Place, place, read_labels

from asyncblock_lint import Diagnostic
from asyncblock_lint.model.certainty import Certainty


@dataclass(frozen=True, slots=True)
class Match:
    """A label, and how certain the linter is of that finding now; `None` if it says something else there."""

    label: Label
    certainty: Certainty | None
    replaced: bool
    """Whether another call is reported in that line."""


def main() -> None:
    """Print the table and the losses."""
    matches = list(_matches(read_labels()))
    print(table(["package", "certainty", "labelled", "true", "precision"], list(_rows(matches))), end="")
    lost = [match for match in matches if match.certainty is None]
    if others := sum(match.replaced for match in lost):
        print(f"another call reported in the line: {others}")
    gone = [match.label for match in lost if not match.replaced]
    for label in gone:
        print(f"gone ({label.label}): {label.package} {label.path}:{label.line} {label.code} {label.callee}")
    sys.exit(any(label.label == "true" for label in gone))


def _matches(labels: list[Label]) -> Iterator[Match]:
    for package in PACKAGES:
        mine = [label for label in labels if label.package == package.name]
        findings = run(package).result.findings if mine else ()
        found = _certainties(findings)
        for label in mine:
            here = found.get(label.place)
            yield Match(label, here.pop() if here else None, _replaced(label, found))


def _replaced(label: Label, found: Iterable[Place]) -> bool:
    return any(place[:2] == label.place[:2] and place != label.place for place in found)


def _certainties(findings: tuple[Diagnostic, ...]) -> dict[Place, list[Certainty]]:
    """How certain the findings at each place are; equal calls in a line are several."""
    found: dict[Place, list[Certainty]] = {}
    for finding in findings:
        found.setdefault(place(finding), []).append(finding.certainty)
    return found


def _rows(matches: list[Match]) -> Iterator[list[str]]:
    for package in PACKAGES:
        for certainty in (Certainty.EXACT, Certainty.LIKELY):
            key = package.name, certainty
            group = [match for match in matches if (match.label.package, match.certainty) == key]
            yield from _row(package.name, certainty.label, group)
    yield from _row("all", "any", [match for match in matches if match.certainty is not None])


def _row(name: str, certainty: str, group: list[Match]) -> Iterator[list[str]]:
    """One row, unless nothing was labelled."""
    if group:
        true = sum(match.label.label == "true" for match in group)
        yield [name, certainty, str(len(group)), str(true), f"{true / len(group):.1%}"]


if __name__ == "__main__":
    main()
