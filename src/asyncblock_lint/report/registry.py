"""Reporters by the name of their file."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from asyncblock_lint.model.result import LintResult
from asyncblock_lint.report import reporters
from asyncblock_lint.report.options import ReportOptions


@dataclass(frozen=True, slots=True)
class Reporter:
    """A format: `render` gives its text piece by piece, `for_people` tells that no program reads it."""

    name: str
    description: str
    for_people: bool
    render: Callable[[LintResult, ReportOptions], Iterator[str]]


@cache
def reporter_names() -> tuple[str, ...]:
    """The names of all formats, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(reporters.__path__)))


def reporter(name: str) -> Reporter:
    """The reporter in the file called `name`."""
    module = importlib.import_module(f"{reporters.__name__}.{name}")
    return Reporter(name, module.DESCRIPTION, module.FOR_PEOPLE, module.render)
