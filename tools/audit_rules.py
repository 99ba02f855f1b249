"""Checks the names in the rule files against the packages they are about, without importing those.

    python tools/audit_rules.py [RULE_FILE ...] [--output rules/AUDIT.md]

The newest release of each distribution is fetched with pip, its stubs, and the older releases that
a rule file lists for names that have since been removed. They are kept in `--cache`. Names that no
source shows are excused in `tools/audit_exceptions.toml`, with the reason. The standard library has
a test of its own.
"""

import argparse
import ast
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import tomli
from packages import Packages
from static_names import Names

from asyncblock_lint.load import BUNDLED
from asyncblock_lint.load.names import arguments, named
from asyncblock_lint.load.read import read_rule_file
from asyncblock_lint.load.tables import RuleFile
from asyncblock_lint.model.catalogue import Argument

CACHE = Path("~/.cache/asyncblock-lint-audit").expanduser()
EXCEPTIONS = Path(__file__).with_name("audit_exceptions.toml")
INTRODUCTION = """\
# Names checked against the packages

Written by `tools/audit_rules.py`, which reads the sources and stubs of the released packages. Names
of the standard library are checked by `tests/test_rules_stdlib.py` instead. *Excused* names are in
no source, with the reason in `tools/audit_exceptions.toml`. *Arguments* are positions and keywords
that a rule relies on and that were compared with the parameters.
"""


@dataclass(frozen=True)
class Audit:
    """One rule file's names, each with the release that has it, `excused`, or nothing."""

    path: str
    release: str
    names: Mapping[str, str]
    wrong_arguments: tuple[str, ...]
    argument_count: int

    @property
    def missing(self) -> list[str]:
        """Names that no release has."""
        return [name for name, where in self.names.items() if not where]

    @property
    def excused(self) -> list[str]:
        """Names that no source shows, for a reason that is listed."""
        return [name for name, where in self.names.items() if where == "excused"]


class Auditor:
    """Looks the names of rule files up in the releases of their distributions."""

    def __init__(self, packages: Packages) -> None:
        self._packages = packages
        self._excuses = tuple(tomli.loads(EXCEPTIONS.read_text(encoding="utf-8")))
        self._owners: dict[str, set[str]] = {}
        for path in BUNDLED.rglob("*.toml"):
            file = read_rule_file(path, str(path))
            for name in _names(file) if file.distribution else ():
                self._owners.setdefault(name.partition(".")[0], set()).add(str(file.distribution))

    def audit(self, path: Path, file: RuleFile) -> Audit:
        """Look the file's names up in the newest releases, then in each older one."""
        places = self._places(file)
        names = {name: self._home(name, places) for name in sorted(_names(file))}
        wrong, count = [], 0
        for name, spots in arguments(file):
            count += 1
            seen = [parameters for _, where in places if (parameters := where.parameters(name))]
            if seen and not any(takes(parameters, spots) for parameters in seen):
                wrong.append(f"{name}: {', '.join(map(str, spots))}")
        release = places[0][0] if places else "no wheel"
        return Audit(path.relative_to(BUNDLED).as_posix(), release, names, tuple(wrong), count)

    def _places(self, file: RuleFile) -> list[tuple[str, Names]]:
        """Where to look: the newest releases together, then each older one before them."""
        roots = {name.partition(".")[0] for name in _names(file)}
        owners = {owner for root in roots for owner in self._owners.get(root, ())}
        wanted = [str(file.distribution), *file.stubs, *sorted(owners - {file.distribution})]
        newest = [release for release in map(self._packages.fetch, wanted) if release]
        older = [release for release in map(self._packages.fetch, file.older) if release]
        stdlib = Path(sysconfig.get_path("stdlib"))
        folders = [release.folder for release in newest]
        first = [(newest[0].name, Names([*folders, stdlib]))] if newest else []
        return first + [(release.name, Names([release.folder, *folders, stdlib])) for release in older]

    def _home(self, name: str, places: Sequence[tuple[str, Names]]) -> str:
        found = next((release for release, where in places if where.find(name)), "")
        if not found and any(name == excuse or name.startswith(f"{excuse}.") for excuse in self._excuses):
            return "excused"
        return found


def main(argv: Sequence[str] | None = None) -> int:
    """Print every name with the release that has it; 1 if one has none."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where wheels are kept ({CACHE})")
    parser.add_argument("--output", type=Path, help="write the counts to this file")
    options = parser.parse_args(argv)
    auditor = Auditor(Packages(options.cache))
    audits = []
    for path in map(Path.resolve, options.files or sorted(BUNDLED.rglob("*.toml"))):
        file = read_rule_file(path, str(path))
        if file.distribution:
            audits.append(auditor.audit(path, file))
            print(*table(audits[-1]), sep="\n", flush=True)
    if options.output:
        options.output.write_text(report(audits), encoding="utf-8")
    return int(any(done.missing or done.wrong_arguments for done in audits))


def _names(file: RuleFile) -> set[str]:
    """The names that the file mentions, other spellings included."""
    others = {other for same in file.same for other in same.also}
    return others.union(name for _, name in named(file))


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
    """The counts as Markdown, then what is missing, excused, or in older releases only."""
    columns = ("rule file", "release", "names", "excused", "missing", "arguments", "wrong")
    lines = [INTRODUCTION, f"| {' | '.join(columns)} |", "|---|---|--:|--:|--:|--:|--:|"]
    lines += [f"| {done.path} | {done.release} | {' | '.join(map(str, counts([done])))} |" for done in audits]
    total = counts(audits)
    lines.append(f"| **{len(audits)} files** | | {' | '.join(f'**{count}**' for count in total)} |")
    names, excused, missing = total[:3]
    share = 100 * (names - excused - missing) / (names - excused)
    lines += ["", f"{share:.1f} % of the names that are not excused were found."]
    releases = {done.release for done in audits}
    every = [(name, where) for done in audits for name, where in done.names.items()]
    older = [f"{name}`: {where}" for name, where in every if where and where not in {*releases, "excused"}]
    for title, rows in (
        ("Missing", [f"{name}`" for name, where in every if not where]),
        ("Wrong arguments", [f"{wrong}`" for done in audits for wrong in done.wrong_arguments]),
        ("Only in older releases", older),
    ):
        if rows:
            lines += ["", f"{title}:", "", *(f"- `{row}" for row in sorted(set(rows)))]
    return "\n".join(lines) + "\n"


def counts(audits: Sequence[Audit]) -> tuple[int, int, int, int, int]:
    """Names, excused and missing ones; arguments, wrong ones."""
    return (
        sum(len(done.names) for done in audits),
        sum(len(done.excused) for done in audits),
        sum(len(done.missing) for done in audits),
        sum(done.argument_count for done in audits),
        sum(len(done.wrong_arguments) for done in audits),
    )


if __name__ == "__main__":
    sys.exit(main())
