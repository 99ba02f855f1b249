"""The names that a rule file mentions, with their places in it; for checking them."""

import re
from collections.abc import Iterator
from typing import Any

from asyncblock_lint.load.read import place
from asyncblock_lint.load.tables import Clients, RuleFile, Settings
from asyncblock_lint.model.catalogue import Argument


def named(file: RuleFile) -> Iterator[tuple[str, str]]:
    """Where, and which name: every one but the other spellings under `also`, which are meant to be."""
    for table in RuleFile.__struct_fields__:
        entries = getattr(file, table)
        for number, entry in enumerate(entries if isinstance(entries, tuple) else (), 1):
            yield from ((place(table, number), name) for name in _names(entry))


def arguments(file: RuleFile) -> Iterator[tuple[str, tuple[Argument, ...]]]:
    """Every callable of which one argument matters, with that argument's position and keyword."""
    tables: list[Any] = [*file.offloads, *file.schedules, *file.applies, *file.consumes, *file.handlers]
    for table in tables:
        yield from ((name, table.arguments) for name in table.calls)
    for form in (*file.nonblocking, *file.unblocks):
        places = tuple(part for part in (form.position, form.argument) if part is not None)
        yield from ((name, places) for name in form.calls if places)


def _names(entry: Any) -> Iterator[str]:
    """A family is named by its class. A handler's methods need not be there before a subclass adds them,
    and settings are named by programs."""
    if isinstance(entry, Clients):
        yield from _clients_names(entry)
        return
    for key in ("calls", "attributes", "names", "bases", "decorators", "types", "replaces", "lifts"):
        yield from (_plain(name) for name in getattr(entry, key, ()))
    if hasattr(entry, "name") and not isinstance(entry, Settings):
        yield entry.name
    if getattr(entry, "type", None):
        yield from (name for name in re.findall(r"[\w.]+", entry.type) if "." in name)


def _plain(name: str) -> str:
    """The class of a family, or of an object in some state."""
    return name.partition(" @ ")[0].removesuffix(".*")


def _clients_names(entry: Clients) -> Iterator[str]:
    yield from (entry.use, *entry.sessions)
    yield from (f"{entry.replaces}.{method}" for method in entry.methods)
    for old, new in entry.exceptions.items():
        yield from (old, *new)
