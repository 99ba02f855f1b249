"""What the catalogue says of a qualified name, through aliases and library base classes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TypeVar

from asyncblock_lint.model.catalogue import (
    Abstract,
    Apply,
    Argument,
    Blocker,
    Catalogue,
    Constant,
    Consume,
    Count,
    Digest,
    Handler,
    NonBlockingForm,
    Offload,
    Probe,
    ProgramSetting,
    Question,
    Schedule,
)

Entry = TypeVar("Entry")
_GET = ".__get__"
_STEPS = frozenset({"__iter__", "__next__", "__enter__", "__exit__"})


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of a call, by position and keyword: for each that is given, the constants in
    it (a library's constant by its qualified name), the library types it may be of, also with their
    state, and how a text begins; the state of the object whose method is called; and the modules
    that the project imports."""

    constants: Mapping[Argument, tuple[Constant, ...]]
    types: Mapping[Argument, tuple[str, ...]]
    starts: Mapping[Argument, str] = field(default_factory=dict)
    state: str = ""
    imported: frozenset[str] = frozenset()


class Matcher:
    """Answers questions about names; every answer is remembered."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.canonical = cache(self._canonical)
        self.spellings = cache(self._spellings)
        self.bases = cache(self._bases)
        digest = catalogue.digest or digested(catalogue)
        self._classes = digest.classes
        self._blocking_classes = digest.blocking_classes
        self.descriptors = digest.descriptors
        self._stateful = digest.stateful
        self.blocking_attributes = frozenset(name.rpartition(".")[2] for name in catalogue.attribute_blocks)
        self._decorators: dict[str, list[Handler]] = {}
        self._handled: dict[str, list[Handler]] = {}
        for handler in catalogue.handlers:
            for base in handler.bases:
                self._handled.setdefault(base, []).append(handler)
            for name in handler.decorators:
                self._decorators.setdefault(self.canonical(name), []).append(handler)
        told = [handler.circumstances.parameters for handler in catalogue.handlers]
        told += [item.circumstances.parameters for items in catalogue.schedules.values() for item in items]
        told += [offload.parameters for offload in catalogue.offloads.values()]
        last_names = {name.rpartition(".")[2] for name in (*catalogue.blocks, *catalogue.sure_forms)}
        self.operators = frozenset(name for name in last_names if name.startswith("__"))
        self.has_parameters = any(told)
        self.lifting = frozenset(name.rpartition(".")[2] for name in catalogue.lifts)
        self.consuming = frozenset(name.rpartition(".")[2] for name in catalogue.consumes)
        applies = catalogue.applies.items()
        self.applying = frozenset(name.rpartition(".")[2] for name, apply in applies if apply.items)
        self.handing = frozenset(_handing_names(catalogue))
        self.counting = frozenset(name.rpartition(".")[2] for name in catalogue.counts)
        self.can_ask = frozenset(name.rpartition(".")[2] for name in catalogue.asks)
        self.filling = frozenset(name.rpartition(".")[2] for name in catalogue.fills)
        self.can_unblock = frozenset(name.rpartition(".")[2] for name in catalogue.unblocks)

    def _canonical(self, name: str) -> str:
        """The spelling that the rule files use for `name`."""
        aliases = self._catalogue.aliases
        head, tail = name, ""
        for _ in range(name.count(".") + 1):
            if head in aliases:
                return self.canonical(aliases[head] + tail)
            head, dot, last = head.rpartition(".")
            tail = f"{dot}{last}{tail}"
        return name

    def is_class(self, name: str) -> bool:
        """Whether calling `name` makes an instance: a class of the catalogue, or a capitalised name.

        The owner of a listed name may be a module, which nobody calls.
        """
        return name in self._classes or _is_class_name(name)

    def lists_class(self, name: str) -> bool:
        """Whether `name` is a class of the catalogue."""
        return name in self._classes

    def _bases(self, name: str) -> tuple[str, ...]:
        """A library class and its library bases, nearest first."""
        found: dict[str, None] = {name: None}
        for base in self._catalogue.types.get(name, ()):
            found.update(dict.fromkeys(self.bases(self.canonical(base))))
        return tuple(found)

    def _spellings(self, name: str) -> tuple[str, ...]:
        """`name`, and the same method under the names of its class's bases."""
        name = self.canonical(name)
        owner, _, method = name.rpartition(".")
        if not owner:
            return (name,)
        return tuple(self.canonical(f"{base}.{method}") for base in self.bases(owner))

    def find(self, entries: Mapping[str, Entry], name: str) -> Entry | None:
        """The entry for `name`, looked up through its class's bases."""
        for spelling in self.spellings(name):
            found = entries.get(spelling)
            if found is not None:
                return found
        return None

    def made_by(self, name: str) -> str | None:
        """The type expression of what calling `name` returns, as far as the catalogue says."""
        return self.find(self._catalogue.makes, name)

    def gives_back(self, owner: str) -> bool:
        """Whether objects of the class keep one value, which `get` gives back."""
        return (self.made_by(f"{owner}.get") or "").startswith("item(")

    def is_kept(self, owner: str) -> bool:
        """Whether some library's objects have an attribute that holds an object of the class."""
        return owner in self._kept_types

    @cached_property
    def _kept_types(self) -> frozenset[str]:
        return frozenset(self._catalogue.attributes.values())

    def variants(self, name: str) -> tuple[tuple[NonBlockingForm, str], ...]:
        """The forms of calling `name` that return something of their own, with its type."""
        return self.find(self._catalogue.variants, name) or ()

    def offload(self, name: str) -> Offload | None:
        """How `name` runs its argument elsewhere, if it does."""
        return self.find(self._catalogue.offloads, name)

    def offload_name(self, name: str) -> str:
        """`name` as the rule files spell it: a method under the class that has it."""
        return next((item for item in self.spellings(name) if item in self._catalogue.offloads), name)

    def schedules(self, name: str) -> tuple[Schedule, ...]:
        """How `name` has the loop call its arguments, if it does."""
        return self.find(self._catalogue.schedules, name) or ()

    @cached_property
    def lifespans(self) -> frozenset[str]:
        """The last words of the callables that keep what functions given to them yield."""
        return frozenset(
            name.rpartition(".")[2]
            for name, schedules in self._catalogue.schedules.items()
            if any(schedule.circumstances.yields for schedule in schedules)
        )

    def decorator(self, name: str) -> list[Handler]:
        """Where functions run that `name` decorates, if it hands them to a framework."""
        return self.find(self._decorators, name) or []

    def handled_methods(self, base: str) -> list[Handler]:
        """The tables on the methods that a framework calls of objects whose class has this base."""
        return [handler for name in self.bases(base) for handler in self._handled.get(name, ())]

    def injects(self, name: str) -> tuple[str, ...]:
        """The classes whose objects `name` calls before it hands over what they give."""
        return self.find(self._catalogue.injects, name) or ()

    @cached_property
    def routed(self) -> frozenset[str]:
        """The names of methods whose arguments stand behind their class."""
        return frozenset(method for methods in self._catalogue.routes.values() for method in methods)

    def is_routed(self, base: str, method: str) -> bool:
        """Whether the arguments of that method stand behind classes with this base."""
        return any(method in self._catalogue.routes.get(name, ()) for name in self.bases(base))

    def kin(self, name: str) -> str | None:
        """The class whose methods the decorator `name` adds to a function."""
        return self.find(self._catalogue.kin, name)

    def attribute_blocker(self, name: str, state: str = "") -> Blocker | None:
        """The blocker that reading or setting the attribute `name` is, of an object in that state."""
        wanted = self.find(self._catalogue.attribute_states, name) or state
        return self.find(self._catalogue.attribute_blocks, name) if state == wanted else None

    def completes(self, name: str) -> bool:
        """Whether reading the attribute `name` fetches all others of the object as well."""
        return name in self._catalogue.attribute_states

    def sure_forms(self, name: str) -> tuple[tuple[NonBlockingForm, Blocker], ...]:
        """The ways of calling `name` that block in a way of their own."""
        found = self.find(self._catalogue.sure_forms, name) or ()
        return tuple((form, replace(sure, name=_shown(sure.name))) for form, sure in found)

    def apply(self, name: str) -> Apply | None:
        """How `name` calls its argument itself, if it does."""
        return self.find(self._catalogue.applies, name)

    def wrapper(self, name: str) -> str | None:
        """What the decorator `name` makes of a function, if the catalogue says."""
        return self.find(self._catalogue.wrappers, name)

    def question(self, name: str) -> Question | None:
        """What the answer of the method `name` tells of its object, if anything."""
        return self.find(self._catalogue.asks, name)

    def probe(self, name: str) -> Probe | None:
        """What calling `name` tells about a running loop, if anything."""
        return self.find(self._catalogue.probes, name)

    def is_current(self, name: str) -> bool:
        """Whether calling `name` tells in which thread, or on which loop, that is done."""
        return not self._catalogue.current.isdisjoint(self.spellings(name))

    def works_on_loop_only(self, name: str, *, expected: bool) -> bool:
        """Whether calling `name` fails, or is not safe, where no loop runs in this thread; not if what it
        raises there is `expected`."""
        probe = None if expected else self.probe(name)
        is_probe = probe is not None and bool(probe.raises)
        return is_probe or not self._catalogue.loop_only.isdisjoint(self.spellings(name))

    @cached_property
    def loop_only_words(self) -> frozenset[str]:
        """The last words of the names of which `works_on_loop_only` is true."""
        probes = [name for name, probe in self._catalogue.probes.items() if probe.raises]
        names = [*self._catalogue.loop_only, *probes]
        return frozenset(name.rpartition(".")[2] for name in names)

    def is_lock(self, type_name: str) -> bool:
        """Whether one thread holds an object of that class while others wait."""
        return any(base in self._catalogue.locks for base in self.bases(type_name))

    def is_enumeration(self, name: str) -> bool:
        """Whether subclasses of the class list their members in their bodies."""
        return any(base in self._catalogue.enumerations for base in self.bases(name))

    def is_like(self, name: str, builtin: str) -> bool:
        """Whether objects of a library's class hold others as those of the `builtin` one do."""
        return any(base == builtin or self._stands_for(base, builtin) for base in self.bases(name))

    def _stands_for(self, name: str, builtin: str) -> bool:
        abstract = self.abstract(name)
        return abstract is not None and not abstract.is_structural and builtin in abstract.builtins

    def abstract(self, name: str) -> Abstract | None:
        """What is known of an abstract class; `None` for a class that is not listed as one."""
        return self._catalogue.abstract.get(self.canonical(name))

    @property
    def settings(self) -> Mapping[str, ProgramSetting]:
        """The constants by which programs choose what calls wait for."""
        return self._catalogue.settings

    def lifted(self, name: str) -> tuple[str, ...]:
        """The codes whose calls no longer stop the loop once `name` was called."""
        return self.find(self._catalogue.lifts, name) or ()

    def consume(self, name: str) -> Consume | None:
        """How `name` iterates its arguments, if it does."""
        return self.find(self._catalogue.consumes, name)

    def count(self, name: str) -> Count | None:
        """How often a loop over what `name` gives runs, or what it says of numbers."""
        return self.find(self._catalogue.counts, name)

    def attribute_type(self, name: str) -> str | None:
        """The type expression of the attribute `name`, as far as the catalogue says."""
        return self.find(self._catalogue.attributes, name)

    def any_attribute(self, name: str) -> str | None:
        """The type of every attribute of an object whose class finds them by `__getattr__`, unless
        the attribute has an entry of its own."""
        owner, _, attribute = name.rpartition(".")
        if attribute.startswith("__") or self.tells_of(name):
            return None
        return self.made_by(f"{owner}.__getattr__")

    def has_states(self, owner: str) -> bool:
        """Whether what a method of the class `owner` does depends on the state of its object."""
        return not self._stateful.isdisjoint(self.bases(self.canonical(owner)))

    def has_blockers(self, owner: str) -> bool:
        """Whether a method of the class `owner`, or of a base, blocks."""
        return not self._blocking_classes.isdisjoint(self.bases(self.canonical(owner)))

    def tells_of(self, name: str) -> bool:
        """Whether the catalogue says what calling `name` does or gives, be it that it does not wait."""
        return (
            self.blocker(name) is not None
            or self.made_by(name) is not None
            or self.offload(name) is not None
            or bool(self.schedules(name))
            or bool(self.decorator(name))
            or bool(self.forms(name))
        )

    def knows_method(self, owner: str, method: str) -> bool:
        """Whether the catalogue says anything of this method of the class `owner` or its bases."""
        name = f"{owner}.{method}"
        return (
            self.tells_of(name)
            or self.attribute_type(name) is not None
            or self.any_attribute(name) is not None
        )

    def is_named_by_user(self, name: str) -> bool:
        """Whether the user names this function of the project in a rule or in the configuration."""
        return name in self._catalogue.users

    def knows(self, name: str) -> bool:
        """Whether any table of the catalogue names `name`."""
        catalogue = self._catalogue
        tables: tuple[Mapping[str, object], ...] = (
            catalogue.blocks,
            catalogue.makes,
            catalogue.offloads,
            catalogue.schedules,
            catalogue.applies,
            catalogue.wrappers,
        )
        canonical = self.canonical(name)
        return canonical in self._classes or any(canonical in table for table in tables)

    def blocker(self, name: str) -> Blocker | None:
        """The blocker that calling `name` is; a method is found through its class's bases."""
        catalogue = self._catalogue
        for spelling in self.spellings(name):
            found = catalogue.blocks.get(spelling)
            if found is not None:
                return replace(found, name=_shown(found.name))
            if any(_is_unconditional(form) for form in catalogue.nonblocking.get(spelling, ())):
                return None
            owner, _, method = spelling.rpartition(".")
            family = catalogue.families.get(owner)
            if family is not None and not method.startswith("_"):
                return replace(family, name=spelling)
        return None

    def forms(self, name: str) -> tuple[NonBlockingForm, ...]:
        """The ways of calling `name` that do not wait."""
        found: list[NonBlockingForm] = []
        for spelling in self.spellings(name):
            owner = spelling.rpartition(".")[0]
            for key in (spelling, f"{owner}.*"):
                found.extend(self._catalogue.nonblocking.get(key, ()))
            if spelling in self._catalogue.blocks:
                break
        return tuple(found)

    def unblocking(self, name: str) -> tuple[NonBlockingForm, ...]:
        """The ways of calling the method `name` after which its object waits no more."""
        return self.find(self._catalogue.unblocks, name) or ()

    def fits(self, form: NonBlockingForm, given: Given) -> bool:
        """Whether a call with the arguments `given` has this form."""
        if form.awaited or form.state not in ("", given.state):
            return False
        if form.argument is None and form.position is None:
            return True
        keys = [key for key in (form.argument, form.position) if key is not None and key in given.constants]
        if not keys:
            return form.absent
        return any(
            any(_is_meant(value, form) for value in given.constants[key])
            or (form.imported and not given.imported.isdisjoint(given.constants[key]))
            or (bool(form.starts) and given.starts.get(key, "").startswith(form.starts))
            or any(base in form.types for name in given.types[key] for base in self.bases(name))
            for key in keys
        )


