"""Where to put an import that a file needs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence

from asyncblock_lint.fix.rewrite import Change, Import
from asyncblock_lint.fix.source import Source

_Statement = ast.Import | ast.ImportFrom


def import_changes(source: Source, imports: Sequence[Import]) -> tuple[Change, ...]:
    """The lines to put in, each at its place among the imports at the top of the file."""
    return tuple(_change(source, wanted) for wanted in dict.fromkeys(imports))


def _change(source: Source, wanted: Import) -> Change:
    sections = _sections(source)
    for statement in (item for section in sections for item in section):
        if isinstance(statement, ast.ImportFrom) and (added := _added(source, statement, wanted)):
            return added
    group = _group(wanted.module)
    akin = [section for section in sections if any(_group(_module(item)) == group for item in section)]
    same = [
        section for section in akin if any(_top(_module(item)) == _top(wanted.module) for item in section)
    ]
    if akin:
        return _among(source, (same or akin)[0], wanted)
    before = [section for section in sections if _group(_module(section[-1])) < group]
    if before:
        end = _line_end(source, before[-1][-1])
        return Change(end, end, f"\n{wanted}\n")
    if sections:
        start = source.line_start(source.start(sections[0][0]))
        return Change(start, start, f"{wanted}\n\n")
    return _alone(source, wanted)


def _added(source: Source, statement: ast.ImportFrom, wanted: Import) -> Change | None:
    """The name among those that a statement imports from the module already, in their order if they have
    one; `None` where that is another module, or is not all in one line."""
    is_plain = (
        wanted.name and not wanted.alias and not statement.level and statement.lineno == statement.end_lineno
    )
    names = [alias.name for alias in statement.names]
    if not is_plain or statement.module != wanted.module or "*" in names or "(" in source.code(statement):
        return None
    if names == sorted(names, key=str.lower):
        for alias in statement.names:
            if alias.name.lower() > wanted.name.lower():
                return Change(source.start(alias), source.start(alias), f"{wanted.name}, ")
    end = source.end(statement)
    return Change(end, end, f", {wanted.name}")


def _among(source: Source, section: list[_Statement], wanted: Import) -> Change:
    """In the order of the alphabet, plain imports first, if the section keeps it; else behind those of the
    same package, or of the same kind."""
    keys = [_key(_module(item), isinstance(item, ast.ImportFrom)) for item in section]
    key = _key(wanted.module, bool(wanted.name))
    if keys == sorted(keys):
        before = [item for item, other in zip(section, keys, strict=True) if other < key]
    else:
        akin = [item for item in section if _group(_module(item)) == _group(wanted.module)]
        form = ast.ImportFrom if wanted.name else ast.Import
        alike = [item for item in akin if isinstance(item, form)]
        same = [item for item in akin if _top(_module(item)) == _top(wanted.module)]
        before = [item for item in same if _module(item) < wanted.module] or same or alike
        if not before and not wanted.name:
            start = source.line_start(source.start(akin[0]))
            return Change(start, start, f"{wanted}\n")
        before = before or akin
    if before:
        end = _line_end(source, before[-1])
        return Change(end, end, f"{wanted}\n")
    start = source.line_start(source.start(section[0]))
    return Change(start, start, f"{wanted}\n")


def _alone(source: Source, wanted: Import) -> Change:
    """In a file without imports: behind its docstring and what it imports from `__future__`."""
    head = _head(source.tree)
    if head is not None:
        end = _line_end(source, head)
        return Change(end, end, f"\n{wanted}\n")
    start = _first_line(source)
    return Change(start, start, f"{wanted}\n\n")


def _head(tree: ast.Module) -> ast.stmt | None:
    head = None
    for index, statement in enumerate(tree.body):
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if (index == 0 and is_text) or _is_future(statement):
            head = statement
    return head


def _first_line(source: Source) -> int:
    """Behind the comments that the file begins with."""
    offset = 0
    while source.text.startswith("#", offset):
        offset = source.text.find("\n", offset) + 1 or len(source.text)
    return offset


def _sections(source: Source) -> list[list[_Statement]]:
    """The imports at the top level, as they stand together: without other statements or blank lines."""
    sections: list[list[_Statement]] = []
    line = -1
    for statement in source.tree.body:
        if not isinstance(statement, _Statement) or _is_future(statement):
            if not isinstance(statement, _Statement) and sections:
                break
            continue
        if statement.lineno > line + 1:
            sections.append([])
        sections[-1].append(statement)
        line = statement.end_lineno or statement.lineno
    return sections


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _module(statement: _Statement) -> str:
    if isinstance(statement, ast.ImportFrom):
        return "." * statement.level + (statement.module or "")
    return statement.names[0].name


def _group(module: str) -> int:
    """The standard library comes first, what is installed next, and the package's own last."""
    if module.startswith("."):
        return 2
    return 0 if module.partition(".")[0] in sys.stdlib_module_names else 1


def _top(module: str) -> str:
    return module.partition(".")[0]


def _key(module: str, is_from: bool) -> tuple[bool, str]:
    return is_from, module.lower()


def _line_end(source: Source, statement: ast.stmt) -> int:
    """Behind the line that the statement ends in, comments and further statements included."""
    end = source.text.find("\n", source.end(statement))
    return len(source.text) if end < 0 else end + 1
