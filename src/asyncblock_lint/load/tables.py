"""The format of a rule file: its tables, their keys, and what may stand under each.

The classes mirror the file one to one. A key that takes a list may also be written in the singular
(`call = "x"` for `calls = ["x"]`); the reader turns one into the other.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

from asyncblock_lint.model.catalogue import (
    Abstract,
    Apply,
    Blocker,
    Circumstances,
    Client,
    Constant,
    Consume,
    Count,
    Handler,
    NonBlockingForm,
    Offload,
    Probe,
    ProgramSetting,
    Question,
    Remedy,
    Schedule,
)
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.codes import CODES

SINGULARS = {
    "argument": "arguments",
    "attribute": "attributes",
    "base": "bases",
    "call": "calls",
    "code": "codes",
    "decorator": "decorators",
    "method": "methods",
    "name": "names",
    "owner": "owners",
}

NONE = "<none>"
"""How `None` is written among constants; TOML has no word for it."""

_WORD = r"[^\W\d]\w*"
_PATH = rf"{_WORD}(\.{_WORD})*"
_CALL = rf"{_WORD}(\.{_WORD})+"
_WAYS = "argument|awaited|element|entered|instance|item|mapping|named|result|streamed"
_DERIVED = rf"({_WAYS})\((\d+|'{_WORD}')\)"
_PLAIN_TYPE = rf"({_DERIVED}|{_PATH})"
_STATE = rf"( @ {_WORD})?"
_INMOST_TYPE = rf"{_PLAIN_TYPE}(\[{_PLAIN_TYPE}{_STATE}(, {_PLAIN_TYPE}{_STATE})*\])?{_STATE}"
_INNER_TYPE = rf"{_PLAIN_TYPE}(\[{_INMOST_TYPE}(, {_INMOST_TYPE})*\])?{_STATE}"
_ONE_TYPE = rf"{_PLAIN_TYPE}(\[{_INNER_TYPE}(, {_INNER_TYPE})*\])?{_STATE}"
_TYPE = rf"{_ONE_TYPE}( or {_ONE_TYPE})*"
_BOUND = r"(>=|<)\d+(\.\d+)*"
_CODES = "|".join(code.code for code in CODES if "ABL100" <= code.code < "ABL800")

Text = Annotated[str, Meta(pattern=r"\A\S[^\n]*\Z", description="a line of text")]
Path = Annotated[str, Meta(pattern=rf"\A{_PATH}\Z", description="a name such as `package.Class`")]
Name = Annotated[str, Meta(pattern=rf"\A{_CALL}\Z", description="a name such as `package.function`")]
Callee = Annotated[
    str,
    Meta(
        pattern=rf"\A{_CALL}(\.\*)?\Z", description="a name such as `package.function` or `package.Class.*`"
    ),
]
Expression = Annotated[str, Meta(min_length=1, description="a regular expression")]
Keyword = Annotated[str, Meta(pattern=rf"\A{_WORD}\Z", description="a parameter's name")]
Position = Annotated[int, Meta(ge=0, description="a position from 0")]
TypeName = Annotated[
    str,
    Meta(
        pattern=rf"\A{_TYPE}\Z", description="a type such as `self`, `package.Class` or `list[package.Class]`"
    ),
]
HeldType = Annotated[
    str,
    Meta(
        pattern=rf"\A{_CALL}{_STATE}\Z",
        description="a class such as `package.Class` or `package.Class @ open`",
    ),
]
Code = Annotated[str, Meta(pattern=rf"\A({_CODES})\Z", description="the code of a blocking call")]
Pattern = Annotated[str, Meta(pattern=r"\A[\w*]+\Z", description="a method's name, or `on_*`")]
Kind = Literal["coroutine", "background-task", "loop-callback", "startup", "handler"]

Specifier = Annotated[
    str, Meta(pattern=rf"\A{_BOUND}(, ?{_BOUND})*\Z", description="versions such as `>=2` or `>=2, <4`")
]

Names = Annotated[tuple[Name, ...], Meta(min_length=1)]
Callees = Annotated[tuple[Callee, ...], Meta(min_length=1)]
Parameters = Annotated[dict[Keyword, tuple[Keyword, ...]], Meta(description="a table of lists of names")]
Renames = Annotated[dict[Keyword, Keyword], Meta(description="a table of names")]
Constants = Annotated[dict[Keyword, bool | int | float | str], Meta(description="a table of constants")]
Codes = Annotated[dict[Keyword, Text], Meta(description="a table of texts")]
Exceptions = Annotated[dict[str, Names], Meta(description="a table of lists of names")]
Places = Annotated[tuple[Position | Keyword, ...], Meta(min_length=1)]


def _constants(written: tuple[Constant, ...]) -> tuple[Constant, ...]:
    """The constants, with the written `<none>` as `None`."""
    return tuple(None if value == NONE else value for value in written)


def _check_expression(written: str | None) -> None:
    try:
        re.compile(written or "")
    except re.error as error:
        raise ValueError(f"key `like` is no regular expression: {error}") from None


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the tables; no table has keys beyond those declared."""


