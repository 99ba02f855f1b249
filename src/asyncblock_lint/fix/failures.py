"""The exceptions that are caught around a request, as another client raises them."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asyncblock_lint.fix.awaits import function_around
from asyncblock_lint.fix.names import bindings, qualified, spell
from asyncblock_lint.fix.responses import Response
from asyncblock_lint.fix.rewrite import Change, Import
from asyncblock_lint.fix.source import Source
from asyncblock_lint.fix.values import bound_value
from asyncblock_lint.model.catalogue import Client

_TRIES = (ast.Try, getattr(ast, "TryStar", ast.Try))
_ANYTHING = frozenset({"BaseException", "Exception", "ValueError"})


@dataclass(frozen=True, slots=True)
class Caught:
    """What has to change in the handlers, and to be imported for that."""

    changes: tuple[Change, ...] = ()
    imports: tuple[Import, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what its response is used for; `others` are the calls that the same fix rewrites."""

    source: Source
    call: ast.Call
    response: Response
    client: Client
    others: frozenset[ast.AST] = frozenset()


def caught_instead(exchange: Exchange) -> Caught | None:
    """The handlers around a request and its response, written anew.

    `None` if one of them, or a caller in this file, catches what the client has no equal for.
    """
    if _is_caught_elsewhere(exchange):
        return None
    changes: dict[Change, None] = {}
    imports: dict[Import, None] = {}
    for statement in _tries(exchange):
        for handler in statement.handlers:
            found = _handler(exchange, statement, handler)
            if found is None:
                return None
            changes.update(dict.fromkeys(found.changes))
            imports.update(dict.fromkeys(found.imports))
    return Caught(tuple(changes), tuple(imports))


def _around(exchange: Exchange) -> Iterator[tuple[ast.AST, ast.AST]]:
    """What is around the request and each use of its response, within the function."""
    for node in (exchange.call, *exchange.response.uses):
        for child, outer in exchange.source.around(node):
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
                break
            yield child, outer


def _tries(exchange: Exchange) -> Iterator[ast.Try]:
    found: dict[ast.Try, None] = {}
    for child, outer in _around(exchange):
        if isinstance(outer, _TRIES) and child in outer.body:
            found[outer] = None
    yield from found


def _handler(exchange: Exchange, statement: ast.Try, handler: ast.ExceptHandler) -> Caught | None:
    source, client = exchange.source, exchange.client
    types = [(node, qualified(source, node)) for node in _types(handler)]
    if any(_is_lost(source, node, name, client) for node, name in types) or _is_told_apart(exchange, handler):
        return None
    if not any(name in client.exceptions for _, name in types):
        return Caught()
    if _is_looked_into(handler) or not _covers(exchange, statement, types):
        return None
    return _rewritten(source, handler, types, client, keeps=_has_other_calls(exchange, statement))


def _types(handler: ast.ExceptHandler) -> Sequence[ast.expr]:
    if handler.type is None:
        return ()
    return handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]


def _is_lost(source: Source, node: ast.expr, name: str, client: Client) -> bool:
    """Whether a handler's type may stand for exceptions of the old library that have no new name."""
    if name:
        return name not in client.exceptions and name.partition(".")[0] == client.replaces
    if not isinstance(node, ast.Name):
        return not isinstance(node, ast.Attribute)
    binders = bindings(source.tree).get(node.id, ())
    if binders:
        return not all(isinstance(binder, ast.ClassDef) for binder in binders)
    return node.id in client.builtin or not hasattr(builtins, node.id)


def _is_told_apart(exchange: Exchange, handler: ast.ExceptHandler) -> bool:
    """Whether what a handler does depends on names of the old library."""
    nodes = (node for statement in handler.body for node in ast.walk(statement))
    return any(_is_of(exchange, node) for node in nodes)


def _is_looked_into(handler: ast.ExceptHandler) -> bool:
    """Whether an attribute of the exception is read: its response, or its request."""
    nodes = (node for statement in handler.body for node in ast.walk(statement))
    return handler.name is not None and any(
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == handler.name
        for node in nodes
    )


def _covers(exchange: Exchange, statement: ast.Try, types: Sequence[tuple[ast.expr, str]]) -> bool:
    """Whether what reading the response may raise is still caught."""
    if any(isinstance(node, ast.Name) and node.id in _ANYTHING for node, _ in types):
        return True
    inside = {node for part in statement.body for node in ast.walk(part)}
    read = [use.attr for use in exchange.response.uses if use in inside]
    lost = {name for attribute in read for name in exchange.client.raising.get(attribute, ())}
    return not any(name in lost for _, name in types)


