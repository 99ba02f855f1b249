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

    `fix` tells fixers what is special: `"same-thread"` of calls that only the thread may make that made
    the object, `"opens"` of those that make such an object, `"lazy"` of those whose work is done only
    when their result is iterated, `"stepwise"` if each item they give is good only until the next.
    `certainty` is an upper bound: a callable that is only sometimes slow is at most a guess.
    `versions` of a library are those of which this holds, if nobody knows which the project has.
    """

    name: str
    code: str
    because: str
    instead: str | None = None
    fix: str | None = None
    certainty: Certainty = Certainty.EXACT
    versions: str = ""


@dataclass(frozen=True, slots=True)
class NonBlockingForm:
    """A way of calling under which a blocking callable does not wait, or gives something else.

    A method has this form only where its object is in the `state` named, if one is. With `argument`
    and `position` both `None` the arguments do not matter. Otherwise the argument,
    given by keyword or at that position (from 0), must be a constant among `equals`, a
    number less than `below`, a text that begins with one of `starts` or in which the regular expression
    `like` is found, or an instance of one of `types` (`ZipFile(BytesIO())`; `a.B @ done` for those in a
    state), or with `imported` the name of a module that the project imports; with
    `absent` true, leaving the argument out counts too. With `awaited` the form is that of an `__exit__`
    whose block awaits all that was started with the object, as it is or by one of these functions.
    """

    argument: str | None = None
    position: int | None = None
    equals: tuple[Constant, ...] = ()
    absent: bool = False
    types: tuple[str, ...] = ()
    below: float | None = None
    like: str | None = None
    state: str = ""
    starts: tuple[str, ...] = ()
    imported: bool = False
    awaited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offload:
    """A callable that runs one of its arguments in a thread or process.

    `wraps`: it does not run the argument but returns an awaitable version of it
    (`sync_to_async(f)`, also as a decorator). `coroutine_runs`: where a coroutine function given
    instead runs: `"loop"` (with `kind` as the finding's context), `"elsewhere"` or `"nowhere"`.
    `passes`: which of the arguments behind the callable it calls it with: `"all"`, `"positional"` or
    `"none"`.
    """

    arguments: tuple[Argument, ...]
    wraps: bool = False
    coroutine_runs: str = "nowhere"
    kind: str = "coroutine"
    parameters: tuple[str, ...] = ()
    passes: str = "none"


@dataclass(frozen=True, slots=True)
class Remedy:
    """A name for fixers to put in, where `library` (a top-level package) is in use.

    `use` is its qualified name, reached through the import of `module`, or, if `by_name`, through
    `from module import …`. `purpose` is a word that fixers look for: `"twin"`: it takes the place of
    the callables that it `replaces`, with the same arguments, and is awaited; `"thread"`: it runs a
    callable in a thread and is awaited; `"binding"`: it binds arguments to a callable; `"wrapping"`: it makes
    of a callable one that runs in a thread and is awaited, as the libraries that it `serves` want it. It
    calls the callable with the arguments that it `passes`: `"all"` or `"positional"`. A `fallback` fits
    where no library is in use.
    """

    purpose: str
    use: str
    library: str
    module: str
    by_name: bool = False
    replaces: tuple[str, ...] = ()
    passes: str = "all"
    applicability: str = "unsafe"
    fallback: bool = False
    serves: tuple[str, ...] = ()

    @property
    def usual(self) -> str:
        """How code usually writes it."""
        return self.use.rpartition(".")[2] if self.by_name else self.use


@dataclass(frozen=True, slots=True)
class Client:
    """How requests of a blocking HTTP library are written with an asynchronous client.

    `use` is the client's class, reached through the import of `module`; it fits where `library` is in
    use. Requests are functions of the module `replaces`, and methods of its `sessions`. `methods` gives
    the parameters they take by position, by their names, of which the new ones take those in `positional`;
    `unredirected` are those that follow no redirects of their own accord. `opening` are the arguments of a
    session that the client has too, and `holds` its attributes that are alike.

    `keywords` gives the new name of each argument; those in `only` are for some methods. An argument is
    one of the client if it is among `settings`; `forms` must be written out as texts and numbers, or be a
    text under the name in `bodies`; `pairs` must be pairs, and `switches` true or false. `defaults` are what
    requests do unless told otherwise, as the client's arguments. `redirects` is the new argument that has
    redirects followed.

    `attributes` gives the new names of what a response has, and `exceptions` what is caught instead
    of an exception; if both are empty, they are the same. Attributes among `unlike` are alike only if
    redirects are followed, and among `lookups` if keys are looked up in them. What those in `raising`
    raise, the exceptions there catch and the new ones do not.
    `builtin` exceptions catch what the old functions raise but not what the new ones do.

    If a request is `entered`, its response is good within `async with` only, where what `awaits` names is
    awaited: it gives the code for each attribute. `values` gives the code of a setting's value, with `{}` for
    what was given, and `unset` where nothing was; both begin with a name that the import of `module` has.
    """

    use: str
    library: str
    module: str
    replaces: str
    sessions: tuple[str, ...]
    methods: Mapping[str, tuple[str, ...]]
    keywords: Mapping[str, str]
    positional: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    unredirected: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    redirects: str = ""
    settings: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    bodies: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    unlike: tuple[str, ...] = ()
    lookups: tuple[str, ...] = ()
    raising: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exceptions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    builtin: tuple[str, ...] = ()
    entered: bool = False
    awaits: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    unset: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where a framework runs the functions it is given, and when that holds.

    `sync`: where plain ones run, `"loop"` or `"thread"`; `kind` is the context of a finding, which is
    no surer than `certainty`. `versions` names those of which this holds, if nobody knows which the
    project has. `form`: what the decorator or call must look like. Calls of the codes `without` do
    not stall the loop there. `parameters` are the classes of the objects that the functions are given.
    `coroutine_runs`: where an `async def` one runs, `"loop"` or `"nowhere"`. `yields` is the attribute
    that holds what the functions yield, or the class whose attributes are the items of that.
    """

    sync: str = "loop"
    kind: str = "loop-callback"
    certainty: Certainty = Certainty.EXACT
    versions: str = ""
    form: NonBlockingForm | None = None
    without: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    coroutine_runs: str = "loop"
    yields: str = ""


USUAL = Circumstances()


@dataclass(frozen=True, slots=True)
class Schedule:
    """A callable that has the loop call one of its arguments later; of an object that is given,
    the `methods`, if there are any."""

    arguments: tuple[Argument, ...]
    circumstances: Circumstances = USUAL
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Apply:
    """A callable that calls one of its arguments itself, or a `method` of it.

    `when` is `"now"` (`sorted(key=f)`), `"entered"` (it enters a context manager, as an exit stack
    does) or `"iterated"`: only once its result is iterated
    (`map(f, xs)`). `items`: the arguments of which it is given the items.
    """

    arguments: tuple[Argument, ...]
    when: str = "now"
    method: str = ""
    items: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Consume:
    """A callable that iterates its arguments; `when` is `"now"` (`list(xs)`) or `"iterated"`: only
    once its own result is iterated (`enumerate(xs)`). `is_nested`: it iterates what they give, too."""

    arguments: tuple[Argument, ...]
    when: str = "now"
    is_nested: bool = False


@dataclass(frozen=True, slots=True)
class Abstract:
    """A class that counts objects as its own whose classes do not inherit from it: those of `builtins`
    and, if it `is_structural`, those that have its methods."""

    builtins: tuple[str, ...]
    is_structural: bool


@dataclass(frozen=True, slots=True)
class Count:
    """A callable that tells how often loops run; `gives` is one of the words of the rule files.

    `arguments` are those that decide, and `limits` the keywords that bound a number from above.
    """

    gives: str
    arguments: tuple[Argument, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgramSetting:
    """A constant that names what calls wait for; if it is a dict, under `key` in it.

    The methods of the classes in `lifts` do not wait where all that it names begins with one of
    `harmless`, or where nothing binds it in a program that binds `beside`.
    """

    key: str | None
    harmless: tuple[str, ...]
    beside: str | None
    lifts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handler:
    """Functions that a framework calls.

    Selected by the qualified name of their decorator, or by a base or decorator of their class (all
    its public methods, or those that fit a pattern among `methods`).
    """

    decorators: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    circumstances: Circumstances = USUAL


@dataclass(frozen=True, slots=True)
class Question:
    """A method that asks an object about itself: after the `answer`, those of the `methods` do not wait.

    With a `position`, a function that is given a list of objects there, and gives back those that answer
    so, in a list at the same place of its result.
    """

    methods: tuple[str, ...]
    answer: bool = True
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """A callable that tells whether an event loop runs in this thread: where one does, it gives
    something true; elsewhere it gives something false, or raises one of the exceptions `raises`."""

    raises: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A program inside a rule file: a line ending in `# blocks: NAME` must be found under that
    name, every other line must stay silent. `requires` are what the program declares to need."""

    title: str
    code: str
    requires: tuple[str, ...] = ()


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
class Digest:
    """What all names of a catalogue together tell: its classes, those with methods that block, the
    last names of those whose objects block where they are read from another, and those whose objects
    have states that matter."""

    classes: frozenset[str]
    blocking_classes: frozenset[str]
    descriptors: frozenset[str]
    stateful: frozenset[str]


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
    attribute_blocks: attributes that block when they are read or set; `attribute_states` are the states
    in which objects fetch what is missing as soon as one of theirs is read.
    sure_forms: what calls of a certain form block as, instead of what the others do.
    kin: the library class whose methods a decorator adds to a function.
    wrappers: what a decorator makes of a function: `same`, `cached`, `decorator` (calling it always gives
    one that makes the same, as `functools.wraps(f)`), `context-manager`,
    `async-context-manager`, `property`, `partial`, `object`, `object-decorator` (of the class in `kin`).
    consumes: callables that iterate an argument (`list`, `enumerate`).
    asks: methods whose answer tells that other methods of their object do not wait.
    probes: callables that tell whether an event loop runs in this thread.
    locks: classes whose objects one thread holds, from entering to leaving, while others wait.
    enumerations: classes in whose subclasses names stand for members.
    fills: functions that put their second argument into the list that they are given first.
    abstract: classes that count objects of other classes as their own.
    lifts: callables after which calls of some codes no longer stop the loop, with those codes.
    settings: constants by which a program chooses what some calls wait for.
    routes: for classes that are named in front of keyword arguments, the methods that are given those.
    injects: callables that call their first argument with the others, of which the objects of these
    classes are called first.
    counts: callables by which the rounds of loops are estimated (`range`, `min`, a clock).
    remedies: what fixers put in, in the order of their files.
    clients: how fixers write requests with other clients.
    streams: calls that give what goes on reading from where they connected.
    loop_only: calls that only the thread of a running loop may make.
    current: calls that tell in which thread, or on which loop, they are made.
    twins: for each call the name of a coroutine function of the same class or module that takes the same.
    users: the names that come from the user, which may be functions of the project itself.
    digest: what the names together tell, if that is known already.
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
    schedules: Mapping[str, tuple[Schedule, ...]] = field(default_factory=dict)
    applies: Mapping[str, Apply] = field(default_factory=dict)
    wrappers: Mapping[str, str] = field(default_factory=dict)
    kin: Mapping[str, str] = field(default_factory=dict)
    sure_forms: Mapping[str, tuple[tuple[NonBlockingForm, Blocker], ...]] = field(default_factory=dict)
    attribute_blocks: Mapping[str, Blocker] = field(default_factory=dict)
    attribute_states: Mapping[str, str] = field(default_factory=dict)
    consumes: Mapping[str, Consume] = field(default_factory=dict)
    asks: Mapping[str, Question] = field(default_factory=dict)
    probes: Mapping[str, Probe] = field(default_factory=dict)
    locks: frozenset[str] = frozenset()
    enumerations: frozenset[str] = frozenset()
    fills: frozenset[str] = frozenset()
    abstract: Mapping[str, Abstract] = field(default_factory=dict)
    lifts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: Mapping[str, ProgramSetting] = field(default_factory=dict)
    routes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    injects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Mapping[str, Count] = field(default_factory=dict)
    handlers: tuple[Handler, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    clients: tuple[Client, ...] = ()
    streams: frozenset[str] = frozenset()
    loop_only: frozenset[str] = frozenset()
    current: frozenset[str] = frozenset()
    twins: Mapping[str, str] = field(default_factory=dict)
    users: frozenset[str] = frozenset()
    libraries: tuple[Library, ...] = ()
    digest: Digest | None = None
