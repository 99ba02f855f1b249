"""What the audit of the rule files found, in numbers and in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

EXCUSED = "excused"
INTRODUCTION = """\
Written by `tools/audit_rules.py`, which reads the sources and stubs of the released packages. Names
of the standard library are checked by `tests/test_rules_stdlib.py` instead. *Blocking* are the
callables and attributes under `[[blocks]]`; *in families* are the public methods, read from the
source, of the classes that a file lists as `Class.*`. *Names* are all that a file mentions. *Excused*
names are in no source, with the reason in `tools/audit_exceptions.toml`. *Arguments* are positions and
keywords that a rule relies on and that were compared with the parameters.
"""
COLUMNS = ("blocking", "in families", "names", "excused", "missing", "arguments", "wrong")


@dataclass(frozen=True)
class Audit:
    """One rule file's names, each with the release that has it, `excused`, or nothing."""

    path: str
    release: str
    names: Mapping[str, str]
    blocking: frozenset[str] = frozenset()
    families: Mapping[str, frozenset[str]] = field(default_factory=dict)
    arguments: int = 0
    wrong_arguments: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """Names that no release has."""
        return [name for name, where in self.names.items() if not where]

    @property
    def excused(self) -> list[str]:
        """Names that no source shows, for a reason that is listed."""
        return [name for name, where in self.names.items() if where == EXCUSED]


@dataclass(frozen=True)
class Counts:
    """Numbers over some audits; a name that several files mention counts once."""

    blocking: int
    in_families: int
    names: int
    excused: int
    missing: int
    arguments: int
    wrong: int

    @property
    def found(self) -> int:
        """Names that the sources show."""
        return self.names - self.excused - self.missing

    @property
    def percent(self) -> float:
        """The share of found names among those that are not excused."""
        return 100 * self.found / max(self.names - self.excused, 1)

    @property
    def row(self) -> tuple[int, ...]:
        """The numbers in the order of `COLUMNS`."""
        names = (self.blocking, self.in_families, self.names, self.excused, self.missing)
        return (*names, self.arguments, self.wrong)


def counted(audits: Sequence[Audit]) -> Counts:
    """The numbers over all the audits."""
    excused = _union(audit.excused for audit in audits)
    missing = _union(audit.missing for audit in audits)
    methods = _union(methods for audit in audits for methods in audit.families.values())
    blocking = _union(audit.blocking for audit in audits)
    return Counts(
        blocking=len(blocking),
        in_families=len(methods - blocking),
        names=len(_union(audit.names for audit in audits)),
        excused=len(excused - missing),
        missing=len(missing),
        arguments=sum(audit.arguments for audit in audits),
        wrong=sum(len(audit.wrong_arguments) for audit in audits),
    )


def headline(total: Counts, files: int) -> str:
    """The first line: how much is known, and how much of that is there."""
    return (
        f"**{total.blocking:,} blocking callables are listed in {files} files, and {total.in_families:,} "
        f"more in families of methods. Of {total.names:,} names checked, {total.found:,} were found, "
        f"{total.excused:,} are excused, and {total.missing:,} are missing: {total.percent:.1f} % of those "
        "that are not excused were found.**"
    )


def table(done: Audit) -> Iterator[str]:
    """The rows printed for a file: name, and where it exists."""
    yield f"{done.path}: {done.release}"
    for name, where in done.names.items():
        yield f"  {name:<64} {where or 'MISSING'}"
    for wrong in done.wrong_arguments:
        yield f"  {wrong:<64} WRONG ARGUMENT"


def report(audits: Sequence[Audit]) -> str:
    """The counts as Markdown, then what is missing, excused, or in older releases only."""
    total = counted(audits)
    lines = ["# Names checked against the packages", "", headline(total, len(audits)), "", INTRODUCTION]
    lines += [f"| rule file | release | {' | '.join(COLUMNS)} |", f"|---|---|{'--:|' * len(COLUMNS)}"]
    lines += [_row(done.path, done.release, counted([done]).row) for done in audits]
    lines.append(_row(f"**{len(audits)} files**", "", [f"**{count:,}**" for count in total.row]))
    lines += _details(audits)
    return "\n".join(lines) + "\n"


def _row(path: str, release: str, cells: Iterable[object]) -> str:
    return f"| {path} | {release} | {' | '.join(map(str, cells))} |"


def _details(audits: Sequence[Audit]) -> Iterator[str]:
    for title, rows in (
        ("Missing", _union(audit.missing for audit in audits)),
        ("Wrong arguments", _union(audit.wrong_arguments for audit in audits)),
        ("Only in older releases", _older(audits)),
    ):
        if rows:
            yield from ("", f"{title}:", "")
            yield from (f"- `{name}`{rest}" for name, _, rest in sorted(row.partition("|") for row in rows))


def _older(audits: Sequence[Audit]) -> set[str]:
    """Names, each with the release that has it instead of the newest."""
    return {
        f"{name}|: {where}"
        for audit in audits
        for name, where in audit.names.items()
        if where not in ("", EXCUSED, audit.release)
    }


def _union(groups: Iterable[Iterable[str]]) -> set[str]:
    return {name for group in groups for name in group}
