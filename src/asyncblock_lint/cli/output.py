"""Where text goes: standard output as UTF-8, or a file that is there whole or not at all."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from asyncblock_lint.atomic import replace_file
from asyncblock_lint.cli.program import discard_output
from asyncblock_lint.errors import UserError


def wants_color() -> bool:
    """Whether standard output is a terminal that shows colours, unless the environment decides."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return _standard_output().isatty() and os.environ.get("TERM") != "dumb"


def emit(chunks: Iterable[str]) -> None:
    """Write to standard output, whatever encoding the locale prefers: programs read this."""
    stream = _standard_output().buffer
    try:
        for chunk in chunks:
            stream.write(_encoded(chunk))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        discard_output()
        raise UserError(f"cannot write to standard output: {error.strerror}") from error


def _standard_output() -> TextIO:
    """Python has none if the shell closed it."""
    if sys.stdout is None:
        raise UserError("standard output is closed")
    return sys.stdout


def write_file(path: str, chunks: Iterable[str]) -> None:
    """Write a file beside its place and move it there; a device or a pipe is written directly."""
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(b"".join(map(_encoded, chunks)))
        else:
            replace_file(target, map(_encoded, chunks))
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error


def _encoded(text: str) -> bytes:
    """Names of files may hold bytes that are no text; written out they are legal JSON, too."""
    return text.encode("utf-8", "backslashreplace")
