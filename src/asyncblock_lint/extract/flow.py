"""Statements that branch and loop: which bindings hold after them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import Any

from asyncblock_lint.extract.expressions import ExpressionReader
from asyncblock_lint.extract.narrowing import captures, pattern_type
from asyncblock_lint.extract.positions import Positions
from asyncblock_lint.extract.scope import State
from asyncblock_lint.extract.syntax import bound_names, constant_truth, guard, matches_everything
from asyncblock_lint.model.facts import UNKNOWN, Element, Entered, Guard, Narrowed

Jumps = list["State | None"]


class FlowReader(ExpressionReader):
    """Walks statements; each method leaves the scope's state as it is after its statement.

    `breaks` and `continues` hold, for every loop around the present statement, the states at its
    jumps; `visitors` say who reads which statement.
    """

    def __init__(self, positions: Positions) -> None:
        super().__init__(positions)
        self.breaks: list[Jumps] = []
        self.continues: list[Jumps] = []
        self.visitors: dict[type[ast.stmt], Callable[[Any], None]] = {
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Try: self._try,
            ast.Match: self._match,
            ast.Break: self._break,
            ast.Continue: self._continue,
        }
        if hasattr(ast, "TryStar"):
            self.visitors[ast.TryStar] = self._try

    def block(self, body: Iterable[ast.stmt]) -> None:
        """Read statements one after another."""
        for statement in body:
            if self.scope.state is None:
                self._unreachable(statement)
                continue
            visit = self.visitors.get(type(statement))
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
        self.block(body)
        return self.scope.state

    @contextmanager
    def _guarded(self, guard: Guard) -> Any:
        held = self.guard
        self.guard = held | guard
        yield
        self.guard = held

    def _if(self, node: ast.If) -> None:
        self.read(node.test)
        before = self.scope.state
        always = constant_truth(node.test)
        after_body = after_else = None
        if always is not False:
            with self._guarded(guard(node.test)):
                self._enter_branch(before, node.test, holds=True)
                self.block(node.body)
                after_body = self.scope.state
        if always is not True:
            self._enter_branch(before, node.test, holds=False)
            self.block(node.orelse)
            after_else = self.scope.state
        self.scope.state = self.scope.join(after_body, after_else)

    def _enter_branch(self, before: State | None, test: ast.expr, *, holds: bool) -> None:
        self.scope.state = None if before is None else dict(before)
        self.narrow(test, holds=holds)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        is_async = isinstance(node, ast.AsyncFor)
        iterable = self.read_awaited(node.iter) if is_async else self.read(node.iter)
        if not is_async:
            self.use("iterate", iterable, node.iter)
        joins = self.scope.open_loop(bound_names(node.body))
        head = self._copy_state()
        self.bind_target(node.target, Element(iterable, is_async))
        self._loop_body(node.body, joins)
        after = self._branch(self.scope.join(head, self.scope.state), node.orelse)
        self._leave_loop(after)

    def _while(self, node: ast.While) -> None:
        joins = self.scope.open_loop(bound_names([node]))
        self.read(node.test)
        head = self._copy_state()
        self.narrow(node.test, holds=True)
        self._loop_body(node.body, joins)
        after = None
        if constant_truth(node.test) is not True:
            self._enter_branch(self.scope.join(head, self.scope.state), node.test, holds=False)
            self.block(node.orelse)
            after = self.scope.state
        self._leave_loop(after)

    def _copy_state(self) -> State | None:
        return None if self.scope.state is None else dict(self.scope.state)

    def _loop_body(self, body: list[ast.stmt], joins: dict[str, int]) -> None:
        self.breaks.append([])
        self.continues.append([])
        self.block(body)
        ends = [self.scope.state, *self.continues.pop()]
        self.scope.close_loop(joins, ends)
        self.scope.state = self.scope.join(*ends)

    def _leave_loop(self, after: State | None) -> None:
        self.scope.state = self.scope.join(after, *self.breaks.pop())

    def _break(self, node: ast.Break) -> None:
        self.breaks[-1].append(self.scope.state)
        self.scope.state = None

    def _continue(self, node: ast.Continue) -> None:
        self.continues[-1].append(self.scope.state)
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
        self.block(node.body)
        if self.scope.state is None:
            # A context manager may swallow the exception that left its body.
            self.scope.state = self.scope.state_within(before, first)

    def _try(self, node: Any) -> None:
        before, first = self._copy_state(), len(self.scope.bindings)
        self.block(node.body)
        after_body = self.scope.state
        raised = self.scope.state_within(before, first)
        ends = [self._branch(after_body, node.orelse)]
        for handler in node.handlers:
            ends.append(self._handler(raised, handler))
        after = self.scope.join(*ends)
        if after is not None:
            self.scope.state = after
            self.block(node.finalbody)
        else:
            self._branch(self.scope.state_within(before, first), node.finalbody)
            self.scope.state = None

    def _handler(self, raised: State | None, handler: ast.ExceptHandler) -> State | None:
        self.scope.state = None if raised is None else dict(raised)
        if handler.type is not None:
            self.read(handler.type)
        if handler.name is not None:
            self.scope.bind(handler.name, UNKNOWN)
        self.block(handler.body)
        return self.scope.state

    def _match(self, node: ast.Match) -> None:
        subject = self.read(node.subject)
        before = self._copy_state()
        ends: list[State | None] = [before]
        for case in node.cases:
            self.scope.state = None if before is None else dict(before)
            kind = pattern_type(case.pattern)
            if kind is not None and isinstance(node.subject, ast.Name):
                self.scope.bind(node.subject.id, Narrowed(subject, kind), None, "inner")
            for name, value in captures(case.pattern, subject):
                self.scope.bind(name, value)
            if case.guard is not None:
                self.read(case.guard)
            self.block(case.body)
            ends.append(self.scope.state)
            if case.guard is None and matches_everything(case.pattern):
                ends[0] = None
                break
        self.scope.state = self.scope.join(*ends)
