"""Configuration files: where they are found, and what they say."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import tomli

from asyncblock_lint.config.keys import mistakes
from asyncblock_lint.config.layers import Layer
from asyncblock_lint.errors import ConfigError

OWN_FILE = "asyncblock-lint.toml"
SHARED_FILE = "pyproject.toml"
SECTION = "asyncblock-lint"
_MARKERS = (OWN_FILE, SHARED_FILE, "setup.py", "setup.cfg", ".git")


def nearest_layer(working_directory: Path) -> Layer | None:
    """The configuration of the nearest folder upward that has one."""
    for folder in _upward(working_directory):
        own, shared = folder / OWN_FILE, folder / SHARED_FILE
        if own.is_file():
            return _layer(own, _parse(own), working_directory)
        section = _section(shared) if shared.is_file() else None
        if section is not None:
            return _layer(shared, section, working_directory)
    return None


def named_layer(path: Path, working_directory: Path) -> Layer:
    """The configuration in the file that the user named."""
    if path.name != SHARED_FILE:
        return _layer(path, _parse(path), working_directory)
    section = _section(path)
    if section is None:
        raise ConfigError(f"{_shown(path, working_directory)}: has no table [tool.{SECTION}]")
    return _layer(path, section, working_directory)


def project_root(working_directory: Path) -> Path:
    """The nearest folder upward that looks like a project's top, or else the working directory."""
    for folder in _upward(working_directory):
        if any((folder / marker).exists() for marker in _MARKERS):
            return folder
    return working_directory


def _upward(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents


def _section(path: Path) -> Mapping[str, object] | None:
    tool = _parse(path).get("tool")
    section = tool.get(SECTION) if isinstance(tool, dict) else None
    if section is None or isinstance(section, dict):
        return section
    raise ConfigError(f"{path}: [tool.{SECTION}] must be a table")


def _parse(path: Path) -> Mapping[str, object]:
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except tomli.TOMLDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}: not valid TOML: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error


def _layer(path: Path, values: Mapping[str, object], working_directory: Path) -> Layer:
    shown = _shown(path, working_directory)
    if wrong := mistakes(values):
        raise ConfigError(f"{shown}: {'; '.join(wrong)}")
    return Layer(shown, path.parent, values)


def _shown(path: Path, working_directory: Path) -> str:
    return str(path.relative_to(working_directory) if path.is_relative_to(working_directory) else path)
