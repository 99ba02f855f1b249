"""Statements that branch and loop: which bindings hold after them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import Any

from asyncblock_lint.extract.expressions import ExpressionReader
from asyncblock_lint.extract.narrowing import captures, pattern_type
from asyncblock_lint.extract.positions import Positions
from asyncblock_lint.extract.regions import UNTOLD, OpenRegion, combined, kind_test, read_test, start
from asyncblock_lint.extract.scope import State
from asyncblock_lint.extract.syntax import (
    bound_names,
    constant_truth,
    does_nothing,
    guard,
    matches_everything,
)
from asyncblock_lint.model.facts import UNKNOWN, Const, Element, Entered, Expr, Guard, Narrowed, Test

Jumps = list["State | None"]


class FlowReader(ExpressionReader):
    """Walks statements; each method leaves the scope's state as it is after its statement.

    `breaks` and `continues` hold, for every loop around the present statement, the states at its
    jumps; `visitors` say who reads which statement. `rests` are the regions that end with the block.
    """

    def __init__(self, positions: Positions) -> None:
        super().__init__(positions)
        self.breaks: list[Jumps] = []
        self.continues: list[Jumps] = []
        self.rests: list[OpenRegion] = []
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

    def block(self, body: Iterable[ast.stmt]) -> list[OpenRegion]:
        """Read statements one after another; gives the regions that end with the last of them."""
        outer, self.rests = self.rests, []
        for statement in body:
            if self.scope.state is None:
                self._unreachable(statement)
                continue
            visit = self.visitors.get(type(statement))
            if visit is not None:
                visit(statement)
        rests, self.rests = self.rests, outer
        for region in rests:
            region.close(self.scope)
        return rests

    def _open(self, test: Test, *, holds: bool) -> OpenRegion:
        return OpenRegion(start(self.scope), test, holds)

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
        test = self.read_condition(node.test)
        before = self.scope.state
        always = constant_truth(node.test)
        after_body = after_else = None
        returned = [len(self.scope.returns)]
        in_body: list[OpenRegion] = []
        in_else: list[OpenRegion] = []
        if always is not False:
            region = self._open(test, holds=True)
            with self._guarded(guard(node.test)), self.scope.work.seldom():
                self._enter_branch(before, node.test, holds=True)
                in_body = self.block(node.body)
                after_body = self.scope.state
            region.close(self.scope)
        returned.append(len(self.scope.returns))
        if always is not True:
            region = self._open(test, holds=False)
            with self.scope.work.seldom():
                self._enter_branch(before, node.test, holds=False)
                in_else = self.block(node.orelse)
                after_else = self.scope.state
            region.close(self.scope)
        self.scope.state = self.scope.join(after_body, after_else)
        if (after_body is None) is not (after_else is None):
            left = returned[1] - returned[0] if after_body is None else len(self.scope.returns) - returned[1]
            self.rests.append(self._open(test, holds=after_else is None)._replace(is_checked=left == 0))
            # What holds at the end of the only branch that gets here still holds.
            for rest in in_body if after_else is None else in_else:
                self.rests.append(rest._replace(begin=start(self.scope)))

    def _enter_branch(self, before: State | None, test: ast.expr, *, holds: bool) -> None:
        self.scope.state = None if before is None else dict(before)
        self.narrow(test, holds=holds)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        is_async = isinstance(node, ast.AsyncFor)
        iterable = self.read_awaited(node.iter) if is_async else self.read(node.iter)
        if is_async:
            self.gives_way(node)
        else:
            self.use("iterate", iterable, node.iter)
        joins = self.scope.open_loop(bound_names(node.body))
        head = self._copy_state()
        with self.scope.work.loop(
            "for", self.positions.between(node, node.iter), iterable, is_async=is_async
        ):
            self.bind_target(node.target, Element(iterable, is_async))
            self._loop_body(node.body, joins)
        after = self._branch(self.scope.join(head, self.scope.state), node.orelse)
        self._leave_loop(after)

    def _while(self, node: ast.While) -> None:
        joins = self.scope.open_loop(bound_names([node]))
        endless = constant_truth(node.test) is True
        with self.scope.work.loop("while", self.positions.between(node, node.test)) as loop:
            outer, self._trees = self._trees, {}
            loop.tests(*self._test(node.test))
            test = read_test(node.test, self._trees)
            self._trees = outer
            loop.body = len(self.scope.calls)
            loop.is_idle = all(map(does_nothing, node.body))
            head = self._copy_state()
            self.narrow(node.test, holds=True)
            region = self._open(test, holds=True)
            self._loop_body(node.body, joins)
            region.close(self.scope)
        after = None
        if not endless:
            self._enter_branch(self.scope.join(head, self.scope.state), node.test, holds=False)
            self.block(node.orelse)
            after = self.scope.state
        if not self.breaks[-1]:
            self.rests.append(self._open(test, holds=False))
        self._leave_loop(after)

    def _test(self, test: ast.expr) -> tuple[Expr, str, Expr]:
        """What is compared, how, and with what; without a comparison, what must be true."""
        match test:
            case ast.Constant(value=value):
                return Const(None), "always" if value else "", UNKNOWN
            case ast.Compare(ops=[operator]):
                subject, other = self.compare(test)
                return subject, type(operator).__name__, other
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.read_asked(operand), "", UNKNOWN
            case ast.BoolOp(op=ast.And(), values=parts):
                self.scope.work.leave()
                found = [self._test(part) for part in parts]
                return next((part for part in found if part[1]), found[0])
        return self.read_asked(test), "", UNKNOWN

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
        self.scope.work.leave()
        self.scope.state = None

    def _continue(self, node: ast.Continue) -> None:
        self.continues[-1].append(self.scope.state)
        self.scope.state = None

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        is_async = isinstance(node, ast.AsyncWith)
        held: list[OpenRegion] = []
        for item in node.items:
            read = self.read_awaited if is_async else self.read
            subject = read(item.context_expr)
            if is_async:
                self.gives_way(node)
                self.scope.work.awaits.append(UNKNOWN)
            else:
                self.use("enter", subject, item.context_expr)
                span = self.positions.span(item.context_expr)
                held.append(OpenRegion(start(self.scope), None, subject=subject, span=span))
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, Entered(subject, is_async))
        before, first = self._copy_state(), len(self.scope.bindings)
        self.block(node.body)
        for region in held:
            region.close(self.scope)
        if self.scope.state is None:
            # A context manager may swallow the exception that left its body.
            self.scope.state = self.scope.state_within(before, first)

    def _try(self, node: Any) -> None:
        before, first = self._copy_state(), len(self.scope.bindings)
        opened = start(self.scope)
        with self.scope.work.trying():
            self.block(node.body)
        after_body = self.scope.state
        tried = opened.calls, len(self.scope.calls)
        raised = self.scope.state_within(before, first)
        ends = [self._branch(after_body, node.orelse)]
        OpenRegion(opened, Test("tried" if tried[0] < tried[1] else "", calls=tried)).close(self.scope)
        tests: list[Test] = []
        for handler in node.handlers:
            with self.scope.work.hardly_ever():
                ends.append(self._handler(raised, handler, tried, tests))
        after = self.scope.join(*ends)
        if after is not None:
            if ends[0] is None and len(tests) == 1:
                self.rests.append(self._open(tests[0], holds=True))
            self.scope.state = after
            self.block(node.finalbody)
        else:
            self._branch(self.scope.state_within(before, first), node.finalbody)
            self.scope.state = None

    def _handler(
        self,
        raised: State | None,
        handler: ast.ExceptHandler,
        tried: tuple[int, int],
        tests: list[Test],
    ) -> State | None:
        """Read a handler for what the calls `tried` raise; adds to `tests` the condition it stands under."""
        self.scope.state = None if raised is None else dict(raised)
        caught = None if handler.type is None else self.read(handler.type)
        tests.append(Test("raises", caught, calls=tried))
        region = self._open(tests[-1], holds=True)
        if handler.name is not None:
            self.scope.bind(handler.name, UNKNOWN)
        self.block(handler.body)
        region.close(self.scope)
        return self.scope.state

    def _match(self, node: ast.Match) -> None:
        subject = self.read(node.subject)
        before = self._copy_state()
        ends: list[State | None] = [before]
        earlier: list[Test] = []
        rests: list[Test] = []
        for case in node.cases:
            self.scope.state = None if before is None else dict(before)
            kind = pattern_type(case.pattern)
            fits = self._pattern(case.pattern, subject)
            if kind is not None and isinstance(node.subject, ast.Name):
                self.scope.bind(node.subject.id, Narrowed(subject, kind), None, "inner")
            for name, value in captures(case.pattern, subject):
                self.scope.bind(name, value)
            if case.guard is not None:
                fits = combined("and", (fits, self.read_condition(case.guard)))
            taken = combined("and", (*(combined("not", (test,)) for test in earlier), fits))
            region = self._open(taken, holds=True)
            with self.scope.work.seldom():
                self.block(case.body)
            region.close(self.scope)
            earlier.append(fits)
            ends.append(self.scope.state)
            if self.scope.state is None:
                rests.append(taken)
            if case.guard is None and matches_everything(case.pattern):
                ends[0] = None
                break
        self.scope.state = self.scope.join(*ends)
        if self.scope.state is not None:
            self.rests.extend(self._open(taken, holds=False) for taken in rests)

    def _pattern(self, pattern: ast.pattern, subject: Expr) -> Test:
        """Whether `subject` fits the pattern, as a condition."""
        match pattern:
            case ast.MatchValue(value=value):
                return Test("among", subject, options=(self.read(value),))
            case ast.MatchSingleton(value=value):
                return Test("among", subject, options=(Const(value),))
            case ast.MatchOr(patterns=patterns):
                return combined("or", tuple(self._pattern(inner, subject) for inner in patterns))
            case ast.MatchAs(pattern=None):
                return Test("true", Const(True))
            case ast.MatchAs(pattern=ast.pattern() as inner):
                return self._pattern(inner, subject)
            case ast.MatchClass(cls=kind, patterns=[], kwd_patterns=[]):
                return kind_test(subject, kind)
            case ast.MatchClass(cls=kind):
                return combined("and", (kind_test(subject, kind), UNTOLD))
        return UNTOLD
