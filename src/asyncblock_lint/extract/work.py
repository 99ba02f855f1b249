"""How much a function does: its operations, its loops, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from asyncblock_lint.model.facts import UNKNOWN, CallFact, Expr, LoopFact, Span

OPERATIONS_OF_CALL = 3
"""A call costs as much as so many operators, without what it runs."""


class Calling(Protocol):
    """The scope whose work is recorded."""

    calls: list[CallFact]


@dataclass(slots=True)
class Loop:
    """A loop under construction; `outer` are the operations counted before it began."""

    kind: str
    span: Span
    subject: Expr
    parent: int
    outer: float
    first_call: int
    first_await: int
    is_conditional: bool
    in_try: bool
    conditions: int = 0
    operator: str = ""
    other: Expr = UNKNOWN
    operations: float = 0
    body: int = 0
    last_call: int = 0
    last_await: int = 0
    seldom: list[int] = field(default_factory=list)
    leaves: bool = False
    raises: bool = False
    yields: bool = False
    is_idle: bool = False

    def tests(self, subject: Expr, operator: str, other: Expr) -> None:
        """What a `while` compares."""
        self.subject, self.operator, self.other = subject, operator, other

    def fact(self) -> LoopFact:
        """The loop as a fact."""
        return LoopFact(
            self.kind,
            self.span,
            self.subject,
            self.operator,
            self.other,
            self.parent,
            self.operations,
            (self.first_call, self.last_call),
            self.body,
            tuple(dict.fromkeys(self.seldom)),
            (self.first_await, self.last_await),
            self.is_conditional,
            self.leaves,
            self.raises,
            self.yields,
            self.is_idle,
            self.in_try,
        )


class Work:
    """The operations and loops of a scope, counted as they are read.

    What stands under a condition is taken to run every other time.
    """

    def __init__(self, scope: Calling) -> None:
        self._scope = scope
        self._loops: list[Loop] = []
        self._open: list[int] = []
        self._conditions = 0
        self._tries = 0
        self.awaits: list[Expr] = []
        self.operations: float = 0

    @contextmanager
    def loop(
        self, kind: str, span: Span, subject: Expr = UNKNOWN, *, is_async: bool = False
    ) -> Iterator[Loop]:
        """A loop around what is read within; `async for` awaits at each round."""
        first_await = len(self.awaits)
        if is_async:
            self.awaits.append(UNKNOWN)
        parent = self._open[-1] if self._open else -1
        around = self._loops[parent].conditions if self._open else 0
        calls = len(self._scope.calls)
        conditional = self._conditions > around
        loop = Loop(
            kind, span, subject, parent, self.operations, calls, first_await, conditional, self._tries > 0
        )
        loop.conditions, loop.body = self._conditions, calls
        self._open.append(len(self._loops))
        self._loops.append(loop)
        yield loop
        self._open.pop()
        # Taking the next item, or going back to the test, is an operation too.
        loop.operations = self.operations - loop.outer + 1
        self.operations = loop.outer
        loop.last_call, loop.last_await = len(self._scope.calls), len(self.awaits)

    @contextmanager
    def seldom(self) -> Iterator[None]:
        """A branch of a condition."""
        before, first = self.operations, len(self._scope.calls)
        self._conditions += 1
        yield
        self._conditions -= 1
        self.operations = (self.operations + before) / 2
        if self._open:
            self._loops[self._open[-1]].seldom.extend(range(first, len(self._scope.calls)))

    @contextmanager
    def hardly_ever(self) -> Iterator[None]:
        """What handles an exception: its operations do not count."""
        before = self.operations
        with self.seldom():
            yield
        self.operations = before

    @contextmanager
    def trying(self) -> Iterator[None]:
        """The body of a `try`."""
        self._tries += 1
        yield
        self._tries -= 1

    def leave(self, *, all_loops: bool = False) -> None:
        """Note that the innermost loop, or all, may end here."""
        for index in self._open if all_loops else self._open[-1:]:
            self._loops[index].leaves = True

    def fail(self) -> None:
        """Note that an exception may end every loop."""
        for index in self._open:
            self._loops[index].raises = True

    def give(self) -> None:
        """Note a `yield`, at which a generator pauses."""
        for index in self._open:
            self._loops[index].yields = True

    def facts(self) -> tuple[LoopFact, ...]:
        """The loops, the outer before the inner."""
        return tuple(loop.fact() for loop in self._loops)
