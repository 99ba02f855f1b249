"""Where `await` may stand, and how to write it there."""

from __future__ import annotations

import ast

from asyncblock_lint.fix.source import Source

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def may_await(source: Source, node: ast.AST) -> bool:
    """Whether `await` may be put before an expression without changing what runs when.

    Not in a lambda, a generator expression or a class body, nor in a decorator, default or
    annotation; nor in a comprehension within a comprehension, which needs Python 3.11; nor in what an
    f-string quotes.
    """
    in_comprehension = False
    if is_quoted(source, node):
        return False
    for child, outer in source.around(node):
        if isinstance(outer, _FUNCTIONS):
            return isinstance(outer, ast.AsyncFunctionDef) and child in outer.body
        if isinstance(outer, ast.Lambda):
            return False
        if isinstance(outer, ast.ClassDef) and child in outer.body:
            return False
        if isinstance(outer, _COMPREHENSIONS) and not _runs_before(child, outer):
            if isinstance(outer, ast.GeneratorExp) or in_comprehension:
                return False
            in_comprehension = True
    return False


def is_quoted(source: Source, node: ast.AST) -> bool:
    """Whether the code of an expression is part of a text: of that which `f"{node=}"` makes."""
    return any(
        isinstance(outer, ast.FormattedValue) and child is outer.value and _is_told(source, outer)
        for child, outer in source.around(node)
    )


def _is_told(source: Source, part: ast.FormattedValue) -> bool:
    string = source.parent(part)
    values = string.values if isinstance(string, ast.JoinedStr) else []
    before = values[values.index(part) - 1] if part in values[1:] else None
    text = str(before.value).rstrip() if isinstance(before, ast.Constant) else ""
    if not text.endswith("="):
        return False
    code = ast.dump(part.value)
    return any(_dumped(text[start:-1]) == code for start in range(len(text) - 1))


def _dumped(code: str) -> str:
    try:
        return ast.dump(ast.parse(f"({code})", mode="eval").body)
    except (SyntaxError, ValueError):
        return ""


def _runs_before(child: ast.AST, outer: ast.AST) -> bool:
    """Whether a part of a comprehension is evaluated outside of it: what it goes through first."""
    return False if not isinstance(outer, _COMPREHENSIONS) else child is outer.generators[0].iter


def function_around(source: Source, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The innermost `def` whose body the node stands in."""
    for child, outer in source.around(node):
        if isinstance(outer, _FUNCTIONS) and child in outer.body:
            return outer
    return None


def awaiting(source: Source, node: ast.expr) -> tuple[str, str]:
    """What to write before and behind an expression so that it is awaited, whatever is around it."""
    parent = source.parent(node)
    binds_closer = (
        isinstance(parent, ast.Await)
        or (isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is node)
        or (isinstance(parent, ast.Call) and parent.func is node)
    )
    if binds_closer and not is_in_parentheses(source, node):
        return "(await ", ")"
    return "await ", ""


def is_in_parentheses(source: Source, node: ast.expr) -> bool:
    """Whether parentheses of its own stand right around an expression that is no argument."""
    before = source.text[: source.start(node)].rstrip()
    behind = source.text[source.end(node) :].lstrip()
    return before.endswith("(") and behind.startswith(")")
