"""Fix copies of fetched packages, and check what came of it.

    python benchmarks/fixes.py [PACKAGE...]

Runs `--fix` alone and then `--fix --unsafe-fixes`, each on a fresh copy. The exit code is 1 if a changed
file does not compile, a finding that was fixed is still there, one is new, or a second run changes a file.
"""

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus import Package, chosen, fetched, run, table

from asyncblock_lint import Config, Diagnostic, lint
from asyncblock_lint.model.repair import Repair
from asyncblock_lint.pipeline import repair, write

USUAL = ("open-webui", "khoj", "crawl4ai", "gpt-researcher")


@dataclass(frozen=True, slots=True)
class Fixed:
    """What fixing a copy came to, what is wrong with it, and the seconds that the first run took."""

    repair: Repair
    wrong: tuple[str, ...]
    seconds: float

    @property
    def count(self) -> int:
        """How many findings lost to a fix."""
        return sum(self.repair.fixed.values())


def main() -> None:
    """Print a row a package; then all that is wrong."""
    rows, wrong = [], []
    for package in chosen(sys.argv[1:] or list(USUAL)):
        found = run(package).result.findings
        safe, both = fixed(package, {"safe"}, found), fixed(package, {"safe", "unsafe"}, found)
        rows.append(_row(package, found, safe, both))
        wrong += [f"{package.name}: {text}" for text in (*safe.wrong, *both.wrong)]
    heading = ["package", "findings", "safe", "unsafe", "only shown", "no fix", "refused", "files", "seconds"]
    print(table(heading, rows), end="")
    print("".join(f"{line}\n" for line in wrong), end="")
    sys.exit(bool(wrong))


def _row(package: Package, found: Sequence[Diagnostic], safe: Fixed, both: Fixed) -> list[str]:
    left = both.repair.result.findings
    refused = len(both.repair.dropped)
    shown = sum(finding.fix is not None for finding in left) - refused
    unsafe, changed = both.count - safe.count, len(both.repair.revisions)
    none = sum(finding.fix is None for finding in left)
    numbers = (len(found), safe.count, unsafe, shown, none, refused, changed)
    return [f"{package.name} {package.version}", *map(str, numbers), f"{both.seconds:.1f}"]


def fixed(package: Package, wanted: set[str], before: Sequence[Diagnostic]) -> Fixed:
    """Fix a copy of the package in the ways `wanted`; it has the findings `before`."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = shutil.copytree(fetched(package), Path(scratch, "copy"))
        config = Config(working_directory=str(folder), project_root=str(folder))
        start = time.perf_counter()
        done = repair(config, wanted)
        seconds = time.perf_counter() - start
        write(done.revisions)
        wrong = tuple(_wrong(config, wanted, before, done))
    return Fixed(done, wrong, seconds)


def _wrong(config: Config, wanted: set[str], before: Sequence[Diagnostic], done: Repair) -> Iterator[str]:
    """Look at the files that were written, whatever the run said of them."""
    for revision in done.revisions:
        try:
            compile(Path(revision.location).read_bytes(), revision.path, "exec", dont_inherit=True)
        except SyntaxError as error:
            yield f"{revision.path}:{error.lineno}: does not compile: {error.msg}"
    if not done.revisions:
        return
    after = lint(config).findings
    for place, count in (Counter(map(_place, after)) - Counter(map(_place, before))).items():
        yield f"{place[0]}: {count} new in {place[2]}: {place[1]} {place[3]}"
    had, left = Counter(item.path for item in before), Counter(item.path for item in after)
    for path, count in done.fixed.items():
        if left[path] > had[path] - count:
            yield f"{path}: {count} fixed, but {left[path]} of {had[path]} findings are left"
    for revision in repair(config, wanted).revisions:
        yield f"{revision.path}: a second run changes it"


def _place(finding: Diagnostic) -> tuple[str, str, str, str]:
    return finding.path, finding.code, finding.context.function, finding.callee


if __name__ == "__main__":
    main()
