"""Connects and reads in one thread: `urlopen(u).read()` as a function of its own that a thread runs.

Which calls give something that goes on reading, the tables `streams` of the rule files tell.
"""

import ast
import builtins
import sys
from collections.abc import Iterator

from asyncblock_lint.fix.awaits import awaiting, function_around, may_await
from asyncblock_lint.fix.enclosing import free_name, indented, is_on_its_own, line_end, unit
from asyncblock_lint.fix.libraries import thread_runner
from asyncblock_lint.fix.names import bindings, qualified
from asyncblock_lint.fix.rewrite import UNSAFE, Change, Rewrite, Spelling
from asyncblock_lint.fix.sharing import is_shared
from asyncblock_lint.fix.site import Site
from asyncblock_lint.fix.source import Source

PRIORITY = 30

_NAMES = ("fetch", "fetch_it", "read_response")
_PAUSES = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)


def rewrite(site: Site) -> Rewrite | None:
    """The whole of it in a thread: a chain as a lambda, a `with` block as a function."""
    if not isinstance(site.node, ast.Call) or not site.is_direct or site.taker:
        return None
    source, call = site.source, _opening(site, site.node)
    found = thread_runner(site) if call else None
    if call is None or found is None or is_shared(source, call):
        return None
    _, runner = found
    chain = _chain(source, call)
    if chain is not None:
        return _lambda(source, chain, runner)
    block = _block(source, call)
    return None if block is None else _function(source, call, block, runner)


def _opening(site: Site, call: ast.Call) -> ast.Call | None:
    """The call that connects: that of the finding, or the one that gave what the finding reads from."""
    source, callee = site.source, call.func
    if site.blocker.name in site.project.streams:
        return call
    opened: ast.expr | None = callee.value if isinstance(callee, ast.Attribute) else None
    if isinstance(opened, ast.Name):
        function = function_around(source, call)
        binders = bindings(function).get(opened.id, ()) if function is not None else ()
        item = source.parent(binders[0]) if len(binders) == 1 else None
        opened = item.context_expr if isinstance(item, ast.withitem) else None
    if isinstance(opened, ast.Call) and qualified(source, opened.func) in site.project.streams:
        return opened
    return None


def _chain(source: Source, call: ast.Call) -> ast.Call | None:
    """The call of a method of what the opening call gives, where it is written."""
    method = source.parent(call)
    outer = method and source.parent(method)
    is_called = isinstance(method, ast.Attribute) and isinstance(outer, ast.Call) and outer.func is method
    return outer if is_called and isinstance(outer, ast.Call) else None


def _lambda(source: Source, chain: ast.Call, runner: Spelling) -> Rewrite | None:
    if not may_await(source, chain) or any(isinstance(node, _PAUSES) for node in ast.walk(chain)):
        return None
    before, behind = awaiting(source, chain)
    start, end = source.start(chain), source.end(chain)
    changes = (Change(start, start, f"{before}{runner.text}(lambda: "), Change(end, end, f"){behind}"))
    return Rewrite(_title(runner), UNSAFE, changes, runner.imports)


def _title(runner: Spelling) -> str:
    return f"connect and read in one thread with `{runner.text}`"


def _block(source: Source, call: ast.Call) -> ast.With | None:
    """The `with` block for the response alone, if it does no more than make one value of it."""
    item = source.parent(call)
    block = item and source.parent(item)
    function = function_around(source, call)
    if not isinstance(block, ast.With) or len(block.items) != 1 or len(block.body) != 1 or function is None:
        return None
    target, [statement] = block.items[0].optional_vars, block.body
    value = _value(statement)
    if not isinstance(target, ast.Name) or value is None or not _is_movable(source, block, value, target.id):
        return None
    names = {node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == target.id}
    return block if names <= set(ast.walk(block)) and isinstance(function, ast.AsyncFunctionDef) else None


def _value(statement: ast.stmt) -> ast.expr | None:
    """What a statement returns, or gives one name."""
    if isinstance(statement, ast.Return):
        return statement.value
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return statement.value if isinstance(statement.targets[0], ast.Name) else None
    return None


def _is_movable(source: Source, block: ast.With, value: ast.expr, response: str) -> bool:
    """Whether a thread can do all of it: nothing pauses, and nobody else's code runs."""
    if any(isinstance(node, _PAUSES) for node in ast.walk(block)):
        return False
    is_whole = is_on_its_own(source, block) and is_on_its_own(source, block.body[0])
    return is_whole and all(_is_harmless(source, callee, response) for callee in _callees(value))


def _callees(value: ast.expr) -> Iterator[ast.expr]:
    yield from (node.func for node in ast.walk(value) if isinstance(node, ast.Call))


def _is_harmless(source: Source, callee: ast.expr, response: str) -> bool:
    root = callee
    while isinstance(root, ast.Attribute | ast.Call):
        root = root.value if isinstance(root, ast.Attribute) else root.func
    if isinstance(root, ast.Name) and root.id == response:
        return True
    if qualified(source, callee).partition(".")[0] in sys.stdlib_module_names:
        return True
    is_builtin = isinstance(root, ast.Name) and hasattr(builtins, root.id) and root.id != "super"
    return is_builtin and isinstance(root, ast.Name) and root.id not in bindings(source.tree)


def _function(source: Source, call: ast.Call, block: ast.With, runner: Spelling) -> Rewrite | None:
    [statement] = block.body
    name = free_name(source, call, _NAMES, "")
    if name is None:
        return None
    start, margin, by = source.start(block), source.indentation(block), unit(source, block)
    given = _given(source, statement)
    if given is None:
        return None
    end = line_end(source, source.end(statement))
    changes = [
        Change(start, start, f"def {name}():\n{margin}{by}"),
        *indented(source, start, source.start(statement), by),
        Change(source.start(statement), given.end, "return"),
        *indented(source, source.start(statement), source.end(statement), by),
        Change(end, end, f"\n\n{margin}{given.text} await {runner.text}({name})"),
    ]
    return Rewrite(_title(runner), UNSAFE, tuple(changes), runner.imports)


def _given(source: Source, statement: ast.stmt) -> Change | None:
    """What takes the value: `return`, or a name and an equals sign."""
    start = source.start(statement)
    if isinstance(statement, ast.Return):
        return Change(start, start + len("return"), "return")
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if not isinstance(target, ast.Name):
        return None
    end = source.text.index("=", source.end(target)) + 1
    is_plain = not source.text[source.end(target) : end - 1].strip()
    return Change(start, end, f"{target.id} =") if is_plain else None
