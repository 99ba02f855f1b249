"""What the project uses, gathered for the fixers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from asyncblock_lint.model.catalogue import Remedy
from asyncblock_lint.model.facts import Imported, ModuleFacts

_TESTS = frozenset({"conftest", "test", "tests"})


def imported_packages(modules: Iterable[ModuleFacts]) -> Counter[str]:
    """How many files import each top-level package."""
    counts: Counter[str] = Counter()
    for facts in modules:
        counts.update(
            {
                binding.value.module.partition(".")[0]
                for function in facts.functions
                for binding in function.bindings
                if isinstance(binding.value, Imported) and not binding.value.level
            }
        )
    return counts


def is_test(module: str) -> bool:
    """Whether a module, by its name, belongs to tests: what those import, the rest may not have."""
    return any(part in _TESTS or part.startswith("test_") for part in module.split("."))


def helper_remedies(names: Iterable[str], modules: Iterable[str]) -> tuple[Remedy, ...]:
    """The configured functions that run others in a thread and can be imported by name.

    A method cannot: its object is not known. Of a library nothing tells methods from functions, so its
    names are taken for functions.
    """
    known = set(modules)
    homes = [(name, name.rpartition(".")[0]) for name in names]
    return tuple(
        Remedy("thread", name, module.partition(".")[0], module, by_name=True, passes="positional")
        for name, module in homes
        if module in known or (module and not _is_inside(module, known))
    )


def _is_inside(name: str, modules: set[str]) -> bool:
    while name:
        if name in modules:
            return True
        name = name.rpartition(".")[0]
    return False