def digested(catalogue: Catalogue) -> Digest:
    """What the names of the catalogue together tell; it takes a while, and no version changes it."""
    owners = {name.rpartition(".")[0] for name in catalogue.blocks}
    blocking = (*catalogue.blocks, *catalogue.sure_forms)
    return Digest(
        classes=frozenset(_class_names(catalogue)),
        blocking_classes=frozenset(owners.union(catalogue.families)),
        descriptors=frozenset(
            name.removesuffix(_GET).rpartition(".")[2] for name in blocking if name.endswith(_GET)
        ),
        stateful=frozenset(_classes_with_states(catalogue)),
    )


def _class_names(catalogue: Catalogue) -> Iterator[str]:
    yield from catalogue.types
    yield from catalogue.locks
    yield from catalogue.families
    for names in (catalogue.blocks, catalogue.makes, catalogue.attributes, catalogue.nonblocking):
        for name in names:
            yield name.rpartition(".")[0]
    for made in (*catalogue.makes.values(), *catalogue.attributes.values()):
        yield made.partition("[")[0].partition(" @ ")[0]


def _handing_names(catalogue: Catalogue) -> Iterator[str]:
    """The last names of what calls a callable that it is given, or gives what that would give."""
    partials = (name for name, gives in catalogue.wrappers.items() if gives == "partial")
    results = (name for name, made in catalogue.makes.items() if "result(" in made)
    for name in (*catalogue.offloads, *catalogue.schedules, *partials, *results):
        yield name.removesuffix(".__init__").rpartition(".")[2]


