"""What is done with a response, and whether another client's response can stand in for it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from asyncblock_lint.fix.awaits import function_around
from asyncblock_lint.fix.names import bindings
from asyncblock_lint.fix.rewrite import Change
from asyncblock_lint.fix.source import Source
from asyncblock_lint.model.catalogue import Client

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Response:
    """The attributes that are read of a response, and its variable, empty if it has none."""

    uses: tuple[ast.Attribute, ...]
    variable: str


def response_of(source: Source, call: ast.Call) -> Response | None:
    """What the response to a request is used for; `None` if it could be used for anything else."""
    parent = source.parent(call)
    if isinstance(parent, ast.Attribute):
        return Response((parent,), "")
    if isinstance(parent, ast.Expr):
        return Response((), "")
    function = function_around(source, call)
    if not isinstance(parent, ast.Assign) or len(parent.targets) != 1 or function is None:
        return None
    [target] = parent.targets
    if not isinstance(target, ast.Name) or not _is_own(function, target):
        return None
    reads = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == target.id]
    uses = [source.parent(node) for node in reads if node is not target]
    known = tuple(use for use in uses if isinstance(use, ast.Attribute) and isinstance(use.ctx, ast.Load))
    return Response(known, target.id) if len(known) == len(uses) else None


def _is_own(function: ast.AST, target: ast.Name) -> bool:
    """Whether a name is bound nowhere else, neither in the function nor in those within it."""
    inner = [node for node in ast.walk(function) if isinstance(node, _FUNCTIONS) and node is not function]
    is_only = list(bindings(function).get(target.id, ())) == [target]
    return is_only and not any(target.id in bindings(node) for node in inner)


def renamed(source: Source, response: Response, client: Client, *, follows: bool) -> list[Change] | None:
    """The uses of a response by their new names; `None` if one has none.

    Some are the same only of the response that redirects lead to (`follows`), some only as long as keys are
    looked up in them.
    """
    for use in response.uses:
        is_alike = use.attr not in client.unlike or follows
        if use.attr in client.lookups:
            is_alike = _is_looked_up(source, use)
        if use.attr not in client.attributes or not is_alike:
            return None
    ends = [(source.end(use), use.attr, client.attributes[use.attr]) for use in response.uses]
    return [Change(end - len(old), end, new) for end, old, new in ends if new != old]


def _is_looked_up(source: Source, use: ast.Attribute) -> bool:
    parent = source.parent(use)
    if isinstance(parent, ast.Compare):
        return use in parent.comparators and isinstance(parent.ops[-1], ast.In | ast.NotIn)
    if isinstance(parent, ast.Attribute):
        return parent.attr == "get"
    return isinstance(parent, ast.Subscript) and parent.value is use and isinstance(parent.ctx, ast.Load)
