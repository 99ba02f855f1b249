"""What callables outside the project give, by the catalogue and by the rules of the language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.closures import DEEPEST, depth
from asyncblock_lint.link.inference.known import Text
from asyncblock_lint.link.inference.values import (
    NOTHING,
    ClassValue,
    DeferredValue,
    FunctionValue,
    InstanceValue,
    LazyValue,
    LibraryInstance,
    LibraryValue,
    OffloadedValue,
    PartialValue,
    SequenceValue,
    SuperValue,
    Values,
    WrapperValue,
    at_most,
    choose,
    exactly,
    state_of,
)
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.catalogue import Apply
from asyncblock_lint.model.catalogue import Argument as Place
from asyncblock_lint.model.facts import Const

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_ROLES = {
    "builtins.staticmethod": "static",
    "builtins.classmethod": "class",
    "builtins.property": "property",
}
_FUNCTION_LIKE = (FunctionValue, PartialValue, OffloadedValue, ClassValue)
_ITEM_METHODS = frozenset({"get", "pop", "setdefault", "popleft"})


def _is_given_a_function(arguments: Arguments) -> bool:
    return any(isinstance(value, _FUNCTION_LIKE) for value, _ in arguments.at(0))


def _gives_any(arguments: Arguments, places: Sequence[Place]) -> bool:
    return any(arguments.expression(place) is not None for place in places)


OBJECTS = ("object", "object-decorator")
"""What the catalogue says of decorators that put an object in place of the function."""
_LATER = ("decorator", "object-decorator")


class LibraryResults:
    """The results of calling library functions, classes, methods and decorators."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def of_call(self, value: LibraryValue, arguments: Arguments, unit: Unit | None) -> Values:
        """What calling `value` in `unit` gives."""
        matcher, name = self._evaluator.matcher, value.name
        if name in _ROLES:
            return self._with_role(arguments.at(0), _ROLES[name])
        if name == "builtins.super":
            return self._super(unit)
        if name == "builtins.type" and arguments.count == 1:
            return self._class_of(arguments.at(0))
        if name == "builtins.getattr":
            return self._named_attribute(arguments)
        if name == "typing.cast":
            return self._cast(arguments, unit)
        wrapper = matcher.wrapper(name)
        if wrapper is None and matcher.decorator(name) and not _is_given_a_function(arguments):
            return exactly(WrapperValue(name))
        if wrapper is not None:
            return self._wrap(name, wrapper, arguments)
        offload = matcher.offload(name)
        if offload is not None and matcher.made_by(name) is None and not matcher.is_class(name):
            targets = arguments.any_of(offload.arguments)
            if offload.wraps and not targets and not _gives_any(arguments, offload.arguments):
                return exactly(WrapperValue(name))
            return self._offloaded(offload.wraps, targets)
        return self._lazy(value, arguments) or self._made(value, arguments)

    def _lazy(self, value: LibraryValue, arguments: Arguments) -> Values:
        """An iterator that works only while it is iterated, if that is what the call gives."""
        matcher, name = self._evaluator.matcher, value.name
        apply, consume = matcher.apply(name), matcher.consume(name)
        element = self._evaluator.protocols.element
        if apply is not None and apply.when == "iterated" and (consume is None or arguments.count > 1):
            places = [place for place in range(arguments.count) if place not in apply.arguments]
            # What a call keeps of the items it gives itself; `map` gives what the function makes of them.
            gives_items = consume is None and matcher.made_by(name) is not None
            elements = element(self._made(value, arguments), is_async=False) if gives_items else NOTHING
            return exactly(LazyValue(self.applied(apply, arguments), arguments.any_of(places), elements))
        if consume is not None and consume.when == "iterated":
            iterated = arguments.any_of(consume.arguments)
            inner = element(iterated, is_async=False) if consume.is_nested else NOTHING
            elements = element(self._made(value, arguments), is_async=False)
            return exactly(LazyValue(NOTHING, (*iterated, *inner), elements))
        return NOTHING

    def applied(self, apply: Apply, arguments: Arguments) -> Values:
        """The callables that a library calls, with the items that it gives to those of the project."""
        element = self._evaluator.protocols.element
        places = [place for place in apply.items if arguments.expression(place) is not None]
        given = tuple(element(arguments.at(place), is_async=False) for place in places)
        return tuple(
            (PartialValue(value, given, ()), certainty)
            if any(given) and isinstance(value, FunctionValue) and depth(value) < DEEPEST
            else (value, certainty)
            for value, certainty in arguments.any_of(apply.arguments)
        )

    def state_of_new(self, name: str, arguments: Arguments) -> str:
        """The state of an object of the class `name`, or of a subclass, that is made with these arguments."""
        if not self._evaluator.matcher.variants(name) or not self._evaluator.matcher.has_states(name):
            return ""
        return next((state_of(made) for made, _ in self._made(LibraryValue(name), arguments)), "")

    def _made(self, value: LibraryValue, arguments: Arguments) -> Values:
        matcher, name = self._evaluator.matcher, value.name
        variants = matcher.variants(name)
        given = arguments.given(state_of(value.owner)) if variants else None
        made = next(
            (text for form, text in variants if given is not None and matcher.fits(form, given)),
            matcher.made_by(name),
        )
        if made is not None:
            asked = value.owner.holder if isinstance(value.owner, SequenceValue) else value.owner
            owner = asked or LibraryInstance(name.rpartition(".")[0])
            return self._evaluator.types.read(made, owner, arguments)
        if isinstance(value.owner, LibraryInstance | SequenceValue) and value.owner.items:
            return self._container_method(value.owner, name.rpartition(".")[2], arguments)
        holder, _, method = name.rpartition(".")
        if isinstance(value.owner, InstanceValue) and matcher.is_like(holder, "builtins.dict"):
            held = self._evaluator.protocols.item(exactly(value.owner), None)
            like = LibraryInstance("builtins.dict", (NOTHING, held))
            return self._container_method(like, method, arguments)
        if value.owner is not None and method in _ITEM_METHODS and matcher.is_kept(holder):
            return self._evaluator.keyed.under(holder, arguments.key(0))
        if matcher.is_class(name):
            return exactly(LibraryInstance(name))
        return NOTHING

    def _container_method(
        self, owner: LibraryInstance | SequenceValue, method: str, arguments: Arguments
    ) -> Values:
        if isinstance(owner, SequenceValue):
            key = arguments.key(0)
            if owner.kind == "dict" and method in _ITEM_METHODS and key is not None:
                return owner.under(key) or arguments.at(1)
            owner = owner.holder
        held = owner.items[-1]
        if method == "popitem":
            return exactly(LibraryInstance("builtins.tuple", owner.items))
        if method in _ITEM_METHODS:
            return held or arguments.at(1)
        if method == "values":
            return exactly(LibraryInstance("builtins.list", (held,)))
        if method == "items":
            pair = exactly(LibraryInstance("builtins.tuple", owner.items))
            return exactly(LibraryInstance("builtins.list", (pair,)))
        if method == "copy":
            return exactly(owner)
        return NOTHING

    def _with_role(self, values: Values, role: str) -> Values:
        return tuple(
            (replace(value, role=role) if isinstance(value, FunctionValue) else value, certainty)
            for value, certainty in values
        )

    def _cast(self, arguments: Arguments, unit: Unit | None) -> Values:
        target = arguments.expression(0)
        if target is None or unit is None:
            return NOTHING
        promised = self._evaluator.annotations.read(target, unit)
        return self._evaluator.classes.among(arguments.at(1), promised) or promised or arguments.at(1)

    def _named_attribute(self, arguments: Arguments) -> Values:
        written = arguments.expression(1)
        match None if written is None else arguments.known(written):
            case Const(value=str(name)):
                found = self._evaluator.members.attribute(arguments.at(0), name)
            case Text(start=start):
                found = self._evaluator.members.beginning(arguments.at(0), start)
            case _:
                return NOTHING
        return choose([found, arguments.at(2)]) if arguments.count > 2 else found

    def _super(self, unit: Unit | None) -> Values:
        cls = None if unit is None else self._evaluator.current_class(unit)
        return NOTHING if cls is None else exactly(SuperValue(cls))

    def _class_of(self, values: Values) -> Values:
        return tuple(
            (ClassValue(value.cls), certainty)
            for value, certainty in values
            if isinstance(value, InstanceValue)
        )

    def _wrap(self, name: str, gives: str, arguments: Arguments) -> Values:
        if gives == "partial":
            return self._partial(arguments)
        if gives in _LATER:
            return exactly(WrapperValue(name))
        if not _is_given_a_function(arguments) or arguments.count != 1:
            return exactly(WrapperValue(name))
        return self.wrapped(name, arguments)

    def wrapped(self, name: str, arguments: Arguments) -> Values:
        """A decorator of the catalogue applied to a function."""
        matcher = self._evaluator.matcher
        offload = matcher.offload(name)
        if offload is not None:
            return self._offloaded(True, arguments.at(0))
        gives, kin = matcher.wrapper(name), matcher.kin(name)
        if kin is not None and gives in OBJECTS:
            return exactly(LibraryInstance(kin))
        if kin is not None:
            return tuple(
                (replace(value, kin=kin) if isinstance(value, FunctionValue) else value, certainty)
                for value, certainty in arguments.at(0)
            )
        if gives in (None, "same", "decorator"):
            return arguments.at(0)
        return self._with_role(arguments.at(0), gives)

    def _partial(self, arguments: Arguments) -> Values:
        rest = tuple(arguments.at(position) for position in range(1, arguments.count))
        named = tuple(sorted(arguments.named().items(), key=lambda item: item[0]))
        return tuple(
            (PartialValue(value, rest, named), certainty)
            for value, certainty in arguments.at(0)
            if depth(value) < DEEPEST
        )

    def _offloaded(self, wraps: bool, targets: Values) -> Values:
        if wraps:
            return tuple((OffloadedValue(value), certainty) for value, certainty in targets)
        nothing_given = Arguments.none(self._evaluator)
        results = [
            at_most(self._evaluator.results.of_value(value, nothing_given), held) for value, held in targets
        ]
        return exactly(DeferredValue(choose(results) if results else NOTHING))
