"""The lines of the files that have findings."""

from collections.abc import Callable, Sequence

ReadText = Callable[[str], str]
"""Gives the text of a file by its path as shown. May raise `OSError`, `SyntaxError` or
`UnicodeDecodeError` if the file is no longer as it was when it was analysed."""

Lines = Callable[[str], Sequence[str]]
"""Gives the lines of a file by its path as shown."""


def lines_of(path: str, read: ReadText) -> Sequence[str]:
    """The lines of a file, ended as Python ends them; none if it can no longer be read."""
    try:
        text = read(path)
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ()
    # Not `splitlines`, which also ends lines at form feeds and the like.
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