class Blocks(Table, frozen=True, kw_only=True):
    """Callables that hold the thread."""

    calls: tuple[Callee, ...] = ()
    attributes: tuple[Name, ...] = ()
    code: Code
    because: Text
    instead: Text | None = None
    fix: Literal["lazy", "opens", "same-thread", "stepwise", "to-process"] | None = None
    known_as: Name | None = None
    certainty: Literal["exact", "likely", "guess"] = "exact"
    argument: Keyword | None = None
    position: Position | None = None
    equals: tuple[Constant, ...] = ()
    types: tuple[Name, ...] = ()
    like: Expression | None = None
    state: Keyword | None = None
    versions: Specifier | None = None

    def __post_init__(self) -> None:
        if not self.calls and not self.attributes:
            raise ValueError("missing key `calls` or `attributes`")
        has_place = self.argument is not None or self.position is not None
        if has_place != bool(self.equals or self.types or self.like):
            raise ValueError(
                "missing key `equals`, `types` or `like`"
                if has_place
                else "missing key `argument` or `position`"
            )
        _check_expression(self.like)

    @property
    def is_plain(self) -> bool:
        """Whether the table is about every way of calling."""
        return not (self.equals or self.types or self.like or self.state)

    def form(self) -> NonBlockingForm:
        """The form of the calls that the table is about."""
        equals, state = _constants(self.equals), self.state or ""
        return NonBlockingForm(
            self.argument, self.position, equals, types=self.types, like=self.like, state=state
        )

    def blocker(self, name: str) -> Blocker:
        """What the table says of `name`."""
        bound = Certainty.from_label(self.certainty)
        if self.known_as is not None:
            name = f"{self.known_as}.{name.rpartition('.')[2]}"
        return Blocker(name, self.code, self.because, self.instead, self.fix, bound)


class NonBlocking(Table, frozen=True, kw_only=True):
    """Callables, or forms of calling them, that do not wait after all."""

    calls: Callees
    argument: Keyword | None = None
    position: Position | None = None
    equals: tuple[Constant, ...] = ()
    types: tuple[HeldType, ...] = ()
    starts: tuple[Text, ...] = ()
    below: float | None = None
    absent: bool = False
    state: Keyword | None = None
    imported: bool = False
    awaited: tuple[Name, ...] = ()

    def __post_init__(self) -> None:
        has_place = self.argument is not None or self.position is not None
        told = (self.equals, self.types, self.starts, self.absent, self.imported)
        has_test = any(told) or self.below is not None
        if has_place and not has_test:
            raise ValueError("missing key `equals`, `types`, `starts`, `below`, `imported` or `absent`")
        if has_test and not has_place:
            raise ValueError("missing key `argument` or `position`")

    def form(self) -> NonBlockingForm:
        """The form as the catalogue keeps it."""
        equals, state = _constants(self.equals), self.state or ""
        return NonBlockingForm(
            self.argument,
            self.position,
            equals,
            self.absent,
            self.types,
            self.below,
            state=state,
            starts=self.starts,
            imported=self.imported,
            awaited=self.awaited,
        )


