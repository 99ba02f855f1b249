"""Sends a request with a client whose response is entered: all that uses the response moves into the block.

Which clients there are, and what is called how there, the tables `clients` of the rule files tell.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from asyncblock_lint.fix.arguments import Arguments, converted
from asyncblock_lint.fix.awaits import awaiting, function_around, may_await
from asyncblock_lint.fix.calls import call_parts
from asyncblock_lint.fix.clients import Takeover, by_function, has_more, is_clear
from asyncblock_lint.fix.enclosing import (
    free_name,
    home,
    indented,
    is_on_its_own,
    siblings,
    statement_around,
    unit,
)
from asyncblock_lint.fix.failures import Exchange, caught_instead
from asyncblock_lint.fix.layout import limit
from asyncblock_lint.fix.names import spell
from asyncblock_lint.fix.responses import Response, renamed, response_of
from asyncblock_lint.fix.rewrite import UNSAFE, Change, Import, Rewrite, merged
from asyncblock_lint.fix.site import Site
from asyncblock_lint.fix.source import Source
from asyncblock_lint.model.catalogue import Client

PRIORITY = 20

_SESSIONS = ("session", "http_session", "client_session")
_RESPONSES = ("response", "reply", "answer")
_NAME = re.compile(r"[\w.]+")


def rewrite(site: Site) -> Rewrite | None:
    """The request at the head of a block, and in it the statements up to the last use of its response."""
    source, call = site.source, site.node
    if not isinstance(call, ast.Call) or not is_clear(site, call):
        return None
    statement, takeover = statement_around(source, call), by_function(site)
    if statement is None or takeover is None or not takeover.client.entered:
        return None
    response = None if has_more(site, statement, takeover) else response_of(source, call)
    arguments = converted(source, call, takeover.client, takeover.method)
    session = free_name(source, call, _SESSIONS, takeover.spelling.text)
    if response is None or arguments is None or session is None:
        return None
    variable = response.variable or free_name(source, call, _RESPONSES, "") or ""
    block = _block(source, statement, response)
    uses = _uses(source, response, takeover.client, variable, follows=arguments.follows)
    caught = caught_instead(Exchange(source, call, response, takeover.client))
    opened = _opened(site, takeover, arguments, statement, session)
    if not variable or block is None or uses is None or caught is None or opened is None:
        return None
    outer, imports = opened
    first = source.indentation(statement)
    step = unit(source, statement)
    head = f"{outer}\n{first}{step}async with {session}.{takeover.method}"
    tail = f" as {variable}:"
    changes: list[Change] | None
    if response.variable:
        changes = _assigned(source, call, statement, block, (head, tail), arguments, variable)
    else:
        changes = _chained(source, call, statement, (head, tail), arguments, variable, uses)
        uses = []
    if changes is None:
        return None
    title = f"send the request with `{takeover.spelling.text}`"
    return Rewrite(title, UNSAFE, merged([*changes, *uses, *caught.changes]), (*imports, *caught.imports))


def _block(source: Source, statement: ast.stmt, response: Response) -> list[ast.stmt] | None:
    """The statements from the request to the last one that uses its response; `None` if some use stands
    elsewhere, or at another time, or if they cannot be moved into a block."""
    beside = siblings(source, statement)
    first = beside.index(statement)
    homes = [home(source, beside, use) for use in response.uses]
    if any(place < first for place in homes):
        return None
    block = beside[first : max([first, *homes]) + 1]
    nodes = [node for item in block for node in ast.walk(item)]
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes):
        return None
    return block if all(is_on_its_own(source, item) for item in block) else None


def _opened(
    site: Site, takeover: Takeover, arguments: Arguments, statement: ast.stmt, session: str
) -> tuple[str, tuple[Import, ...]] | None:
    """The head of the block in which the client is open, and what has to be imported for that."""
    settings, imports = [], list(takeover.spelling.imports)
    for setting in arguments.settings:
        name, _, value = setting.partition("=")
        if name in takeover.client.unset:
            written = _NAME.match(value)
            full = written[0] if written else ""
            spelling = spell(site.source, site.node, full, takeover.client.module)
            if spelling is None:
                return None
            value = spelling.text + value.removeprefix(full)
            imports += spelling.imports
        settings.append(f"{name}={value}")
    made = f"{takeover.spelling.text}({', '.join(settings)})"
    base = site.source.indentation(statement)
    if len(f"{base}async with {made} as {session}:") > limit(site):
        margin = base + unit(site.source, statement)
        made = f"{takeover.spelling.text}(\n{margin}{', '.join(settings)}\n{base})"
    return f"async with {made} as {session}:", tuple(dict.fromkeys(imports))


def _uses(
    source: Source, response: Response, client: Client, variable: str, *, follows: bool
) -> list[Change] | None:
    """The uses of the response, each as the client has it; those that read the body are awaited."""
    reading = [use for use in response.uses if use.attr in client.awaits]
    plain = replace(response, uses=tuple(use for use in response.uses if use not in reading))
    changes = renamed(source, plain, client, follows=follows)
    function = function_around(source, response.uses[0]) if response.uses else None
    for use in reading if changes is not None else ():
        parent = source.parent(use)
        whole: ast.expr = parent if isinstance(parent, ast.Call) and parent.func is use else use
        is_plain = not isinstance(whole, ast.Call) or not (whole.args or whole.keywords)
        if not is_plain or not may_await(source, whole) or function_around(source, use) is not function:
            return None
        before, behind = awaiting(source, whole)
        code = f"{before}{variable}.{client.awaits[use.attr]}{behind}"
        changes = [*(changes or ()), Change(source.start(whole), source.end(whole), code)]
    return changes


def _assigned(
    source: Source,
    call: ast.Call,
    statement: ast.stmt,
    block: list[ast.stmt],
    around: tuple[str, str],
    arguments: Arguments,
    variable: str,
) -> list[Change]:
    """For a response that has a name: what comes after it goes into the block."""
    parts, step = call_parts(source, call), unit(source, statement)
    head, tail = around
    if len(block) == 1:
        tail += f"\n{source.indentation(statement)}{step}{step}await {variable}.read()"
    start, end = source.start(statement), source.end(block[-1])
    return [
        Change(start, parts.opening, head),
        *arguments.changes,
        *indented(source, start, source.end(statement), step),
        Change(parts.closing + 1, source.end(statement), tail),
        *indented(source, source.end(statement), end, step + step),
    ]


def _chained(
    source: Source,
    call: ast.Call,
    statement: ast.stmt,
    around: tuple[str, str],
    arguments: Arguments,
    variable: str,
    uses: list[Change],
) -> list[Change] | None:
    """For a response that is used where it is asked for, or not at all: the statement follows in the block,
    if nothing in it comes before the request."""
    parts, step = call_parts(source, call), unit(source, statement)
    given = source.text[parts.opening : parts.closing + 1]
    if "\n" in source.code(statement) or not _is_first(source, call, statement):
        return None
    for change in sorted(arguments.changes, key=lambda change: change.start, reverse=True):
        start, end = change.start - parts.opening, change.end - parts.opening
        given = given[:start] + change.text + given[end:]
    lead = f"{around[0]}{given}{around[1]}\n{source.indentation(statement)}{step}{step}"
    begin, end = source.start(statement), source.end(statement)
    if not uses:
        is_alone = isinstance(statement, ast.Expr) and statement.value is call
        name = f"await {variable}.read()" if is_alone else variable
        return [Change(begin, parts.start, lead), Change(parts.start, parts.closing + 1, name)]
    [use] = uses
    text = source.text[begin : max(use.start, begin)]
    if use.start > parts.start:
        # A plain attribute: the response itself stays before it.
        text = source.text[begin : parts.start] + variable + source.text[parts.closing + 1 : use.start]
    return [Change(begin, end, lead + text + use.text + source.text[use.end : end])]


def _is_first(source: Source, call: ast.Call, statement: ast.stmt) -> bool:
    """Whether the statement does nothing before the request."""
    for child, outer in source.around(call):
        if outer is statement:
            return not isinstance(statement, ast.Assign) or all(
                isinstance(target, ast.Name) for target in statement.targets
            )
        if isinstance(outer, ast.Call) and outer.func is not child:
            return False
        if not isinstance(outer, ast.Attribute | ast.Call | ast.Subscript) or (
            isinstance(outer, ast.Subscript) and outer.value is not child
        ):
            return False
    return False
