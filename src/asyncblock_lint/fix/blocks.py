"""Writes a block of statements as a function of its own, and what takes the block's place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from asyncblock_lint.fix.enclosing import line_end
from asyncblock_lint.fix.files import is_opening, writes
from asyncblock_lint.fix.managers import lets_pass
from asyncblock_lint.fix.names import bindings
from asyncblock_lint.fix.site import Site
from asyncblock_lint.fix.source import Source
from asyncblock_lint.fix.strings import lines_in_strings
from asyncblock_lint.fix.variables import Flow, Function


@dataclass(frozen=True, slots=True)
class Moved:
    """`text` takes the place of the block's lines, up to the offset `end`; `call` is the expression in it
    that runs the new function. `results` are the expressions whose values leave the block."""

    text: str
    end: int
    call: str
    results: tuple[ast.expr, ...]


@dataclass(frozen=True, slots=True)
class _Ending:
    """How the new function ends, and what its caller does with that.

    `cut` is the stretch of text at the head of the last statement that `return` replaces; `last` is a
    line of its own that the function ends with; `before` stands before the call.
    """

    before: str
    results: tuple[ast.expr, ...]
    cut: tuple[int, int] | None = None
    last: str = ""


def moved(site: Site, block: ast.With, function: Function, flow: Flow, runner: str) -> Moved | None:
    """The function, and its call by `runner`; `None` where results cannot be handed back."""
    ending = _ending(site, block, function, flow)
    if ending is None:
        return None
    source, base = site.source, site.source.indentation(block)
    step, name = _step(source, block, base), _name(site, block, function)
    call = f"await {runner}({name})"
    gap = [""] if _needs_gap(source, block) else []
    lines = [*gap, f"{base}def {name}():", *_indented(source, block, ending.cut, base + step, step)]
    if ending.last:
        lines.append(f"{base}{step}{ending.last}")
    lines += ["", f"{base}{ending.before}{call}"]
    return Moved("\n".join(lines), _end(source, block), call, ending.results)


def _end(source: Source, block: ast.With) -> int:
    """Behind the block, and behind the comment that its last line ends with."""
    end = source.end(block)
    last = line_end(source, end)
    return last if source.text[end:last].lstrip().startswith("#") else end


def _ending(site: Site, block: ast.With, function: Function, flow: Flow) -> _Ending | None:
    needed = flow.needed()
    returns = [node for node in ast.walk(block) if isinstance(node, ast.Return)]
    is_sure = all(lets_pass(site, item.context_expr) for item in block.items)
    if needed is None or (needed and not is_sure):
        return None
    if not returns:
        return _handing_back(site, block, needed, flow)
    # A context manager that suppresses exceptions would go on behind the block.
    if needed or block.body[-1] not in returns or not (is_sure or function.body[-1] is block):
        return None
    values = tuple(node.value for node in returns if node.value is not None)
    return None if _is_generator(function) else _Ending("return ", values)


def _handing_back(site: Site, block: ast.With, needed: list[str], flow: Flow) -> _Ending:
    last = block.body[-1]
    target = _target(last)
    if isinstance(last, ast.Assign) and target is not None and _is_result(target, needed, flow):
        begin = site.source.start(target)
        end = site.source.text.index("=", site.source.end(target)) + 1
        return _Ending(f"{site.source.code(target)} = ", (last.value,), (begin, end))
    if not needed:
        return _Ending("", ())
    names = ", ".join(needed)
    return _Ending(f"{names} = ", _values(block, needed), last=f"return {names}")


def _target(statement: ast.stmt) -> ast.expr | None:
    """The one target of an assignment, as far as naming it needs nothing of the block."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = base = statement.targets[0]
    while isinstance(base, ast.Attribute):
        base = base.value
    return target if isinstance(base, ast.Name) else None


def _is_result(target: ast.expr, needed: list[str], flow: Flow) -> bool:
    if isinstance(target, ast.Name):
        return needed == [target.id] and flow.binds_once(target.id)
    root = target
    while isinstance(root, ast.Attribute):
        root = root.value
    return not needed and isinstance(root, ast.Name) and root.id not in flow.bound


def _values(block: ast.With, names: list[str]) -> tuple[ast.expr, ...]:
    found: list[ast.expr] = [
        node.value
        for node in ast.walk(block)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id in names for target in node.targets)
    ]
    entered = [
        item.context_expr
        for item in block.items
        if isinstance(item.optional_vars, ast.Name) and item.optional_vars.id in names
    ]
    return (*found, *entered)


def _is_generator(function: Function) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))


def _name(site: Site, block: ast.With, function: Function) -> str:
    """A name that means nothing here, told from those of the blocks before."""
    usual = _usual_name(block)
    earlier = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.With) and (node.end_lineno or 0) < block.lineno and _usual_name(node) == usual
    ]
    taken = {*_identifiers(function), *bindings(site.source.tree)}
    number = len(earlier) + 1
    while (name := usual if number == 1 else f"{usual}_{number}") in taken:
        number += 1
    return name


def _usual_name(block: ast.With) -> str:
    for item in block.items:
        if isinstance(item.context_expr, ast.Call) and is_opening(item.context_expr):
            return "write_file" if writes(item.context_expr) else "read_file"
    return "run_block"


def _identifiers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def _needs_gap(source: Source, block: ast.stmt) -> bool:
    """Whether a blank line belongs before a function that stands in the block's place."""
    before = source.text[: source.line_start(source.start(block))].removesuffix("\n")
    above = before.rpartition("\n")[2].strip()
    return bool(above) and not above.endswith(":") and not above.startswith("#")


def _step(source: Source, block: ast.With, base: str) -> str:
    """What the file indents by."""
    first = block.body[0]
    inner = source.indentation(first)
    if first.lineno > block.lineno and inner.startswith(base) and inner != base:
        return inner.removeprefix(base)
    return "\t" if base.startswith("\t") else "    "


def _indented(
    source: Source, block: ast.With, cut: tuple[int, int] | None, first: str, step: str
) -> Iterator[str]:
    """The lines of the block, one step deeper; what stands in strings stays as it is."""
    start, end = source.start(block), _end(source, block)
    in_strings = set(lines_in_strings(source.text[source.line_start(start) : end]))
    text = source.text[start:end]
    if cut is not None:
        text = f"{source.text[start : cut[0]]}return{source.text[cut[1] : end]}"
    for number, line in enumerate(text.split("\n")):
        if not number:
            yield first + line
        else:
            yield line if number in in_strings or not line.strip() else step + line
