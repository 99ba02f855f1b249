"""The project's call graph: who runs what, where, and how surely."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from asyncblock_lint.model.catalogue import Blocker
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Directive, Span


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the project. `name` is its path in the file (`Store.load`), `kind` as in its
    facts. `span` reaches from the first decorator or `def` to the last line of the body;
    `header_end` is the last line before the body, or 0 where the header is one line. `head` is the
    place of `def` and name. `needs_loop`: it awaits something or, of what frameworks would as well run in
    a thread, it comes to what works on a loop only."""

    path: str
    module: str
    name: str
    kind: str
    span: Span
    header_end: int = 0
    head: Span | None = None
    needs_loop: bool = False

    @property
    def qualified_name(self) -> str:
        """The dotted name people read: `app.main.Store.load`."""
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, slots=True)
class Step:
    """A place in a function, and the qualified name of what it calls there."""

    function: int
    span: Span
    calls: str


@dataclass(frozen=True, slots=True)
class Edge:
    """What a site may run on the spot: a project function, or a blocker of the catalogue.

    Exactly one of `target` (an index into the graph's functions) and `blocker` is set. `via` are
    the places passed on the way when the site hands the target to a function that calls it.
    """

    step: Step
    certainty: Certainty
    target: int | None = None
    blocker: Blocker | None = None
    via: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a function that runs code: a call, an attribute read, a `with`, an iteration.

    `taker`: the name of the off-loading callable that it is written in, where that expects a
    callable (`to_thread(f(x))`); else empty.
    """

    function: int
    span: Span
    edges: tuple[Edge, ...]
    taker: str = ""

    @property
    def eager(self) -> bool:
        """Whether the call comes too early: its result is handed over instead of a function."""
        return bool(self.taker)


@dataclass(frozen=True, slots=True)
class OnLoop:
    """How the loop comes to run a function: as what `kind` of code, how surely, and in which
    `versions` of a library, if only in some. Calls of the codes `without` are no stall there.
    `threaded`: if it were a plain `def`, a thread would run it."""

    kind: str
    certainty: Certainty = Certainty.EXACT
    versions: str = ""
    without: tuple[str, ...] = ()
    threaded: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A stretch of a function in which it holds a `lock`, taken at `span`; `inside` are the places
    that it runs meanwhile. `enters` is the name under which taking it waits, or empty where that is
    found by other means."""

    function: int
    span: Span
    lock: Hashable
    inside: frozenset[Span]
    enters: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake at a place, whatever runs the function: something handed over that cannot work.
    `on_loop_only`: it matters only in a function that the loop runs. `taker`: as of a site."""

    function: int
    span: Span
    blocker: Blocker
    certainty: Certainty
    on_loop_only: bool = False
    taker: str = ""


@dataclass(frozen=True, slots=True)
class Offloader:
    """A coroutine function at the top of a module that has a thread run the function that it is
    given first, with its other arguments: those that it `passes`, `"all"` or `"positional"`."""

    function: int
    passes: str


@dataclass(frozen=True, slots=True)
class CallGraph:
    """Functions by index, behind them what particular calls leave of some; for each its sites, in
    source order; for those that the loop itself runs, how it does; each file's directives by path;
    what is done while holding locks; the functions that threads are given to run; mistakes that need
    no path; and the project's own off-loading functions."""

    functions: tuple[Function, ...]
    sites: Mapping[int, tuple[Site, ...]]
    contexts: Mapping[int, OnLoop]
    directives: Mapping[str, tuple[Directive, ...]] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    threads: frozenset[int] = frozenset()
    faults: tuple[Fault, ...] = ()
    offloaders: tuple[Offloader, ...] = ()
