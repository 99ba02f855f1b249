"""The options that settle the configuration, declared once for all commands."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from asyncblock_lint.config import Config, load_config
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.result import CONTEXT_KINDS

_F = TypeVar("_F", bound=Callable[..., Any])


def _split(context: click.Context, option: click.Parameter, values: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def _codes(name: str, words: str) -> Callable[[_F], _F]:
    help_text = f"{words} Codes, prefixes (ABL2) or names, with commas between."
    return click.option(name, multiple=True, callback=_split, metavar="CODES", help=help_text)


_OPTIONS = (
    click.argument("paths", nargs=-1, metavar="[PATHS]..."),
    _codes("--select", "Report these and no others."),
    _codes("--extend-select", "Report these too."),
    _codes("--ignore", "Do not report these."),
    _codes("--extend-ignore", "Do not report these either."),
    click.option(
        "--certainty",
        type=click.Choice([certainty.label for certainty in reversed(Certainty)]),
        help="Report findings at least this certain.  [default: likely]",
    ),
    click.option(
        "--ignore-context",
        "ignore_contexts",
        multiple=True,
        callback=_split,
        metavar="KIND",
        help=f"Do not report what runs in such a place: {', '.join(CONTEXT_KINDS)}.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="PATTERN",
        help="Leave these out, instead of the folders usually skipped; written as in .gitignore.",
    ),
    click.option("--extend-exclude", multiple=True, metavar="PATTERN", help="Leave these out too."),
    click.option(
        "--jobs", type=click.IntRange(min=0), help="Read files in this many processes; 0: one a core."
    ),
    click.option(
        "--loop-budget",
        type=click.IntRange(min=1),
        metavar="MILLISECONDS",
        help="Report loops that compute this long without giving way.  [default: 100]",
    ),
    click.option("--config", "config_file", metavar="FILE", help="Read this configuration file."),
    click.option("--isolated", is_flag=True, help="Read no configuration file."),
)


def configuring(command: _F) -> _F:
    """Give a command the paths and the options of the configuration, for `settle` to take."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settle(
    paths: Sequence[str], config_file: str | None, isolated: bool, options: Mapping[str, object]
) -> Config:
    """The configuration under the options that were given."""
    if config_file is not None and isolated:
        raise click.UsageError("--config and --isolated exclude each other.")
    given = {name.replace("_", "-"): value for name, value in options.items() if value not in (None, ())}
    return load_config(paths, given, config_file, isolated)
