"""One pass over a file's syntax tree, statement by statement, with the scopes on a stack."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import Any

from asyncblock_lint.extract.annotations import annotation
from asyncblock_lint.extract.directives import directives
from asyncblock_lint.extract.expressions import ExpressionReader
from asyncblock_lint.extract.narrowing import narrowings
from asyncblock_lint.extract.positions import Positions
from asyncblock_lint.extract.scope import Scope, State
from asyncblock_lint.model.facts import (
    UNKNOWN,
    Argument,
    Class,
    ClassFacts,
    Const,
    Element,
    Entered,
    Expr,
    Func,
    Guard,
    Imported,
    ModuleFacts,
    Narrowed,
    Span,
    StarImport,
)

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Jumps = list["State | None"]


def module_facts(source: str) -> ModuleFacts:
    """The facts of a whole file.

    Raises `SyntaxError`, `ValueError` (null bytes) or `RecursionError` as `ast.parse` does, the
    last also where the tree is nested deeper than Python's stack.
    """
    return _StatementReader(source).module(ast.parse(source, type_comments=False))


class _StatementReader(ExpressionReader):
    """Walks statements; each method leaves the scope's state as it is after its statement."""

    def __init__(self, source: str) -> None:
        super().__init__(Positions(source))
        self._source = source
        self._classes: list[ClassFacts] = []
        self._exports: tuple[str, ...] | None = None
        # For every loop around the present statement: the states at its `break`s and `continue`s.
        self._breaks: list[_Jumps] = []
        self._continues: list[_Jumps] = []
        self._visitors: dict[type[ast.stmt], Callable[[Any], None]] = {
            ast.Expr: self._expression,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.Return: self._return,
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Try: self._try,
            ast.Match: self._match,
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
            ast.Break: self._break,
            ast.Continue: self._continue,
        }
        if hasattr(ast, "TryStar"):
            self._visitors[ast.TryStar] = self._try

    def module(self, tree: ast.Module) -> ModuleFacts:
        lines = max((statement.end_lineno or 1 for statement in tree.body), default=1)
        self.scope = Scope("<module>", "module", None, Span(1, 0, lines, 0), 0)
        self._block(tree.body)
        self.functions.append(self.scope.freeze())
        return ModuleFacts(
            functions=tuple(self.functions),
            classes=tuple(self._classes),
            directives=directives(self._source),
            exports=self._exports,
        )

    def _block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            if self.scope.state is None:
                self._unreachable(statement)
                continue
            visit = self._visitors.get(type(statement))
            if visit is not None:
                visit(statement)

    def _unreachable(self, statement: ast.stmt) -> None:
        """Code that cannot run says one thing only: a `yield` in it makes a generator."""
        for part in ast.walk(statement):
            if isinstance(part, ast.Yield | ast.YieldFrom):
                self.scope.has_yield = True

    def _branch(self, state: State | None, body: Iterable[ast.stmt]) -> State | None:
        """The state after running `body` from a copy of `state`."""
        self.scope.state = None if state is None else dict(state)
        self._block(body)
        return self.scope.state

    @contextmanager
    def _guarded(self, guard: Guard) -> Any:
        held = self.guard
        self.guard = held | guard
        yield
        self.guard = held

    # Simple statements

    def _expression(self, node: ast.Expr) -> None:
        self.read(node.value)

    def _assign(self, node: ast.Assign) -> None:
        value = self.read(node.value)
        for target in node.targets:
            self.bind_target(target, value)
        if self.scope.kind == "module" and _assigns(node, "__all__"):
            self._exports = _plain_strings(node.value)

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
            self.scope.bind(node.target.id, self.read(ast.copy_location(operation, node)))
        else:
            self.read(node.value)

    def _return(self, node: ast.Return) -> None:
        self.scope.returns.append(Const(None) if node.value is None else self.read(node.value))
        self.scope.state = None

    def _raise(self, node: ast.Raise) -> None:
        for part in (node.exc, node.cause):
            if part is not None:
                self.read(part)
        self.scope.state = None

    def _assert(self, node: ast.Assert) -> None:
        self.read(node.test)
        self._narrow(node.test, holds=True)
        if node.msg is not None:
            self.read(node.msg)

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name) and self.scope.state is not None:
                self.scope.state.pop(target.id, None)

    def _global(self, node: ast.Global) -> None:
        self.scope.global_names.update(node.names)

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        self.scope.nonlocal_names.update(node.names)

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.asname is not None:
                self.scope.bind(alias.asname, Imported(alias.name, "", 0))
            else:
                top = alias.name.partition(".")[0]
                self.scope.bind(top, Imported(top, "", 0))

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        for alias in node.names:
            if alias.name == "*":
                self.scope.stars.append(StarImport(module, node.level))
            else:
                imported = Imported(module, alias.name, node.level)
                self.scope.bind(alias.asname or alias.name, imported)

    # Branches and loops

    def _narrow(self, test: ast.expr, *, holds: bool) -> None:
        for name, kind in narrowings(test, holds):
            self.scope.bind(name, Narrowed(self.scope.read(name), kind), None, "inner")

    def _if(self, node: ast.If) -> None:
        self.read(node.test)
        before = self.scope.state
        always = _constant_truth(node.test)
        guard = _guard(node.test)
        after_body = after_else = None
        if always is not False:
            with self._guarded(guard):
                self._enter_branch(before, node.test, holds=True)
                self._block(node.body)
                after_body = self.scope.state
        if always is not True:
            self._enter_branch(before, node.test, holds=False)
            self._block(node.orelse)
            after_else = self.scope.state
        self.scope.state = self.scope.join(after_body, after_else)

    def _enter_branch(self, before: State | None, test: ast.expr, *, holds: bool) -> None:
        self.scope.state = None if before is None else dict(before)
        self._narrow(test, holds=holds)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        is_async = isinstance(node, ast.AsyncFor)
        iterable = self.read_awaited(node.iter) if is_async else self.read(node.iter)
        if not is_async:
            self.use("iterate", iterable, node.iter)
        joins = self.scope.open_loop(_bound_names(node.body))
        head = self._copy_state()
        self.bind_target(node.target, Element(iterable, is_async))
        self._loop_body(node.body, joins)
        after = self._branch(self.scope.join(head, self.scope.state), node.orelse)
        self._leave_loop(after)

    def _while(self, node: ast.While) -> None:
        joins = self.scope.open_loop(_bound_names([node]))
        self.read(node.test)
        head = self._copy_state()
        self._narrow(node.test, holds=True)
        self._loop_body(node.body, joins)
        endless = _constant_truth(node.test) is True
        after = None if endless else self._branch(self.scope.join(head, self.scope.state), node.orelse)
        self._leave_loop(after)

    def _copy_state(self) -> State | None:
        return None if self.scope.state is None else dict(self.scope.state)

    def _loop_body(self, body: list[ast.stmt], joins: dict[str, int]) -> None:
        self._breaks.append([])
        self._continues.append([])
        self._block(body)
        ends = [self.scope.state, *self._continues.pop()]
        self.scope.close_loop(joins, ends)
        self.scope.state = self.scope.join(*ends)

    def _leave_loop(self, after: State | None) -> None:
        self.scope.state = self.scope.join(after, *self._breaks.pop())

    def _break(self, node: ast.Break) -> None:
        self._breaks[-1].append(self.scope.state)
        self.scope.state = None

    def _continue(self, node: ast.Continue) -> None:
        self._continues[-1].append(self.scope.state)
        self.scope.state = None

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        is_async = isinstance(node, ast.AsyncWith)
        for item in node.items:
            read = self.read_awaited if is_async else self.read
            subject = read(item.context_expr)
            if not is_async:
                self.use("enter", subject, item.context_expr)
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, Entered(subject, is_async))
        before, first = self._copy_state(), len(self.scope.bindings)
        self._block(node.body)
        if self.scope.state is None:
            # A context manager may swallow the exception that left its body.
            self.scope.state = self.scope.state_within(before, first)

    def _try(self, node: Any) -> None:
        before, first = self._copy_state(), len(self.scope.bindings)
        self._block(node.body)
        after_body = self.scope.state
        raised = self.scope.state_within(before, first)
        ends = [self._branch(after_body, node.orelse)]
        for handler in node.handlers:
            ends.append(self._handler(raised, handler))
        after = self.scope.join(*ends)
        if after is not None:
            self.scope.state = after
            self._block(node.finalbody)
        else:
            self._branch(self.scope.state_within(before, first), node.finalbody)
            self.scope.state = None

    def _handler(self, raised: State | None, handler: ast.ExceptHandler) -> State | None:
        self.scope.state = None if raised is None else dict(raised)
        if handler.type is not None:
            self.read(handler.type)
        if handler.name is not None:
            self.scope.bind(handler.name, UNKNOWN)
        self._block(handler.body)
        return self.scope.state

    def _match(self, node: ast.Match) -> None:
        self.read(node.subject)
        before = self._copy_state()
        ends: list[State | None] = [before]
        for case in node.cases:
            self.scope.state = None if before is None else dict(before)
            for name in _captures(case.pattern):
                self.scope.bind(name, UNKNOWN)
            if case.guard is not None:
                self.read(case.guard)
            self._block(case.body)
            ends.append(self.scope.state)
            if case.guard is None and _matches_everything(case.pattern):
                ends[0] = None
                break
        self.scope.state = self.scope.join(*ends)

    # Definitions

    def _function(self, node: _Function) -> None:
        decorators = tuple(self.read(decorator) for decorator in node.decorator_list)
        defaults = self.defaults(node.args)
        name = self.unique_name(self.scope.prefix + node.name)
        kind = "async" if isinstance(node, ast.AsyncFunctionDef) else "sync"
        loops = self._breaks, self._continues
        self._breaks, self._continues = [], []
        with self.open_scope(name, kind, self._definition_span(node)) as scope:
            scope.decorators = decorators
            scope.returns_annotation = annotation(node.returns)
            self.bind_parameters(node.args, defaults)
            self._block(node.body)
            if scope.state is not None and scope.returns:
                scope.returns.append(Const(None))
        self._breaks, self._continues = loops
        self.scope.bind(node.name, self._decorate(Func(name), node.decorator_list, decorators))

    def _class(self, node: ast.ClassDef) -> None:
        decorators = tuple(self.read(decorator) for decorator in node.decorator_list)
        bases = tuple(self._base(base) for base in node.bases)
        for keyword in node.keywords:
            self.read(keyword.value)
        name = self.unique_name(self.scope.prefix + node.name)
        span = self._definition_span(node)
        with self.open_scope(f"{name}.<body>", "class", span) as scope:
            self._block(node.body)
        fields = tuple(binding.name for binding in scope.bindings if binding.annotation is not None)
        parent = self.scope.name
        self._classes.append(
            ClassFacts(name, parent, f"{name}.<body>", bases, decorators, span, tuple(dict.fromkeys(fields)))
        )
        self.scope.bind(node.name, self._decorate(Class(name), node.decorator_list, decorators))

    def _base(self, node: ast.expr) -> Expr:
        # `Base[T]` names a class; a call (`make_base()`) makes one.
        return self.read(node.value) if isinstance(node, ast.Subscript) else self.read(node)

    def _definition_span(self, node: _Function | ast.ClassDef) -> Span:
        span = self.positions.span(node)
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        return Span(first, span.column, span.end_line, span.end_column)

    def _decorate(self, subject: Expr, nodes: list[ast.expr], decorators: tuple[Expr, ...]) -> Expr:
        """`subject` passed through its decorators, the nearest first, as calls."""
        for node, decorator in zip(reversed(nodes), reversed(decorators), strict=True):
            subject = self.call(decorator, (Argument(subject),), node, is_decorator=True)
        return subject


def _bound_names(body: Iterable[ast.stmt]) -> list[str]:
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


def _constant_truth(test: ast.expr) -> bool | None:
    return bool(test.value) if isinstance(test, ast.Constant) else None


def _guard(test: ast.expr) -> Guard:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return Guard.TYPE_CHECKING
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]):
            return Guard.MAIN
    return Guard.NONE


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _plain_strings(node: ast.expr) -> tuple[str, ...] | None:
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    values = [item.value for item in node.elts if isinstance(item, ast.Constant)]
    strings = tuple(value for value in values if isinstance(value, str))
    return strings if len(strings) == len(node.elts) else None


def _captures(pattern: ast.pattern) -> list[str]:
    names: list[str] = []
    for part in ast.walk(pattern):
        if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name is not None:
            names.append(part.name)
        elif isinstance(part, ast.MatchMapping) and part.rest is not None:
            names.append(part.rest)
    return names


def _matches_everything(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None
