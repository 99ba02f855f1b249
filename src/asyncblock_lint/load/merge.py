"""Puts what the rule files say together, name by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from asyncblock_lint.errors import RuleError
from asyncblock_lint.load.read import place
from asyncblock_lint.load.tables import Blocks, Handlers, NonBlocking, RuleFile
from asyncblock_lint.model.catalogue import (
    Blocker,
    Catalogue,
    Example,
    Library,
    NonBlockingForm,
    Schedule,
)

_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Source:
    """A rule file that was read; one of the user's may say anew what an earlier file said."""

    shown: str
    tables: RuleFile
    is_users: bool


def merged(sources: Sequence[Source]) -> Catalogue:
    """The catalogue that all the files make; raises `RuleError` where they disagree."""
    index = partial(_index, sources)
    blocks = index(
        "blocks",
        lambda file: [(table.calls if table.is_plain else (), (table, file)) for table in file.blocks],
    )
    read = index("blocks", lambda file: [(table.attributes, (table, file)) for table in file.blocks])
    blockers = {name: _blocker(name, table, file) for name, (table, file) in blocks.items()}
    aliases = index("same", lambda file: [(table.also, table.name) for table in file.same])
    _check_aliases(sources, aliases)
    return Catalogue(
        blocks={name: blocker for name, blocker in blockers.items() if not name.endswith(".*")},
        families={name[:-2]: blocker for name, blocker in blockers.items() if name.endswith(".*")},
        nonblocking=_forms(sources, lambda file: file.nonblocking),
        unblocks=_forms(sources, lambda file: file.unblocks),
        makes=index(
            "makes",
            lambda file: [(table.calls if table.is_plain else (), table.type) for table in file.makes],
        ),
        variants=_variants(sources),
        attributes=index("makes", lambda file: [(table.attributes, table.type) for table in file.makes]),
        types=index("types", lambda file: [(table.names, table.bases) for table in file.types]),
        aliases=aliases,
        offloads=index("offloads", lambda file: [(table.calls, table.offload()) for table in file.offloads]),
        schedules=_schedules(sources),
        applies=index("applies", lambda file: [(table.calls, table.apply()) for table in file.applies]),
        wrappers=index("wrappers", lambda file: [(table.calls, table.gives) for table in file.wrappers]),
        kin={
            name: table.type
            for source in sources
            for table in source.tables.wrappers
            for name in table.calls
            if table.type
        },
        attribute_blocks={name: _blocker(name, table, file) for name, (table, file) in read.items()},
        attribute_states={name: table.state for name, (table, _) in read.items() if table.state},
        sure_forms=_sure_forms(sources),
        consumes=index("consumes", lambda file: [(table.calls, table.consume()) for table in file.consumes]),
        asks=index("asks", lambda file: [(table.calls, table.question()) for table in file.asks]),
        probes=index("probes", lambda file: [(table.calls, table.probe()) for table in file.probes]),
        locks=frozenset(name for source in sources for table in source.tables.locks for name in table.names),
        enumerations=frozenset(
            name for source in sources for table in source.tables.enumerations for name in table.names
        ),
        fills=frozenset(name for source in sources for table in source.tables.fills for name in table.calls),
        abstract=index("abstract", lambda file: [(table.names, table.abstract()) for table in file.abstract]),
        lifts=index("lifts", lambda file: [(table.calls, table.codes) for table in file.lifts]),
        settings=index(
            "settings", lambda file: [((table.name,), table.setting()) for table in file.settings]
        ),
        routes=index("routes", lambda file: [(table.bases, table.methods) for table in file.routes]),
        injects=index("injects", lambda file: [(table.calls, table.types) for table in file.injects]),
        counts=index("counts", lambda file: [(table.calls, table.count()) for table in file.counts]),
        handlers=tuple(
            table.handler(_versions(source.tables, table))
            for source in sources
            for table in source.tables.handlers
            if not table.calls
        ),
        remedies=tuple(table.remedy() for source in sources for table in source.tables.remedies),
        clients=tuple(table.client() for source in sources for table in source.tables.clients),
        streams=frozenset(
            name for source in sources for table in source.tables.streams for name in table.calls
        ),
        loop_only=frozenset(
            name for source in sources for table in source.tables.loop_only for name in table.calls
        ),
        current=frozenset(
            name for source in sources for table in source.tables.current for name in table.calls
        ),
        twins={
            f"{owner}.{method}": f"{owner}.{twin}"
            for source in sources
            for table in source.tables.twins
            for owner in table.owners
            for method, twin in table.methods.items()
        },
        users=frozenset(_users_names(sources)),
        libraries=tuple(map(library, sources)),
    )


