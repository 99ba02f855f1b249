"""Makes a session asynchronous that one `with` block uses: `with`, and every request in it.

Which clients there are, and what is called how there, the tables `clients` of the rule files tell.
"""

import ast

from asyncblock_lint.fix.arguments import Arguments, converted
from asyncblock_lint.fix.awaits import awaiting, function_around, may_await
from asyncblock_lint.fix.calls import call_parts
from asyncblock_lint.fix.clients import Takeover, by_session
from asyncblock_lint.fix.consequences import consequences
from asyncblock_lint.fix.names import bindings, qualified
from asyncblock_lint.fix.rewrite import UNSAFE, Change, Import, Rewrite
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
    found = _block(site) if takeover else None
    if takeover is None or found is None:
        return None
    source, (block, name) = site.source, found
    calls = _requests(source, block, name, takeover.client)
    if calls is None or site.node not in calls:
        return None
    settings: set[str] = set()
    changes: dict[Change, None] = {}
    imports = dict.fromkeys(takeover.spelling.imports)
    others = [block.items[0].context_expr, *calls]
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
    opened = _opened(source, block, takeover, settings)
    if opened is None:
        return None
    title = f"open `{takeover.spelling.text}` and await its requests"
    return Rewrite(title, UNSAFE, (*opened, *changes), tuple[Import, ...](imports))


def _block(site: Site) -> tuple[ast.With, str] | None:
    """The `with` statement that makes the session, and the session's name, which means nothing else."""
    call, source = site.node, site.source
    function = function_around(source, call)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or function is None:
        return None
    session = call.func.value
    binders = bindings(function).get(session.id, ()) if isinstance(session, ast.Name) else ()
    item = source.parent(binders[0]) if len(binders) == 1 else None
    block = item and source.parent(item)
    if not isinstance(session, ast.Name) or not isinstance(block, ast.With) or len(block.items) != 1:
        return None
    return (block, session.id) if isinstance(block.items[0].optional_vars, ast.Name) else None


def _requests(source: Source, block: ast.With, name: str, client: Client) -> list[ast.Call] | None:
    """The requests of a session, in the block's function; `None` if it is used for anything else."""
    function = function_around(source, block)
    calls: list[ast.Call] = []
    for node in ast.walk(function) if function is not None else ():
        if not isinstance(node, ast.Name) or node.id != name or node is block.items[0].optional_vars:
            continue
        use = source.parent(node)
        call = use and source.parent(use)
        if not isinstance(use, ast.Attribute) or all(outer is not block for _, outer in source.around(use)):
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


def _opened(source: Source, block: ast.With, takeover: Takeover, settings: set[str]) -> list[Change] | None:
    """The head of the block; `None` if the client is not made as the session was."""
    made, client = block.items[0].context_expr, takeover.client
    if not isinstance(made, ast.Call) or qualified(source, made.func) not in client.sessions:
        return None
    if made.args or any(keyword.arg not in client.opening for keyword in made.keywords):
        return None
    if settings and made.keywords:
        return None
    parts, start = call_parts(source, made), source.start(block)
    told = [Change(parts.opening + 1, parts.closing, ", ".join(sorted(settings)))] if settings else []
    return [Change(start, start, "async "), Change(parts.start, parts.opening, takeover.spelling.text), *told]
