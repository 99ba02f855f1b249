"""Sends a single request with an asynchronous client that is open as long as the request takes.

Which clients there are, and what is called how there, the tables `clients` of the rule files tell.
"""

import ast

from asyncblock_lint.fix.arguments import converted
from asyncblock_lint.fix.awaits import awaiting
from asyncblock_lint.fix.calls import call_parts
from asyncblock_lint.fix.clients import by_function, has_more, is_clear
from asyncblock_lint.fix.consequences import consequences
from asyncblock_lint.fix.enclosing import free_name, put_into, statement_around, unit
from asyncblock_lint.fix.layout import breaks
from asyncblock_lint.fix.rewrite import UNSAFE, Change, Rewrite, merged
from asyncblock_lint.fix.site import Site

PRIORITY = 20

_NAMES = ("client", "http_client", "async_client")


def rewrite(site: Site) -> Rewrite | None:
    """The statement inside of `async with`, the request awaited, and what depends on the response."""
    source, call = site.source, site.node
    if not isinstance(call, ast.Call) or not is_clear(site, call):
        return None
    statement, takeover = statement_around(source, call), by_function(site)
    if (
        statement is None
        or takeover is None
        or takeover.client.entered
        or has_more(site, statement, takeover)
    ):
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
    callee = Change(parts.start, parts.opening, f"{before}{name}.{takeover.method}")
    step = unit(source, statement)
    grown = sum(len(change.text) + change.start - change.end for change in (callee, *arguments.changes))
    changes = [
        *put_into(source, statement, f"async with {opened} as {name}:"),
        callee,
        *breaks(site, call, grown + len(step) + len(behind), step),
        *arguments.changes,
        *([Change(parts.closing + 1, parts.closing + 1, behind)] if behind else []),
        *rest.changes,
    ]
    title = f"send the request with `{takeover.spelling.text}`"
    return Rewrite(title, UNSAFE, merged(changes), (*takeover.spelling.imports, *rest.imports))