class Makes(Table, frozen=True, kw_only=True):
    """What calls return, or attributes hold."""

    calls: tuple[Name, ...] = ()
    attributes: tuple[Name, ...] = ()
    type: TypeName
    argument: Keyword | None = None
    position: Position | None = None
    equals: tuple[Constant, ...] = ()
    types: tuple[HeldType, ...] = ()
    starts: tuple[Text, ...] = ()
    absent: bool = False
    state: Keyword | None = None

    def __post_init__(self) -> None:
        if not self.calls and not self.attributes:
            raise ValueError("missing key `calls` or `attributes`")
        has_place = self.argument is not None or self.position is not None
        if has_place != bool(self.equals or self.types or self.starts or self.absent):
            wanted = "`equals`, `types` or `starts`" if has_place else "`argument` or `position`"
            raise ValueError(f"missing key {wanted}")

    @property
    def is_plain(self) -> bool:
        """Whether the table is about every way of calling."""
        return not (self.equals or self.types or self.starts or self.absent or self.state)

    def form(self) -> NonBlockingForm:
        """The form of the call that gives this; it does not matter here whether it waits."""
        return NonBlockingForm(
            self.argument,
            self.position,
            _constants(self.equals),
            self.absent,
            types=self.types,
            state=self.state or "",
            starts=self.starts,
        )


class Types(Table, frozen=True, kw_only=True):
    """The classes that some classes inherit from, as far as the catalogue needs them."""

    names: Names
    bases: Names


class Same(Table, frozen=True, kw_only=True):
    """Other names under which a class, function or module can be imported."""

    name: Path
    also: Annotated[tuple[Path, ...], Meta(min_length=1)]


class Offloads(Table, frozen=True, kw_only=True):
    """Callables that run an argument in a thread or process; `source` tells where that is written."""

    calls: Names
    arguments: Places
    source: Text
    wraps: bool = False
    coroutine: Literal["loop", "elsewhere", "nowhere"] = "nowhere"
    kind: Kind = "coroutine"
    parameters: tuple[Name, ...] = ()
    passes: Literal["all", "positional", "none"] = "none"

    def offload(self) -> Offload:
        """The table as the catalogue keeps it."""
        return Offload(self.arguments, self.wraps, self.coroutine, self.kind, self.parameters, self.passes)


class Schedules(Table, frozen=True, kw_only=True):
    """Callables that have the loop itself call an argument; `source` tells where that is written."""

    calls: Names
    arguments: Places
    source: Text
    kind: Kind = "loop-callback"

    without: tuple[Code, ...] = ()

    def schedule(self) -> Schedule:
        """The table as the catalogue keeps it."""
        return Schedule(self.arguments, Circumstances(kind=self.kind, without=self.without))


class Applies(Table, frozen=True, kw_only=True):
    """Callables that call an argument themselves."""

    calls: Names
    arguments: Places
    when: Literal["now", "iterated", "entered"] = "now"
    does: Keyword | None = None
    items: tuple[Position | Keyword, ...] = ()

    def apply(self) -> Apply:
        """The table as the catalogue keeps it."""
        return Apply(self.arguments, self.when, self.does or "", self.items)


class Wrappers(Table, frozen=True, kw_only=True):
    """Decorators, and what they make of a function."""

    calls: Names
    gives: Literal[
        "same",
        "cached",
        "decorator",
        "context-manager",
        "async-context-manager",
        "property",
        "partial",
        "object",
        "object-decorator",
    ]
    type: Name | None = None


