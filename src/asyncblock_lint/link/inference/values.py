"""What an expression may stand for: functions, classes, instances, library names and the like."""

from __future__ import annotations

from dataclasses import dataclass, replace

from asyncblock_lint.link.inference.hashed import Hashed
from asyncblock_lint.link.inference.known import Setting
from asyncblock_lint.model.certainty import Certainty


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module of the project, by index."""

    module: int


@dataclass(frozen=True, slots=True)
class NamespaceValue:
    """A folder without `__init__.py` on the way to modules of the project."""

    dotted: str
    importer: int


@dataclass(frozen=True, slots=True, eq=False)
class LibraryValue(Hashed):
    """A module, class, function or method outside the project, by qualified name; `owner` is the
    object a method was read from."""

    name: str
    owner: LibraryInstance | InstanceValue | SequenceValue | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LibraryInstance(Hashed):
    """An object of a library class; `items` are what it holds, where it is a typed container, and
    `state` is a word of the rules for what has become of it: a future that is done."""

    type: str
    items: tuple[Values, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class of the project, by index. `is_any`: that, or one of its subclasses."""

    cls: int
    is_any: bool = False


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """Whatever the caller of the function `unit` gives for a parameter; of a class body, what its
    constructor is given for a field."""

    unit: int
    name: str


Environment = tuple[tuple[ParameterValue, "Values"], ...]
"""What is given for parameters: of the functions around a closure, of an object's constructor."""


@dataclass(frozen=True, slots=True, eq=False)
class InstanceValue(Hashed):
    """An object of a project class, or of one of its subclasses.

    One that was seen being made is of this very class, and `environment` holds what its constructor
    was given; of others that is `None`. `types` are what an annotation puts for type variables.
    `is_self`: it is the object whose method is looked at, so whatever its constructor was given is left
    open, for the callers of the method to fill. `state` is as for library objects. `given` is what
    is known of the values that its constructors, or its class for its fields, were given, by the index of
    their functions, as far as that decides what it holds or does.
    """

    cls: int
    environment: Environment | None = None
    is_self: bool = False
    state: str = ""
    types: Environment = ()
    given: tuple[tuple[int, Setting], ...] = ()


@dataclass(frozen=True, slots=True)
class SuperValue:
    """`super()` in a method of the class `cls`."""

    cls: int


CALLED = "()"
"""A step of a path: calling what was read so far, without arguments."""

ELEMENT = "[]"
"""A step of a path: any item of what was read so far."""

_SOME_ITEM = "[?]"


def item_step(index: object) -> str:
    """A step of a path: what stands at the position or under the key `index`; some item if that is
    neither a position nor a word, nor a constant's name in a tuple, which has a dot before it."""
    match index:
        case int() if type(index) is int and index >= 0:
            return f"[{index}]"
        case str() if index.isidentifier():
            return f"[{index}]"
        case (str(name),):
            return f"[.{name}]"
    return _SOME_ITEM


def index_of(step: str) -> int | str | tuple[str] | None:
    """The position or the key that a step of a path tells."""
    place = step[1:-1]
    if place.startswith("."):
        return (place[1:],)
    return None if step == _SOME_ITEM else int(place) if place.isdecimal() else place


@dataclass(frozen=True, slots=True, eq=False)
class PathValue(Hashed):
    """What is read from a parameter, attribute by attribute; `CALLED` stands for a call,
    `ELEMENT` for an item and a place in brackets for what is unpacked."""

    root: ParameterValue
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FunctionValue(Hashed):
    """A function of the project.

    `role` is empty, or what a decorator made of it: `static`, `class`, `property`, `cached`,
    `context-manager`, `async-context-manager`. `bound`: the first parameter is already given; of a
    method it is `receiver`. `setter` is the function that writing a property calls.
    `kin`: a library class whose attributes a decorator added.
    """

    unit: int
    bound: bool = False
    role: str = ""
    environment: Environment = ()
    setter: int | None = None
    receiver: InstanceValue | None = None
    kin: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class RunValue(Hashed):
    """A function called whose body has not run yet.

    `how`: `coroutine` (runs when awaited), `generator` (when iterated), `context` or
    `async context` (when entered). `constants` are what is known of what its parameters are given.
    """

    how: str
    function: FunctionValue
    constants: Setting = ()


@dataclass(frozen=True, slots=True, eq=False)
class PartialValue(Hashed):
    """A callable with some arguments already given."""

    target: Value
    positional: tuple[Values, ...]
    named: tuple[tuple[str, Values], ...]


