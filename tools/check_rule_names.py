"""Checks the names in the rule files against the packages they are about, without importing those.

    python tools/check_rule_names.py [RULE_FILE ...] [--older starlette==0.40.0] [--output rules/AUDIT.md]

The newest release of each distribution is fetched with pip, and releases given by `--older` for
names that have since been removed. The standard library has a test of its own.
"""

import argparse
import ast
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from static_names import Names

from asyncblock_lint.load import BUNDLED
from asyncblock_lint.load.names import arguments, named
from asyncblock_lint.load.read import read_rule_file
from asyncblock_lint.load.tables import RuleFile
from asyncblock_lint.model.catalogue import Argument

INTRODUCTION = """\
# Names checked against the packages

Written by `tools/check_rule_names.py`, which reads the sources of the released packages. Names of
the standard library are checked by `tests/test_rules_stdlib.py` instead.
"""


@dataclass(frozen=True)
class Audit:
    """One rule file's names: those found, those found in older releases only, and the mistakes."""

    path: str
    release: str
    names: dict[str, str]
    wrong_arguments: tuple[str, ...]
    argument_count: int

    @property
    def missing(self) -> list[str]:
        """Names that no release has."""
        return [name for name, where in self.names.items() if not where]


def main(argv: Sequence[str] | None = None) -> int:
    """Print every name with the release that has it; 1 if one has none."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--older", action="append", default=[], metavar="NAME==VERSION")
    parser.add_argument("--output", type=Path, help="write the counts to this file")
    options = parser.parse_args(argv)
    files = {
        path: read_rule_file(path, str(path)) for path in options.files or sorted(BUNDLED.rglob("*.toml"))
    }
    files = {path: file for path, file in files.items() if file.distribution}
    with tempfile.TemporaryDirectory() as folder:
        newest = fetch(sorted(needed(files.values())), Path(folder, "newest"))
        older = fetch(options.older, Path(folder, "older"))
        audits = [audit(path, file, newest, older) for path, file in files.items()]
    for row in (row for done in audits for row in table(done)):
        print(row)
    if options.output:
        options.output.write_text(report(audits), encoding="utf-8")
    return int(any(done.missing or done.wrong_arguments for done in audits))


def needed(files: Iterable[RuleFile]) -> set[str]:
    """The distributions of these files, and of the libraries that they mention."""
    owners = {file.library: file.distribution for file in everything() if file.distribution}
    chosen = list(files)
    roots = {name.partition(".")[0] for file in chosen for _, name in named(file)}
    distributions = {file.distribution for file in chosen if file.distribution}
    return distributions | {owners[root] for root in roots if root in owners}


def everything() -> Iterator[RuleFile]:
    """Every bundled rule file."""
    for path in BUNDLED.rglob("*.toml"):
        yield read_rule_file(path, str(path))


def fetch(requirements: Sequence[str], folder: Path) -> dict[str, Path]:
    """Wheels unpacked each into a folder, by release (`starlette 1.0`)."""
    folder.mkdir()
    if requirements:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*command, "--dest", str(folder), *requirements], check=True)
    unpacked = {}
    for wheel in sorted(folder.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        target = folder / wheel.stem
        zipfile.ZipFile(wheel).extractall(target)
        unpacked[f"{name} {version}"] = target
    return unpacked


def audit(path: Path, file: RuleFile, newest: dict[str, Path], older: dict[str, Path]) -> Audit:
    """Look up the file's names in the newest releases, then in each older one."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    places = {"": Names([*newest.values(), stdlib])}
    places |= {release: Names([root, *newest.values(), stdlib]) for release, root in older.items()}
    normal = str(file.distribution).replace("-", "_").lower()
    release = next(name for name in newest if name.partition(" ")[0].lower() == normal)
    names = {}
    others = {other for same in file.same for other in same.also}
    for name in sorted(others.union(name for _, name in named(file))):
        homes = (home for home, where in places.items() if where.find(name))
        home = next(homes, None)
        names[name] = "" if home is None else home or release
    wrong, count = [], 0
    for name, spots in arguments(file):
        count += 1
        seen = [parameters for where in places.values() if (parameters := where.parameters(name))]
        if seen and not any(takes(parameters, spots) for parameters in seen):
            wrong.append(f"{name}: {', '.join(map(str, spots))}")
    return Audit(path.relative_to(BUNDLED).as_posix(), release, names, tuple(wrong), count)


def takes(parameters: ast.arguments, spots: tuple[Argument, ...]) -> bool:
    """Whether a function has its argument at that position and under that name."""
    positional = [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)]
    if positional[:1] in (["self"], ["cls"]):
        del positional[0]
    named_ones = {*positional, *(parameter.arg for parameter in parameters.kwonlyargs)}
    positions = [spot for spot in spots if isinstance(spot, int)]
    keywords = [spot for spot in spots if isinstance(spot, str)]
    if not all(position < len(positional) or parameters.vararg for position in positions):
        return False
    if keywords and not (named_ones.intersection(keywords) or parameters.kwarg):
        return False
    there = [positional[position] for position in positions if position < len(positional)]
    return not (there and keywords) or bool(set(there).intersection(keywords))


def table(done: Audit) -> Iterator[str]:
    """The rows printed for a file: name, and where it exists."""
    yield f"{done.path}: {done.release}"
    for name, where in done.names.items():
        yield f"  {name:<64} {where or 'MISSING'}"
    for wrong in done.wrong_arguments:
        yield f"  {wrong:<64} WRONG ARGUMENT"


def report(audits: Sequence[Audit]) -> str:
    """The counts as Markdown, and what the newest release no longer has."""
    lines = [INTRODUCTION, "| rule file | release | names | arguments | missing |", "|---|---|--:|--:|--:|"]
    for done in audits:
        missing = len(done.missing) + len(done.wrong_arguments)
        lines.append(
            f"| {done.path} | {done.release} | {len(done.names)} | {done.argument_count} | {missing} |"
        )
    total = sum(len(done.names) for done in audits)
    lines.append(
        f"| **{len(audits)} files** | | **{total}** | **{sum(a.argument_count for a in audits)}** |"
        f" **{sum(len(a.missing) + len(a.wrong_arguments) for a in audits)}** |"
    )
    gone = [(name, where) for done in audits for name, where in done.names.items() if where]
    gone = [(name, where) for name, where in gone if where not in {done.release for done in audits}]
    if gone:
        lines += ["", "Only in older releases:", "", *(f"- `{name}`: {where}" for name, where in gone)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