class Consumes(Table, frozen=True, kw_only=True):
    """Callables that iterate an argument, on the spot or once their own result is iterated."""

    calls: Names
    arguments: Places
    when: Literal["now", "iterated"] = "now"
    nested: bool = False

    def consume(self) -> Consume:
        """The table as the catalogue keeps it."""
        return Consume(self.arguments, self.when, self.nested)


class Asks(Table, frozen=True, kw_only=True):
    """Methods whose answer tells that other methods of their object do not wait; or functions that give
    those of the objects at a `position` that do not, in a list at that place of the result."""

    calls: Names
    answer: bool = True
    methods: tuple[Keyword, ...]
    position: Position | None = None

    def question(self) -> Question:
        """The table as the catalogue keeps it."""
        return Question(self.methods, self.answer, self.position)


class Probes(Table, frozen=True, kw_only=True):
    """Callables that tell whether an event loop runs in this thread."""

    calls: Names
    raises: tuple[Name, ...] = ()
    source: Text

    def probe(self) -> Probe:
        """The table as the catalogue keeps it."""
        return Probe(self.raises)


class Locks(Table, frozen=True, kw_only=True):
    """Classes whose objects one thread holds while the others wait."""

    names: Names


class Enumerations(Table, frozen=True, kw_only=True):
    """Classes in whose subclasses the names bound in the body stand for members."""

    names: Names


class Fills(Table, frozen=True, kw_only=True):
    """Functions that put their second argument into the list that they are given first."""

    calls: Names


class AbstractClasses(Table, frozen=True, kw_only=True):
    """Classes that count objects of other classes as their own: of these of the language, and of those
    that have their methods."""

    names: Names
    builtins: Names = ()
    structural: bool = False

    def abstract(self) -> Abstract:
        """The table as the catalogue keeps it."""
        return Abstract(self.builtins, self.structural)


class Routes(Table, frozen=True, kw_only=True):
    """Classes that are named in front of the keyword arguments of one of their methods; `source` tells
    what calls it."""

    bases: Names
    methods: Annotated[tuple[Keyword, ...], Meta(min_length=1)]
    source: Text


class Injects(Table, frozen=True, kw_only=True):
    """Callables that call their first argument with the others, of which the objects of some classes
    are called first; `source` tells where that is written."""

    calls: Names
    types: Names
    source: Text


class Lifts(Table, frozen=True, kw_only=True):
    """Callables after which calls of some codes no longer stop the loop."""

    calls: Names
    codes: Annotated[tuple[Code, ...], Meta(min_length=1)]
    source: Text


class Settings(Table, frozen=True, kw_only=True):
    """A constant of a program's modules that names what some calls wait for, the `harmless` ones by how
    they begin; where it is left out `beside` another constant, a harmless one stands in for it."""

    name: Keyword
    key: Keyword | None = None
    harmless: Annotated[tuple[Text, ...], Meta(min_length=1)]
    beside: Keyword | None = None
    lifts: Names
    source: Text

    def setting(self) -> ProgramSetting:
        """The table as the catalogue keeps it."""
        return ProgramSetting(self.key, self.harmless, self.beside, self.lifts)


class Counts(Table, frozen=True, kw_only=True):
    """Callables that tell how often a loop runs."""

    calls: Names
    gives: Literal[
        "range",
        "number",
        "least",
        "greatest",
        "length",
        "items",
        "shortest",
        "all-items",
        "sliced",
        "product",
        "permutations",
        "combinations",
        "repeated",
        "endless",
        "limited",
        "clock",
        "state",
        "ended-early",
    ]
    arguments: tuple[Position | Keyword, ...] = ()
    limits: tuple[Keyword, ...] = ()

    def count(self) -> Count:
        """The table as the catalogue keeps it."""
        return Count(self.gives, self.arguments, self.limits)


