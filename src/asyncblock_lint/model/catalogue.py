"""What the rule files say, indexed for lookup by qualified name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from asyncblock_lint.model.certainty import Certainty

Constant = str | int | float | bool | None
Argument = int | str
"""A position (from 0, the receiver not counted) or a keyword name."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """A call that blocks: the qualified name it is reported under, and what to say about it.

    `certainty` is an upper bound: a callable that is only sometimes slow is at most a guess.
    """

    name: str
    code: str
    because: str
    instead: str | None = None
    fix: str | None = None
    certainty: Certainty = Certainty.EXACT


@dataclass(frozen=True, slots=True)
class NonBlockingForm:
    """Call arguments under which a blocking callable does not wait, or gives something else.

    With `argument` and `position` both `None` the callable never waits. Otherwise the argument,
    given by keyword or at that position (from 0), must be a constant among `equals`, a
    number less than `below`, or an instance of one of `types` (`ZipFile(BytesIO())`); with `absent`
    true, leaving the argument out counts too.
    """

    argument: str | None = None
    position: int | None = None
    equals: tuple[Constant, ...] = ()
    absent: bool = False
    types: tuple[str, ...] = ()
    below: float | None = None


@dataclass(frozen=True, slots=True)
class Offload:
    """A callable that runs one of its arguments in a thread or process.

    `wraps`: it does not run the argument but returns an awaitable version of it
    (`sync_to_async(f)`, also as a decorator). `coroutine_runs`: where a coroutine function given
    instead runs: `"loop"` (with `kind` as the finding's context) or `"nowhere"`.
    """

    arguments: tuple[Argument, ...]
    wraps: bool = False
    coroutine_runs: str = "nowhere"
    kind: str = "coroutine"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A callable that has the loop call one of its arguments later; `kind` is the context."""

    arguments: tuple[Argument, ...]
    kind: str = "loop-callback"


@dataclass(frozen=True, slots=True)
class Apply:
    """A callable that calls one of its arguments itself.

    `when` is `"now"` (`sorted(key=f)`), `"entered"` (it enters a context manager, as an exit stack
    does) or `"iterated"`: only once its result is iterated
    (`map(f, xs)`).
    """

    arguments: tuple[Argument, ...]
    when: str = "now"


@dataclass(frozen=True, slots=True)
class Consume:
    """A callable that iterates its arguments; `when` is `"now"` (`list(xs)`) or `"iterated"`: only
    once its own result is iterated (`enumerate(xs)`)."""

    arguments: tuple[Argument, ...]
    when: str = "now"


@dataclass(frozen=True, slots=True)
class Handler:
    """Functions that a framework calls, and where their plain `def` form runs.

    Selected by a decorator's qualified name, or by a base class (all its methods, or those named
    in `methods`). `sync` is `"loop"` or `"thread"`; `kind` is the context of a finding.
    """

    decorators: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    sync: str = "loop"
    kind: str = "loop-callback"


@dataclass(frozen=True, slots=True)
class Example:
    """A program inside a rule file: a line ending in `# blocks: NAME` must be found under that
    name, every other line must stay silent. `line` is where `code` starts in the rule file."""

    title: str
    code: str


@dataclass(frozen=True, slots=True)
class Library:
    """One rule file, for `rules` and `explain`."""

    name: str
    path: str
    distribution: str | None = None
    versions: str | None = None
    blockers: tuple[Blocker, ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every rule file together. Keys are qualified names (`requests.Session.get`).

    blocks: exact names. families: `T` for every public method of the class `T` (written `T.*`).
    nonblocking: forms that do not wait, by name or by family (`T.*`).
    unblocks: methods after which their object waits no more, with the forms that do so.
    makes: what calling a name returns; attributes: what reading a name gives. Both map to a type
    expression: a qualified name, possibly subscripted (`list[a.B]`), or `self`.
    variants: what a call of a certain form returns instead.
    types: a library class's bases, as far as the catalogue needs them.
    aliases: other spellings of a name, to the one used here; they hold for prefixes too.
    wrappers: what a decorator makes of a function: `same`, `cached`, `decorator` (calling it always gives
    one that makes the same, as `functools.wraps(f)`), `context-manager`,
    `async-context-manager`, `property`, `partial`.
    consumes: callables that iterate an argument (`list`, `enumerate`).
    users: the names that come from the user, which may be functions of the project itself.
    """

    blocks: Mapping[str, Blocker] = field(default_factory=dict)
    families: Mapping[str, Blocker] = field(default_factory=dict)
    nonblocking: Mapping[str, tuple[NonBlockingForm, ...]] = field(default_factory=dict)
    unblocks: Mapping[str, tuple[NonBlockingForm, ...]] = field(default_factory=dict)
    makes: Mapping[str, str] = field(default_factory=dict)
    variants: Mapping[str, tuple[tuple[NonBlockingForm, str], ...]] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    offloads: Mapping[str, Offload] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    applies: Mapping[str, Apply] = field(default_factory=dict)
    wrappers: Mapping[str, str] = field(default_factory=dict)
    consumes: Mapping[str, Consume] = field(default_factory=dict)
    handlers: tuple[Handler, ...] = ()
    users: frozenset[str] = frozenset()
    libraries: tuple[Library, ...] = ()
