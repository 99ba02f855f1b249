"""A file to read: where it lies, what it is called, and whether its findings are wanted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One Python file of the project.

    `path` is how it is shown: relative to the working directory where possible, with `/`.
    `location` is its absolute path, for reading. `root` is the absolute folder its import name
    starts from, and `module` that name (`app.service`; a package's `__init__.py` is `app`).
    `reported` is false for a file that is read only to follow paths through it.
    """

    path: str
    location: str
    root: str
    module: str
    is_package: bool = False
    reported: bool = True
