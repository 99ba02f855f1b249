"""What the project says of itself: which versions of libraries it has, and how long its lines may be.

Only metadata is read: lock files, declarations, and the names of folders of installed distributions.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import tomli
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock")
_BOUND = re.compile(r"(?:>=|<)\s*([\d.]+)")


class Dependencies:
    """What the project in `root` needs, as far as its files tell."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.has = cache(self._has)

    def needs(self, distribution: str) -> bool:
        """Whether the project itself, not only its tests or extras, requires `distribution`."""
        name = canonicalize_name(distribution)
        return any(canonicalize_name(found) == name for found in self._required)

    def line_length(self) -> int:
        """How long the lines of the project may be, as its formatter is told; 0 if it is not."""
        tools = _read_toml(self._root / "pyproject.toml").get("tool", {})
        ruff = [_read_toml(self._root / name) for name in (".ruff.toml", "ruff.toml")]
        tables = [*ruff, tools.get("ruff", {}), tools.get("black", {})]
        told = [table.get("line-length") for table in tables if isinstance(table, dict)]
        return next((length for length in told if isinstance(length, int)), 0)

    @cached_property
    def _required(self) -> tuple[str, ...]:
        """The names of what the project requires to run."""
        project = _read_toml(self._root / "pyproject.toml")
        poetry = _table(project, "tool", "poetry", "dependencies")
        lines = _read_text(self._root / "requirements.txt").splitlines()
        declared = _texts(_table(project, "project").get("dependencies"))
        texts = [*declared, *map(_requirement_text, lines)]
        optional = {
            name for name, wanted in poetry.items() if isinstance(wanted, dict) and wanted.get("optional")
        }
        return (*(item.name for item in _requirements(texts)), *(poetry.keys() - optional))

    def _has(self, distribution: str, versions: str) -> bool | None:
        """Whether the project's version of `distribution` is one of `versions` (`">=2, <4"`); `None`
        if nothing tells."""
        name, wanted = canonicalize_name(distribution), SpecifierSet(versions)
        for found in (self._locked(name), self._declared(name, versions), self._installed(name)):
            # A pre-release does already what the release will do.
            answers = {version.base_version in wanted for version in found}
            if len(answers) == 1:
                return answers.pop()
        return None

    def _locked(self, name: str) -> list[Version]:
        """The versions in lock files."""
        found = []
        for path in _LOCKS:
            packages = _read_toml(self._root / path).get("package")
            for package in packages if isinstance(packages, list) else ():
                if isinstance(package, dict) and canonicalize_name(str(package.get("name"))) == name:
                    found.extend(_versions([str(package.get("version"))]))
        return found

    def _declared(self, name: str, versions: str) -> list[Version]:
        """Versions that the declared requirements admit, one on each side of every bound."""
        specifiers = [
            requirement.specifier
            for requirement in _requirements(self._requirement_texts())
            if canonicalize_name(requirement.name) == name and requirement.specifier
        ]
        if not specifiers:
            return []
        declared = [clause.version.removesuffix(".*") for specifier in specifiers for clause in specifier]
        samples = [sample for bound in (*_BOUND.findall(versions), *declared) for sample in _around(bound)]
        return [
            version
            for version in _versions(samples)
            if all(specifier.contains(version, prereleases=True) for specifier in specifiers)
        ]

    def _requirement_texts(self) -> Iterator[str]:
        project = _read_toml(self._root / "pyproject.toml")
        yield from _texts(_table(project, "project").get("dependencies"))
        extras = _table(project, "project", "optional-dependencies")
        for group in (*extras.values(), *_table(project, "dependency-groups").values()):
            yield from _texts(group)
        for group in _poetry_groups(_table(project, "tool", "poetry")):
            for name, wanted in group.items():
                version = wanted.get("version", "") if isinstance(wanted, dict) else wanted
                yield from _from_poetry(name, str(version).strip())
        for path in sorted(self._root.glob("requirements*.txt")):
            for line in _read_text(path).splitlines():
                yield _requirement_text(line)

    def _installed(self, name: str) -> list[Version]:
        """The versions installed in the project's environment, or in the one that runs this."""
        beside = [str(self._root / ".venv"), str(self._root / "venv")]
        for place in map(Path, filter(None, [*beside, os.environ.get("VIRTUAL_ENV"), sys.prefix])):
            found = [
                path.name.removesuffix(".dist-info").rpartition("-")[2]
                for path in place.glob("lib/python*/site-packages/*.dist-info")
                if canonicalize_name(path.name.partition("-")[0]) == name
            ]
            if found:
                return _versions(found)
        return []


def _read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file; none if there is no such file, or if it is broken, which is not our concern."""
    try:
        return tomli.loads(_read_text(path))
    except tomli.TOMLDecodeError:
        return {}


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""


def _table(tables: Any, *keys: str) -> dict[str, Any]:
    """The table under `keys`; an empty one if something else is there."""
    for key in keys:
        tables = tables.get(key) if isinstance(tables, dict) else None
    return tables if isinstance(tables, dict) else {}


def _texts(value: Any) -> list[str]:
    """The texts in a list; none if it is something else."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _poetry_groups(poetry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield _table(poetry, "dependencies")
    yield _table(poetry, "dev-dependencies")
    for group in _table(poetry, "group").values():
        yield _table(group, "dependencies")


def _requirement_text(line: str) -> str:
    """The requirement in a line of a requirements file."""
    return line.partition(" #")[0].partition(" --hash")[0].strip(" \\")


def _requirements(texts: Iterable[str]) -> Iterator[Requirement]:
    for text in texts:
        try:
            yield Requirement(text)
        except InvalidRequirement:
            continue


def _versions(texts: Iterable[str]) -> list[Version]:
    found = []
    for text in texts:
        try:
            found.append(Version(text))
        except InvalidVersion:
            continue
    return found


def _around(bound: str) -> Iterator[str]:
    """The version itself, one right below it and one right above."""
    yield bound
    yield f"{bound}.0.1"
    parts = [int(part) for part in re.findall(r"\d+", bound)]
    while parts and parts[-1] == 0:
        parts.pop()
    if parts:
        yield ".".join(map(str, (*parts[:-1], parts[-1] - 1, 999)))


def _from_poetry(name: str, version: str) -> Iterator[str]:
    """Poetry's own signs in those of everybody: `^1.2` is `>=1.2,<2`, `~1.2` is `>=1.2,<1.3`."""
    sign, parts = version[:1], re.findall(r"\d+", version.partition(",")[0])
    if sign in ("^", "~") and parts and version[1:2] != "=":
        kept = _fixed_by_caret(parts) if sign == "^" else parts[:2]
        above = ".".join([*kept[:-1], str(int(kept[-1]) + 1)])
        yield f"{name}>={version[1:]},<{above}"
    elif version and version != "*":
        yield f"{name}{version if version[0] in '<>=!~' else f'=={version}'}"


def _fixed_by_caret(parts: list[str]) -> list[str]:
    """The parts up to the first that is not zero, which a release must share to be compatible."""
    zeros = next((index for index, part in enumerate(parts) if int(part)), len(parts) - 1)
    return parts[: zeros + 1]
