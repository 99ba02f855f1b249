"""Whether context managers let the exceptions of their blocks pass, told from their code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from asyncblock_lint.fix.files import is_opening
from asyncblock_lint.fix.site import Definition, Site
from asyncblock_lint.model.verdict import Verdict

_METHODS = frozenset({"__enter__", "__exit__", "__init__"})
_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def lets_pass(site: Site, entered: ast.expr) -> bool:
    """Whether an exception in a block always comes out of it: what it enters, which blocks, is an object
    of a library, such as a file, or one of the project that suppresses none."""
    verdict = site.blocking.get(entered)
    if verdict is None:
        return False
    return len(verdict.trace) == 1 or _suppresses_none(site, entered, verdict)


def _suppresses_none(site: Site, entered: ast.expr, verdict: Verdict) -> bool:
    name = verdict.trace[0].calls
    owner, _, method = name.rpartition(".")
    if method in _METHODS:
        # Another class may inherit one of the two methods only.
        made = site.source.code(entered.func) if isinstance(entered, ast.Call) else ""
        leave = site.definitions(f"{owner}.__exit__")
        return made == owner.rpartition(".")[2] and leave is not None and _gives_nothing(leave)
    manager = site.definitions(name)
    return manager is not None and _only_yields(manager)


def _gives_nothing(method: Definition) -> bool:
    """Whether a function returns `None` or false at most."""
    if isinstance(method.node, ast.AsyncFunctionDef) or method.node.decorator_list:
        return False
    given = [node.value for node in _own(method.node) if isinstance(node, ast.Return) and node.value]
    return all(isinstance(value, ast.Constant) and not value.value for value in given)


def _only_yields(manager: Definition) -> bool:
    """Whether a generator does nothing against an exception where it yields."""
    nodes = list(_own(manager.node))
    yields = [node for node in nodes if isinstance(node, ast.Yield)]
    outer = [pair for node in yields for pair in manager.source.around(node)]
    is_left_early = any(_jumps(getattr(node, "finalbody", [])) for node in nodes)
    return bool(yields) and not is_left_early and not any(_catches(child, node) for child, node in outer)


def _catches(child: ast.AST, outer: ast.AST) -> bool:
    if isinstance(outer, ast.With):
        return child in outer.body and not all(is_opening(item.context_expr) for item in outer.items)
    return bool(getattr(outer, "handlers", ())) and child in getattr(outer, "body", ())


def _jumps(statements: list[ast.stmt]) -> bool:
    jumps = ast.Return | ast.Break | ast.Continue
    return any(isinstance(node, jumps) for item in statements for node in ast.walk(item))


def _own(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _OWN_SCOPE):
            pending += ast.iter_child_nodes(node)
