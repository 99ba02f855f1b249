"""Finds what a dotted name stands for by reading source files; nothing is imported or run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Module:
    """A source file, or a package's `__init__` file, under its dotted name."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def package(self) -> str:
        """The name that relative imports start from."""
        return self.name if self.path.stem == "__init__" else self.name.rpartition(".")[0]


@dataclass(frozen=True)
class Found:
    """What a name stands for: a node of a module, or the whole module, where `node` is `None`."""

    module: Module
    node: ast.AST | None = None


class Names:
    """Looks names up in folders that packages were unpacked into."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(roots)
        self.module = cache(self._module)
        self.find = cache(self._find)

    def _module(self, name: str) -> Module | None:
        for root in self._roots:
            base = root.joinpath(*name.split("."))
            for path in (base / "__init__.py", base.with_suffix(".py"), base.with_suffix(".pyi")):
                if path.is_file():
                    return Module(name, path, ast.parse(path.read_bytes()))
        return None

    def _find(self, name: str) -> Found | None:
        owner, _, last = name.rpartition(".")
        found = self.find(owner) if owner else None
        if found is None:
            module = self.module(name)
            return Found(module) if module else None
        if found.node is None:
            return self._in_module(found.module, last, frozenset())
        if isinstance(found.node, ast.ClassDef):
            return self._in_class(found, last, frozenset())
        if isinstance(found.node, _FUNCTIONS):
            return found if _gives(found.node, last) else None
        return None

    def _in_module(self, module: Module, name: str, seen: frozenset[tuple[str, str]]) -> Found | None:
        submodule = self.module(f"{module.name}.{name}")
        if (module.name, name) in seen:
            return Found(submodule) if submodule else None
        seen |= {(module.name, name)}
        stars = []
        for node in reversed(list(_bindings(module.tree.body))):
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                stars.append(node)
            elif name in _bound(node):
                return self._follow(module, node, name, seen)
        for star in stars:
            source = self.module(_absolute(module, star))
            found = self._in_module(source, name, seen) if source else None
            if found:
                return found
        return Found(submodule) if submodule else self._lazy(module, name)

    def _follow(
        self, module: Module, node: ast.stmt, name: str, seen: frozenset[tuple[str, str]]
    ) -> Found | None:
        """What a binding leads to: through imports and plain renaming to a definition."""
        if isinstance(node, ast.ImportFrom):
            original = next(alias.name for alias in node.names if name == (alias.asname or alias.name))
            source = self.module(_absolute(module, node))
            if source is None:
                return Found(module, node)
            return self._in_module(source, original, seen)
        if isinstance(node, ast.Import):
            imported = self.module(name)
            return Found(imported) if imported else Found(module, node)
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Name) and value.id != name:
            return self._in_module(module, value.id, seen) or Found(module, node)
        return Found(module, node)

    def _lazy(self, module: Module, name: str) -> Found | None:
        """Names that a module hands out on demand, by a table of strings."""
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if _text(key) == name and _text(value):
                        return self.find(str(_text(value)))
        return None

    def _in_class(self, owner: Found, name: str, seen: frozenset[int]) -> Found | None:
        assert isinstance(owner.node, ast.ClassDef)
        if id(owner.node) in seen:
            return None
        for node in reversed(list(_bindings(owner.node.body))):
            if name in _bound(node):
                return Found(owner.module, node)
        for attribute in _instance_attributes(owner.node):
            if attribute.attr == name:
                return Found(owner.module, attribute)
        for base in owner.node.bases:
            found = self._base(owner.module, base)
            if found and isinstance(found.node, ast.ClassDef):
                inherited = self._in_class(found, name, seen | {id(owner.node)})
                if inherited:
                    return inherited
        if name == "__next__":
            return self._in_class(owner, "__iter__", seen)
        return None

    def _base(self, module: Module, base: ast.expr) -> Found | None:
        if isinstance(base, ast.Subscript):
            base = base.value
        first, _, rest = ast.unparse(base).partition(".")
        found = self._in_module(module, first, frozenset())
        for part in filter(None, rest.split(".")):
            found = self._in_module(found.module, part, frozenset()) if found and not found.node else None
        return found

    def parameters(self, name: str) -> ast.arguments | None:
        """The parameters of a function, or of a class's `__init__`; `None` where there are none to see."""
        found = self.find(name)
        if found and isinstance(found.node, ast.ClassDef):
            found = self._in_class(found, "__init__", frozenset())
        return found.node.args if found and isinstance(found.node, _FUNCTIONS) else None


def _bindings(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when a body does, under whatever condition."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            for part in ("body", "handlers", "orelse", "finalbody"):
                for inner in getattr(node, part, ()):
                    yield from _bindings(inner.body if isinstance(inner, ast.ExceptHandler) else [inner])


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _instance_attributes(node: ast.ClassDef) -> Iterator[ast.Attribute]:
    """Where a class's methods set an attribute of `self`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and _is_self(part.value):
            yield part


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _gives(function: ast.FunctionDef | ast.AsyncFunctionDef, step: str) -> bool:
    """Whether what the function returns can be entered, or iterated."""
    if step == "__enter__":
        return any("contextmanager" in ast.unparse(decorator) for decorator in function.decorator_list)
    returns = ast.unparse(function.returns) if function.returns else ""
    return step == "__next__" and ("Iterator" in returns or "Generator" in returns)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    parts = module.package.split(".")
    start = parts[: len(parts) - node.level + 1] if node.level else []
    return ".".join([*start, *filter(None, [node.module])])


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