def _rewritten(
    source: Source,
    handler: ast.ExceptHandler,
    types: list[tuple[ast.expr, str]],
    client: Client,
    *,
    keeps: bool,
) -> Caught | None:
    """The types of a handler with the new exceptions instead of the old ones, or behind them."""
    if handler.type is None or "\n" in source.code(handler.type) or "#" in source.code(handler.type):
        return None
    names: dict[str, None] = {}
    imports: list[Import] = []
    for node, name in types:
        if keeps or name not in client.exceptions:
            names[source.code(node)] = None
        for new in client.exceptions.get(name, ()):
            spelling = spell(source, node, new, client.module)
            if spelling is None:
                return None
            names[spelling.text] = None
            imports += spelling.imports
    text = f"({', '.join(names)})" if len(names) > 1 else "".join(names)
    if text == source.code(handler.type):
        return Caught()
    return Caught((Change(source.start(handler.type), source.end(handler.type), text),), tuple(imports))


def _has_other_calls(exchange: Exchange, statement: ast.Try) -> bool:
    """Whether something else in the `try` could raise exceptions of the old library."""
    source = exchange.source
    own = {exchange.call, *exchange.others, *_called(source, exchange.response)}
    calls = (node for part in statement.body for node in ast.walk(part) if isinstance(node, ast.Call))
    return any(node not in own and not _is_harmless(source, node.func) for node in calls)


def _called(source: Source, response: Response) -> Iterator[ast.AST]:
    """The calls of the response's methods."""
    for use in response.uses:
        parent = source.parent(use)
        if isinstance(parent, ast.Call) and parent.func is use:
            yield parent


def _is_harmless(source: Source, callee: ast.expr) -> bool:
    """Whether a callable belongs to the language, to its library, or to an object made by that."""
    name = qualified(source, callee)
    if name:
        return name.partition(".")[0] in sys.stdlib_module_names
    root = callee
    while isinstance(root, ast.Attribute):
        root = root.value
    if isinstance(root, ast.Constant | ast.JoinedStr):
        return True
    if not isinstance(root, ast.Name):
        return False
    value = bound_value(source, root)
    if value is not None:
        return isinstance(value, ast.Constant | ast.List | ast.Dict | ast.JoinedStr) or (
            isinstance(value, ast.Call) and bool(_standard(source, value.func))
        )
    return hasattr(builtins, root.id) and root.id not in bindings(source.tree)


def _standard(source: Source, callee: ast.expr) -> bool:
    return qualified(source, callee).partition(".")[0] in sys.stdlib_module_names


def _is_caught_elsewhere(exchange: Exchange) -> bool:
    """Whether a decorator, a `with`, or a `try` around a call of the function knows the old exceptions."""
    source, function = exchange.source, function_around(exchange.source, exchange.call)
    if function is None:
        return True
    entered = [outer.items for _, outer in _around(exchange) if isinstance(outer, ast.With | ast.AsyncWith)]
    watching = [*function.decorator_list, *(item.context_expr for items in entered for item in items)]
    own = {exchange.call, *exchange.others}
    if any(_is_of(exchange, node) for item in watching if item not in own for node in ast.walk(item)):
        return True
    return any(
        _is_of(exchange, item) and _calls(statement, function.name)
        for statement in ast.walk(source.tree)
        if isinstance(statement, _TRIES)
        for handler in statement.handlers
        for item in _types(handler)
    )


def _is_of(exchange: Exchange, node: ast.AST) -> bool:
    """Whether a name is one of the old library's, or of an exception that its own inherit from."""
    client = exchange.client
    if not isinstance(node, ast.Name | ast.Attribute):
        return False
    is_builtin = isinstance(node, ast.Name) and node.id in client.builtin
    return is_builtin or qualified(exchange.source, node).partition(".")[0] == client.replaces


def _calls(statement: ast.Try, name: str) -> bool:
    callees = (node.func for part in statement.body for node in ast.walk(part) if isinstance(node, ast.Call))
    return any(
        (isinstance(callee, ast.Name) and callee.id == name)
        or (isinstance(callee, ast.Attribute) and callee.attr == name)
        for callee in callees
    )
