"""What the project uses, gathered for the fixers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache

import msgspec

from asyncblock_lint.model.catalogue import Remedy
from asyncblock_lint.model.facts import Imported, ModuleFacts
from asyncblock_lint.model.graph import CallGraph

_WORD = re.compile(rb'"(\w+)"')

_TESTS = frozenset({"conftest", "test", "tests"})


def imported_packages(modules: Iterable[ModuleFacts]) -> Counter[str]:
    """How many files import each top-level package."""
    counts: Counter[str] = Counter()
    for facts in modules:
        found = (part for part in _imported(facts) if not part.level)
        counts.update({part.module.partition(".")[0] for part in found})
    return counts


def mentions(modules: Mapping[str, ModuleFacts]) -> Callable[[str], Collection[str]]:
    """Tells by their paths which files have a name, or a constant text, that is exactly this.

    The files are looked through once, when first asked.
    """

    @cache
    def found() -> Mapping[bytes, Collection[str]]:
        paths: dict[bytes, list[str]] = {}
        for path, facts in modules.items():
            for word in set(_WORD.findall(msgspec.json.encode(facts))):
                paths.setdefault(word, []).append(path)
        return paths

    return lambda name: found().get(name.encode(), ())


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


def found_helpers(graph: CallGraph, modules: Mapping[str, ModuleFacts]) -> tuple[Remedy, ...]:
    """The project's own functions that run others in a thread, if another file uses them already.

    Only those whose file imports nothing of the project: importing that is no circle anywhere.
    """
    top = {name.partition(".")[0] for name in modules}
    found = []
    for item in graph.offloaders:
        function = graph.functions[item.function]
        home, name = function.module, function.name
        is_used = any(_imports(facts, home, name) for other, facts in modules.items() if other != home)
        if is_used and not any(
            part.level or part.module.partition(".")[0] in top for part in _imported(modules[home])
        ):
            found.append(
                Remedy(
                    "thread", f"{home}.{name}", home.partition(".")[0], home, by_name=True, passes=item.passes
                )
            )
    return tuple(found)


def _imports(facts: ModuleFacts, home: str, name: str) -> bool:
    return any(part.name == name and _may_be(part, home) for part in _imported(facts))


def _may_be(imported: Imported, module: str) -> bool:
    if imported.level:
        return f".{module}".endswith(f".{imported.module}")
    return imported.module == module


def _imported(facts: ModuleFacts) -> Iterator[Imported]:
    for function in facts.functions:
        for binding in function.bindings:
            if isinstance(binding.value, Imported):
                yield binding.value


def _is_inside(name: str, modules: set[str]) -> bool:
    while name:
        if name in modules:
            return True
        name = name.rpartition(".")[0]
    return False