class Handlers(Table, frozen=True, kw_only=True):
    """Functions that a framework calls, known by their decorator, by their class's base, or by the
    call they are given to; `source` tells where that is written."""

    decorators: tuple[Name, ...] = ()
    bases: tuple[Name, ...] = ()
    methods: tuple[Pattern, ...] = ()
    calls: tuple[Name, ...] = ()
    arguments: tuple[Position | Keyword, ...] = ()
    sync: Literal["loop", "thread"] = "loop"
    coroutine: Literal["loop", "nowhere"] = "loop"
    kind: Kind = "loop-callback"
    certainty: Literal["exact", "likely", "guess"] = "exact"
    versions: Specifier | None = None
    option: Keyword | None = None
    equals: tuple[Constant, ...] = ()
    absent: bool = False
    parameters: tuple[Name, ...] = ()
    yields: Name | None = None
    source: Text

    def __post_init__(self) -> None:
        if sum(map(bool, (self.decorators, self.bases, self.calls))) != 1:
            raise ValueError("missing one, and only one, of the keys `decorators`, `bases` and `calls`")
        if self.option is not None and not (self.equals or self.absent):
            raise ValueError("missing key `equals` or `absent`")
        if bool(self.calls) != bool(self.arguments):
            raise ValueError("keys `calls` and `argument` go together")

    def handler(self, versions: str) -> Handler:
        """The table as the catalogue keeps it, where a decorator or a base marks the function;
        `versions` are to be named in findings."""
        return Handler(self.decorators, self.bases, self.methods, self._circumstances(versions))

    def schedule(self, versions: str) -> Schedule:
        """The table as the catalogue keeps it, where a call takes the function."""
        return Schedule(self.arguments, self._circumstances(versions), self.methods)

    def _circumstances(self, versions: str) -> Circumstances:
        form = (
            None
            if self.option is None
            else NonBlockingForm(self.option, None, _constants(self.equals), self.absent)
        )
        certainty = Certainty.from_label(self.certainty)
        return Circumstances(
            self.sync,
            self.kind,
            certainty,
            versions,
            form,
            parameters=self.parameters,
            coroutine_runs=self.coroutine,
            yields=self.yields or "",
        )


class Remedies(Table, frozen=True, kw_only=True):
    """What fixers put in where its library is in use."""

    purpose: Keyword
    use: Name
    library: Keyword
    module: Path
    by_name: bool = False
    replaces: tuple[Name, ...] = ()
    passes: Literal["all", "positional"] = "all"
    applicability: Literal["safe", "unsafe", "display"] = "unsafe"
    fallback: bool = False
    serves: tuple[Keyword, ...] = ()

    def __post_init__(self) -> None:
        if not self.use.startswith(f"{self.module}."):
            raise ValueError("key `use` does not begin with key `module`")

    def remedy(self) -> Remedy:
        """The table as the catalogue keeps it."""
        return Remedy(**{field: getattr(self, field) for field in self.__struct_fields__})


class Clients(Table, frozen=True, kw_only=True):
    """How requests are written with an asynchronous client."""

    use: Name
    library: Keyword
    module: Path
    replaces: Path
    sessions: tuple[Name, ...] = ()
    methods: Parameters
    keywords: Renames
    positional: tuple[Keyword, ...] = ()
    opening: tuple[Keyword, ...] = ()
    holds: tuple[Keyword, ...] = ()
    unredirected: tuple[Keyword, ...] = ()
    only: Parameters = {}
    redirects: Keyword | None = None
    settings: tuple[Keyword, ...] = ()
    forms: tuple[Keyword, ...] = ()
    bodies: Renames = {}
    pairs: tuple[Keyword, ...] = ()
    switches: tuple[Keyword, ...] = ()
    defaults: Constants = {}
    attributes: Renames = {}
    unlike: tuple[Keyword, ...] = ()
    lookups: tuple[Keyword, ...] = ()
    raising: Exceptions = {}
    exceptions: Exceptions = {}
    builtin: tuple[Keyword, ...] = ()
    entered: bool = False
    awaits: Codes = {}
    values: Codes = {}
    unset: Codes = {}

    def __post_init__(self) -> None:
        if not self.use.startswith(f"{self.module}."):
            raise ValueError("key `use` does not begin with key `module`")
        told = self.keywords.keys()
        for key in ("only", "settings", "forms", "bodies", "pairs", "switches"):
            unknown = [name for name in getattr(self, key) if name not in told]
            if unknown:
                raise ValueError(f"key `{key}`: `{unknown[0]}` is not in key `keywords`")
        for key in ("unlike", "lookups", "raising"):
            unknown = [name for name in getattr(self, key) if name not in {*self.attributes, *self.awaits}]
            if unknown:
                raise ValueError(f"key `{key}`: `{unknown[0]}` is not in key `attributes`")
        if unknown := [name for name in self.unredirected if name not in self.methods]:
            raise ValueError(f"key `unredirected`: `{unknown[0]}` is not in key `methods`")

    def client(self) -> Client:
        """The table as the catalogue keeps it."""
        found = {field: getattr(self, field) for field in self.__struct_fields__}
        defaults = {name: repr(_constants((value,))[0]) for name, value in self.defaults.items()}
        return Client(**{**found, "redirects": self.redirects or "", "defaults": defaults})


