"""How the lines of a call look that another callable makes instead, as the file would have them."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Sequence

from asyncblock_lint.fix.calls import CallParts, argument_texts, call_parts, handed_over
from asyncblock_lint.fix.enclosing import line_end, unit
from asyncblock_lint.fix.rewrite import Change
from asyncblock_lint.fix.site import Site
from asyncblock_lint.fix.source import Source
from asyncblock_lint.fix.strings import lines_in_strings

_USUAL, _MOST = 88, 120
_APART = (
    *(ast.JoinedStr, ast.IfExp, ast.Lambda, ast.Tuple, ast.Dict),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
_ENDING = re.compile(r"[)\]}]*([:,]|(\.\w+(\([^()]*\))?)*)")
_COMMENT = re.compile(r"\s*#[^'\"]*$")


def handed(site: Site, call: ast.Call, opened: str, closed: str) -> str:
    """The callable and its arguments between `opened` and `closed`, which take the call's place.

    A line that gets too long is broken; where the arguments have lines of their own, so has the callable;
    and arguments that stand below each other go on to do so.
    """
    source, parts = site.source, call_parts(site.source, call)
    plain = f"{opened}{handed_over(source, call)}{closed}"
    if not call.args and not call.keywords:
        return plain
    if "\n" not in source.text[parts.opening : parts.closing]:
        pieces = [parts.callee, *argument_texts(source, call)]
        return plain if _fits(site, call, plain) else broken(site, call, opened, pieces, closed)
    inner = source.text[parts.opening + 1 : parts.closing]
    first, _, rest = inner.partition("\n")
    if not first.strip() or first.lstrip().startswith("#"):
        return _in_own_lines(site, call, opened, closed) if rest.strip() else plain
    column = _column(source, parts.opening + 1)
    if any(_begins_line(source, node, column) for node in _arguments(call)):
        return _aligned(site, call, opened, closed)
    return plain


def broken(site: Site, node: ast.expr, opened: str, pieces: Sequence[str], closed: str) -> str:
    """Arguments in a line of their own; each in one of its own, if that line is too long as well."""
    base, margin = _margins(site.source, node)
    line = f"{margin}{', '.join(pieces)}"
    if len(line) > limit(site) and len(pieces) > 1:
        line = "\n".join(f"{margin}{piece}," for piece in pieces)
    return f"{opened}\n{line}\n{base}{closed}"


def fitting(site: Site, node: ast.expr, opened: str, pieces: Sequence[str], closed: str) -> str:
    """What takes an expression's place, in one line if that is not too long."""
    plain = f"{opened}{', '.join(pieces)}{closed}"
    is_long = not any("\n" in piece for piece in pieces) and not _fits(site, node, plain)
    return broken(site, node, opened, pieces, closed) if is_long else plain


def breaks(site: Site, call: ast.Call, grown: int, deeper: str) -> list[Change]:
    """Line ends for the arguments of a call whose line grows by so many characters, if it gets too long.

    `deeper` is the white space by which the call is going to be indented further.
    """
    parts, (base, margin) = call_parts(site.source, call), _margins(site.source, call)
    is_one_line = "\n" not in site.source.text[parts.start : parts.closing]
    text = "x" * (parts.closing + 1 - parts.start + grown)
    if not is_one_line or parts.closing == parts.opening + 1 or _fits(site, call, text):
        return []
    opening, closing = f"\n{deeper}{margin}", f"\n{deeper}{base}"
    return [
        Change(parts.opening + 1, parts.opening + 1, opening),
        Change(parts.closing, parts.closing, closing),
    ]


def limit(site: Site) -> int:
    """How long lines may be: as the project says, or else as they are, within what is usual."""
    longest = max(map(len, site.source.text.split("\n")))
    return site.project.line_length or min(max(longest, _USUAL), _MOST)


