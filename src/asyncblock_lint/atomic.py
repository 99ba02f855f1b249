"""Writes a file beside its place and moves it there, so that it is there whole or not at all."""

import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path


def replace_file(target: Path, chunks: Iterable[bytes]) -> None:
    """Give `target`, which must not be a link, new content; its mode stays. Raises `OSError`."""
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor is no path
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    """The mask can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