class Streams(Table, frozen=True, kw_only=True):
    """Callables whose result goes on reading."""

    calls: Names


class Twins(Table, frozen=True, kw_only=True):
    """Callables that have an asynchronous counterpart in the same class or module, with the same
    parameters; `source` tells where that is written."""

    owners: Annotated[tuple[Path, ...], Meta(min_length=1)]
    methods: Renames
    source: Text


class LoopOnly(Table, frozen=True, kw_only=True):
    """Callables that only the thread of a running loop may call; `source` tells where that is written."""

    calls: Names
    source: Text


class Current(Table, frozen=True, kw_only=True):
    """Callables that tell in which thread, or on which loop, they are called; `source` tells where that is
    written."""

    calls: Names
    source: Text


class ExampleProgram(Table, frozen=True, kw_only=True):
    """A program whose marked lines must be found, and whose others must not."""

    title: Text
    code: str
    requires: tuple[Text, ...] = ()


class RuleFile(Table, frozen=True, kw_only=True):
    """A whole file; each table may be repeated."""

    library: Text
    distribution: Text | None = None
    versions: Specifier | None = None
    older: tuple[Text, ...] = ()
    stubs: tuple[Text, ...] = ()
    blocks: tuple[Blocks, ...] = ()
    nonblocking: tuple[NonBlocking, ...] = ()
    unblocks: tuple[NonBlocking, ...] = ()
    asks: tuple[Asks, ...] = ()
    makes: tuple[Makes, ...] = ()
    types: tuple[Types, ...] = ()
    same: tuple[Same, ...] = ()
    offloads: tuple[Offloads, ...] = ()
    schedules: tuple[Schedules, ...] = ()
    applies: tuple[Applies, ...] = ()
    wrappers: tuple[Wrappers, ...] = ()
    consumes: tuple[Consumes, ...] = ()
    counts: tuple[Counts, ...] = ()
    handlers: tuple[Handlers, ...] = ()
    probes: tuple[Probes, ...] = ()
    locks: tuple[Locks, ...] = ()
    enumerations: tuple[Enumerations, ...] = ()
    fills: tuple[Fills, ...] = ()
    abstract: tuple[AbstractClasses, ...] = ()
    lifts: tuple[Lifts, ...] = ()
    settings: tuple[Settings, ...] = ()
    routes: tuple[Routes, ...] = ()
    injects: tuple[Injects, ...] = ()
    remedies: tuple[Remedies, ...] = ()
    clients: tuple[Clients, ...] = ()
    streams: tuple[Streams, ...] = ()
    loop_only: tuple[LoopOnly, ...] = ()
    current: tuple[Current, ...] = ()
    twins: tuple[Twins, ...] = ()
    example: tuple[ExampleProgram, ...] = ()
