"""The command line: options become a `Config`, a result becomes text and an exit code."""

import click

from asyncblock_lint import __version__
from asyncblock_lint.cli.baseline import baseline
from asyncblock_lint.cli.check import check
from asyncblock_lint.cli.debug import debug
from asyncblock_lint.cli.explain import explain
from asyncblock_lint.cli.program import NAME, Program
from asyncblock_lint.cli.rules import rules
from asyncblock_lint.cli.settings import config

__all__ = ["main", "program"]


@click.group(cls=Program, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name=NAME, message="%(prog)s %(version)s")
def program() -> None:
    """Find the calls that stop an asyncio event loop, and the path by which the loop reaches them.

    Exit codes: 0 nothing found, 1 findings or unreadable files, 2 a mistake in the command, the
    configuration or a rule file.
    """


for command in (check, explain, rules, config, baseline, debug):
    program.add_command(command)


def main() -> None:
    """Run the program on the arguments of the process, and exit."""
    program.main(prog_name=NAME)
