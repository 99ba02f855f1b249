"""Makes a session asynchronous that one function uses: `with`, and every request in it.

Which clients there are, and what is called how there, the tables `clients` of the rule files tell.
"""

import ast
from dataclasses import dataclass

from asyncblock_lint.fix.arguments import Arguments, converted
from asyncblock_lint.fix.awaits import awaiting, function_around, may_await
from asyncblock_lint.fix.calls import call_parts
from asyncblock_lint.fix.clients import Takeover, by_session
from asyncblock_lint.fix.consequences import consequences
from asyncblock_lint.fix.enclosing import home, indented, is_on_its_own, siblings, unit
from asyncblock_lint.fix.names import bindings, qualified
from asyncblock_lint.fix.rewrite import UNSAFE, Change, Import, Rewrite, merged
from asyncblock_lint.fix.sharing import is_shared
from asyncblock_lint.fix.site import Site
from asyncblock_lint.fix.source import Source
from asyncblock_lint.model.catalogue import Client
from asyncblock_lint.model.certainty import Certainty

PRIORITY = 15


def rewrite(site: Site) -> Rewrite | None:
    """The block with `async with`, and all of its requests awaited."""
    is_sure = site.finding.certainty is Certainty.EXACT and site.is_direct and not site.taker
    takeover = by_session(site) if is_sure else None
    if takeover is not None and takeover.client.entered:
        return None
    scope, source = _scope(site) if takeover else None, site.source
    if takeover is None or scope is None:
        return None
    calls = _requests(source, scope, takeover.client)
    if calls is None or site.node not in calls:
        return None
    settings: set[str] = set()
    changes: dict[Change, None] = {}
    imports = dict.fromkeys(takeover.spelling.imports)
    others = [scope.made, *calls]
    for call in calls:
        arguments = _arguments(source, call, takeover.client)
        if arguments is None:
            return None
        rest = consequences(source, call, takeover.client, follows=arguments.follows, others=others)
        if rest is None:
            return None
        settings.update(arguments.settings)
        changes.update(dict.fromkeys([*_awaited(source, call), *arguments.changes, *rest.changes]))
        imports.update(dict.fromkeys(rest.imports))
    opened = _opened(source, scope, takeover, settings)
    if opened is None:
        return None
    title = f"open `{takeover.spelling.text}` and await its requests"
    return Rewrite(title, UNSAFE, merged([*opened, *changes]), tuple[Import, ...](imports))


@dataclass(frozen=True, slots=True)
class _Scope:
    """A statement that makes a session, the call and the name in it, and the statements that use it."""

    statement: ast.With | ast.Assign
    made: ast.expr
    target: ast.Name
    body: list[ast.stmt]


def _scope(site: Site) -> _Scope | None:
    """The `with` statement that makes the session, or the assignment and what follows, if the session's
    name means nothing else."""
    call, source = site.node, site.source
    function = function_around(source, call)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or function is None:
        return None
    session = call.func.value
    binders = bindings(function).get(session.id, ()) if isinstance(session, ast.Name) else ()
    target = binders[0] if len(binders) == 1 else None
    if not isinstance(target, ast.Name):
        return None
    maker = source.parent(target)
    if isinstance(maker, ast.withitem) and maker.optional_vars is target:
        block = source.parent(maker)
        if not isinstance(block, ast.With) or len(block.items) != 1:
            return None
        return _Scope(block, maker.context_expr, target, block.body)
    if isinstance(maker, ast.Assign) and maker.targets == [target]:
        body = _following(source, function, maker, target)
        return _Scope(maker, maker.value, target, body) if body else None
    return None


def _following(
    source: Source, function: ast.AST, made: ast.Assign, target: ast.Name
) -> list[ast.stmt] | None:
    """The statements behind an assignment to the last one that reads the name, if they can be indented."""
    beside = siblings(source, made)
    first = beside.index(made)
    reads = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == target.id]
    homes = [home(source, beside, node) for node in reads if node is not target]
    if not homes or min(homes) <= first:
        return None
    body = beside[first + 1 : max(homes) + 1]
    return body if all(is_on_its_own(source, item) for item in (made, *body)) else None


def _requests(source: Source, scope: _Scope, client: Client) -> list[ast.Call] | None:
    """The requests of a session, in its function; `None` if it is used for anything else."""
    function = function_around(source, scope.statement)
    calls: list[ast.Call] = []
    for node in ast.walk(function) if function is not None else ():
        if not isinstance(node, ast.Name) or node.id != scope.target.id or node is scope.target:
            continue
        use = source.parent(node)
        call = use and source.parent(use)
        if not isinstance(use, ast.Attribute) or all(
            outer not in scope.body for _, outer in source.around(use)
        ):
            return None
        if use.attr in client.holds and function_around(source, use) is function:
            continue
        is_request = isinstance(call, ast.Call) and call.func is use and use.attr in client.methods
        if not is_request or not isinstance(call, ast.Call) or not _is_awaitable(source, call, function):
            return None
        calls.append(call)
    return calls


def _is_awaitable(source: Source, call: ast.Call, function: ast.AST | None) -> bool:
    is_inside = function_around(source, call) is function
    return is_inside and may_await(source, call) and not is_shared(source, call)


def _arguments(source: Source, call: ast.Call, client: Client) -> Arguments | None:
    """The arguments of one request, unless they ask for a client of its own."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    found = converted(source, call, client, method)
    usual = {f"{name}={value}" for name, value in client.defaults.items()}
    is_odd = found is None or method in client.unredirected or not usual.issuperset(found.settings)
    return None if is_odd else found


def _awaited(source: Source, call: ast.Call) -> list[Change]:
    parts, (before, behind) = call_parts(source, call), awaiting(source, call)
    end = parts.closing + 1
    return [Change(parts.start, parts.start, before), *([Change(end, end, behind)] if behind else [])]


def _opened(source: Source, scope: _Scope, takeover: Takeover, settings: set[str]) -> list[Change] | None:
    """The head of the block, and what it takes in; `None` if the client is not made as the session was."""
    made, client, statement = scope.made, takeover.client, scope.statement
    if not isinstance(made, ast.Call) or qualified(source, made.func) not in client.sessions:
        return None
    if made.args or any(keyword.arg not in client.opening for keyword in made.keywords):
        return None
    if settings and made.keywords:
        return None
    parts, start = call_parts(source, made), source.start(statement)
    told = [Change(parts.opening + 1, parts.closing, ", ".join(sorted(settings)))] if settings else []
    if isinstance(statement, ast.With):
        return [
            Change(start, start, "async "),
            Change(parts.start, parts.opening, takeover.spelling.text),
            *told,
        ]
    end = source.end(statement)
    return [
        Change(start, parts.opening, f"async with {takeover.spelling.text}"),
        *told,
        Change(parts.closing + 1, end, f" as {scope.target.id}:"),
        *indented(source, end, source.end(scope.body[-1]), unit(source, statement)),
    ]
