"""What another client for a request brings with it, beside the call."""

from __future__ import annotations

import ast
from collections.abc import Collection

from asyncblock_lint.fix.failures import Caught, Exchange, caught_instead
from asyncblock_lint.fix.responses import renamed, response_of
from asyncblock_lint.fix.source import Source
from asyncblock_lint.model.catalogue import Client


def consequences(
    source: Source, call: ast.Call, client: Client, *, follows: bool, others: Collection[ast.AST] = ()
) -> Caught | None:
    """What changes where the response is used and exceptions are caught; `None` if that is not known.

    `others` are further requests that are rewritten at the same time.
    """
    if not client.attributes and not client.exceptions:
        return Caught()
    response = response_of(source, call)
    if response is None:
        return None
    uses = renamed(source, response, client, follows=follows)
    caught = caught_instead(Exchange(source, call, response, client, frozenset(others)))
    if uses is None or caught is None:
        return None
    return Caught((*uses, *caught.changes), caught.imports)