@dataclass(frozen=True, slots=True)
class WrapperValue:
    """A library decorator called with its options; applied next to the function."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class AccessorValue(Hashed):
    """`prop.setter` and its kin: applied to a function it gives the property back, with that setter."""

    function: FunctionValue
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class DeferredValue(Hashed):
    """Something that `await` turns into `result`: the value of a call made in a thread."""

    result: Values


@dataclass(frozen=True, slots=True, eq=False)
class OffloadedValue(Hashed):
    """A callable that runs its target in a thread and must be awaited."""

    target: Value


@dataclass(frozen=True, slots=True, eq=False)
class LazyValue(Hashed):
    """An iterator that, when iterated, calls `applied` and iterates `iterated`; it gives `elements`,
    or what `applied` returns where they are unknown."""

    applied: Values
    iterated: Values
    elements: Values = ()


@dataclass(frozen=True, slots=True, eq=False)
class SequenceValue(Hashed):
    """A list, set, dict (its values) or tuple written out; `fixed` where positions are known. The
    `keys` of a dict are those of its items, `None` where one is not known."""

    kind: str
    items: tuple[Values, ...]
    fixed: bool = True
    keys: tuple[object, ...] = ()

    @property
    def holder(self) -> LibraryInstance:
        """The container as an object that has methods."""
        held = choose(list(self.items)) if self.items else NOTHING
        return LibraryInstance(f"builtins.{self.kind}", (NOTHING, held) if self.kind == "dict" else (held,))

    def with_more(self, items: tuple[Values, ...], keys: tuple[object, ...]) -> SequenceValue:
        """The container with more in it; of a dict, under these keys."""
        known = self.keys or (None,) * len(self.items)
        joined = (*known, *(keys or (None,) * len(items)))
        return SequenceValue(self.kind, (*self.items, *items), False, joined if self.kind == "dict" else ())

    def under(self, key: object) -> Values:
        """What a dict holds under `key`: its own item, or those whose keys are not known."""
        own = [items for items, known in zip(self.items, self.keys, strict=False) if known == key]
        # A name may stand for a key that is written in another way here.
        rest = [
            items
            for items, known in zip(self.items, self.keys, strict=False)
            if known is None or isinstance(known, tuple)
        ]
        is_named = isinstance(key, tuple)
        options = (
            own[-1:] or ([] if is_named else rest) or list(self.items if is_named or not self.keys else ())
        )
        return choose(options) if options else NOTHING


@dataclass(frozen=True, slots=True)
class NoneValue:
    """`None`."""


Value = (
    ModuleValue
    | NamespaceValue
    | LibraryValue
    | LibraryInstance
    | ClassValue
    | InstanceValue
    | SuperValue
    | ParameterValue
    | PathValue
    | FunctionValue
    | RunValue
    | PartialValue
    | WrapperValue
    | AccessorValue
    | DeferredValue
    | OffloadedValue
    | LazyValue
    | SequenceValue
    | NoneValue
)

Values = tuple[tuple[Value, Certainty], ...]
"""The alternatives, each with its certainty; empty where nothing is known."""

NOTHING: Values = ()
NONE = NoneValue()

_TOLD = (ClassValue, FunctionValue, InstanceValue, PartialValue)
_CONTAINERS = frozenset(f"builtins.{name}" for name in ("dict", "list", "set", "tuple"))
_MOST_OBJECTS = 8
"""So many alternatives are told apart by what they were made with."""


def exactly(value: Value) -> Values:
    """`value` and nothing else, for certain."""
    return ((value, Certainty.EXACT),)


def at_most(values: Values, certainty: Certainty) -> Values:
    """`values`, none surer than `certainty`."""
    if certainty is Certainty.EXACT:
        return values
    return tuple((value, min(held, certainty)) for value, held in values)


def holding(values: Values, promised: Values) -> Values:
    """`values`; of containers that hold nothing known, those that an annotation promises, and objects
    of generic classes with the types that it puts for their variables."""
    held = {value.type: value for value, _ in promised if isinstance(value, LibraryInstance)}
    types = {value.cls: value.types for value, _ in promised if isinstance(value, InstanceValue)}
    if any(types.values()):
        values = tuple(
            (replace(value, types=types[value.cls]), certainty)
            if isinstance(value, InstanceValue) and not value.types and value.cls in types
            else (value, certainty)
            for value, certainty in values
        )
    return tuple(
        (held[value.type], certainty)
        if isinstance(value, LibraryInstance) and value.type in held and holds_nothing(value)
        else (value, certainty)
        for value, certainty in values
    )


def holds_nothing(value: LibraryInstance) -> bool:
    """Whether nothing is known of what the container holds, or but that it is `None` at first."""
    return all(not items or is_none(items) for items in value.items)


def state_of(value: object) -> str:
    """What the rules know of the object's state; empty where that is nothing."""
    return value.state if isinstance(value, LibraryInstance | InstanceValue) else ""


