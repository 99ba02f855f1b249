"""The format of a rule file: its tables, their keys, and what may stand under each.

The classes mirror the file one to one. A key that takes a list may also be written in the singular
(`call = "x"` for `calls = ["x"]`); the reader turns one into the other.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from asyncblock_lint.model.catalogue import (
    Apply,
    Blocker,
    Circumstances,
    Constant,
    Consume,
    Handler,
    NonBlockingForm,
    Offload,
    Schedule,
)
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.codes import CODES

SINGULARS = {
    "argument": "arguments",
    "attribute": "attributes",
    "base": "bases",
    "call": "calls",
    "decorator": "decorators",
    "method": "methods",
    "name": "names",
}

NONE = "<none>"
"""How `None` is written among constants; TOML has no word for it."""

_WORD = r"[^\W\d]\w*"
_PATH = rf"{_WORD}(\.{_WORD})*"
_CALL = rf"{_WORD}(\.{_WORD})+"
_DERIVED = rf"(argument|awaited|element|entered|instance|item|named|result)\((\d+|'{_WORD}')\)"
_PLAIN_TYPE = rf"({_DERIVED}|{_PATH})"
_FLAT_TYPE = rf"{_PLAIN_TYPE}(\[{_PLAIN_TYPE}(, {_PLAIN_TYPE})*\])?"
_ONE_TYPE = rf"{_PLAIN_TYPE}(\[{_FLAT_TYPE}(, {_FLAT_TYPE})*\])?"
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
Keyword = Annotated[str, Meta(pattern=rf"\A{_WORD}\Z", description="a parameter's name")]
Position = Annotated[int, Meta(ge=0, description="a position from 0")]
TypeName = Annotated[
    str,
    Meta(
        pattern=rf"\A{_TYPE}\Z", description="a type such as `self`, `package.Class` or `list[package.Class]`"
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
Places = Annotated[tuple[Position | Keyword, ...], Meta(min_length=1)]


def _constants(written: tuple[Constant, ...]) -> tuple[Constant, ...]:
    """The constants, with the written `<none>` as `None`."""
    return tuple(None if value == NONE else value for value in written)


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the tables; no table has keys beyond those declared."""


class Blocks(Table, frozen=True, kw_only=True):
    """Callables that hold the thread."""

    calls: tuple[Callee, ...] = ()
    attributes: tuple[Name, ...] = ()
    code: Code
    because: Text
    instead: Text | None = None
    fix: Text | None = None
    certainty: Literal["exact", "likely", "guess"] = "exact"
    argument: Keyword | None = None
    position: Position | None = None
    equals: tuple[Constant, ...] = ()
    types: tuple[Name, ...] = ()

    def __post_init__(self) -> None:
        if not self.calls and not self.attributes:
            raise ValueError("missing key `calls` or `attributes`")
        has_place = self.argument is not None or self.position is not None
        if has_place != bool(self.equals or self.types):
            raise ValueError(
                "missing key `equals` or `types`" if has_place else "missing key `argument` or `position`"
            )

    @property
    def is_plain(self) -> bool:
        """Whether the table is about every way of calling."""
        return not (self.equals or self.types)

    def form(self) -> NonBlockingForm:
        """The form of the calls that the table is about."""
        return NonBlockingForm(self.argument, self.position, _constants(self.equals), types=self.types)

    def blocker(self, name: str) -> Blocker:
        """What the table says of `name`."""
        bound = Certainty.from_label(self.certainty)
        return Blocker(name, self.code, self.because, self.instead, self.fix, bound)


class NonBlocking(Table, frozen=True, kw_only=True):
    """Callables, or forms of calling them, that do not wait after all."""

    calls: Callees
    argument: Keyword | None = None
    position: Position | None = None
    equals: tuple[Constant, ...] = ()
    types: tuple[Name, ...] = ()
    below: float | None = None
    absent: bool = False

    def __post_init__(self) -> None:
        has_place = self.argument is not None or self.position is not None
        has_test = bool(self.equals or self.types or self.absent or self.below is not None)
        if has_place and not has_test:
            raise ValueError("missing key `equals`, `types`, `below` or `absent`")
        if has_test and not has_place:
            raise ValueError("missing key `argument` or `position`")

    def form(self) -> NonBlockingForm:
        """The form as the catalogue keeps it."""
        equals = _constants(self.equals)
        return NonBlockingForm(self.argument, self.position, equals, self.absent, self.types, self.below)


class Makes(Table, frozen=True, kw_only=True):
    """What calls return, or attributes hold."""

    calls: tuple[Name, ...] = ()
    attributes: tuple[Name, ...] = ()
    type: TypeName
    argument: Keyword | None = None
    position: Position | None = None
    equals: tuple[Constant, ...] = ()

    def __post_init__(self) -> None:
        if not self.calls and not self.attributes:
            raise ValueError("missing key `calls` or `attributes`")
        has_place = self.argument is not None or self.position is not None
        if has_place != bool(self.equals):
            raise ValueError(f"missing key {'`equals`' if has_place else '`argument` or `position`'}")

    def form(self) -> NonBlockingForm:
        """The form of the call that gives this; it does not matter here whether it waits."""
        return NonBlockingForm(self.argument, self.position, _constants(self.equals))


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
    coroutine: Literal["loop", "nowhere"] = "nowhere"
    kind: Kind = "coroutine"
    parameters: tuple[Name, ...] = ()

    def offload(self) -> Offload:
        """The table as the catalogue keeps it."""
        return Offload(self.arguments, self.wraps, self.coroutine, self.kind, self.parameters)


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

    def apply(self) -> Apply:
        """The table as the catalogue keeps it."""
        return Apply(self.arguments, self.when)


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
    ]
    type: Name | None = None


class Consumes(Table, frozen=True, kw_only=True):
    """Callables that iterate an argument, on the spot or once their own result is iterated."""

    calls: Names
    arguments: Places
    when: Literal["now", "iterated"] = "now"

    def consume(self) -> Consume:
        """The table as the catalogue keeps it."""
        return Consume(self.arguments, self.when)


class Handlers(Table, frozen=True, kw_only=True):
    """Functions that a framework calls, known by their decorator, by their class's base, or by the
    call they are given to; `source` tells where that is written."""

    decorators: tuple[Name, ...] = ()
    bases: tuple[Name, ...] = ()
    methods: tuple[Pattern, ...] = ()
    calls: tuple[Name, ...] = ()
    arguments: tuple[Position | Keyword, ...] = ()
    sync: Literal["loop", "thread"] = "loop"
    kind: Kind = "loop-callback"
    certainty: Literal["exact", "likely", "guess"] = "exact"
    versions: Specifier | None = None
    option: Keyword | None = None
    equals: tuple[Constant, ...] = ()
    absent: bool = False
    parameters: tuple[Name, ...] = ()
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
        return Circumstances(self.sync, self.kind, certainty, versions, form, parameters=self.parameters)


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
    makes: tuple[Makes, ...] = ()
    types: tuple[Types, ...] = ()
    same: tuple[Same, ...] = ()
    offloads: tuple[Offloads, ...] = ()
    schedules: tuple[Schedules, ...] = ()
    applies: tuple[Applies, ...] = ()
    wrappers: tuple[Wrappers, ...] = ()
    consumes: tuple[Consumes, ...] = ()
    handlers: tuple[Handlers, ...] = ()
    example: tuple[ExampleProgram, ...] = ()
