"""Keeps of the catalogue what holds for the versions of libraries that the project has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from asyncblock_lint.model.catalogue import Blocker, Catalogue, Circumstances, NonBlockingForm
from asyncblock_lint.model.certainty import Certainty

_T = TypeVar("_T", Circumstances, Blocker)
Has = Callable[[str, str], "bool | None"]
"""Whether the project's version of a distribution is among some; `None` if nobody knows."""


def for_versions(catalogue: Catalogue, has: Has) -> Catalogue:
    """`catalogue` without what is about other versions; what may be is likely at most, and goes on
    naming the versions."""
    handlers = [(handler, _settled(handler.circumstances, has)) for handler in catalogue.handlers]
    schedules = {
        name: tuple(
            replace(schedule, circumstances=settled)
            for schedule in tables
            if (settled := _settled(schedule.circumstances, has))
        )
        for name, tables in catalogue.schedules.items()
    }
    return replace(
        catalogue,
        blocks=_settled_all(catalogue.blocks, has),
        families=_settled_all(catalogue.families, has),
        attribute_blocks=_settled_all(catalogue.attribute_blocks, has),
        sure_forms=_settled_forms(catalogue.sure_forms, has),
        handlers=tuple(replace(handler, circumstances=settled) for handler, settled in handlers if settled),
        schedules={name: tables for name, tables in schedules.items() if tables},
    )


def _settled_all(blockers: Mapping[str, Blocker], has: Has) -> dict[str, Blocker]:
    return {name: settled for name, blocker in blockers.items() if (settled := _settled(blocker, has))}


def _settled_forms(
    forms: Mapping[str, tuple[tuple[NonBlockingForm, Blocker], ...]], has: Has
) -> dict[str, tuple[tuple[NonBlockingForm, Blocker], ...]]:
    found = {
        name: tuple((form, settled) for form, blocker in tables if (settled := _settled(blocker, has)))
        for name, tables in forms.items()
    }
    return {name: tables for name, tables in found.items() if tables}


def _settled(table: _T, has: Has) -> _T | None:
    if not table.versions:
        return table
    distribution, _, versions = table.versions.partition(" ")
    answer = has(distribution, versions)
    if answer is None:
        return replace(table, certainty=min(table.certainty, Certainty.LIKELY))
    return replace(table, versions="") if answer else None
