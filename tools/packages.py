"""Fetches releases of distributions and unpacks them; nothing is installed or imported."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Release:
    """An unpacked archive; `name` is such as `starlette 1.0`."""

    name: str
    folder: Path

    @property
    def roots(self) -> Iterator[Path]:
        """The folders that packages lie in."""
        yield self.folder
        for pattern in ("*.data/*lib", "*-*/src", "*-*/lib", "*-*/python", "*-*"):
            yield from (path for path in sorted(self.folder.glob(pattern)) if path.suffix != ".dist-info")


class Packages:
    """Archives in a folder that is kept, so that each is fetched once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.fetch = cache(self._fetch)

    def _fetch(self, requirement: str) -> Release | None:
        """The newest release that meets `requirement`, or else the newest wheel, if sources do not build."""
        folder = self._folder / re.sub(r"[^\w.=-]", "_", requirement.lower())
        for kind in ("--no-deps", "--only-binary=:all:"):
            if _archive(folder) is None and not (folder / "none").exists():
                self._download(requirement, folder, kind)
        archive = _archive(folder)
        if archive is None:
            (folder / "none").touch()
            return None
        target = folder / "unpacked"
        if not target.exists():
            partial = folder / "unpacking"
            _unpack(archive, partial)
            partial.rename(target)
        stem = re.sub(r"\.(whl|zip|tar\.\w+|tgz)$", "", archive.name)
        distribution, version = re.split(r"-(?=\d)", stem)[:2]
        return Release(f"{distribution} {version.partition('-')[0]}", target)

    def _download(self, requirement: str, folder: Path, kind: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", kind]
        subprocess.run([*command, "--dest", str(folder), requirement], check=False)


def _archive(folder: Path) -> Path | None:
    """The archive in the folder, a wheel if there is one."""
    found = [path for pattern in ("*.whl", "*.tar.*", "*.tgz", "*.zip") for path in folder.glob(pattern)]
    return found[0] if found else None


def _unpack(archive: Path, target: Path) -> None:
    if archive.suffix in (".whl", ".zip"):
        zipfile.ZipFile(archive).extractall(target)
    else:
        with tarfile.open(archive) as opened:
            opened.extractall(target, filter="data")
