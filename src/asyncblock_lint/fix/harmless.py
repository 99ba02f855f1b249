"""Which statements may as well run in a thread: nothing in them that only the loop's thread may do."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator

from asyncblock_lint.fix.names import bindings, meaning
from asyncblock_lint.fix.site import Site

_LOOP_ONLY = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom)
_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NAMES_BOUND_OTHERWISE = (ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom, ast.Match)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
# They look at the frame they stand in, end it by an exception that no thread can hand back, or wait
# for a person.
_PECULIAR = frozenset(
    {"super", "__class__", "locals", "vars", "dir", "eval", "exec", "globals", "next", "input", "breakpoint"}
)
# Other classes have methods of these names as well.
_COMMON = frozenset({"center", "count", "find", "format", "index", "join", "title", "translate"})
_TEXT = frozenset(name for kind in (str, bytes) for name in dir(kind)) - _COMMON
_CONTAINERS = frozenset(name for kind in (list, dict, set) for name in dir(kind))
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})


def is_movable(site: Site, block: ast.stmt | ast.expr, own: frozenset[str] = frozenset()) -> bool:
    """Whether code of the site's function could stand in a function that a thread runs.

    `own` are the variables that it binds. Everything it calls must block, or belong to what it has
    made itself, or be known to touch nothing of the loop.
    """
    own |= given_inside(block)
    for node in ast.walk(block):
        if isinstance(node, (*_LOOP_ONLY, *_OWN_SCOPE, *_NAMES_BOUND_OTHERWISE)):
            return False
        if isinstance(node, ast.Name) and (
            node.id in _PECULIAR or (isinstance(node.ctx, ast.Del)) or _is_declared(site, node.id, own)
        ):
            return False
        if isinstance(node, ast.comprehension) and node.is_async:
            return False
        if isinstance(node, ast.AugAssign) and not isinstance(node.target, ast.Name):
            return False
        if isinstance(node, ast.Break | ast.Continue) and not _ends_inside(site, node, block):
            return False
        if isinstance(node, ast.Call) and not _is_harmless(site, node, own):
            return False
    return True


def given_inside(block: ast.AST) -> frozenset[str]:
    """The parameters of lambdas, and what comprehensions run through."""
    targets = [node.target for node in ast.walk(block) if isinstance(node, ast.comprehension)]
    names = {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    return frozenset(names | {node.arg for node in ast.walk(block) if isinstance(node, ast.arg)})


def _is_declared(site: Site, name: str, own: frozenset[str]) -> bool:
    """Whether a variable that the block binds is one of another function or of the module."""
    return name in own and any(
        isinstance(binder, ast.Global | ast.Nonlocal)
        for _, outer in site.source.around(site.node)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for binder in bindings(outer).get(name, ())
    )


def _ends_inside(site: Site, jump: ast.stmt, block: ast.AST) -> bool:
    for child, outer in site.source.around(jump):
        if isinstance(outer, _LOOPS) and child in outer.body:
            return True
        if outer is block:
            return False
    return False


def _is_harmless(site: Site, call: ast.Call, own: frozenset[str]) -> bool:
    if call in site.blocking:
        return call not in site.tied
    root, names = _root(call.func)
    if not isinstance(root, ast.Name):
        return isinstance(root, ast.Constant | ast.JoinedStr | ast.List | ast.Tuple | ast.Dict | ast.Set)
    if root.id in own or is_builtin(site, call.func):
        return True
    method = names[-1] if names else ""
    if method in _LOGGING and "log" in (names[-2] if len(names) > 1 else root.id).lower():
        return True
    if method in _TEXT or (method in _CONTAINERS and names == [method] and _is_container(site, root.id)):
        return True
    return _is_far_from_loop(site, call, root.id, own)


def _root(node: ast.expr) -> tuple[ast.expr, list[str]]:
    """What a chain of attributes, items and calls begins with, and the attributes on the way."""
    names: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(node, ast.Attribute):
            names.insert(0, node.attr)
        node = node.func if isinstance(node, ast.Call) else node.value
    return node, names


def is_builtin(site: Site, function: ast.expr) -> bool:
    """Whether a callable is one of Python's own, by its usual name."""
    return (
        isinstance(function, ast.Name)
        and hasattr(builtins, function.id)
        and not any(True for _ in _binders(site, function.id))
    )


def _is_container(site: Site, name: str) -> bool:
    """Whether a variable of the functions around is a list, dict or set that they make themselves."""
    return any(_makes_container(site.source.parent(binder)) for binder in _binders(site, name, module=False))


def _makes_container(statement: ast.AST | None) -> bool:
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in ("list", "dict", "set")
    return isinstance(value, _DISPLAYS)


def _binders(site: Site, name: str, *, module: bool = True) -> Iterator[ast.AST]:
    """What binds a name in the functions around the site, and in the module."""
    for _, outer in site.source.around(site.node):
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from bindings(outer).get(name, ())
    if module:
        yield from bindings(site.source.tree).get(name, ())


def _is_far_from_loop(site: Site, call: ast.Call, name: str, own: frozenset[str]) -> bool:
    """Whether the callable comes from the standard library, or from another that the block hands
    what it has made itself; from neither if that library is one that runs loops."""
    binders = list(_binders(site, name))
    meant = {meaning(site.source, binder) for binder in binders}
    packages = {text.partition(".")[0] for text in meant}
    if not binders or packages & {"", *site.project.loop_libraries, *site.project.packages}:
        return False
    if packages <= sys.stdlib_module_names:
        return True
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(node, ast.Name) and node.id in own for value in given for node in ast.walk(value))
