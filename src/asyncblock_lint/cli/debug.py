"""`debug`: windows into the stages, for contributors."""

from pathlib import Path

import click

from asyncblock_lint.cli.options import configuring, settle
from asyncblock_lint.cli.output import emit
from asyncblock_lint.errors import UserError
from asyncblock_lint.pipeline import facts_text, path_text


@click.group(no_args_is_help=False)
def debug() -> None:
    """Show what the stages make of the source."""


@debug.command()
@click.argument("file")
def facts(file: str) -> int:
    """Print what one file says."""
    if not Path(file).is_file():
        raise UserError(f"{file}: no such file")
    emit([facts_text(Path(file))])
    return 0


@debug.command()
@click.argument("function")
@configuring
def path(
    function: str, paths: tuple[str, ...], config_file: str | None, isolated: bool, **options: object
) -> int:
    """Print what a function (`app.main.handler`) runs, and the nearest blocking call."""
    emit([path_text(settle(paths, config_file, isolated, options), function)])
    return 0
