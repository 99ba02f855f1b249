"""The published packages that the linter is measured on, and how it is run on one."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from asyncblock_lint import Config, LintResult, lint

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Package:
    """A wheel of the registry, pinned so that counts can be compared."""

    name: str
    version: str

    @property
    def folder(self) -> Path:
        """Where its source lies once it is fetched."""
        return HERE / "packages" / f"{self.name}-{self.version}"


PACKAGES = (
    Package("open-webui", "0.12.4"),
    Package("khoj", "1.42.10"),
    Package("crawl4ai", "0.9.5"),
    Package("gpt-researcher", "0.15.1"),
    Package("homeassistant", "2024.3.3"),
    Package("litellm", "1.109.1"),
    Package("red-discordbot", "3.5.24"),
    Package("archivebox", "0.9.73"),
    Package("jupyter-server", "2.21.1"),
    Package("appdaemon", "4.5.13"),
    Package("langflow-base", "1.13.0"),
    Package("agno", "3.1.10"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """What the linter said of a package; `seconds` is wall time, from the paths to the result."""

    package: Package
    result: LintResult
    seconds: float


def fetched(package: Package) -> Path:
    """The package's folder, if it is there."""
    if not package.folder.is_dir():
        sys.exit(f"{package.folder}: not there; run benchmarks/fetch.py first")
    return package.folder


def run(package: Package) -> Run:
    """Lint the package with the default configuration."""
    folder = str(fetched(package))
    start = time.perf_counter()
    result = lint(Config(working_directory=folder, project_root=folder))
    return Run(package, result, time.perf_counter() - start)


def chosen(names: list[str]) -> list[Package]:
    """The packages of those names, or all."""
    unknown = set(names) - {package.name for package in PACKAGES}
    if unknown:
        sys.exit(f"no such package: {', '.join(sorted(unknown))}")
    return [package for package in PACKAGES if not names or package.name in names]


def table(heading: list[str], rows: list[list[str]]) -> str:
    """A Markdown table whose columns, but for the first, are numbers."""
    rule = ["---", *("---:" for _ in heading[1:])]
    return "".join(f"| {' | '.join(row)} |\n" for row in [heading, rule, *rows])
