"""`baseline`: write down the findings of today."""

from dataclasses import replace

import click

from asyncblock_lint.baseline import baseline_text
from asyncblock_lint.cli.options import configuring, settle
from asyncblock_lint.cli.output import write_file
from asyncblock_lint.cli.progress import progress_bar
from asyncblock_lint.pipeline import lint
from asyncblock_lint.report.words import counted, problem_lines

_USUAL_FILE = "asyncblock-lint-baseline.json"


@click.command(short_help="Write down the findings of today.")
@configuring
@click.option("--output", metavar="FILE", help=f"The baseline file.  [default: configured, or {_USUAL_FILE}]")
def baseline(
    paths: tuple[str, ...], config_file: str | None, isolated: bool, output: str | None, **options: object
) -> int:
    """Write the findings in PATHS to a file, for `check --baseline` to leave out."""
    config = settle(paths, config_file, isolated, options)
    target = output or config.baseline or _USUAL_FILE
    with progress_bar() as progress:
        result = lint(replace(config, baseline=None), progress)
    write_file(target, [baseline_text(result.findings)])
    notes = [
        *problem_lines(result.problems),
        f"Wrote {counted(len(result.findings), 'finding')} to {target}\n",
    ]
    click.echo("".join(notes), err=True, nl=False)
    return 0
