"""Awaits a method's asynchronous twin: `model.invoke(x)` to `await model.ainvoke(x)`."""

from __future__ import annotations

import ast

from asyncblock_lint.fix.awaits import awaiting, function_around, may_await
from asyncblock_lint.fix.names import spell
from asyncblock_lint.fix.rewrite import DISPLAY, UNSAFE, Change, Rewrite
from asyncblock_lint.fix.sharing import is_shared
from asyncblock_lint.fix.site import Definition, Site
from asyncblock_lint.model.twins import twin_names

PRIORITY = 20

_NEVER_RUNS = "ABL802"
_BOUND_OTHERWISE = frozenset({"classmethod", "staticmethod"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def rewrite(site: Site) -> Rewrite | None:
    """The twin in the same class, if it takes the same arguments and does not block itself."""
    source, call = site.source, site.node
    if not isinstance(call, ast.Call) or site.taker or site.finding.code == _NEVER_RUNS:
        return None
    if isinstance(call.func, ast.Name):
        return _function(site, call, call.func)
    if not isinstance(call.func, ast.Attribute):
        return None
    twin = _told(site, call.func.attr) or _twin(site, call.func.attr)
    around = function_around(source, call)
    if twin is None or not may_await(source, call) or (around is not None and around.name == twin):
        return None
    end = source.end(call.func)
    before, behind = awaiting(source, call)
    changes = [
        Change(source.start(call), source.start(call), before),
        Change(end - len(call.func.attr), end, twin),
        Change(source.end(call), source.end(call), behind),
    ]
    title = f"await `{twin}` instead"
    applicability = DISPLAY if is_shared(source, call) else UNSAFE
    written = f"{source.code(call.func.value)}.{twin}"
    changed = tuple(change for change in changes if change.text)
    return Rewrite(title, applicability, changed, help=f"use `await {written}(...)`")


def _function(site: Site, call: ast.Call, function: ast.Name) -> Rewrite | None:
    """A function that was imported by its name gives way to its twin."""
    twin, source = _told(site, site.blocker.name.rpartition(".")[2]), site.source
    module = site.blocker.name.rpartition(".")[0]
    spelling = spell(source, call, f"{module}.{twin}", module, by_name=True) if twin else None
    if spelling is None or not may_await(source, call) or is_shared(source, call):
        return None
    before, behind = awaiting(source, call)
    change = Change(source.start(call), source.end(function), before + spelling.text)
    changes = (change, Change(source.end(call), source.end(call), behind)) if behind else (change,)
    advice = f"use `await {spelling.text}(...)`"
    return Rewrite(f"await `{spelling.text}` instead", UNSAFE, changes, spelling.imports, advice)


def _told(site: Site, method: str) -> str | None:
    """The twin that the rules tell of a library's function."""
    name = site.blocker.name
    is_named = site.is_direct and name.rpartition(".")[2] == method
    return site.project.twins.get(name, "").rpartition(".")[2] or None if is_named else None


def _twin(site: Site, method: str) -> str | None:
    name = site.finding.trace[0].calls
    definition = site.definitions(name)
    if definition is None or name.rpartition(".")[2] != method or definition.node.name != method:
        return None
    cls = definition.source.parent(definition.node)
    names = [site.blocker.instead] if site.is_direct else list(twin_names(method))
    for found in cls.body if isinstance(cls, ast.ClassDef) else ():
        if isinstance(found, ast.AsyncFunctionDef) and found.name in names:
            twin = site.definitions(f"{name.rpartition('.')[0]}.{found.name}")
            return found.name if twin and _fits(definition.node, twin) else None
    return None


def _fits(method: _Function, twin: Definition) -> bool:
    """Whether the twin can be called in the method's place."""
    if twin.blocks or not _does_something(twin.node):
        return False
    decorators = [ast.dump(node) for node in method.decorator_list]
    names = {node.id if isinstance(node, ast.Name) else "" for node in method.decorator_list}
    return (
        names <= _BOUND_OTHERWISE
        and decorators == [ast.dump(node) for node in twin.node.decorator_list]
        and _parameters(method.args) == _parameters(twin.node.args)
    )


def _does_something(function: _Function) -> bool:
    """Whether a coroutine has a body that awaits, and no generator's."""
    nodes = list(ast.walk(function))
    is_generator = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes)
    return not is_generator and any(
        isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for node in nodes
    )


def _parameters(arguments: ast.arguments) -> list[object]:
    """All that decides how a function can be called, and what its parameters then are."""
    return [
        [part.arg for part in arguments.posonlyargs],
        [part.arg for part in arguments.args],
        [part.arg for part in arguments.kwonlyargs],
        arguments.vararg and arguments.vararg.arg,
        arguments.kwarg and arguments.kwarg.arg,
        [ast.dump(default) for default in arguments.defaults],
        [default and ast.dump(default) for default in arguments.kw_defaults],
    ]
