"""Print findings that nobody has labelled yet, as rows for `labels.tsv` with the last two columns empty.

    python benchmarks/sample.py NUMBER [PACKAGE...]

They are drawn at random, NUMBER a package, the same ones each time: half of them *likely*, as far as
there are so many. No more than two end in the same blocking call, however many paths lead to it.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from corpus import Package, Run, chosen, run
from labels import Label, place, read_labels

from asyncblock_lint import Diagnostic
from asyncblock_lint.model.certainty import Certainty

SAME_CAUSE = 2
"""How many findings of one blocking call are worth reading."""


def main() -> None:
    """Print the rows of each package."""
    if len(sys.argv) < 2 or not sys.argv[1].isdecimal():
        sys.exit((__doc__ or "").strip())
    labels = read_labels()
    for package in chosen(sys.argv[2:]):
        for finding in _drawn(run(package), labels, int(sys.argv[1])):
            print("\t".join(_row(package, finding)))


def _drawn(each: Run, labels: list[Label], number: int) -> list[Diagnostic]:
    """The findings to read, in the order of the report."""
    known = {label.place for label in labels if label.package == each.package.name}
    left = [finding for finding in each.result.findings if place(finding) not in known]
    random.Random(each.package.folder.name).shuffle(left)
    distinct = list(_few_a_cause(left))
    likely = [finding for finding in distinct if finding.certainty is Certainty.LIKELY]
    exact = [finding for finding in distinct if finding.certainty is Certainty.EXACT]
    half = min(len(likely), max(number // 2, number - len(exact)))
    drawn = likely[:half] + exact[: number - half]
    return sorted(drawn, key=lambda finding: (finding.path, finding.line, finding.column))


def _few_a_cause(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Those findings, without the third and later ones that end in the same place."""
    seen: Counter[tuple[str, int, str]] = Counter()
    for finding in findings:
        last = finding.trace[-1]
        cause = last.path, last.line, finding.callee
        seen[cause] += 1
        if seen[cause] <= SAME_CAUSE:
            yield finding


def _row(package: Package, finding: Diagnostic) -> list[str]:
    path, line, code, callee = place(finding)
    return [package.name, package.version, path, str(line), code, callee, "", ""]


if __name__ == "__main__":
    main()
