"""Which library fits a place: the user's wish, or else what is in use around it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from asyncblock_lint.fix.awaits import function_around
from asyncblock_lint.fix.names import spell
from asyncblock_lint.fix.rewrite import Spelling
from asyncblock_lint.fix.site import Site
from asyncblock_lint.fix.source import Source
from asyncblock_lint.model.catalogue import Remedy


def thread_runner(site: Site) -> tuple[Remedy, Spelling] | None:
    """The function that runs another in a thread, and how to write it here."""
    helpers = () if site.project.async_library else site.project.helpers
    for helper in helpers:
        if spelling := _spell(site, helper):
            return helper, spelling
    return choose(site, (remedy for remedy in site.project.remedies if remedy.purpose == "thread"))


def twin(site: Site, name: str) -> tuple[Remedy, Spelling] | None:
    """What takes the place of the blocking callable `name`, and how to write it here."""
    return choose(
        site,
        (remedy for remedy in site.project.remedies if remedy.purpose == "twin" and name in remedy.replaces),
    )


def binder(site: Site) -> Spelling | None:
    """How to write here what binds arguments to a callable."""
    found = next((remedy for remedy in site.project.remedies if remedy.purpose == "binding"), None)
    return None if found is None else _spell(site, found)


def choose(site: Site, remedies: Iterable[Remedy]) -> tuple[Remedy, Spelling] | None:
    """The one of several remedies that fits best, if it can be written here."""
    wish = site.project.async_library
    fitting = [remedy for remedy in remedies if not wish or remedy.library == wish]
    if not fitting:
        return None
    best = min(fitting, key=lambda remedy: _distance(site, remedy))
    spelling = _spell(site, best)
    return None if spelling is None else (best, spelling)


def _spell(site: Site, remedy: Remedy) -> Spelling | None:
    return spell(site.source, site.node, remedy.use, remedy.module, by_name=remedy.by_name)


def _distance(site: Site, remedy: Remedy) -> tuple[int, bool, int]:
    """How far from the place the remedy's library is in use; of equals the fallback comes last, and
    what more files import comes first."""
    imports = site.project.imports
    function = function_around(site.source, site.node)
    if function is not None and remedy.library in _used(site.source, function):
        distance = 1
    elif remedy.library in packages(site.source.tree):
        distance = 2
    elif remedy.library in imports and not remedy.fallback and not _is_fallback_used(site):
        distance = 3
    else:
        distance = 4 if remedy.fallback else 5
    return distance, remedy.fallback, -imports[remedy.library]


def _is_fallback_used(site: Site) -> bool:
    """Whether any file imports a library that would be the choice without any import."""
    return any(remedy.library in site.project.imports for remedy in site.project.remedies if remedy.fallback)


def packages(tree: ast.AST) -> frozenset[str]:
    """The top-level packages that code imports."""
    return frozenset(name.partition(".")[0] for name in _modules(tree))


def _modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def _used(source: Source, function: ast.AST) -> frozenset[str]:
    """The top-level packages that a function's code uses through the names of the file's imports."""
    homes = {
        alias.asname or alias.name.partition(".")[0]: (
            node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
        )
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    names = (node.id for node in ast.walk(function) if isinstance(node, ast.Name))
    return frozenset(homes[name].partition(".")[0] for name in names if name in homes)
