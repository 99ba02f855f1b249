"""Fetches releases of distributions as wheels and unpacks them; nothing is installed or imported."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Release:
    """An unpacked wheel; `name` is such as `starlette 1.0`."""

    name: str
    folder: Path


class Packages:
    """Wheels in a folder that is kept, so that each is fetched once."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def fetch(self, requirement: str) -> Release | None:
        """The newest release that meets `requirement`; `None` if there is no wheel of one."""
        folder = self._cache / re.sub(r"[^\w.=-]", "_", requirement.lower())
        if not any(folder.glob("*.whl")) and not self._download(requirement, folder):
            return None
        wheel = next(folder.glob("*.whl"))
        target = folder / "unpacked"
        if not target.exists():
            partial = folder / "unpacking"
            zipfile.ZipFile(wheel).extractall(partial)
            partial.rename(target)
        distribution, version = wheel.name.split("-")[:2]
        return Release(f"{distribution} {version}", target)

    def _download(self, requirement: str, folder: Path) -> bool:
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        done = subprocess.run([*command, "--dest", str(folder), requirement], check=False)
        return done.returncode == 0
