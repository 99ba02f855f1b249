"""Keeps of the catalogue what holds for the versions of libraries that the project has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from asyncblock_lint.model.catalogue import Catalogue, Circumstances
from asyncblock_lint.model.certainty import Certainty

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
        handlers=tuple(replace(handler, circumstances=settled) for handler, settled in handlers if settled),
        schedules={name: tables for name, tables in schedules.items() if tables},
    )


def _settled(circumstances: Circumstances, has: Has) -> Circumstances | None:
    if not circumstances.versions:
        return circumstances
    distribution, _, versions = circumstances.versions.partition(" ")
    answer = has(distribution, versions)
    if answer is None:
        return replace(circumstances, certainty=min(circumstances.certainty, Certainty.LIKELY))
    return replace(circumstances, versions="") if answer else None
