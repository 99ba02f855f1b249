"""One pass over a file's syntax tree, statement by statement, with the scopes on a stack."""

from __future__ import annotations

import ast
import sys
from typing import Any

from asyncblock_lint.extract.annotations import annotation
from asyncblock_lint.extract.directives import directives
from asyncblock_lint.extract.flow import FlowReader
from asyncblock_lint.extract.positions import Positions
from asyncblock_lint.extract.regions import OpenRegion, start
from asyncblock_lint.extract.scope import Scope
from asyncblock_lint.extract.syntax import assigns, header_end, is_stub, plain_strings
from asyncblock_lint.model.facts import (
    Argument,
    Class,
    ClassFacts,
    Const,
    Expr,
    Func,
    Imported,
    ModuleFacts,
    Operation,
    Span,
    StarImport,
)

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def module_facts(source: str) -> ModuleFacts:
    """The facts of a whole file.

    Raises `SyntaxError`, `ValueError` (null bytes) or `RecursionError` as `ast.parse` does, the
    last also where the tree is nested deeper than Python's stack.
    """
    return _ModuleReader(source).module(ast.parse(source, type_comments=False))


class _ModuleReader(FlowReader):
    """Reads simple statements and definitions."""

    def __init__(self, source: str) -> None:
        super().__init__(Positions(source))
        self._source = source
        self._classes: list[ClassFacts] = []
        self._exports: tuple[str, ...] | None = None
        self._imports: dict[str, None] = {}
        self.visitors |= {
            ast.Expr: self._expression,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.Return: self._return,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Raise: self._raise,
            ast.Assert: self._assert,
            ast.Delete: self._delete,
            ast.Global: self._global,
            ast.Nonlocal: self._nonlocal,
        }
        if sys.version_info >= (3, 12):
            self.visitors[ast.TypeAlias] = self._type_alias

    def module(self, tree: ast.Module) -> ModuleFacts:
        lines = max((statement.end_lineno or 1 for statement in tree.body), default=1)
        self.scope = Scope("<module>", "module", None, Span(1, 0, lines, 0), 0)
        self.block(tree.body)
        self.functions.append(self.scope.freeze())
        return ModuleFacts(
            functions=tuple(self.functions),
            classes=tuple(self._classes),
            directives=directives(self._source),
            exports=self._exports,
            imports=tuple(self._imports),
        )

    # Simple statements

    def _expression(self, node: ast.Expr) -> None:
        self.read(node.value)

    def _assign(self, node: ast.Assign) -> None:
        value = self.read(node.value)
        for target in node.targets:
            self.bind_target(target, value)
        if self.scope.kind == "module" and assigns(node, "__all__"):
            self._exports = plain_strings(node.value)

    def _type_alias(self, node: Any) -> None:
        """`type X = …`: nobody runs the right side before it is asked for, as with annotations."""
        self.scope.bind(node.name.id, annotation(node.value))

    def _annotated(self, node: ast.AnnAssign) -> None:
        value = None if node.value is None else self.read(node.value)
        hint = annotation(node.annotation)
        match node.target:
            case ast.Name(id=name) if value is not None or self.scope.kind in ("module", "class"):
                self.scope.bind(name, value, hint)
            case ast.Name(id=name):
                # `x: T` gives a local no value, but its type holds for what follows.
                self.scope.bind(name, None, hint)
            case ast.Attribute() | ast.Subscript() as target:
                self.store(target, value, hint)

    def _augmented(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            operation = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
            value = self.read(ast.copy_location(operation, node))
            self.update_in_place(value.base if isinstance(value, Operation) else value, node)
            self.scope.bind(node.target.id, value)
        else:
            self.update(node.target, node)
            self.read(node.value)

    def _return(self, node: ast.Return) -> None:
        self.scope.returns.append(Const(None) if node.value is None else self.read(node.value))
        self.scope.work.leave(all_loops=True)
        self.scope.state = None

    def _raise(self, node: ast.Raise) -> None:
        self.scope.raises = True
        self.scope.work.fail()
        for part in (node.exc, node.cause):
            if part is not None:
                self.read(part)
        self.scope.state = None

    def _assert(self, node: ast.Assert) -> None:
        self.scope.raises = True
        self.scope.work.fail()
        test = self.read_condition(node.test)
        self.narrow(node.test, holds=True)
        if node.msg is not None:
            self.read(node.msg)
        self.rests.append(OpenRegion(start(self.scope), test, is_checked=True))

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._delete_target(target)

    def _delete_target(self, target: ast.expr) -> None:
        match target:
            case ast.Name(id=name) if self.scope.state is not None:
                self.scope.state.pop(name, None)
            case ast.Subscript():
                self.read(target)
            case ast.Attribute(value=base):
                self.read(base)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                for item in items:
                    self._delete_target(item)

    def _global(self, node: ast.Global) -> None:
        self.scope.global_names.update(node.names)

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        self.scope.nonlocal_names.update(node.names)

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._note_import(alias.name)
            if alias.asname is not None:
                self.scope.bind(alias.asname, Imported(alias.name, "", 0))
            else:
                top = alias.name.partition(".")[0]
                self.scope.bind(top, Imported(top, "", 0))

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        for alias in node.names:
            if node.level == 0:
                self._note_import(module)
                self._note_import(f"{module}.{alias.name}")
            if alias.name == "*":
                self.scope.stars.append(StarImport(module, node.level))
            else:
                imported = Imported(module, alias.name, node.level)
                self.scope.bind(alias.asname or alias.name, imported)

    def _note_import(self, module: str) -> None:
        if self.scope.kind == "module" and not self.guard:
            self._imports[module] = None

    # Definitions

    def _function(self, node: _Function) -> None:
        decorators = tuple(self.read(decorator) for decorator in node.decorator_list)
        defaults = self.defaults(node.args)
        name = self.unique_name(self.scope.prefix + node.name)
        kind = "async" if isinstance(node, ast.AsyncFunctionDef) else "sync"
        loops = self.breaks, self.continues
        self.breaks, self.continues = [], []
        with self.open_scope(name, kind, self._definition_span(node)) as scope:
            scope.decorators = decorators
            scope.header_end = header_end(node)
            scope.is_stub = is_stub(node)
            scope.head = self._head(node)
            scope.returns_annotation = annotation(node.returns)
            self.bind_parameters(node.args, defaults)
            self.block(node.body)
            if scope.state is not None and scope.returns:
                scope.returns.append(Const(None))
        self.breaks, self.continues = loops
        self.scope.bind(node.name, self._decorate(Func(name), node.decorator_list, decorators))

    def _class(self, node: ast.ClassDef) -> None:
        decorators = tuple(self.read(decorator) for decorator in node.decorator_list)
        bases = tuple(self._base(base) for base in node.bases)
        for keyword in node.keywords:
            self.read(keyword.value)
        name = self.unique_name(self.scope.prefix + node.name)
        span = self._definition_span(node)
        with self.open_scope(f"{name}.<body>", "class", span) as scope:
            self.block(node.body)
        fields = tuple(binding.name for binding in scope.bindings if binding.annotation is not None)
        generic = (annotation(base) for base in node.bases if isinstance(base, ast.Subscript))
        facts = ClassFacts(
            name,
            self.scope.name,
            f"{name}.<body>",
            bases,
            decorators,
            span,
            tuple(dict.fromkeys(fields)),
            tuple(base for base in generic if base is not None),
            tuple(item.name for item in getattr(node, "type_params", ())),
        )
        self._classes.append(facts)
        self.scope.bind(node.name, self._decorate(Class(name), node.decorator_list, decorators))

    def _base(self, node: ast.expr) -> Expr:
        # `Base[T]` names a class; a call (`make_base()`) makes one.
        return self.read(node.value) if isinstance(node, ast.Subscript) else self.read(node)

    def _definition_span(self, node: _Function | ast.ClassDef) -> Span:
        span = self.positions.span(node)
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        return Span(first, span.column, span.end_line, span.end_column)

    def _head(self, node: _Function) -> Span:
        span = self.positions.span(node)
        words = "async def " if isinstance(node, ast.AsyncFunctionDef) else "def "
        return Span(span.line, span.column, span.line, span.column + len(words) + len(node.name))

    def _decorate(self, subject: Expr, nodes: list[ast.expr], decorators: tuple[Expr, ...]) -> Expr:
        """`subject` passed through its decorators, the nearest first, as calls."""
        for node, decorator in zip(reversed(nodes), reversed(decorators), strict=True):
            subject = self.call(decorator, (Argument(subject),), node, is_decorator=True)
        return subject