def _classes_with_states(catalogue: Catalogue) -> Iterator[str]:
    for name, forms in catalogue.nonblocking.items():
        if any(form.state for form in forms):
            yield name.rpartition(".")[0]
    for name in catalogue.attribute_states:
        yield name.rpartition(".")[0]
    for name, sure in catalogue.sure_forms.items():
        if any(form.state for form, _ in sure):
            yield name.rpartition(".")[0]


def _shown(name: str) -> str:
    """`a.B.rows` for `a.B.rows.__next__`: what a method returns has no name of its own."""
    owner, _, method = name.rpartition(".")
    return owner if method in _STEPS and not _is_class_name(owner) else name


def _is_class_name(name: str) -> bool:
    return name.rpartition(".")[2].lstrip("_")[:1].isupper()


def _is_unconditional(form: NonBlockingForm) -> bool:
    return form.argument is None and form.position is None and not form.state and not form.awaited


def _is_meant(value: Constant, form: NonBlockingForm) -> bool:
    return _among(value, form.equals) or _is_less(value, form.below) or _is_like(value, form.like)


def _is_like(value: Constant, pattern: str | None) -> bool:
    return pattern is not None and isinstance(value, str) and re.search(pattern, value) is not None


def _among(value: Constant, expected: tuple[Constant, ...]) -> bool:
    """`value` is one of `expected`; `False` is not taken for `0`."""
    return any(value == item and isinstance(value, bool) == isinstance(item, bool) for item in expected)


def _is_less(value: Constant, bound: float | None) -> bool:
    return bound is not None and isinstance(value, int | float) and value < bound
