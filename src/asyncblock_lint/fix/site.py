"""What a fixer is given: a finding, the expression it stands at, and all that is known around it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from asyncblock_lint.fix.source import Source
from asyncblock_lint.model.catalogue import Blocker, Client, Offload, Remedy
from asyncblock_lint.model.graph import Function
from asyncblock_lint.model.result import Diagnostic
from asyncblock_lint.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Definition:
    """A function of the project where it is written; `blocks` if it has findings of its own."""

    source: Source
    node: ast.FunctionDef | ast.AsyncFunctionDef
    blocks: bool


Definitions = Callable[[str], Definition | None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the project uses, and what the user prefers.

    `imports` counts the files that import a top-level package; `declares` tells whether the project
    depends on a distribution. `async_library` and `http_client` are empty where the file and the
    project decide. `helpers` are the project's own functions that run a function in a thread, and
    `packages` its own top-level packages and modules. `mentions` gives the paths of the files that
    have a name or a constant text that is exactly this. `remedies`,
    `offloads`, `clients`, `streams`, `twins` and `makes` are those of the rules; what the calls named in
    `iterated` give blocks while it is gone through. Lines have at most `line_length` characters; 0 if the
    project does not say.
    """

    remedies: tuple[Remedy, ...] = ()
    offloads: Mapping[str, Offload] = field(default_factory=dict)
    imports: Counter[str] = field(default_factory=Counter)
    declares: Callable[[str], bool] = lambda _: False
    async_library: str = ""
    http_client: str = ""
    helpers: tuple[Remedy, ...] = ()
    packages: frozenset[str] = frozenset()
    mentions: Callable[[str], Collection[str]] = lambda _: ()
    clients: tuple[Client, ...] = ()
    streams: frozenset[str] = frozenset()
    twins: Mapping[str, str] = field(default_factory=dict)
    makes: Mapping[str, str] = field(default_factory=dict)
    iterated: frozenset[str] = frozenset()
    line_length: int = 0

    @property
    def loop_libraries(self) -> frozenset[str]:
        """The top-level packages that run loops, or run on them."""
        return frozenset(remedy.library for remedy in self.remedies if remedy.purpose == "thread")

    @property
    def loops(self) -> frozenset[str]:
        """The top-level packages of the loops themselves: they have an equal of a pause."""
        return frozenset(remedy.library for remedy in self.remedies if remedy.purpose == "twin")


@dataclass(frozen=True, slots=True)
class Site:
    """A finding and its surroundings.

    `node` is the expression at the finding's place, in the tree of `source`, or the function of which
    the place is the head. `functions` are those
    that the trace passes through: the first has the finding, the last makes the blocking call.
    `taker` is the qualified name of the off-loading callable that is handed the result too early, or
    empty. `blocking` are all expressions of the file that have findings, with what was found.
    `tied` are those of them that run what only the thread of the loop may call.
    `definitions` finds a function's code by its qualified name.
    """

    finding: Diagnostic
    blocker: Blocker
    node: ast.expr | ast.AsyncFunctionDef
    source: Source
    functions: tuple[Function, ...]
    taker: str
    project: Surroundings
    blocking: Mapping[ast.expr, Verdict] = field(default_factory=dict)
    tied: frozenset[ast.expr] = frozenset()
    definitions: Definitions = lambda _: None

    @property
    def is_direct(self) -> bool:
        """Whether the blocking call is the expression itself."""
        return len(self.functions) == 1
