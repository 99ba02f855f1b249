"""Checks the names in the rule files against the packages they are about, without importing those.

    python tools/audit_rules.py [RULE_FILE ...] [--output rules/AUDIT.md]

The newest release of each distribution is fetched with pip, its stubs, and the older releases that
a rule file lists for names that have since been removed. They are kept in `--cache`. A release that
is no wheel is fetched as sources; pip then runs its build script to learn its name. Names that no
source shows are excused in `tools/audit_exceptions.toml`, with the reason. The standard library has
a test of its own.
"""

import argparse
import gc
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import mypy
import tomli
from audit_report import EXCUSED, Audit, report, table
from packages import Packages
from static_names import Names, takes

from asyncblock_lint.load import BUNDLED
from asyncblock_lint.load.names import arguments, named
from asyncblock_lint.load.read import read_rule_file
from asyncblock_lint.load.tables import RuleFile

CACHE = Path("~/.cache/asyncblock-lint-audit").expanduser()
EXCEPTIONS = Path(__file__).with_name("audit_exceptions.toml")
STDLIB = Path(mypy.__file__).parent / "typeshed" / "stdlib"
"""Stubs of the standard library, for what classes inherit from it; mypy brings them."""


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
        wrong, count = [], 0
        for name, spots in arguments(file):
            count += 1
            seen = [parameters for _, where in places for parameters in where.parameters(name)]
            if seen and not any(takes(parameters, spots) for parameters in seen) and not self._excused(name):
                wrong.append(f"{name}: {', '.join(map(str, spots))}")
        blocking = {name for blocks in file.blocks for name in (*blocks.calls, *blocks.attributes)}
        return Audit(
            path=path.relative_to(BUNDLED).as_posix(),
            release=places[0][0] if places else "not released",
            names={name: self._home(name, places) for name in sorted(_names(file))},
            blocking=frozenset(name for name in blocking if not name.endswith(".*")),
            families={name: _methods(name[:-2], file, places) for name in blocking if name.endswith(".*")},
            arguments=count,
            wrong_arguments=tuple(wrong),
        )

    def _places(self, file: RuleFile) -> list[tuple[str, Names]]:
        """Where to look: the newest releases together, then each older one before them."""
        roots = {name.partition(".")[0] for name in _names(file)}
        owners = {owner for root in roots for owner in self._owners.get(root, ())}
        wanted = [str(file.distribution), *file.stubs, *sorted(owners - {file.distribution})]
        newest = [release for release in map(self._packages.fetch, wanted) if release]
        older = [release for release in map(self._packages.fetch, file.older) if release]
        folders = [*(root for release in newest for root in release.roots), STDLIB]
        first = [(newest[0].name, Names(folders))] if newest else []
        return first + [(release.name, Names([*release.roots, *folders])) for release in older]

    def _home(self, name: str, places: Sequence[tuple[str, Names]]) -> str:
        found = next((release for release, where in places if where.find(name)), "")
        return found or (EXCUSED if self._excused(name) else "")

    def _excused(self, name: str) -> bool:
        return any(fnmatchcase(name, part) or fnmatchcase(name, f"{part}.*") for part in self._excuses)


def main(argv: Sequence[str] | None = None) -> int:
    """Print every name with the release that has it; 1 if one has none."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where archives are kept ({CACHE})")
    parser.add_argument("--output", type=Path, help="write the counts to this file")
    options = parser.parse_args(argv)
    auditor = Auditor(Packages(options.cache))
    audits = []
    for path in map(Path.resolve, options.files or sorted(BUNDLED.rglob("*.toml"))):
        file = read_rule_file(path, str(path))
        if file.distribution:
            audits.append(auditor.audit(path, file))
            print(*table(audits[-1]), sep="\n", flush=True)
            gc.collect()
    if options.output:
        options.output.write_text(report(audits), encoding="utf-8")
    return int(any(done.missing or done.wrong_arguments for done in audits))


def _names(file: RuleFile) -> set[str]:
    """The names that the file mentions, other spellings included."""
    others = {other for same in file.same for other in same.also}
    return others.union(name for _, name in named(file))


def _methods(owner: str, file: RuleFile, places: Sequence[tuple[str, Names]]) -> frozenset[str]:
    """The methods that the family of a class stands for: public ones not said to return at once."""
    public = {f"{owner}.{method}" for _, where in places for method in where.methods(owner)}
    quick = {
        name for table in file.nonblocking if table.argument is None is table.position for name in table.calls
    }
    return frozenset(public - quick)


if __name__ == "__main__":
    sys.exit(main())
