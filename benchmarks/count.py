"""Count what the linter finds in each fetched package, as Markdown tables.

python benchmarks/count.py [PACKAGE...]
"""

import sys
from collections import Counter

from corpus import Run, chosen, run, table

from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.codes import CODES


def main() -> None:
    """Run the linter on each package and print the counts."""
    runs = [run(package) for package in chosen(sys.argv[1:])]
    print(totals(runs))
    print(by_code(runs), end="")


def totals(runs: list[Run]) -> str:
    """A row a package: its size, what was found in it, and how long that took."""
    heading = ["package", "files", "functions", "findings", "exact", "likely", "problems", "seconds"]
    return table(heading, [_row(each) for each in runs])


def _row(each: Run) -> list[str]:
    summary = each.result.summary
    certainties = Counter(finding.certainty for finding in each.result.findings)
    numbers = (
        summary.files,
        summary.functions,
        summary.findings,
        certainties[Certainty.EXACT],
        certainties[Certainty.LIKELY],
        summary.problems,
    )
    return [f"{each.package.name} {each.package.version}", *map(str, numbers), f"{each.seconds:.1f}"]


def by_code(runs: list[Run]) -> str:
    """A row a code that was found, a column a package."""
    counts = [Counter(finding.code for finding in each.result.findings) for each in runs]
    heading = ["code", *(each.package.name for each in runs)]
    rows = [
        [f"{code.code} {code.name}", *(str(count[code.code]) for count in counts)]
        for code in CODES
        if any(count[code.code] for count in counts)
    ]
    return table(heading, rows)


if __name__ == "__main__":
    main()
