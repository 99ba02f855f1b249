"""Fixers by the name of their file."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from asyncblock_lint.fix import fixers
from asyncblock_lint.fix.rewrite import Rewrite
from asyncblock_lint.fix.site import Site


@dataclass(frozen=True, slots=True)
class Fixer:
    """A way to repair findings; of two that are equally safe the one with the lower `priority` counts."""

    name: str
    priority: int
    rewrite: Callable[[Site], Rewrite | None]


@cache
def all_fixers() -> tuple[Fixer, ...]:
    """The fixers in the folder `fixers`, in the order in which they are preferred."""
    names = sorted(module.name for module in pkgutil.iter_modules(fixers.__path__))
    found = [_fixer(name) for name in names]
    return tuple(sorted(found, key=lambda fixer: fixer.priority))


def _fixer(name: str) -> Fixer:
    module = importlib.import_module(f"{fixers.__name__}.{name}")
    return Fixer(name, module.PRIORITY, module.rewrite)