def _fits(site: Site, node: ast.expr, text: str) -> bool:
    """Whether the line stays within the limit with the text in the node's place, or is not to be broken
    there: something else of the line would stand apart from it."""
    source = site.source
    inside = itertools.takewhile(lambda step: not isinstance(step[1], ast.stmt), source.around(node))
    if any(isinstance(outer, _APART) or _has_neighbour(child, outer) for child, outer in inside):
        return True
    start, end = source.start(node), source.end(node)
    before = source.text[source.line_start(start) : start]
    behind = _COMMENT.sub("", source.text[end : line_end(source, end)]).rstrip()
    return len(before) + len(text) + len(behind) <= limit(site) or not _ENDING.fullmatch(behind)


def _has_neighbour(child: ast.AST, outer: ast.AST) -> bool:
    """Whether an element or argument shares its line with another."""
    if isinstance(outer, ast.Call):
        items: list[ast.expr | ast.keyword] = [*outer.args, *outer.keywords]
    else:
        items = [*outer.elts] if isinstance(outer, ast.List | ast.Set) else []
    line = getattr(child, "lineno", 0)
    return child in items and any(item is not child and item.lineno == line for item in items)


def _margins(source: Source, node: ast.expr) -> tuple[str, str]:
    """The white space before the line of a node, and before lines that are one step deeper."""
    base = source.indentation(node)
    statement = next(outer for _, outer in source.around(node) if isinstance(outer, ast.stmt))
    return base, base + unit(source, statement)


def _in_own_lines(site: Site, call: ast.Call, opened: str, closed: str) -> str:
    """For arguments that begin in the line behind the parenthesis."""
    source, parts = site.source, call_parts(site.source, call)
    first, _, rest = source.text[parts.opening + 1 : parts.closing].partition("\n")
    blank = rest[: len(rest) - len(rest.lstrip())]
    margin, head = blank.rpartition("\n")[2], f"{opened}{first.rstrip()}\n"
    row, _, end = rest.lstrip().partition("\n")
    is_one_row = not end.strip() and "\n" not in blank and "#" not in row and not row.rstrip().endswith(",")
    line = f"{margin}{parts.callee}, {row.strip()}"
    if is_one_row and len(line) <= limit(site):
        return f"{head}{line}{rest[len(rest.rstrip()) :]}{closed}"
    rows = argument_texts(source, call) if is_one_row and not first.strip() and "\n" in rest else []
    if rows:
        return head + "".join(f"{margin}{piece},\n" for piece in (parts.callee, *rows)) + end + closed
    return f"{head}{margin}{parts.callee},\n{rest}{closed}"


def _aligned(site: Site, call: ast.Call, opened: str, closed: str) -> str:
    """For arguments that stand below the first one, right behind the parenthesis."""
    source, parts = site.source, call_parts(site.source, call)
    old = _column(source, parts.opening + 1)
    new = _column(source, parts.start) + len(opened)
    lines = _moved(source, parts, new - old)
    text = f"{opened}{parts.callee}, {lines[0]}"
    shifted = "\n".join([text, *lines[1:]]) + closed
    if len(text) + _column(source, parts.start) <= limit(site) and max(map(len, lines[1:])) <= limit(site):
        return shifted
    _, margin = _margins(source, call)
    lines = _moved(source, parts, len(margin) - old)
    return "\n".join([opened, f"{margin}{parts.callee},", f"{margin}{lines[0]}", *lines[1:]]) + closed


def _moved(source: Source, parts: CallParts, by: int) -> list[str]:
    """The lines between the parentheses, all but the first moved to the right, or to the left."""
    kept = set(lines_in_strings(source.text[parts.opening : parts.closing + 1]))
    lines = source.text[parts.opening + 1 : parts.closing].split("\n")
    return [
        line if number == 0 or number in kept else _shifted(line, by) for number, line in enumerate(lines)
    ]


def _shifted(line: str, by: int) -> str:
    if not line.strip():
        return line
    free = len(line) - len(line.lstrip(" "))
    return " " * by + line if by > 0 else line[min(free, -by) :]


def _begins_line(source: Source, node: ast.expr | ast.keyword, column: int) -> bool:
    start = source.start(node)
    return not source.text[source.line_start(start) : start].strip() and _column(source, start) == column


def _arguments(call: ast.Call) -> list[ast.expr | ast.keyword]:
    return [*call.args, *call.keywords]


def _column(source: Source, offset: int) -> int:
    return offset - source.line_start(offset)
