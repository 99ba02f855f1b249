"""Rule files to the catalogue: finds them, reads them, and puts them together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from asyncblock_lint.errors import RuleError
from asyncblock_lint.model.catalogue import Catalogue, Example, Library, NonBlockingForm
from asyncblock_lint.rulefile import RuleFile
from asyncblock_lint.ruleread import place, read_rule_file

_V = TypeVar("_V")

_IN_WHEEL = Path(__file__).parent / "rules"
_IN_CHECKOUT = Path(__file__).parents[2] / "rules"
BUNDLED = _IN_WHEEL if _IN_WHEEL.is_dir() else _IN_CHECKOUT
"""The folder of the rules that come with the package."""

MARK = re.compile(r"#\s*blocks:\s*(?P<name>[\w.]+)\s*$")
"""The comment that ends a line which an example expects to be found."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A rule file that was read; one of the user's may say anew what an earlier file said."""

    shown: str
    tables: RuleFile
    is_users: bool


def load_catalogue(extra: Sequence[Path] = (), *, bundled: Path = BUNDLED) -> Catalogue:
    """The bundled rules, then the user's files and folders in the order given.

    Raises `RuleError` with a line for each mistake in any of the files.
    """
    bundled = bundled.resolve()
    ours = {path: f"rules/{path.relative_to(bundled).as_posix()}" for path in _toml_files(bundled)}
    theirs = {path.resolve(): path.as_posix() for given in extra for path in _toml_files(given)}
    sources, mistakes = [], []
    for path, shown in (ours | theirs).items():
        try:
            sources.append(_Source(shown, read_rule_file(path, shown), is_users=path in theirs))
        except RuleError as error:
            mistakes.append(str(error))
    if mistakes:
        raise RuleError("\n".join(mistakes))
    return _merged(sources)


def check_rules(path: Path) -> tuple[Library, ...]:
    """The libraries described at `path`, a rule file or a folder of them, checked more closely.

    Beyond what loading checks, each example must compile and no name may be listed under a
    spelling that the catalogue replaces by another, since nothing would ever match it.
    """
    catalogue = load_catalogue([path])
    shown = {file.as_posix() for file in _toml_files(path)}
    libraries = tuple(library for library in catalogue.libraries if library.path in shown)
    mistakes = [mistake for library in libraries for mistake in _close_look(library, catalogue.aliases)]
    if mistakes:
        raise RuleError("\n".join(mistakes))
    return libraries


def _toml_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.rglob("*.toml"))
        if not files:
            raise RuleError(f"{path}: no rule file (*.toml) in this folder")
        return files
    if not path.exists():
        raise RuleError(f"{path}: no such rule file or folder")
    return [path]


def _merged(sources: Sequence[_Source]) -> Catalogue:
    blocks = _index(sources, "blocks", lambda file: [(table.calls, table) for table in file.blocks])
    blockers = {name: table.blocker(name) for name, table in blocks.items()}
    aliases = _index(sources, "same", lambda file: [(table.also, table.name) for table in file.same])
    _check_aliases(sources, aliases)
    handed = _index(
        sources, "handlers", lambda file: [(table.calls, table.schedule()) for table in file.handlers]
    )
    return Catalogue(
        blocks={name: blocker for name, blocker in blockers.items() if not name.endswith(".*")},
        families={name[:-2]: blocker for name, blocker in blockers.items() if name.endswith(".*")},
        nonblocking=_forms(sources),
        makes=_index(sources, "makes", lambda file: [(table.calls, table.type) for table in file.makes]),
        attributes=_index(
            sources, "makes", lambda file: [(table.attributes, table.type) for table in file.makes]
        ),
        types=_index(sources, "types", lambda file: [(table.names, table.bases) for table in file.types]),
        aliases=aliases,
        offloads=_index(
            sources, "offloads", lambda file: [(table.calls, table.offload()) for table in file.offloads]
        ),
        schedules=handed
        | _index(
            sources, "schedules", lambda file: [(table.calls, table.schedule()) for table in file.schedules]
        ),
        applies=_index(
            sources, "applies", lambda file: [(table.calls, table.apply()) for table in file.applies]
        ),
        wrappers=_index(
            sources, "wrappers", lambda file: [(table.calls, table.gives) for table in file.wrappers]
        ),
        consumes=_index(
            sources, "consumes", lambda file: [(table.calls, table.arguments) for table in file.consumes]
        ),
        handlers=tuple(
            table.handler() for source in sources for table in source.tables.handlers if not table.calls
        ),
        libraries=tuple(map(_library, sources)),
    )


def _index(
    sources: Sequence[_Source],
    table: str,
    rows: Callable[[RuleFile], Iterable[tuple[Sequence[str], _V]]],
) -> dict[str, _V]:
    """What the tables of one kind say of each name; `rows` gives the names and the meaning of each."""
    index: dict[str, _V] = {}
    origin: dict[str, str] = {}
    for source in sources:
        for number, (names, meaning) in enumerate(rows(source.tables), 1):
            for name in names:
                earlier = origin.get(name)
                if earlier is not None and not (source.is_users and earlier != source.shown):
                    raise RuleError(f"{source.shown}: {place(table, number)}: `{name}` is also in {earlier}")
                index[name] = meaning
                origin[name] = source.shown
    return index


def _check_aliases(sources: Sequence[_Source], aliases: Mapping[str, str]) -> None:
    """Refuse a usual name that is itself replaced: replacing names could then go on for ever."""
    for source in sources:
        for number, table in enumerate(source.tables.same, 1):
            if _usual_name(table.name, aliases) != table.name:
                where = f"{source.shown}: {place('same', number)}: key `name`"
                raise RuleError(f"{where}: `{table.name}`, or its start, is another name's `also`")


def _forms(sources: Sequence[_Source]) -> dict[str, tuple[NonBlockingForm, ...]]:
    """Exceptions add up: none takes back another."""
    forms: dict[str, tuple[NonBlockingForm, ...]] = {}
    for source in sources:
        for table in source.tables.nonblocking:
            for name in table.calls:
                forms[name] = (*forms.get(name, ()), table.form())
    return forms


def _library(source: _Source) -> Library:
    tables = source.tables
    return Library(
        name=tables.library,
        path=source.shown,
        distribution=tables.distribution,
        versions=tables.versions,
        blockers=tuple(table.blocker(name) for table in tables.blocks for name in table.calls),
        examples=tuple(Example(table.title, table.code) for table in tables.example),
    )


def _close_look(library: Library, aliases: Mapping[str, str]) -> Iterable[str]:
    for blocker in library.blockers:
        usual = _usual_name(blocker.name, aliases)
        if usual != blocker.name:
            yield f"{library.path}: [[blocks]]: key `calls`: `{blocker.name}` is known here as `{usual}`"
    for number, example in enumerate(library.examples, 1):
        try:
            compile(example.code, library.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            yield f"{library.path}: {place('example', number)}: key `code` does not compile: {error}"


def _usual_name(name: str, aliases: Mapping[str, str]) -> str:
    """The name with its longest replaceable start replaced."""
    start = name
    while start and start not in aliases:
        start = start.rpartition(".")[0]
    return aliases[start] + name[len(start) :] if start else name
