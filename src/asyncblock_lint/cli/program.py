"""How every command ends: the exit codes, and one line for a user's mistake."""

import os
import sys
from typing import Any, NoReturn

import click

from asyncblock_lint.errors import UserError

NAME = "asyncblock-lint"
MISTAKE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141
"""What a shell reports of a program that ended by SIGINT or SIGPIPE."""


class Program(click.Group):
    """A group whose commands return their exit code, and which alone turns failures into exits."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run a command and exit; a bug alone is a traceback."""
        try:
            status = super().main(*args, **extra | {"standalone_mode": False})
        except click.UsageError as error:
            _fail(f"{error.format_message()}{_hint(error)}")
        except UserError as error:
            _fail(str(error))
        except click.Abort:
            sys.exit(INTERRUPTED)
        sys.exit(status)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and end quietly if nobody reads on."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            discard_output()
            ctx.exit(BROKEN_PIPE)


def discard_output() -> None:
    """Let what is still buffered go nowhere, or Python would complain of it on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _hint(error: click.UsageError) -> str:
    return f" (see '{error.ctx.command_path} --help')" if error.ctx else ""


def _fail(message: str) -> NoReturn:
    """A line for each mistake; only rule files bring several at once."""
    for line in message.splitlines():
        click.echo(f"{NAME}: error: {line}", err=True)
    sys.exit(MISTAKE)
