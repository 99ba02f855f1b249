"""What a fixer is given: a finding, the expression it stands at, and all that is known around it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from asyncblock_lint.fix.source import Source
from asyncblock_lint.model.catalogue import Blocker, Client, Offload, Remedy
from asyncblock_lint.model.graph import Function
from asyncblock_lint.model.result import Diagnostic


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the project uses, and what the user prefers.

    `imports` counts the files that import a top-level package; `declares` tells whether the project
    depends on a distribution. `async_library` and `http_client` are empty where the file and the
    project decide. `helpers` are the project's own functions that run a function in a thread.
    `remedies`, `offloads`, `clients` and `streams` are those of the rules.
    """

    remedies: tuple[Remedy, ...] = ()
    offloads: Mapping[str, Offload] = field(default_factory=dict)
    imports: Counter[str] = field(default_factory=Counter)
    declares: Callable[[str], bool] = lambda _: False
    async_library: str = ""
    http_client: str = ""
    helpers: tuple[Remedy, ...] = ()
    clients: tuple[Client, ...] = ()
    streams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Site:
    """A finding and its surroundings.

    `node` is the expression at the finding's place, in the tree of `source`. `functions` are those
    that the trace passes through: the first has the finding, the last makes the blocking call.
    `taker` is the qualified name of the off-loading callable that is handed the result too early, or
    empty.
    """

    finding: Diagnostic
    blocker: Blocker
    node: ast.expr
    source: Source
    functions: tuple[Function, ...]
    taker: str
    project: Surroundings

    @property
    def is_direct(self) -> bool:
        """Whether the blocking call is the expression itself."""
        return len(self.functions) == 1
