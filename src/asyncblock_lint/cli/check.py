"""`check`: lint and report."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import click

from asyncblock_lint.cli.fixing import Fixes, diff_of, fixing, tell
from asyncblock_lint.cli.options import configuring, settle
from asyncblock_lint.cli.output import emit, wants_color, write_file
from asyncblock_lint.cli.progress import progress_bar
from asyncblock_lint.model.result import LintResult
from asyncblock_lint.pipeline import lint, repair, write
from asyncblock_lint.report import Reporter, ReportOptions, reporter, reporter_names, statistics
from asyncblock_lint.report.options import lines_below


def _formats(words: str) -> str:
    described = (f"{name} ({reporter(name).description})" for name in reporter_names())
    return f"{words}: {', '.join(described)}.  [default: text]"


@click.command(short_help="Find blocking calls on the event loop.")
@configuring
@click.option(
    "--output-format", type=click.Choice(reporter_names()), default="text", help=_formats("How to report")
)
@click.option("--output", metavar="FILE", help="Write the report to a file.")
@click.option("--statistics", "counts", is_flag=True, help="Count the findings of each code.")
@click.option("--baseline", metavar="FILE", help="Report only what this baseline does not list.")
@fixing
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if something was found.")
def check(
    paths: tuple[str, ...],
    config_file: str | None,
    isolated: bool,
    output_format: str,
    output: str | None,
    counts: bool,
    fixes: Fixes,
    exit_zero: bool,
    **options: object,
) -> int:
    """Find the blocking calls that the event loop reaches in PATHS (the working directory).

    Where a path is a file, only findings in that file are reported, but its whole project is read,
    so that paths can be followed through it.
    """
    config = settle(paths, config_file, isolated, options)
    with progress_bar() as progress:
        repaired = repair(config, fixes.wanted, progress) if fixes.are_asked_for else None
        result = repaired.result if repaired else lint(config, progress)
    if repaired and not fixes.diff:
        write(repaired.revisions)
    if repaired:
        tell(repaired, wrote=not fixes.diff)
    if repaired and (fixes.diff or fixes.only):
        _put(diff_of(repaired) if fixes.diff else (), output)
        is_open = bool(repaired.revisions) if fixes.diff else bool(repaired.dropped)
        return int(not exit_zero and is_open)
    _report(result, reporter(output_format), output, counts, Path(config.working_directory))
    return int(not exit_zero and bool(result.findings or result.problems))


def _report(result: LintResult, form: Reporter, output: str | None, counts: bool, folder: Path) -> None:
    options = ReportOptions(color=output is None and wants_color(), lines=lines_below(folder))
    table = list(statistics(result)) if counts else []
    chunks = chain(form.render(result, options), table if form.for_people else ())
    _put(chunks, output)
    if table and not form.for_people:
        click.echo("".join(table), err=True, nl=False)


def _put(chunks: Iterable[str], output: str | None) -> None:
    if output is None:
        emit(chunks)
    else:
        write_file(output, chunks)
