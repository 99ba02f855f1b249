"""Which variables of a function a block of its statements binds, and which of them are needed behind it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from asyncblock_lint.fix.names import bindings
from asyncblock_lint.fix.source import Source

_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_PLAIN = (ast.Assign, ast.AnnAssign)
_WITHS = (ast.With, ast.AsyncWith)

_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Function = ast.FunctionDef | ast.AsyncFunctionDef


def variables(node: ast.AST, hidden: frozenset[str] = frozenset()) -> Iterator[ast.Name]:
    """The places where code names variables of the scope it stands in; none that belong to a scope
    within, such as the parameters of a lambda."""
    if isinstance(node, ast.Name):
        yield from () if node.id in hidden else (node,)
    elif isinstance(node, _COMPREHENSIONS):
        first, parts = node.generators[0].iter, _parts(node)
        own = hidden | _targets(node)
        yield from variables(first, hidden)
        for part in parts:
            yield from variables(part, own) if part is not first else ()
    elif isinstance(node, (*_DEFS, ast.Lambda)):
        own = hidden | {name for name, binders in bindings(node).items() if not _is_outer(binders)}
        for name, child in _children(node):
            yield from variables(child, own if name == "body" else hidden)
    else:
        for child in ast.iter_child_nodes(node):
            yield from variables(child, hidden)


def _parts(node: _Comprehension) -> list[ast.AST]:
    results = [part for part in ast.iter_child_nodes(node) if not isinstance(part, ast.comprehension)]
    return [*results, *(part for generator in node.generators for part in ast.iter_child_nodes(generator))]


def _targets(node: _Comprehension) -> frozenset[str]:
    return frozenset(
        found.id
        for generator in node.generators
        for found in ast.walk(generator.target)
        if isinstance(found, ast.Name)
    )


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield name, child


def _is_outer(binders: Iterable[ast.AST]) -> bool:
    return any(isinstance(binder, ast.Global | ast.Nonlocal) for binder in binders)


class Flow:
    """A function and one block of its statements, which has no functions or classes within."""

    def __init__(self, source: Source, function: Function, block: ast.stmt) -> None:
        self._source = source
        self._block = block
        self._inside = list(variables(block))
        within = set(self._inside)
        self._outside = [
            name for statement in function.body for name in variables(statement) if name not in within
        ]
        self._loops = [outer for _, outer in self._up(block, function) if isinstance(outer, _LOOPS)]
        self._function = function
        self._block_up = [outer for _, outer in self._up(block, function)]

    @property
    def bound(self) -> frozenset[str]:
        """The variables that the block binds."""
        return frozenset(name.id for name in self._inside if not isinstance(name.ctx, ast.Load))

    def binds_once(self, name: str) -> bool:
        """Whether only one place in the block binds or reads the variable."""
        return sum(found.id == name for found in self._inside) == 1

    def stands_alone(self) -> bool:
        """Whether the block reads no variable that it binds before it has bound it."""
        return all(
            self._is_bound_before(name, self._inside)
            for name in self._inside
            if self._is_read(name) and name.id in self.bound
        )

    def needed(self) -> list[str] | None:
        """The variables that the block binds and that are read later, in the order of their binding;
        `None` if that cannot be told, or if one of them may be left unbound."""
        reads = [name for name in self._outside if self._is_read(name) and self._reaches(name)]
        if any(self._is_elsewhere(name) for name in reads):
            return None
        wanted = {name.id for name in reads}
        ordered = dict.fromkeys(name.id for name in self._inside if name.id in wanted)
        return list(ordered) if wanted <= self._surely_bound() else None

    def _is_read(self, name: ast.Name) -> bool:
        """Whether the variable must have a value there, be it to be changed or deleted."""
        return not isinstance(name.ctx, ast.Store) or isinstance(self._source.parent(name), ast.AugAssign)

    def _surely_bound(self) -> set[str]:
        sure = [statement for statement in self._top_level() if not isinstance(statement, _LOOPS)]
        stores = [name for name in self._inside if isinstance(name.ctx, ast.Store)]
        return {name.id for name in stores if self._home(name) in sure}

    def _top_level(self) -> list[ast.stmt]:
        block = self._block
        return [block, *block.body] if isinstance(block, _WITHS) else [block]

    def _reaches(self, read: ast.Name) -> bool:
        """Whether the block's value of a variable may be what is read outside of it."""
        if read.id not in self.bound:
            return False
        around = {outer for _, outer in self._up(read, self._function)}
        common = [loop for loop in self._loops if loop in around]
        if self._in_other_function(read):
            return True
        comes_before = self._source.start(read) < self._source.start(self._block)
        if comes_before and not common:
            return False
        return not any(
            self._is_behind(store, common, comes_before) and self._comes_first(store, read)
            for store in self._outside
            if store.id == read.id and isinstance(store.ctx, ast.Store)
        )

    def _is_behind(self, store: ast.Name, common: Sequence[ast.AST], comes_before: bool) -> bool:
        if comes_before:
            around = {outer for _, outer in self._up(store, self._function)}
            return all(loop in around for loop in common)
        return self._source.start(store) > self._source.start(self._block)

    def _is_elsewhere(self, read: ast.Name) -> bool:
        """Whether code reads the variable at a time of its own, or when the block has failed."""
        return self._in_other_function(read) or any(
            isinstance(outer, ast.Try)
            and outer in self._block_up
            and child not in (outer.body + outer.orelse)
            for child, outer in self._up(read, self._function)
        )

    def _in_other_function(self, read: ast.Name) -> bool:
        return any(
            isinstance(outer, (*_DEFS, ast.Lambda, ast.ClassDef, ast.GeneratorExp))
            for _, outer in self._up(read, self._function)
            if outer is not self._function
        )

    def _is_bound_before(self, read: ast.Name, among: list[ast.Name]) -> bool:
        return any(
            self._comes_first(store, read)
            for store in among
            if store.id == read.id and isinstance(store.ctx, ast.Store)
        )

    def _comes_first(self, store: ast.Name, read: ast.Name) -> bool:
        """Whether the way to a read always leads over a binding."""
        home = self._home(store)
        if home is None:
            return False
        for child, outer in self._up(read, self._function):
            if outer is home:
                return self._is_in_scope_of(store, home, child)
            for _, statements in ast.iter_fields(outer):
                if isinstance(statements, list) and child in statements and home in statements:
                    is_sure = not isinstance(home, (ast.For, ast.AsyncFor))
                    return is_sure and statements.index(home) < statements.index(child)
        return False

    def _is_in_scope_of(self, store: ast.Name, home: ast.AST, child: ast.AST) -> bool:
        if isinstance(home, (ast.For, ast.AsyncFor)):
            return child in home.body
        if isinstance(home, _WITHS):
            item = next(item for item in home.items if self._holds(item, store))
            return child in home.body or child in home.items[home.items.index(item) + 1 :]
        return False

    def _holds(self, item: ast.withitem, store: ast.Name) -> bool:
        return item.optional_vars is not None and store in ast.walk(item.optional_vars)

    def _home(self, store: ast.Name) -> ast.AST | None:
        """The statement that is sure to bind the name whenever its body runs or it is over."""
        node: ast.AST = store
        outer = self._source.parent(node)
        while isinstance(outer, ast.Tuple | ast.List | ast.Starred | ast.withitem):
            node, outer = outer, self._source.parent(outer)
        if isinstance(outer, _PLAIN):
            return outer if getattr(outer, "value", None) is not None else None
        if isinstance(outer, (ast.For, ast.AsyncFor, *_WITHS)):
            return outer
        return None

    def _up(self, node: ast.AST, top: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        for child, outer in self._source.around(node):
            yield child, outer
            if outer is top:
                return
