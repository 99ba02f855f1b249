"""From paths to source files: folders walked, ignore files heeded, import names worked out.

Seven thousand files are an ordinary project, so the walk handles strings and folder entries alone.
"""

import os
from dataclasses import dataclass

import pathspec

from asyncblock_lint.errors import UserError
from asyncblock_lint.model.config import Config, Patterns
from asyncblock_lint.model.result import Problem
from asyncblock_lint.model.source import SourceFile

_SUFFIXES = (".py", ".pyw")
_EDITOR_LOCK = ".#"


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files to read and what stood in the way, both by path."""

    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]


def discover(config: Config) -> Discovery:
    """Find every file that the configured paths stand for.

    Naming a file asks for findings in it alone; the rest of its project is read too, unreported,
    so that paths can be followed through it. Raises `UserError` for a path that is not there.
    """
    search = _Search(config)
    projects: set[str] = set()
    for path in config.paths:
        location = os.path.abspath(os.path.join(config.working_directory, path))
        if os.path.isdir(location):
            search.walk(location, reported=True)
        elif os.path.isfile(location):
            search.add_named(location)
            projects.update(_project_of(location, config))
        else:
            raise UserError(f"{path}: no such file or folder")
    for project in sorted(projects):
        search.walk(project, reported=False)
    return search.result()


def _project_of(location: str, config: Config) -> tuple[str, ...]:
    """The folder to read along with a named file, unless that were somebody's whole disk."""
    too_broad = (os.path.abspath(os.sep), os.path.expanduser("~"))
    candidates = (config.project_root, _import_root(os.path.dirname(location)))
    fitting = [top for top in candidates if _is_below(location, top) and top not in too_broad]
    return tuple(fitting[:1])


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to walk: its path as reached and with links resolved, the folder that import names
    start from if it is a package, and the ignore files that hold in it."""

    location: str
    real: str
    package_root: str
    ignores: tuple[Patterns, ...]


class _Search:
    """Collects files by their resolved path, so that each is read once."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._found: dict[str, tuple[bool, SourceFile]] = {}
        self._problems: dict[str, Problem] = {}

    def result(self) -> Discovery:
        files = sorted((file for _, file in self._found.values()), key=lambda file: file.path)
        return Discovery(tuple(files), tuple(self._problems[path] for path in sorted(self._problems)))

    def add_named(self, location: str) -> None:
        if not self._is_excluded(location):
            root = _import_root(os.path.dirname(location))
            self._add(location, os.path.realpath(location), root, reported=True)

    def walk(self, top: str, reported: bool) -> None:
        if self._is_excluded(top + os.sep):
            return
        parent_root = _import_root(os.path.dirname(top))
        pending = [_Folder(top, os.path.realpath(top), parent_root, _outer_ignores(top))]
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(folder.location))
            except OSError as error:
                self._report(folder.location, f"cannot be entered: {error.strerror}", reported)
                continue
            names = {entry.name for entry in entries}
            if "pyvenv.cfg" not in names or folder.location == top:
                pending.extend(self._visit(folder, names, entries, reported))

    def _visit(
        self, folder: _Folder, names: set[str], entries: list[os.DirEntry[str]], reported: bool
    ) -> list[_Folder]:
        """Take the files of a folder; return the folders to go on with."""
        ignores = folder.ignores + (_read_ignores(folder.location) if ".gitignore" in names else ())
        root = folder.package_root if "__init__.py" in names else folder.location
        inner = []
        for entry in entries:
            real = os.path.join(folder.real, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in self._config.skip and not self._is_left_out(
                    entry.path + os.sep, ignores
                ):
                    inner.append(_Folder(entry.path, real, root, ignores))
            elif _is_source_name(entry.name) and not self._is_left_out(entry.path, ignores):
                self._take(entry, real, root, reported)
        return inner

    def _take(self, entry: os.DirEntry[str], real: str, root: str, reported: bool) -> None:
        try:
            if entry.is_file():
                self._add(entry.path, os.path.realpath(real) if entry.is_symlink() else real, root, reported)
            elif not os.path.exists(entry.path):
                self._report(entry.path, "cannot be read: the symbolic link leads nowhere", reported)
        except OSError as error:
            self._report(entry.path, f"cannot be read: {error.strerror}", reported)

    def _add(self, location: str, real: str, root: str, reported: bool) -> None:
        """Keep the file, unless a better name of it is known: a reported one, then no link."""
        is_link = location != real and os.path.islink(location)
        earlier = self._found.get(real)
        if earlier is None or (earlier[1].reported, not earlier[0]) < (reported, not is_link):
            self._found[real] = is_link, self._source(location, root, reported)

    def _source(self, location: str, nearest_root: str, reported: bool) -> SourceFile:
        root = max(
            (top for top in self._config.src if _is_below(location, top)), key=len, default=nearest_root
        )
        parts = os.path.splitext(location[len(root) :].lstrip(os.sep))[0].split(os.sep)
        is_package = parts[-1] == "__init__" and len(parts) > 1
        module = ".".join(parts[:-1] if is_package else parts)
        return SourceFile(self._shown(location), location, root, module, is_package, reported)

    def _shown(self, location: str) -> str:
        here = self._config.working_directory
        shown = location[len(here) :].lstrip(os.sep) if _is_below(location, here) else location
        return shown.replace(os.sep, "/") or "."

    def _report(self, location: str, message: str, reported: bool) -> None:
        if reported:
            path = self._shown(location)
            self._problems[path] = Problem(path, 1, message)

    def _is_excluded(self, location: str) -> bool:
        return _last_decision(self._config.exclude, location)

    def _is_left_out(self, location: str, ignores: tuple[Patterns, ...]) -> bool:
        return self._is_excluded(location) or _last_decision(ignores, location)


def _is_source_name(name: str) -> bool:
    return name.endswith(_SUFFIXES) and not name.startswith(_EDITOR_LOCK)


def _is_below(location: str, folder: str) -> bool:
    return location == folder or location.startswith(folder.rstrip(os.sep) + os.sep)


def _last_decision(patterns: tuple[Patterns, ...], location: str) -> bool:
    decisions = (each.decide(location) for each in reversed(patterns))
    return next((decision for decision in decisions if decision is not None), False)


def _import_root(folder: str) -> str:
    """The nearest folder, from this one upward, that is not a package."""
    while os.path.isfile(os.path.join(folder, "__init__.py")) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


def _outer_ignores(top: str) -> tuple[Patterns, ...]:
    """The ignore files from the repository's top down to above `top`.

    One that takes out `top` itself does not count: naming a folder asks for what is in it.
    """
    folder, above = top, []
    while not os.path.exists(os.path.join(folder, ".git")):
        folder, inner = os.path.dirname(folder), folder
        if folder == inner:
            return ()
        above.append(folder)
    holding = (patterns for folder in reversed(above) for patterns in _read_ignores(folder))
    return tuple(patterns for patterns in holding if not patterns.decide(top + os.sep))


def _read_ignores(folder: str) -> tuple[Patterns, ...]:
    try:
        with open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().split("\n")
    except OSError:
        return ()
    return (Patterns(folder, tuple(line for line in lines if _is_pattern(line))),)


def _is_pattern(line: str) -> bool:
    """Whether the line says anything; git passes over what it cannot understand, and so do we."""
    try:
        patterns = pathspec.GitIgnoreSpec.from_lines([line]).patterns
    except ValueError:
        return False
    return any(pattern.include is not None for pattern in patterns)
