"""Goes through in a thread what works only while it is iterated: `for x in gen():` to
`for x in await asyncio.to_thread(list, gen()):`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from asyncblock_lint.fix.awaits import awaiting, may_await
from asyncblock_lint.fix.calls import handed_over
from asyncblock_lint.fix.generators import may_take_all
from asyncblock_lint.fix.harmless import given_inside, is_builtin, is_movable
from asyncblock_lint.fix.layout import fitting
from asyncblock_lint.fix.libraries import agreeing, binder, thread_runner
from asyncblock_lint.fix.moving import is_sketch, runs_generator, runs_later
from asyncblock_lint.fix.rewrite import DISPLAY, UNSAFE, Change, Import, Rewrite
from asyncblock_lint.fix.site import Site

PRIORITY = 70

_COLLECTORS = frozenset(
    {"all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"}
)
_ADAPTERS = frozenset({"enumerate", "filter", "map", "reversed", "zip"})
_STEPWISE = (ast.Break, ast.Return, ast.Yield, ast.YieldFrom)


class _Work(NamedTuple):
    """What a thread is to do: a stretch of the tree, the arguments for the thread's runner, what they
    need, and whether all items may be taken at once."""

    node: ast.expr
    arguments: str
    imports: tuple[Import, ...]
    is_fine: bool


def rewrite(site: Site) -> Rewrite | None:
    """All items at once, collected by a thread."""
    found = None if site.taker or not runs_later(site) else thread_runner(site)
    if found is None:
        return None
    runner, spelling = found
    work = _work(site, passes_keywords=runner.passes == "all")
    if work is None or not may_await(site.source, work.node):
        return None
    before, behind = awaiting(site.source, work.node)
    call = f"await {spelling.text}({work.arguments})"
    text = fitting(site, work.node, f"{before}{spelling.text}(", [work.arguments], f"){behind}")
    change = Change(site.source.start(work.node), site.source.end(work.node), text)
    title = f"collect the items in a thread with `{spelling.text}`"
    applicability = UNSAFE if work.is_fine and not is_sketch(site) else DISPLAY
    imports = (*spelling.imports, *work.imports)
    advice = agreeing(site, runner, f"collect the items in a thread: `{call}`")
    return Rewrite(title, applicability, (change,), imports, advice)


def _work(site: Site, *, passes_keywords: bool) -> _Work | None:
    node = site.node
    if isinstance(node, ast.AsyncFunctionDef):
        return None
    if isinstance(node, ast.Call) and _collects(site, node):
        return _handed(site, node, passes_keywords=passes_keywords)
    outer = site.source.parent(node)
    while isinstance(outer, ast.Call) and _adapts(site, outer) and node in outer.args:
        node, outer = outer, site.source.parent(outer)
    collector = _collector(site, node, outer)
    if collector is not None:
        if runs_generator(site):
            return _handed(site, collector, passes_keywords=passes_keywords)
        return _closed(site, collector, site.source.code(collector), is_fine=site.blocker.fix == "lazy")
    if isinstance(node, ast.Call) and _is_gone_through(node, outer):
        return _listed(site, node, outer)
    return None


def _collector(site: Site, node: ast.expr, outer: ast.AST | None) -> ast.Call | None:
    """The call that takes all the items, perhaps by way of a generator expression."""
    if isinstance(outer, ast.comprehension) and outer.iter is node:
        holder = site.source.parent(outer)
        if isinstance(holder, ast.GeneratorExp):
            node, outer = holder, site.source.parent(holder)
    is_first = isinstance(outer, ast.Call) and outer.args[:1] == [node]
    return outer if isinstance(outer, ast.Call) and is_first and _collects(site, outer) else None


def _handed(site: Site, call: ast.Call, *, passes_keywords: bool) -> _Work | None:
    """The collecting function with its arguments; making a generator does no work yet."""
    parts, code = list(ast.walk(call)), handed_over(site.source, call)
    is_expression = len(site.functions) > 1 and site.functions[1].name.rpartition(".")[2].startswith("<")
    is_seen = not is_expression or any(isinstance(part, ast.GeneratorExp) for part in parts)
    is_fine = is_seen and all(_is_calm(site, part) for part in parts)
    if not call.keywords or passes_keywords:
        return _Work(call, code, (), is_fine)
    partial = binder(site)
    return _Work(call, f"{partial.text}({code})", partial.imports, is_fine) if partial else None


def _is_calm(site: Site, node: ast.AST) -> bool:
    """Whether code that the thread will run on the way touches nothing of the loop."""
    if isinstance(node, ast.Call) and _adapts(site, node):
        given = node.args[:1] if len(node.args) > 1 else []
        return all(isinstance(part, ast.Call | ast.Lambda) or is_builtin(site, part) for part in given)
    if isinstance(node, ast.GeneratorExp):
        # What it goes through first is made here, before the thread begins.
        first, *others = node.generators
        parts = [node.elt, *first.ifs, *(part for other in others for part in (other.iter, *other.ifs))]
        return all(is_movable(site, part, given_inside(node)) for part in parts)
    return not isinstance(node, ast.Lambda) or is_movable(site, node)


def _closed(site: Site, node: ast.expr, code: str, *, is_fine: bool) -> _Work | None:
    """All of an expression as a function without parameters."""
    if any(isinstance(part, ast.Await | ast.NamedExpr | ast.Yield) for part in ast.walk(node)):
        return None
    return _Work(node, f"lambda: {code}", (), is_fine and is_movable(site, node))


def _is_gone_through(node: ast.expr, outer: ast.AST | None) -> bool:
    if isinstance(outer, ast.comprehension):
        return outer.iter is node and not outer.is_async
    return isinstance(outer, ast.For) and outer.iter is node


def _listed(site: Site, node: ast.Call, loop: ast.AST | None) -> _Work | None:
    """A list of the items, for a loop or a comprehension."""
    name = ast.Name("list")
    if not is_builtin(site, name):
        return None
    parts = list(_parts(site, loop))
    by_generator = runs_generator(site)
    is_paused = by_generator and any(isinstance(part, ast.Await | ast.AsyncFor) for part in parts)
    is_fine = not is_paused and not any(isinstance(part, _STEPWISE) for part in parts)
    is_fine = (
        is_fine and not _changes_items(loop, parts) and not isinstance(_holder(site, loop), ast.GeneratorExp)
    )
    code = site.source.code(node)
    if by_generator:
        return _Work(node, f"{name.id}, {code}", (), is_fine and may_take_all(site))
    return _closed(site, node, f"{name.id}({code})", is_fine=is_fine and site.blocker.fix == "lazy")


def _holder(site: Site, loop: ast.AST | None) -> ast.AST | None:
    """The comprehension that goes through the items; `None` for a loop."""
    return site.source.parent(loop) if isinstance(loop, ast.comprehension) else None


def _parts(site: Site, loop: ast.AST | None) -> Iterator[ast.AST]:
    """What is done with each item."""
    if isinstance(loop, ast.For):
        for statement in loop.body:
            yield from ast.walk(statement)
    else:
        yield from ast.walk(_holder(site, loop) or ast.Module([], []))


def _changes_items(loop: ast.AST | None, parts: list[ast.AST]) -> bool:
    """Whether the loop acts on a container that it is given, as that may steer what comes next."""
    target = loop.target if isinstance(loop, ast.For) else None
    if not isinstance(target, ast.Tuple):
        return False
    names = {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}
    return any(_is_change(part, names) for part in parts)


def _is_change(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.Subscript):
        held, acts = node.value, not isinstance(node.ctx, ast.Load)
    elif isinstance(node, ast.Attribute):
        held, acts = node.value, node.attr in _CHANGING
    elif isinstance(node, ast.AugAssign):
        held, acts = node.target, True
    else:
        return False
    return acts and isinstance(held, ast.Name) and held.id in names


_CHANGING = frozenset(dir(list)) - frozenset(dir(tuple))


def _collects(site: Site, call: ast.Call) -> bool:
    if any(isinstance(argument, ast.Starred) for argument in call.args[:1]):
        return False
    if isinstance(call.func, ast.Attribute):
        return isinstance(call.func.value, ast.Constant)
    return isinstance(call.func, ast.Name) and call.func.id in _COLLECTORS and is_builtin(site, call.func)


def _adapts(site: Site, call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in _ADAPTERS and is_builtin(site, call.func)
