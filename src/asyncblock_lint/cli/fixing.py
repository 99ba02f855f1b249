"""The options that fix: what they ask for, and how to tell what came of it."""

import difflib
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import click

from asyncblock_lint.model.repair import Repair, Revision
from asyncblock_lint.pipeline import decode
from asyncblock_lint.report.words import counted, visible

_SAFE = frozenset({"safe"})
_ALL = frozenset({"safe", "unsafe"})
_LINE = re.compile(r".*?(?:\r\n|\r|\n)|.+", re.DOTALL)

_OPTIONS = (
    click.option("--fix", is_flag=True, help="Apply the fixes that keep the meaning."),
    click.option(
        "--unsafe-fixes", "unsafe", is_flag=True, help="Apply the others, too, such as calls in a thread."
    ),
    click.option("--diff", is_flag=True, help="Show what fixes would change, and write nothing."),
    click.option("--fix-only", "only", is_flag=True, help="Fix, and do not report what is left."),
)


@dataclass(frozen=True, slots=True)
class Fixes:
    """What the options ask for."""

    fix: bool
    unsafe: bool
    diff: bool
    only: bool

    @property
    def are_asked_for(self) -> bool:
        """Whether anything is to be fixed, or shown as if."""
        return self.fix or self.unsafe or self.diff or self.only

    @property
    def wanted(self) -> frozenset[str]:
        """The applicabilities of the fixes to apply."""
        return _ALL if self.unsafe else _SAFE


def fixing(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that fix, as one argument `fixes`."""

    @functools.wraps(command)
    def run(*, fix: bool, unsafe: bool, diff: bool, only: bool, **others: Any) -> int:
        return command(fixes=Fixes(fix, unsafe, diff, only), **others)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def diff_of(repair: Repair) -> Iterator[str]:
    """What changes, as a unified diff."""
    for revision in repair.revisions:
        yield from _file_diff(revision)


def tell(repair: Repair, *, wrote: bool) -> None:
    """Say on standard error what was fixed, and which fixes did not prove right."""
    for item in repair.dropped:
        place = f"{visible(item.finding.path)}:{item.finding.line}"
        click.echo(f"{place}: not fixed: {item.finding.code}: {item.reason}", err=True)
    number = sum(repair.fixed.values())
    if number:
        verb = "Fixed" if wrote else "Would fix"
        where = counted(len(repair.revisions), "file")
        click.echo(f"{verb} {counted(number, 'finding')} in {where}.", err=True)


def _file_diff(revision: Revision) -> Iterator[str]:
    before, after = (_LINE.findall(decode(content)) for content in (revision.before, revision.after))
    for line in difflib.unified_diff(before, after, f"a/{revision.path}", f"b/{revision.path}"):
        yield line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n"