def _schedules(sources: Sequence[Source]) -> dict[str, tuple[Schedule, ...]]:
    """What has the loop call an argument; those that hold for a form of the call come first."""
    found: dict[str, list[Schedule]] = {}
    for source in sources:
        for table in source.tables.schedules:
            for name in table.calls:
                found.setdefault(name, []).append(table.schedule())
        for handlers in source.tables.handlers:
            for name in handlers.calls:
                found.setdefault(name, []).append(handlers.schedule(_versions(source.tables, handlers)))
    return {
        name: tuple(sorted(tables, key=lambda table: table.circumstances.form is None))
        for name, tables in found.items()
    }


def _versions(file: RuleFile, table: Handlers | Blocks) -> str:
    """The distribution and versions of which the table holds, if not of all."""
    return f"{file.distribution} {table.versions}" if table.versions else ""


def _blocker(name: str, table: Blocks, file: RuleFile) -> Blocker:
    return replace(table.blocker(name), versions=_versions(file, table))


def _sure_forms(sources: Sequence[Source]) -> dict[str, tuple[tuple[NonBlockingForm, Blocker], ...]]:
    """What calls of a certain form block as."""
    found: dict[str, tuple[tuple[NonBlockingForm, Blocker], ...]] = {}
    for source in sources:
        for table in source.tables.blocks:
            for name in () if table.is_plain else table.calls:
                found[name] = (*found.get(name, ()), (table.form(), _blocker(name, table, source.tables)))
    return found


def _variants(sources: Sequence[Source]) -> dict[str, tuple[tuple[NonBlockingForm, str], ...]]:
    """What calls of a certain form return, instead of what the others do."""
    variants: dict[str, tuple[tuple[NonBlockingForm, str], ...]] = {}
    for source in sources:
        for table in source.tables.makes:
            for name in () if table.is_plain else table.calls:
                variants[name] = (*variants.get(name, ()), (table.form(), table.type))
    return variants


def _users_names(sources: Sequence[Source]) -> Iterator[str]:
    """The names that the user's files call blocking or off-loading."""
    for source in sources:
        if source.is_users:
            yield from (name for table in source.tables.blocks for name in table.calls)
            yield from (name for table in source.tables.offloads for name in table.calls)


def _index(
    sources: Sequence[Source],
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


def _check_aliases(sources: Sequence[Source], aliases: Mapping[str, str]) -> None:
    """Refuse a usual name that is itself replaced: replacing names could then go on for ever."""
    for source in sources:
        for number, table in enumerate(source.tables.same, 1):
            if usual_name(table.name, aliases) != table.name:
                where = f"{source.shown}: {place('same', number)}: key `name`"
                raise RuleError(f"{where}: `{table.name}`, or its start, is another name's `also`")


def _forms(
    sources: Sequence[Source], tables: Callable[[RuleFile], Iterable[NonBlocking]]
) -> dict[str, tuple[NonBlockingForm, ...]]:
    """Exceptions add up: none takes back another."""
    forms: dict[str, tuple[NonBlockingForm, ...]] = {}
    for source in sources:
        for table in tables(source.tables):
            for name in table.calls:
                forms[name] = (*forms.get(name, ()), table.form())
    return forms


def library(source: Source) -> Library:
    """The file as it is listed and explained."""
    tables = source.tables
    return Library(
        name=tables.library,
        path=source.shown,
        distribution=tables.distribution,
        versions=tables.versions,
        blockers=tuple(
            table.blocker(name) for table in tables.blocks for name in (*table.calls, *table.attributes)
        ),
        examples=tuple(Example(table.title, table.code, table.requires) for table in tables.example),
    )


def usual_name(name: str, aliases: Mapping[str, str]) -> str:
    """The name with its longest replaceable start replaced."""
    start = name
    while start and start not in aliases:
        start = start.rpartition(".")[0]
    return aliases[start] + name[len(start) :] if start else name