def in_state(values: Values, state: str) -> Values:
    """`values`, with the objects among them in that state."""
    return tuple(
        (replace(value, state=state) if isinstance(value, LibraryInstance | InstanceValue) else value, held)
        for value, held in values
    )


def tells_little(values: Values) -> bool:
    """Whether an annotation knows more: nothing is known, or only `None` or a container of which it is
    not known what each item is."""
    return all(
        isinstance(value, NoneValue) or (isinstance(value, SequenceValue) and not _are_told(value.items))
        for value, _ in values
    )


def _are_told(items: tuple[Values, ...]) -> bool:
    """Whether each of the items is a class, function or object that was seen being made."""
    return bool(items) and all(any(isinstance(value, _TOLD) for value, _ in values) for values in items)


PLAIN_DATA = frozenset(f"builtins.{name}" for name in ("str", "int", "float", "bool", "bytes"))
"""The classes of texts, of bytes and of numbers."""


def was_made(value: Value | None) -> bool:
    """Whether it is an object that was seen being made."""
    return isinstance(value, InstanceValue) and value.environment is not None


def left_open(values: Values) -> Values:
    """The alternatives that wait for a caller to fill them."""
    return tuple(item for item in values if isinstance(item[0], ParameterValue | PathValue))


def says_less(values: Values) -> bool:
    """Whether an annotation beside the `values` knows more: they tell little, or wait for callers."""
    return tells_little(values) or len(left_open(values)) == len(values)


def is_outdone(values: Values, promised: Values) -> bool:
    """Whether the annotation beside the `values` knows more; one that promises but containers does not,
    where it is known what is in them."""
    if not promised or not says_less(values):
        return False
    held = [value.items for value, _ in values if isinstance(value, SequenceValue)]
    return not any(map(any, held)) or not are_bare(promised)


def are_bare(values: Values) -> bool:
    """Whether these are but containers of whatever there is."""
    return all(
        isinstance(value, LibraryInstance) and value.type in _CONTAINERS and not any(value.items[-1:])
        for value, _ in values
    )


def is_none(values: Values) -> bool:
    """Whether these are `None` and nothing else."""
    return bool(values) and all(value == NONE for value, _ in values)


def closed(values: Values) -> Values:
    """The alternatives that do not wait for a caller to fill them; beside such, `None` (the usual
    default) says nothing."""
    known = tuple(item for item in values if not isinstance(item[0], ParameterValue | PathValue))
    if len(known) == len(values):
        return values
    return tuple(item for item in known if not isinstance(item[0], NoneValue))


def choose(options: list[Values]) -> Values:
    """One of several: `None` gives way to anything else; more than one answer, or an unknown one,
    makes each less sure."""
    if len(options) == 1 and len(options[0]) == 1:
        return options[0]
    merged: dict[Value, Certainty] = {}
    unknown = False
    for values in options:
        unknown = unknown or not values
        for value, certainty in values:
            merged[value] = max(certainty, merged.get(value, certainty))
    if len(merged) > 1:
        merged.pop(NONE, None)
    is_one = len(merged) == 1 or len({_sort(value) for value in merged}) == 1
    found = tuple(merged.items())
    if len(merged) > _MOST_OBJECTS:
        found = one_of_each_class(found)
    if is_one and not unknown:
        return found
    return at_most(found, Certainty.LIKELY)


def _sort(value: Value) -> object:
    """What alternatives have in common that differ only in what they were made with."""
    match value:
        case InstanceValue(cls=cls):
            return InstanceValue, cls
        case FunctionValue(unit=unit):
            return FunctionValue, unit
    return value


def one_of_each_class(values: Values) -> Values:
    """`values`, with several objects of a class replaced by any object of it."""
    merged: dict[Value, Certainty] = {}
    classes = [value.cls for value, _ in values if isinstance(value, InstanceValue)]
    for value, certainty in values:
        if isinstance(value, InstanceValue) and classes.count(value.cls) > 1:
            value = InstanceValue(value.cls)
        merged[value] = max(certainty, merged.get(value, certainty))
    return tuple(merged.items())
