"""Which asynchronous client takes over a request, by the user's wish or by what is in use."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from asyncblock_lint.fix.awaits import may_await
from asyncblock_lint.fix.libraries import packages
from asyncblock_lint.fix.names import qualified, spell
from asyncblock_lint.fix.rewrite import Spelling
from asyncblock_lint.fix.sharing import is_shared
from asyncblock_lint.fix.site import Site
from asyncblock_lint.model.catalogue import Client
from asyncblock_lint.model.certainty import Certainty


@dataclass(frozen=True, slots=True)
class Takeover:
    """The client for a request, how to write its class here, and the method to call."""

    client: Client
    spelling: Spelling
    method: str


def by_function(site: Site) -> Takeover | None:
    """For the function of a module: a request of its own."""
    module, _, method = site.blocker.name.rpartition(".")
    return _taken_over(site, [item for item in site.project.clients if item.replaces == module], method)


def by_session(site: Site) -> Takeover | None:
    """For the method of a session."""
    session, _, method = site.blocker.name.rpartition(".")
    return _taken_over(site, [item for item in site.project.clients if session in item.sessions], method)


def _taken_over(site: Site, clients: list[Client], method: str) -> Takeover | None:
    client = _fitting(site, [client for client in clients if method in client.methods])
    if client is None:
        return None
    spelling = spell(site.source, site.node, client.use, client.module)
    return None if spelling is None else Takeover(client, spelling, method)


def _fitting(site: Site, clients: list[Client]) -> Client | None:
    """The one whose library is wished for, or else imported by the file or most files, or declared."""
    project = site.project
    if project.http_client:
        return next((client for client in clients if client.library == project.http_client), None)
    here = [client for client in clients if client.library in packages(site.source.tree)]
    imported = [client for client in clients if project.imports[client.library]]
    declared = [client for client in clients if project.declares(client.library)]
    found = here or imported or declared
    return max(found, key=lambda client: project.imports[client.library], default=None)


def is_clear(site: Site, call: ast.Call) -> bool:
    """Whether a request is certainly one, and another could be awaited in its place."""
    is_sure = site.finding.certainty is Certainty.EXACT and site.is_direct and not site.taker
    is_named = isinstance(call.func, ast.Name | ast.Attribute)
    return is_sure and is_named and may_await(site.source, call) and not is_shared(site.source, call)


def has_more(site: Site, statement: ast.stmt, takeover: Takeover) -> bool:
    """Whether the statement makes another request, which would need a client, too."""
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call) and node is not site.node]
    start = f"{takeover.client.replaces}."
    return any(qualified(site.source, node.func).startswith(start) for node in calls)
