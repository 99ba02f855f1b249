"""Fetch the packages to measure: wheels by `pip download`, only their Python files unpacked, none run.

python benchmarks/fetch.py [PACKAGE...]
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from corpus import Package, chosen


def main() -> None:
    """Fetch what is not there yet."""
    for package in chosen(sys.argv[1:]):
        if package.folder.is_dir():
            print(f"{package.folder.name}: there already")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            unpack(download(package, Path(scratch)), package.folder)
        print(f"{package.folder.name}: fetched")


def download(package: Package, folder: Path) -> Path:
    """The package's wheel, in `folder`; whether it would install here does not matter."""
    options = ["--no-deps", "--ignore-requires-python", "--only-binary", ":all:", "--quiet"]
    wanted = f"{package.name}=={package.version}"
    subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), wanted], check=True
    )
    [wheel] = folder.glob("*.whl")
    return wheel


def unpack(wheel: Path, folder: Path) -> None:
    """Lay out the wheel's Python files, in `folder` only once all are there."""
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch, zipfile.ZipFile(wheel) as archive:
        unpacked = Path(scratch, "unpacked")
        archive.extractall(unpacked, [name for name in archive.namelist() if name.endswith(".py")])
        unpacked.rename(folder)


if __name__ == "__main__":
    main()
