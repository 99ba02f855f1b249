"""What names a file has, and how it can write another one."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from asyncblock_lint.fix.rewrite import Import, Spelling
from asyncblock_lint.fix.source import Node, Source

_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)
_FUNCTIONS = (*_DEFS, ast.Lambda)


def spell(source: Source, node: Node, name: str, module: str, *, by_name: bool = False) -> Spelling | None:
    """How the code at `node` can write `name`, given that importing `module` is enough to have it.

    What the file imports already is used; else the import to add is `from module import …` if `by_name`.
    `None` where the name would mean something else and no other is free.
    """
    known = [
        local + name.removeprefix(meant)
        for local, meant in (*_imported_around(source, node), *_imported_above(source, node))
        if _leads(meant, name, module)
    ]
    if known:
        return Spelling(min(known, key=lambda text: text.count(".")))
    first = name.removeprefix(f"{module}.").partition(".")[0]
    wanted = Import(module, first) if by_name else Import(module)
    usual, start = (first, f"{module}.{first}") if by_name else (module, module)
    for local in (usual, f"_{usual.rpartition('.')[2]}"):
        if _is_free(source, node, local.partition(".")[0], start):
            added = wanted if local == usual else Import(wanted.module, wanted.name, local)
            return Spelling(local + name.removeprefix(start), (added,))
    return None


def qualified(source: Source, node: ast.expr) -> str:
    """The full name behind a dotted one that begins with an import; else empty."""
    path: list[str] = []
    while isinstance(node, ast.Attribute):
        path.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    imported = (*_imported_around(source, node), *_imported_above(source, node))
    return next((".".join([meant, *path]) for local, meant in imported if local == node.id), "")


def is_unused(function: ast.AST, name: str) -> bool:
    """Whether a function, and those within it, neither bind nor read a name."""
    return not any(name in _bound(node) or _reads(node, name) for node in ast.walk(function))


def _reads(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


@lru_cache(maxsize=512)
def bindings(scope: ast.AST) -> Mapping[str, Sequence[ast.AST]]:
    """The names that a module or a function binds itself, each with what binds it.

    Kept, as every finding of a file asks for those of its module.
    """
    found: dict[str, list[ast.AST]] = {}
    for name, binder in _bindings(scope):
        found.setdefault(name, []).append(binder)
    return MappingProxyType(found)


def _bindings(scope: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    pending = list(ast.iter_child_nodes(scope))
    while pending:
        node = pending.pop()
        yield from ((name, node) for name in _bound(node))
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            pending += ast.iter_child_nodes(node)


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.alias):
        yield _local(node)
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names
    elif isinstance(node, ast.MatchMapping):
        yield node.rest or ""
    elif isinstance(node, (*_DEFS, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        yield node.name or ""


def _imported_above(source: Source, node: Node) -> Iterator[tuple[str, str]]:
    """The local names that the module imports for good, with their meaning, if it is that at `node`."""
    for local, meant in _imports(source.tree.body):
        others = {meaning(source, binder) for binder in bindings(source.tree)[local]}
        if others == {meant} and not _is_hidden(source, node, local):
            yield local, meant


def _imported_around(source: Source, node: Node) -> Iterator[tuple[str, str]]:
    """As `_imported_above`, of the function around: what it imports first and binds but once."""
    for child, outer in source.around(node):
        if isinstance(outer, _DEFS) and child in outer.body:
            names = bindings(outer)
            before = [statement for statement in outer.body if source.end(statement) <= source.start(node)]
            yield from (found for found in _imports(before) if len(names[found[0]]) == 1)
            return
        if isinstance(outer, ast.Lambda):
            return


def _imports(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield from ((_local(alias), _meaning(statement, alias)) for alias in statement.names)


def _local(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _meaning(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """The qualified name that an import gives its local name."""
    if isinstance(statement, ast.ImportFrom):
        return f"{'.' * statement.level}{statement.module or ''}.{alias.name}"
    return alias.name if alias.asname else _local(alias)


def meaning(source: Source, binder: ast.AST) -> str:
    """The qualified name that a binding gives; empty if it is no import."""
    statement = source.parent(binder)
    if isinstance(binder, ast.alias) and isinstance(statement, ast.Import | ast.ImportFrom):
        return _meaning(statement, binder)
    return ""


def _leads(meant: str, name: str, module: str) -> bool:
    """Whether one gets from an imported name to `name`: the import has loaded its module."""
    loaded = meant == module or meant.startswith(f"{module}.")
    return loaded and (name == meant or name.startswith(f"{meant}."))


def _is_free(source: Source, node: Node, local: str, meant: str) -> bool:
    """Whether an import may bind a name in the module for the code at `node`."""
    top = {meant, meant.partition(".")[0]}
    taken = any(meaning(source, binder) not in top for binder in bindings(source.tree).get(local, ()))
    return not taken and not _is_hidden(source, node, local)


def _is_hidden(source: Source, node: Node, local: str) -> bool:
    """Whether a function or a class around binds the name anew."""
    in_function = False
    for child, outer in source.around(node):
        if not _is_body(child, outer):
            continue
        if isinstance(outer, ast.ClassDef) and in_function:
            continue
        in_function = True
        if local in bindings(outer):
            return True
    return False


def _is_body(child: ast.AST, outer: ast.AST) -> bool:
    """Whether a node belongs to the body of a function or class, not to its head."""
    if isinstance(outer, ast.Lambda):
        return child is outer.body
    return isinstance(outer, (*_DEFS, ast.ClassDef)) and child in outer.body
