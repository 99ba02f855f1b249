"""Questions about pieces of a syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from asyncblock_lint.model.facts import Guard


def target_names(target: ast.expr) -> Iterator[str]:
    """The plain names that a target binds."""
    for part in ast.walk(target):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id


def bound_names(body: Iterable[ast.stmt]) -> list[str]:
    """The names that statements rebind, in order; what nested functions bind does not count here."""
    names: dict[str, None] = {}
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                names[name] = None
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names[name] = None
                continue
            case ast.alias(name=name, asname=asname):
                names[asname or name.partition(".")[0]] = None
            case ast.Lambda() | ast.GeneratorExp() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                continue
        pending.extend(ast.iter_child_nodes(node))
    return sorted(names)


def constant_truth(test: ast.expr) -> bool | None:
    return bool(test.value) if isinstance(test, ast.Constant) else None


def guard(test: ast.expr) -> Guard:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return Guard.TYPE_CHECKING
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]):
            return Guard.MAIN
    return Guard.NONE


def assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def plain_strings(node: ast.expr) -> tuple[str, ...] | None:
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    values = [item.value for item in node.elts if isinstance(item, ast.Constant)]
    strings = tuple(value for value in values if isinstance(value, str))
    return strings if len(strings) == len(node.elts) else None


def matches_everything(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def is_stub(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the body only stands in for one: a docstring, `...`, `pass`, `NotImplementedError`."""
    return all(_does_nothing(statement) for statement in node.body)


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id=name)) | ast.Raise(exc=ast.Call(func=ast.Name(id=name))):
            return name == "NotImplementedError"
    return False


def does_nothing(statement: ast.stmt) -> bool:
    """Whether running the statement changes and calls nothing."""
    match statement:
        case ast.Pass() | ast.Continue() | ast.Expr(value=ast.Constant()):
            return True
    return False


def header_end(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The last line before the function's body; the line of the `def` where they share it."""
    return max(node.lineno, node.body[0].lineno - 1)
