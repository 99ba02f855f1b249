"""One function's, class's or module's facts under construction, with the bindings that hold now."""

from __future__ import annotations

from collections.abc import Iterable

from asyncblock_lint.extract.work import Work
from asyncblock_lint.model.facts import (
    FREE,
    Binding,
    CallFact,
    Choice,
    Expr,
    FunctionFacts,
    Name,
    OuterBinding,
    Parameter,
    Region,
    Span,
    StarImport,
    Store,
    Use,
)

State = dict[str, int]
"""Which binding each name holds at a point of the program; also `self.path`, while more is known of it."""


class Scope:
    """Collects facts; `state` is `None` where no execution can be."""

    def __init__(self, name: str, kind: str, parent: Scope | None, span: Span, guard: int) -> None:
        self.name = name
        self.kind = kind
        self.parent = parent
        self.span = span
        self.guard = guard
        self.header_end = span.line
        self.is_stub = False
        self.head: Span | None = None
        self.regions: list[Region] = []
        self.await_lines: list[int] = []
        self.parameters: tuple[Parameter, ...] = ()
        self.returns_annotation: Expr | None = None
        self.decorators: tuple[Expr, ...] = ()
        self.bindings: list[Binding] = []
        self.state: State | None = {}
        self.returns: list[Expr] = []
        self.yields: list[Expr] = []
        self.has_yield = False
        self.opening: int | None = None
        self.calls: list[CallFact] = []
        self.uses: list[Use] = []
        self.stores: list[Store] = []
        self.outer: list[OuterBinding] = []
        self.stars: list[StarImport] = []
        self.work = Work(self)
        self.raises = False
        self.global_names: set[str] = set()
        self.nonlocal_names: set[str] = set()

    @property
    def prefix(self) -> str:
        """What the names of things defined inside begin with."""
        if self.kind == "module":
            return ""
        if self.kind == "class":
            return self.name.removesuffix("<body>")
        return f"{self.name}.<locals>."

    def read(self, name: str) -> Name:
        """The name as it stands here: with the binding that reaches this point, or free."""
        return Name(name, FREE if self.state is None else self.state.get(name, FREE))

    def bind(self, name: str, value: Expr | None, annotation: Expr | None = None, kind: str = "plain") -> int:
        """Give `name` a new value from here on; returns the binding's index."""
        index = len(self.bindings)
        self.bindings.append(Binding(name, value, annotation, kind))
        if self.state is not None:
            self.forget(name)
            self.state[name] = index
        if name in self.global_names or name in self.nonlocal_names:
            self.outer.append(OuterBinding(name, index, name in self.global_names))
        return index

    def known(self, path: str) -> Name | None:
        """What is read from a name, where a condition around told more of it."""
        return None if self.state is None or path not in self.state else self.read(path)

    def forget(self, path: str) -> None:
        """Whatever was told of the name or attribute, and of what is read from it, holds no more."""
        if self.state is not None:
            for name in [name for name in self.state if name.startswith(f"{path}.")]:
                del self.state[name]
            if "." in path:
                self.state.pop(path, None)

    def join(self, *states: State | None) -> State | None:
        """The state after branches meet; names that differ get a binding of their own."""
        alive = [state for state in states if state is not None]
        if len(alive) < 2:
            return dict(alive[0]) if alive else None
        first, *others = alive
        joined = {name: index for name, index in first.items() if _is_in_all(name, others)}
        for other in others:
            for name, index in other.items():
                if not _is_in_all(name, alive):
                    continue
                held = joined.get(name)
                if held is None:
                    joined[name] = index
                elif held != index:
                    joined[name] = self._join_binding(name, (held, index))
        return joined

    def _join_binding(self, name: str, indices: Iterable[int]) -> int:
        options = tuple(Name(name, index) for index in indices)
        self.bindings.append(Binding(name, Choice(options), None, "join"))
        return len(self.bindings) - 1

    def open_loop(self, names: Iterable[str]) -> dict[str, int]:
        """Give each name that a loop's body rebinds a join whose sources come with `close_loop`."""
        joins: dict[str, int] = {}
        if self.state is None:
            return joins
        for name in names:
            held = self.state.get(name)
            self.forget(name)
            joins[name] = self._join_binding(name, () if held is None else (held,))
            self.state[name] = joins[name]
        return joins

    def close_loop(self, joins: dict[str, int], ends: Iterable[State | None]) -> None:
        """Add to the joins what holds where the body ends."""
        for state in ends:
            for name, join in joins.items():
                held = FREE if state is None else state.get(name, FREE)
                if held not in (FREE, join):
                    self._add_source(join, held)

    def _add_source(self, join: int, source: int) -> None:
        binding = self.bindings[join]
        assert isinstance(binding.value, Choice)
        options = (*binding.value.options, Name(binding.name, source))
        self.bindings[join] = Binding(binding.name, Choice(options), None, "join")

    def state_within(self, before: State | None, first_binding: int) -> State | None:
        """What may hold at any point since `before`, when bindings numbered `first_binding`."""
        if before is None:
            return None
        state = dict(before)
        for index in range(first_binding, len(self.bindings)):
            binding = self.bindings[index]
            if binding.kind != "plain":
                continue
            held = state.get(binding.name)
            state[binding.name] = index if held is None else self._join_binding(binding.name, (held, index))
        return state

    def _final_kind(self) -> str:
        if not self.has_yield or self.kind == "lambda":
            return self.kind
        return "async generator" if self.kind in ("async", "async generator") else "generator"

    def freeze(self) -> FunctionFacts:
        """The finished facts."""
        keeps_names = self.kind in ("module", "class")
        return FunctionFacts(
            name=self.name,
            kind=self._final_kind(),
            parent=None if self.parent is None else self.parent.name,
            span=self.span,
            parameters=self.parameters,
            returns_annotation=self.returns_annotation,
            decorators=self.decorators,
            bindings=tuple(self.bindings),
            final=_names(self.state or {}) if keeps_names else {},
            returns=tuple(self.returns),
            yields=tuple(self.yields),
            calls=tuple(self.calls),
            uses=tuple(self.uses),
            stores=tuple(self.stores),
            outer=tuple(self.outer),
            stars=tuple(self.stars),
            guard=self.guard,
            header_end=self.header_end,
            is_stub=self.is_stub,
            regions=tuple(self.regions),
            head=self.head,
            loops=self.work.facts(),
            awaits=tuple(self.work.awaits),
            operations=self.work.operations,
            raises=self.raises,
            opening=len(self.calls) if self.opening is None else self.opening,
        )

    def note_yield(self) -> None:
        """A `yield` stands here."""
        self.has_yield = True
        if self.opening is None:
            self.opening = len(self.calls)
        self.work.give()


def _is_in_all(name: str, states: Iterable[State]) -> bool:
    """Whether the name is one, or is an attribute of which every branch tells."""
    return "." not in name or all(name in state for state in states)


def _names(state: State) -> State:
    return {name: index for name, index in state.items() if "." not in name}
