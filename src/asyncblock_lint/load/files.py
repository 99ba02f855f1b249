"""Finds the rule files, loads them all, and checks some more closely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from asyncblock_lint.errors import RuleError
from asyncblock_lint.load.merge import Source, library, merged, usual_name
from asyncblock_lint.load.names import named
from asyncblock_lint.load.read import place, read_rule_file
from asyncblock_lint.model.catalogue import Catalogue, Library

_IN_WHEEL = Path(__file__).parents[1] / "rules"
_IN_CHECKOUT = Path(__file__).parents[3] / "rules"
BUNDLED = _IN_WHEEL if _IN_WHEEL.is_dir() else _IN_CHECKOUT
"""The folder of the rules that come with the package."""


def load_catalogue(extra: Sequence[Path] = (), *, bundled: Path = BUNDLED) -> Catalogue:
    """The bundled rules, then the user's files and folders in the order given.

    Raises `RuleError` with a line for each mistake in any of the files.
    """
    return merged(_read(extra, bundled)) if extra else _without_users(bundled)


@cache
def _without_users(bundled: Path) -> Catalogue:
    return merged(_read((), bundled))


def check_rules(path: Path) -> tuple[Library, ...]:
    """The libraries described at `path`, a rule file or a folder of them, checked more closely.

    Beyond what loading checks, each example must compile, and no name may be written in a way that
    the catalogue replaces by another, since nothing would ever match it.
    """
    sources = _read([path], BUNDLED)
    aliases = merged(sources).aliases
    checked = [source for source in sources if source.is_users]
    mistakes = [
        f"{source.shown}: {mistake}" for source in checked for mistake in _close_look(source, aliases)
    ]
    if mistakes:
        raise RuleError("\n".join(mistakes))
    return tuple(map(library, checked))


def _read(extra: Sequence[Path], bundled: Path) -> list[Source]:
    bundled = bundled.resolve()
    ours = {path: f"rules/{path.relative_to(bundled).as_posix()}" for path in _toml_files(bundled)}
    theirs = {path.resolve(): path.as_posix() for given in extra for path in _toml_files(given)}
    sources, mistakes = [], []
    for path, shown in (ours | theirs).items():
        try:
            sources.append(Source(shown, read_rule_file(path, shown), is_users=path in theirs))
        except RuleError as error:
            mistakes.append(str(error))
    if mistakes:
        raise RuleError("\n".join(mistakes))
    return sources


def _toml_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.rglob("*.toml"))
        if not files:
            raise RuleError(f"{path}: no rule file (*.toml) in this folder")
        return files
    if not path.exists():
        raise RuleError(f"{path}: no such rule file or folder")
    return [path]


def _close_look(source: Source, aliases: Mapping[str, str]) -> Iterator[str]:
    for where, name in named(source.tables):
        usual = usual_name(name, aliases)
        if usual != name:
            yield f"{where}: `{name}` is known here as `{usual}`"
    for number, example in enumerate(source.tables.example, 1):
        try:
            compile(example.code, source.shown, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            yield f"{place('example', number)}: key `code` does not compile: {error}"
