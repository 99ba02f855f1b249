"""The settled configuration: what a run reads, what it believes, and what it reports."""

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import pathspec

from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.codes import DEFAULT_CODES

ASYNC_LIBRARIES = ("asyncio", "anyio", "trio")
HTTP_CLIENTS = ("httpx", "httpx2", "aiohttp")
"""What fixes can be told to use."""

DEFAULT_SKIP = frozenset(
    {
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".hypothesis",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pants.d",
        ".pytest_cache",
        ".pytype",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        ".vscode",
        "__pycache__",
        "__pypackages__",
        "_build",
        "build",
        "dist",
        "node_modules",
        "site-packages",
        "venv",
    }
)
"""Names of folders that hold no code of the project."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Lines as in a `.gitignore` file that lies in the absolute folder `base`."""

    base: str
    lines: tuple[str, ...]

    def decide(self, location: str) -> bool | None:
        """Whether the last line that fits the absolute `location` takes it; `None` if none fits.

        A folder's location ends in a separator. Of a location outside `base` only the name counts.
        """
        prefix = self.base.rstrip(os.sep) + os.sep
        start = len(prefix) if location.startswith(prefix) else location.rfind(os.sep, 0, -1) + 1
        return _compiled(self.lines).check_file(location[start:]).include


@functools.cache
def _compiled(lines: tuple[str, ...]) -> pathspec.GitIgnoreSpec:
    return pathspec.GitIgnoreSpec.from_lines(lines)


@dataclass(frozen=True, slots=True)
class PerFileIgnore:
    """Codes that are off in the files that `patterns` takes."""

    patterns: Patterns
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Setting:
    """A key as it was settled, in the words of the user, and where it was set."""

    key: str
    value: object
    source: str


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a run depends on besides the source it reads; every path but `paths` is absolute.

    `skip` names folders not to walk into, `exclude` takes out paths even if they were named. `src` are
    folders that import names start from. `allow` are patterns of names that may be called,
    `blocking` maps names that block to their code, `offload` are names that run their callable
    arguments in a thread. `async_library` and `http_client` are what fixes are to use, empty where the
    project decides. `jobs` is a number of processes, 0 for one a core. `loop_budget`
    are the seconds that a loop may compute without giving way.
    """

    paths: tuple[str, ...] = (".",)
    working_directory: str = field(default_factory=os.getcwd)
    project_root: str = field(default_factory=os.getcwd)
    codes: frozenset[str] = DEFAULT_CODES
    per_file_ignores: tuple[PerFileIgnore, ...] = ()
    ignore_contexts: frozenset[str] = frozenset()
    certainty: Certainty = Certainty.LIKELY
    skip: frozenset[str] = DEFAULT_SKIP
    exclude: tuple[Patterns, ...] = ()
    src: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    blocking: Mapping[str, str] = field(default_factory=dict)
    offload: tuple[str, ...] = ()
    async_library: str = ""
    http_client: str = ""
    baseline: str | None = None
    jobs: int = 0
    loop_budget: float = 0.1
    settings: tuple[Setting, ...] = ()

    def codes_for(self, path: str) -> frozenset[str]:
        """The codes wanted in one file, given its path as it is shown."""
        location = os.path.join(self.working_directory, path)  # noqa: PTH118
        ignored = (rule.codes for rule in self.per_file_ignores if rule.patterns.decide(location))
        return self.codes.difference(*ignored)
