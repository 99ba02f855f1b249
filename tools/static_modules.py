"""The source files of modules, and the names that each binds; nothing is imported or run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = ("body", "handlers", "orelse", "finalbody")


@dataclass(frozen=True, eq=False)
class Module:
    """A source file or stub, or a package's `__init__` file, under its dotted name."""

    name: str
    path: Path

    @cached_property
    def _text(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; an empty one if this Python cannot read the file."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return ast.parse(self._text)
            except (SyntaxError, ValueError):
                return ast.Module([], [])

    def may_have(self, name: str) -> bool:
        """Whether it is worth reading the file for `name`; most files behind an `import *` are not."""
        return name.encode() in self._text or b"import *" in self._text

    @property
    def is_package(self) -> bool:
        """Whether other modules may lie in it."""
        return self.path.stem == "__init__"

    @property
    def package(self) -> str:
        """The name that relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @cached_property
    def bound(self) -> Mapping[str, tuple[ast.stmt, ...]]:
        """The statements that bind each name, the last one first; imports in `__getattr__` come after
        all. What is added to a class afterwards goes by `Class.name`."""
        late = [part for node in self._on_demand for part in ast.walk(node)]
        imports = [part for part in late if isinstance(part, ast.ImportFrom)]
        return index([*imports, *bindings(self.tree.body)])

    @cached_property
    def _on_demand(self) -> list[ast.stmt]:
        body = bindings(self.tree.body)
        return [node for node in body if isinstance(node, Function) and node.name == "__getattr__"]

    @cached_property
    def asked(self) -> Mapping[str, tuple[ast.expr, ...]]:
        """What `__getattr__` returns under `if name == "x"`."""
        found: dict[str, tuple[ast.expr, ...]] = {}
        for node in [part for late in self._on_demand for part in ast.walk(late)]:
            if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
                returned = [part.value for part in node.body if isinstance(part, ast.Return) and part.value]
                for name in filter(None, map(_text, node.test.comparators)):
                    found[name] = (*found.get(name, ()), *returned)
        return found

    @cached_property
    def stars(self) -> tuple[str, ...]:
        """The modules of which every name is imported."""
        nodes = [node for node in bindings(self.tree.body) if isinstance(node, ast.ImportFrom)]
        return tuple(self.absolute(node) for node in nodes if node.names[0].name == "*")

    @cached_property
    def lazy(self) -> Mapping[str, tuple[str, ...]]:
        """Where each name may come from that the module hands out on demand, by a table of strings."""
        found: dict[str, tuple[str, ...]] = {}
        if "__getattr__" in self.bound or _hands_table_on(self.tree):
            for name, source in _table(self.tree):
                found[name] = (*found.get(name, ()), *self._spellings(source))
        return found

    def absolute(self, node: ast.ImportFrom) -> str:
        """The full name of the module that is imported from."""
        parts = self.package.split(".")
        start = parts[: len(parts) - node.level + 1] if node.level else []
        return ".".join([*start, *filter(None, [node.module])])

    def _spellings(self, source: str) -> Iterator[str]:
        path = source.replace(":", ".")
        level = len(path) - len(path.lstrip("."))
        parts = self.package.split(".")
        start = parts[: len(parts) - max(level - 1, 0)]
        if not level:
            yield path
        yield ".".join([*start, path[level:]])


class Folders:
    """Folders that packages were unpacked into; the files of a module may lie in several."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(roots)
        self._modules: dict[str, tuple[Module, ...]] = {}
        self._entries = cache(_entries)

    def modules(self, name: str) -> tuple[Module, ...]:
        """The sources of the module, then its stubs."""
        if name not in self._modules:
            self._modules[name] = tuple(Module(name, path) for path in self._files(name))
        return self._modules[name]

    def _files(self, name: str) -> list[Path]:
        first, *rest = name.split(".")
        plain = [root.joinpath(first, *rest) for root in self._roots]
        stubs = [root.joinpath(f"{first}-stubs", *rest) for root in self._roots]
        places = [(base / "__init__.py", base.parent / f"{base.name}.py") for base in plain]
        sources = [path for pair in places for path in pair]
        beside = [path.with_suffix(".pyi") for path in sources]
        apart = [base / "__init__.pyi" for base in stubs]
        apart += [base.parent / f"{base.name}.pyi" for base in stubs if rest]
        return [path for path in (*sources, *beside, *apart) if path.name in self._entries(path.parent)]


def _entries(folder: Path) -> frozenset[str]:
    """The names of what lies in the folder; many names are asked for that lead nowhere."""
    return frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else frozenset()


def index(statements: Iterable[ast.stmt]) -> dict[str, tuple[ast.stmt, ...]]:
    """The statements that bind each name, the last one first."""
    found: dict[str, tuple[ast.stmt, ...]] = {}
    for node in statements:
        for name in names_bound(node):
            found[name] = (node, *found.get(name, ()))
    return found


def bindings(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when a body does, under whatever condition."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            for part in _BLOCKS:
                for inner in getattr(node, part, ()):
                    yield from bindings(inner.body if isinstance(inner, ast.ExceptHandler) else [inner])


def names_bound(node: ast.stmt) -> list[str]:
    """The names that the statement binds; a star binds none that can be told."""
    if isinstance(node, ast.ClassDef | Function):
        return [node.name]
    if isinstance(node, ast.Import):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names if alias.name != "*"]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    parts = [part for target in targets for part in getattr(target, "elts", [target])]
    named = [part.id for part in parts if isinstance(part, ast.Name)]
    added = [part for part in parts if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name)]
    return [*named, *map(ast.unparse, added)]


def _hands_table_on(tree: ast.Module) -> bool:
    """Whether the module gives a call a table, or puts something else in its own place."""
    for node in bindings(tree.body):
        targets = map(ast.unparse, getattr(node, "targets", ()))
        call = node.value if isinstance(node, ast.Expr) else None
        if "sys.modules[__name__]" in targets or any(
            isinstance(part, ast.Dict) for part in getattr(call, "args", ())
        ):
            return True
    return False


def _table(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """A name, and the dotted path that a table of strings gives for it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                yield from _entry(_text(key), value)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            yield from _entry(_text(node.targets[0].slice), node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner = node.func.value
            if node.func.attr in ("extend", "append") and isinstance(owner, ast.Subscript):
                yield from _entry(_text(owner.slice), node.args[0], node.func.attr == "append")


def _entry(key: str, value: ast.expr, is_module: bool = False) -> Iterator[tuple[str, str]]:
    """Either name and path, name and (module, name), or module and its names."""
    texts = [_text(part) for part in getattr(value, "elts", ())]
    if _text(value):
        yield (_text(value), f"{key}.{_text(value)}") if is_module else (key, _text(value))
    if len(texts) == 2 and all(texts):
        yield key, ".".join(texts)
    elif texts and texts[0]:
        yield key, texts[0]
    yield from ((text, f"{key}.{text}") for text in texts if key and text)


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
