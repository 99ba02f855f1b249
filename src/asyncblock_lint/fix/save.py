"""Writes fixed files, if they are still what was analysed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from asyncblock_lint.atomic import replace_file
from asyncblock_lint.errors import UserError
from asyncblock_lint.model.repair import Revision


def write(revisions: Iterable[Revision]) -> None:
    """Write all files or, if one has changed or cannot be written, none.

    Raises `UserError`. A disk that is full at the third file leaves the first two written, and the
    third as it was.
    """
    targets = [(revision, Path(os.path.realpath(revision.location))) for revision in revisions]
    for revision, target in targets:
        _check(revision, target)
    for revision, target in targets:
        try:
            replace_file(target, [revision.after])
        except OSError as error:
            raise UserError(f"{revision.path}: cannot be written: {error.strerror}") from error


def _check(revision: Revision, target: Path) -> None:
    try:
        if target.read_bytes() != revision.before:
            raise UserError(f"{revision.path}: not fixed: the file has changed since it was analysed")
        mode = target.stat().st_mode
    except OSError as error:
        raise UserError(f"{revision.path}: cannot be fixed: {error.strerror}") from error
    # A file without write permission could still be replaced, but its owner does not want that.
    if not mode & stat.S_IWUSR or not os.access(target, os.W_OK):
        raise UserError(f"{revision.path}: cannot be fixed: the file is read-only")
