"""The arguments of a request, as another client takes them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from asyncblock_lint.fix.rewrite import Change
from asyncblock_lint.fix.source import Source
from asyncblock_lint.fix.values import is_form, is_one, is_text, is_without_query
from asyncblock_lint.model.catalogue import Client


@dataclass(frozen=True, slots=True)
class Arguments:
    """What has to change between the parentheses, the arguments that go to the client instead, and
    whether redirects are certainly followed."""

    changes: tuple[Change, ...]
    settings: tuple[str, ...]
    follows: bool


@dataclass(frozen=True, slots=True)
class _Argument:
    """An argument by its name: `keyword` is the node if it is written with that."""

    name: str
    value: ast.expr
    keyword: ast.keyword | None


def converted(source: Source, call: ast.Call, client: Client, method: str) -> Arguments | None:
    """The arguments in terms of the client; `None` if one is not known, or would mean something else."""
    given = _named(call, client.methods[method])
    if given is None or any(method not in client.only.get(item.name, (method,)) for item in given):
        return None
    if any(not _is_kept(source, client, argument, given) for argument in given):
        return None
    changes = [change for argument in given for change in _changes(source, client, argument)]
    if any(change is None for change in changes):
        return None
    moved = [item for item in given if item.name in client.settings]
    told = [_new_name(source, client, item) for item in given]
    settings = [f"{client.keywords[item.name]}={_value(source, client, item)}" for item in moved]
    settings += [f"{name}={code}" for name, code in client.unset.items() if name not in told]
    for name, value in client.defaults.items():
        if name not in told and not (name == client.redirects and method in client.unredirected):
            settings.append(f"{name}={value}")
    return Arguments(
        tuple(change for change in changes if change is not None),
        tuple(sorted(settings)),
        _follows(client, method, given),
    )


def _named(call: ast.Call, parameters: tuple[str, ...]) -> list[_Argument] | None:
    """The arguments by name; `None` if some are not written out."""
    if len(call.args) > len(parameters) or any(isinstance(item, ast.Starred) for item in call.args):
        return None
    found = [_Argument(name, value, None) for name, value in zip(parameters, call.args, strict=False)]
    for keyword in call.keywords:
        if keyword.arg is None:
            return None
        found.append(_Argument(keyword.arg, keyword.value, keyword))
    return found


def _is_kept(source: Source, client: Client, argument: _Argument, given: list[_Argument]) -> bool:
    """Whether the client makes of an argument what was made of it before."""
    name, value = argument.name, argument.value
    if name not in client.keywords:
        return False
    if name in client.switches and not (isinstance(value, ast.Constant) and isinstance(value.value, bool)):
        return False
    if name in client.values and not is_one(source, value):
        return False
    if name in client.pairs:
        return isinstance(value, ast.Tuple) and len(value.elts) == 2
    if name not in client.forms:
        return True
    if name in client.bodies:
        return is_form(source, value) or is_text(value)
    # A query of its own would be lost beside parameters.
    addresses = [item.value for item in given if item.name in client.positional]
    return is_form(source, value) and bool(addresses) and is_without_query(source, addresses[-1])


def _value(source: Source, client: Client, argument: _Argument) -> str:
    return client.values.get(argument.name, "{}").replace("{}", source.code(argument.value))


def _new_name(source: Source, client: Client, argument: _Argument) -> str:
    if argument.name in client.bodies and not is_form(source, argument.value):
        return client.bodies[argument.name]
    return client.keywords[argument.name]


def _changes(source: Source, client: Client, argument: _Argument) -> Iterator[Change | None]:
    """What to change of one argument; `None` if that cannot be written."""
    new, keyword = _new_name(source, client, argument), argument.keyword
    if argument.name in client.settings:
        yield _removal(source, argument)
    elif keyword is not None and new != argument.name:
        start = source.start(keyword)
        yield Change(start, start + len(argument.name), new)
    elif keyword is None and argument.name not in client.positional:
        start = source.start(argument.value)
        yield Change(start, start, f"{new}=") if source.text[:start].rstrip().endswith(",") else None


def _removal(source: Source, argument: _Argument) -> Change | None:
    """Takes an argument out with the comma before it, if nothing else stands between."""
    keyword, text = argument.keyword, source.text
    if keyword is None:
        return None
    start, end = source.start(keyword), source.end(argument.value)
    before, behind = text[:start].rstrip(), text[end:].lstrip()
    is_bare = text[start:end] == f"{argument.name}={source.code(argument.value)}"
    if not before.endswith(",") or behind[:1] not in (",", ")") or not is_bare:
        return None
    return Change(len(before) - 1, end, "")


def _follows(client: Client, method: str, given: list[_Argument]) -> bool:
    for argument in given:
        if client.redirects and client.keywords[argument.name] == client.redirects:
            return isinstance(argument.value, ast.Constant) and argument.value.value is True
    return method not in client.unredirected
