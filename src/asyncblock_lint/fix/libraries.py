"""Which library fits a place: the user's wish, or else what is in use around it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache

from asyncblock_lint.fix.awaits import function_around
from asyncblock_lint.fix.names import qualified, spell
from asyncblock_lint.fix.rewrite import Spelling
from asyncblock_lint.fix.site import Site, Surroundings
from asyncblock_lint.fix.source import Source
from asyncblock_lint.model.catalogue import Remedy

_LOOPS = "ABL701"
_TO_PROCESS = "to-process"


def usual_runner(project: Surroundings, imported: Set[str]) -> Remedy:
    """The function that runs another in a thread, for advice in a file with these imports."""
    helpers = () if project.async_library else project.helpers
    threads = helpers or _fitting(project.remedies, "thread", project.async_library)
    return min(threads, key=lambda remedy: _distance(remedy, project, (), imported, 0))


def thread_runner(site: Site) -> tuple[Remedy, Spelling] | None:
    """The function that runs another in a thread, and how to write it here."""
    helpers = () if site.project.async_library else site.project.helpers
    for helper in helpers:
        if helper.module != site.functions[0].module and (spelling := _spell(site, helper)):
            return helper, spelling
    return choose(site, _fitting(site.project.remedies, "thread", site.project.async_library))


def twin(site: Site, name: str) -> tuple[Remedy, Spelling] | None:
    """What takes the place of the blocking callable `name`, and how to write it here."""
    twins = _fitting(site.project.remedies, "twin", site.project.async_library)
    return choose(site, [remedy for remedy in twins if name in remedy.replaces])


def wrapper(site: Site) -> tuple[Remedy, Spelling] | None:
    """What makes of a function one that a thread runs as the library wants that blocks in the end."""
    library = site.blocker.name.partition(".")[0]
    wrapping = _fitting(site.project.remedies, "wrapping", "")
    return choose(site, [remedy for remedy in wrapping if library in remedy.serves])


def has_substitute(site: Site, blocker: str) -> bool:
    """Whether something asynchronous may take the place of the callable, rather than a thread run it."""
    owner = blocker.rpartition(".")[0]
    if blocker in site.project.twins or twin(site, blocker) is not None:
        return True
    return any(owner in (client.replaces, *client.sessions) for client in site.project.clients)


def binder(site: Site) -> Spelling | None:
    """How to write here what binds arguments to a callable."""
    found = choose(site, _fitting(site.project.remedies, "binding", ""))
    return found and found[1]


def agreeing(site: Site, remedy: Remedy, advice: str) -> str:
    """The finding's own help as far as it names what fits here, and the remedy; else the advice.

    Help that asks for a process rather than a thread stays.
    """
    told, instead, best = site.finding.help, site.blocker.instead, twin(site, site.blocker.name)
    if instead and best and best[0].use != instead:
        told = told.replace(f"`{instead}`", f"`{best[0].use}`")
    wants_process = site.finding.code == _LOOPS or site.blocker.fix == _TO_PROCESS
    return told if wants_process or any(name in told for name in (remedy.use, remedy.usual)) else advice


def choose(site: Site, remedies: Sequence[Remedy]) -> tuple[Remedy, Spelling] | None:
    """The one of several remedies that fits best, if it can be written here."""
    if not remedies:
        return None
    function, tree = function_around(site.source, site.node), site.source.tree
    here = frozenset[str]() if function is None else _used(site.source, function)
    best = min(
        remedies,
        key=lambda remedy: _distance(
            remedy, site.project, here, packages(tree), _uses(site.source, remedy.use)
        ),
    )
    spelling = _spell(site, best)
    return None if spelling is None else (best, spelling)


def _fitting(remedies: Iterable[Remedy], purpose: str, wish: str) -> list[Remedy]:
    """The remedies for a purpose; none but those of the library that the user wants, if any."""
    return [
        remedy for remedy in remedies if remedy.purpose == purpose and (not wish or remedy.library == wish)
    ]


def _spell(site: Site, remedy: Remedy) -> Spelling | None:
    return spell(site.source, site.node, remedy.use, remedy.module, by_name=remedy.by_name)


def _distance(
    remedy: Remedy, project: Surroundings, here: Collection[str], in_file: Collection[str], uses: int
) -> tuple[int, int, bool, int]:
    """How far the remedy's library is in use: in the file, or in other files, unless those use what fits
    everywhere; in the function, if the file knows several loops. Of equals what the file has more `uses` of
    comes first, what fits everywhere last, and what more files import before others."""
    imports = project.imports
    loops = {other.library for other in project.remedies if other.purpose == "twin"}
    if remedy.library in here and remedy.library in loops and len(loops.intersection(in_file)) > 1:
        distance = 1
    elif remedy.library in in_file:
        distance = 2
    elif remedy.library in imports and not any(
        other.library in imports for other in project.remedies if other.fallback
    ):
        distance = 3
    else:
        distance = 4 if remedy.fallback else 5
    return distance, -uses, remedy.fallback, -imports[remedy.library]


def _uses(source: Source, name: str) -> int:
    """How often a file calls a function."""
    called = _called(source).get(name.rpartition(".")[2], ())
    return sum(qualified(source, function) == name for function in called)


@lru_cache(maxsize=64)
def _called(source: Source) -> Mapping[str, Sequence[ast.expr]]:
    """What a file calls, by the last word of its name."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            word = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            found.setdefault(word, []).append(node.func)
    return found


@lru_cache(maxsize=64)
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
    homes = _homes(source.tree)
    names = (node.id for node in ast.walk(function) if isinstance(node, ast.Name))
    return frozenset(homes[name] for name in names if name in homes)


@lru_cache(maxsize=64)
def _homes(tree: ast.Module) -> Mapping[str, str]:
    """The top-level package behind each name that a file imports."""
    return {
        alias.asname or alias.name.partition(".")[0]: (
            node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
        ).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
