"""Sends a single request with an asynchronous client that is open as long as the request takes.

Which clients there are, and what is called how there, the tables `clients` of the rule files tell.
"""

import ast

from asyncblock_lint.fix.arguments import converted
from asyncblock_lint.fix.awaits import awaiting, may_await
from asyncblock_lint.fix.calls import call_parts
from asyncblock_lint.fix.clients import Takeover, by_function
from asyncblock_lint.fix.consequences import consequences
from asyncblock_lint.fix.enclosing import free_name, put_into, statement_around
from asyncblock_lint.fix.names import qualified
from asyncblock_lint.fix.rewrite import UNSAFE, Change, Rewrite
from asyncblock_lint.fix.sharing import is_shared
from asyncblock_lint.fix.site import Site
from asyncblock_lint.model.certainty import Certainty

PRIORITY = 20

_NAMES = ("client", "http_client", "async_client")


def rewrite(site: Site) -> Rewrite | None:
    """The statement inside of `async with`, the request awaited, and what depends on the response."""
    source, call = site.source, site.node
    if not isinstance(call, ast.Call) or not _is_clear(site, call):
        return None
    statement, takeover = statement_around(source, call), by_function(site)
    if statement is None or takeover is None or _has_more(site, statement, takeover):
        return None
    arguments = converted(source, call, takeover.client, takeover.method)
    name = free_name(source, call, _NAMES, takeover.spelling.text)
    if arguments is None or name is None:
        return None
    rest = consequences(source, call, takeover.client, follows=arguments.follows)
    if rest is None:
        return None
    parts, (before, behind) = call_parts(source, call), awaiting(source, call)
    opened = f"{takeover.spelling.text}({', '.join(arguments.settings)})"
    changes = [
        *put_into(source, statement, f"async with {opened} as {name}:"),
        Change(parts.start, parts.opening, f"{before}{name}.{takeover.method}"),
        *arguments.changes,
        *([Change(parts.closing + 1, parts.closing + 1, behind)] if behind else []),
        *rest.changes,
    ]
    title = f"send the request with `{takeover.spelling.text}`"
    return Rewrite(title, UNSAFE, _merged(changes), (*takeover.spelling.imports, *rest.imports))


def _is_clear(site: Site, call: ast.Call) -> bool:
    is_sure = site.finding.certainty is Certainty.EXACT and site.is_direct and not site.taker
    is_named = isinstance(call.func, ast.Name | ast.Attribute)
    return is_sure and is_named and may_await(site.source, call) and not is_shared(site.source, call)


def _has_more(site: Site, statement: ast.stmt, takeover: Takeover) -> bool:
    """Whether the statement makes another request, which would need a client, too."""
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call) and node is not site.node]
    start = f"{takeover.client.replaces}."
    return any(qualified(site.source, node.func).startswith(start) for node in calls)


def _merged(changes: list[Change]) -> tuple[Change, ...]:
    """Changes at one place become one, in their order; no line is indented within what is replaced."""
    found: dict[int, Change] = {}
    for change in changes:
        if not any(other.start < change.start < other.end for other in changes):
            first = found.get(change.start, Change(change.start, change.start, ""))
            found[change.start] = Change(first.start, change.end, first.text + change.text)
    return tuple(found.values())
