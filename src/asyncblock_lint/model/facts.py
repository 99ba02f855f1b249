"""What one file says: functions, calls, bindings, classes, comments; nothing of what they mean.

Expressions are small trees. A name that the function binds itself carries the index of the binding
that reaches this use (static single assignment: where several reach it, they are joined in a
binding of their own), so order, branches and rebinding need no second look at the source.
Lines count from 1, columns from 0 in characters; ends are exclusive.
"""

from __future__ import annotations

import enum

import msgspec

FREE = -1
"""The binding index of a name that its own scope does not bind."""


class Node(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """Base of the expression nodes."""


class Name(Node, frozen=True):
    """A variable; `binding` indexes the bindings of the function it stands in, or is `FREE`."""

    id: str
    binding: int = FREE


class Attr(Node, frozen=True):
    """`base.name`."""

    base: Expr
    name: str


class Call(Node, frozen=True):
    """The result of a call: an index into the calls of the function it stands in."""

    index: int


class Item(Node, frozen=True):
    """`base[index]`."""

    base: Expr
    index: Expr


class Awaited(Node, frozen=True):
    """`await value`."""

    value: Expr


class Const(Node, frozen=True):
    """A literal; long strings are cut, numbers past 64 bits and complex ones are `Unknown`."""

    value: str | int | float | bool | None


class Bytes(Node, frozen=True):
    """A bytes literal, whose value nobody needs."""


class Func(Node, frozen=True):
    """A lambda, a nested function or a generator expression, by its name in the file."""

    name: str


class Class(Node, frozen=True):
    """A class statement's class, by its name in the file."""

    name: str


class Choice(Node, frozen=True):
    """One of several: `or`, `and`, a join of branches, or a conditional expression, which is the first
    where `test` holds."""

    options: tuple[Expr, ...]
    test: Test | None = None


class Display(Node, frozen=True):
    """A list, tuple, set or dict written out or comprehended; of a dict the items are the values,
    under `keys` where they are written out."""

    kind: str
    items: tuple[Expr, ...]
    keys: tuple[Expr, ...] = ()


class Star(Node, frozen=True):
    """`*value` or `**value` among arguments or items."""

    value: Expr


class Element(Node, frozen=True):
    """What iterating `value` gives; `is_async` for `async for`."""

    value: Expr
    is_async: bool = False


class Entered(Node, frozen=True):
    """What `with value as …` binds; `is_async` for `async with`."""

    value: Expr
    is_async: bool = False


class Operation(Node, frozen=True):
    """`base` under a binary operator, by its method's name (`__truediv__`, `__or__`)."""

    base: Expr
    method: str
    other: Expr


class Imported(Node, frozen=True):
    """`import module` (`name` empty), or `from module import name`; `level` counts the dots."""

    module: str
    name: str
    level: int


class Narrowed(Node, frozen=True):
    """`value`, known here to be an instance of `to` (`isinstance`), or not to be one."""

    value: Expr
    to: Expr
    is_not: bool = False


class Unknown(Node, frozen=True):
    """Anything the analysis does not follow."""


Expr = (
    Name
    | Attr
    | Call
    | Item
    | Awaited
    | Const
    | Bytes
    | Func
    | Class
    | Choice
    | Display
    | Star
    | Element
    | Entered
    | Operation
    | Imported
    | Narrowed
    | Unknown
)

UNKNOWN = Unknown()
SLICE = Display("slice", ())
"""The index of `base[a:b]`."""


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of the records below."""


class Span(Fact, frozen=True):
    """A stretch of source; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Guard(enum.IntFlag):
    """Conditions that a statement stands under."""

    NONE = 0
    TYPE_CHECKING = 1
    MAIN = 2


class Binding(Fact, frozen=True):
    """A name given a value, an annotation, or both.

    `kind` is `plain`, `join` (where branches meet), or `inner` (seen by one comprehension only).
    """

    name: str
    value: Expr | None = None
    annotation: Expr | None = None
    kind: str = "plain"


class Argument(Fact, frozen=True):
    """One argument of a call; `keyword` is `None` for a positional one, `**` for a mapping."""

    value: Expr
    keyword: str | None = None


class CallFact(Fact, frozen=True):
    """A call. `awaited`: it stands directly under `await`. `is_decorator`: it is the application
    of a decorator, at the decorator's place."""

    callee: Expr
    arguments: tuple[Argument, ...]
    span: Span
    awaited: bool = False
    is_decorator: bool = False
    guard: int = 0


class Use(Fact, frozen=True):
    """Code run without a call: `kind` is `read` or `write` (an attribute, perhaps a property), `enter` (a
    `with` item), `iterate` (`for`, unpacking, `yield from`), `item`, `set item` or `delete item` (of the
    object subscripted), `contains` (of what stands after `in`), `truth` (of what a condition asks),
    `text` (of what an f-string shows), or the method of an operator (`__add__`, `__eq__`)."""

    kind: str
    subject: Expr
    span: Span
    guard: int = 0


class Store(Fact, frozen=True):
    """`base.name = value`, or `base[key] = value` (`name` is `[]`)."""

    base: Expr
    name: str
    value: Expr | None
    annotation: Expr | None = None
    key: Expr | None = None


class Parameter(Fact, frozen=True):
    """A parameter; `kind` is `positional`, `both`, `keyword`, `*` or `**`. Its binding in the
    function has the same position."""

    name: str
    kind: str = "both"
    annotation: Expr | None = None
    default: Expr | None = None


class Test(Fact, frozen=True):
    """What decides whether a stretch of code runs.

    `op` is `true` (the truth of `subject`), `none` (`subject is None`), `raises` (one of the `calls`,
    by index, raises what a handler for `subject` catches; without a subject, for everything), `tried`
    (the `calls` stand in a `try`), `among` (`subject` equals one of `options`), `in` (the one option
    contains it), `kind` (it is an instance of the one option), `below` or `above` (it is less or more
    than the one option), `not`, `and`, `or`, or empty where nobody can tell.
    """

    op: str = ""
    subject: Expr | None = None
    parts: tuple[Test, ...] = ()
    calls: tuple[int, int] = (0, 0)
    options: tuple[Expr, ...] = ()


class Region(Fact, frozen=True):
    """A stretch of a function: where `test` comes out as `holds`, or the body of a `with` (`test` is
    `None`) whose item is `subject`, at `span`.

    `calls`, `uses`, `bindings`, `returns`, `yields`, `stores` and `awaits` are the stretches of those
    lists that stand in it, ends exclusive; `await_line` is the line of the first `await` in it, or 0.
    `is_checked`: where the test comes out otherwise, the function does not return.
    """

    test: Test | None
    holds: bool = True
    subject: Expr | None = None
    span: Span | None = None
    calls: tuple[int, int] = (0, 0)
    uses: tuple[int, int] = (0, 0)
    bindings: tuple[int, int] = (0, 0)
    returns: tuple[int, int] = (0, 0)
    yields: tuple[int, int] = (0, 0)
    stores: tuple[int, int] = (0, 0)
    awaits: tuple[int, int] = (0, 0)
    await_line: int = 0
    is_checked: bool = False


class OuterBinding(Fact, frozen=True):
    """A `global` or `nonlocal` name bound by a function; `binding` indexes its bindings."""

    name: str
    binding: int
    is_global: bool


class StarImport(Fact, frozen=True):
    """`from module import *`."""

    module: str
    level: int


class LoopFact(Fact, frozen=True):
    """A loop or comprehension of a function, for an estimate of how long it computes.

    `kind` is `for`, `while` or `comprehension`. `subject` is what it iterates, or the left side of
    the comparison (`operator`, `other`) that a `while` tests; `operator` is empty where it tests the
    truth of something else and `always` where that never changes. `parent` indexes the loop around
    it. `operations` are those of a round, without the loops inside; `calls` and `awaits` are the
    stretches of the function's own that a round runs, the loops inside included, and `body` is where
    those after the test begin. `seldom` are calls under a condition, as is the loop itself if
    `is_conditional`. `leaves`: `break` or `return` may end it early, `raises`: so may `raise`.
    `is_idle`: its body does nothing. `in_try`: an exception may end it without ending the function.
    """

    kind: str
    span: Span
    subject: Expr
    operator: str = ""
    other: Expr = UNKNOWN
    parent: int = -1
    operations: float = 0
    calls: tuple[int, int] = (0, 0)
    body: int = 0
    seldom: tuple[int, ...] = ()
    awaits: tuple[int, int] = (0, 0)
    is_conditional: bool = False
    leaves: bool = False
    raises: bool = False
    yields: bool = False
    is_idle: bool = False
    in_try: bool = False


class FunctionFacts(Fact, frozen=True):
    """A function, a lambda, a generator expression, a class body or the module body.

    `name` is the path in the file: `Store.load`, `outer.<locals>.inner`, `<lambda:12:8>`,
    `<module>`. `kind` is `sync`, `async`, `generator`, `async generator`, `lambda`, `class` or
    `module`. `parent` is the function whose scope encloses it. Expressions in `parameters` (and
    `returns_annotation`) belong to the parent, all others to the function itself. `final` maps
    names to the bindings that hold when a module or class body ends. `header_end` is the last line
    before a function's body; `is_stub` tells of a body that only stands in for one. `head` is the
    place of `def` and name; `opening` of its calls stand before its first `yield`, all if there is none;
    `awaits` are what it awaits, `UNKNOWN` for `async for` and `async with`;
    `operations` those outside its loops; `raises`: it has a `raise` or `assert`.
    """

    name: str
    kind: str
    parent: str | None
    span: Span
    parameters: tuple[Parameter, ...] = ()
    returns_annotation: Expr | None = None
    decorators: tuple[Expr, ...] = ()
    bindings: tuple[Binding, ...] = ()
    final: dict[str, int] = {}
    returns: tuple[Expr, ...] = ()
    yields: tuple[Expr, ...] = ()
    calls: tuple[CallFact, ...] = ()
    uses: tuple[Use, ...] = ()
    stores: tuple[Store, ...] = ()
    outer: tuple[OuterBinding, ...] = ()
    stars: tuple[StarImport, ...] = ()
    guard: int = 0
    header_end: int = 0
    is_stub: bool = False
    regions: tuple[Region, ...] = ()
    head: Span | None = None
    loops: tuple[LoopFact, ...] = ()
    awaits: tuple[Expr, ...] = ()
    operations: float = 0
    raises: bool = False
    opening: int = 0


class ClassFacts(Fact, frozen=True):
    """A class statement. Expressions belong to the function `parent`; its body is the function
    `body`; `fields` are the names annotated in the body, in order. `generic_bases` are those of the
    bases that have something in brackets, and `variables` what stands in brackets behind the name."""

    name: str
    parent: str
    body: str
    bases: tuple[Expr, ...]
    decorators: tuple[Expr, ...]
    span: Span
    fields: tuple[str, ...] = ()
    generic_bases: tuple[Expr, ...] = ()
    variables: tuple[str, ...] = ()


class Directive(Fact, frozen=True):
    """A comment addressed to the linter: `kind` is `noqa`, `off-loop` or `nonblocking`; `codes`
    are those a `noqa` names (none: all)."""

    kind: str
    line: int
    column: int
    codes: tuple[str, ...] = ()


class ModuleFacts(Fact, frozen=True):
    """Everything extracted from one file. `exports` is `__all__` where it is a plain list; `imports`
    are the modules that importing the file imports, as far as they are named absolutely (of
    `from a import b`, `a.b` as well)."""

    functions: tuple[FunctionFacts, ...]
    classes: tuple[ClassFacts, ...]
    directives: tuple[Directive, ...] = ()
    exports: tuple[str, ...] | None = None
    imports: tuple[str, ...] = ()
