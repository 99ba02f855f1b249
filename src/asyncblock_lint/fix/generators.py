"""What can be told of a generator from its code: whether its items may all be taken at once."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from asyncblock_lint.fix.files import is_opening
from asyncblock_lint.fix.site import Site

_FINITE = frozenset({"enumerate", "filter", "list", "map", "range", "reversed", "sorted", "tuple", "zip"})
_OF_CONTAINERS = frozenset({"items", "keys", "values", "split", "splitlines", "readlines"})


def may_take_all(site: Site) -> bool:
    """Whether the generator that blocks at a site is known to end, and gives nothing that is good
    only until the next item."""
    definition = site.definitions(site.functions[1].qualified_name)
    if definition is None or isinstance(definition.node, ast.AsyncFunctionDef):
        return False
    hop = site.finding.trace[1]
    listed = {(hop.line, hop.column)} if site.blocker.fix == "lazy" and len(site.functions) == 2 else set()
    return all(_is_tame(node, listed) for node in _own(definition.node))


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        yield node
        pending += ast.iter_child_nodes(node)


def _is_tame(node: ast.AST, listed: Collection[tuple[int, int]]) -> bool:
    if isinstance(node, ast.While | ast.Try | ast.AsyncWith | ast.Global | ast.Nonlocal | ast.YieldFrom):
        return False
    if isinstance(node, ast.For | ast.comprehension):
        return _is_finite(node.iter, listed)
    if isinstance(node, ast.With):
        return all(is_opening(item.context_expr) and not _is_given(item, node) for item in node.items)
    # What is sent to a generator, or asked of it, tells that somebody drives it step by step.
    return not (isinstance(node, ast.Yield) and node.value is None)


def _is_finite(iterated: ast.expr, listed: Collection[tuple[int, int]]) -> bool:
    if not isinstance(iterated, ast.Call):
        return True
    if (iterated.lineno, iterated.col_offset) in listed:
        return True
    function = iterated.func
    if isinstance(function, ast.Attribute):
        return function.attr in _OF_CONTAINERS
    finite = isinstance(function, ast.Name) and function.id in _FINITE
    return finite and all(_is_finite(argument, listed) for argument in iterated.args)


def _is_given(item: ast.withitem, block: ast.With) -> bool:
    """Whether the file itself is given away, which is closed by the time all items are there."""
    if item.optional_vars is None:
        return False
    names = {node.id for node in ast.walk(item.optional_vars) if isinstance(node, ast.Name)}
    return any(
        isinstance(part, ast.Name) and part.id in names
        for node in ast.walk(block)
        if isinstance(node, ast.Yield) and node.value is not None
        for part in ast.walk(node.value)
    )
