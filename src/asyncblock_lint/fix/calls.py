"""The parts of a call as written, and how it looks when another callable makes it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from asyncblock_lint.fix.source import Source


@dataclass(frozen=True, slots=True)
class CallParts:
    """Offsets: of the call, of its opening parenthesis, and of the closing one. `callee` is the
    callable as written, with its own parentheses."""

    start: int
    opening: int
    closing: int
    callee: str


def call_parts(source: Source, call: ast.Call) -> CallParts:
    """Where the parts of a call are."""
    start, closing = source.start(call), source.end(call) - 1
    opening = _opening(source.text, source.end(call.func))
    return CallParts(start, opening, closing, source.text[start:opening].rstrip())


def _opening(text: str, offset: int) -> int:
    """The next opening parenthesis: only comments and closing ones can come before it."""
    while text[offset] != "(":
        offset = text.index("\n", offset) if text[offset] == "#" else offset + 1
    return offset


def has_bare_generator(source: Source, call: ast.Call) -> bool:
    """Whether the only argument is a generator expression that has no parentheses of its own."""
    if len(call.args) != 1 or call.keywords or not isinstance(call.args[0], ast.GeneratorExp):
        return False
    return source.end(call.args[0]) == source.end(call)


def handed_over(source: Source, call: ast.Call, *, is_last: bool = True) -> str:
    """The callable and its arguments as the arguments of another call, comments and all.

    A comma at the end goes unless they are the last arguments there.
    """
    parts = call_parts(source, call)
    inner = source.text[parts.opening + 1 : parts.closing]
    if not call.args and not call.keywords:
        return parts.callee + inner
    if has_bare_generator(source, call):
        inner = f"({inner})"
    elif not is_last:
        inner = _without_comma(source, call, parts)
    return f"{parts.callee},{'' if inner[:1].isspace() else ' '}{inner}"


def argument_texts(source: Source, call: ast.Call) -> list[str]:
    """The arguments as written, each with parentheses and comments of its own."""
    parts, nodes = call_parts(source, call), sorted(_arguments(call), key=source.start)
    if has_bare_generator(source, call):
        return [f"({source.text[parts.opening + 1 : parts.closing]})"]
    commas = [_comma(source, node, parts.closing) for node in nodes]
    starts = [parts.opening, *commas]
    return [source.text[start + 1 : end].strip() for start, end in zip(starts, commas, strict=False)]


def _comma(source: Source, node: ast.expr, closing: int) -> int:
    """The comma behind an argument and its own parentheses, or the closing parenthesis of the call."""
    text, offset = source.text, source.end(node)
    while offset < closing and text[offset] != ",":
        offset = text.index("\n", offset) if text[offset] == "#" else offset + 1
    return offset


def _without_comma(source: Source, call: ast.Call, parts: CallParts) -> str:
    text, offset = source.text, _comma(source, max(_arguments(call), key=source.end), parts.closing)
    return text[parts.opening + 1 : offset] + text[offset + 1 : parts.closing]


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]
