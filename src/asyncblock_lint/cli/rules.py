"""`rules`: what the rule files cover, and whether one can be used."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from asyncblock_lint.cli.output import emit
from asyncblock_lint.config import load_config
from asyncblock_lint.model.catalogue import Library
from asyncblock_lint.pipeline import catalogue, check_rules
from asyncblock_lint.report.words import counted


@click.command(short_help="List the libraries covered; check rule files.")
@click.option("--check", "path", metavar="PATH", help="Check a rule file, or a folder of them.")
def rules(path: str | None) -> int:
    """List the libraries that the rules cover, your own rule files included."""
    if path is not None:
        emit([f"{path}: {_summary(check_rules(Path(path)))}\n"])
    else:
        emit(_table(catalogue(load_config()).libraries))
    return 0


def _summary(libraries: Sequence[Library]) -> str:
    calls = sum(len(library.blockers) for library in libraries)
    examples = sum(len(library.examples) for library in libraries)
    return f"{_libraries(len(libraries))}, {counted(calls, 'blocking call')}, {counted(examples, 'example')}"


def _libraries(number: int) -> str:
    return f"{number} {'library' if number == 1 else 'libraries'}"


def _table(libraries: Sequence[Library]) -> Iterator[str]:
    """A line a library: its name, how many calls block, under which codes, and the file."""
    names = max((len(library.name) for library in libraries), default=0)
    for library in sorted(libraries, key=lambda each: (each.name, each.path)):
        codes = ", ".join(sorted({blocker.code for blocker in library.blockers})) or "-"
        yield f"{library.name:<{names}}  {len(library.blockers):>4}  {library.path}  {codes}\n"
    yield f"{_libraries(len(libraries))}\n"
