"""Print findings that nobody has labelled yet, as rows for `labels.tsv` with the last two columns empty.

    python benchmarks/sample.py NUMBER [PACKAGE...]

They are spread evenly over each package's findings, NUMBER a package.
"""

import sys
from collections.abc import Iterator

from corpus import Run, chosen, run
from labels import Label, place, read_labels


def main() -> None:
    """Print the rows of each package."""
    if len(sys.argv) < 2 or not sys.argv[1].isdecimal():
        sys.exit((__doc__ or "").strip())
    labels = read_labels()
    for package in chosen(sys.argv[2:]):
        for row in _rows(run(package), labels, int(sys.argv[1])):
            print("\t".join(row))


def _rows(each: Run, labels: list[Label], number: int) -> Iterator[list[str]]:
    known = {label.place for label in labels if label.package == each.package.name}
    left = [found for found in map(place, each.result.findings) if found not in known]
    step = max(len(left) // max(number, 1), 1)
    for path, line, code, callee in left[::step][:number]:
        yield [each.package.name, each.package.version, path, str(line), code, callee, "", ""]


if __name__ == "__main__":
    main()
