"""What awaiting, entering, iterating, subscripting and operators give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.values import (
    ELEMENT,
    NOTHING,
    ClassValue,
    DeferredValue,
    InstanceValue,
    LazyValue,
    LibraryInstance,
    LibraryValue,
    ParameterValue,
    PathValue,
    RunValue,
    SequenceValue,
    Value,
    Values,
    at_most,
    choose,
    exactly,
    item_step,
    left_open,
)
from asyncblock_lint.model.certainty import Certainty

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_JOINS = ("__add__", "__or__")
_CONTAINERS = frozenset(f"builtins.{name}" for name in ("dict", "frozenset", "list", "set", "tuple"))


class Protocols:
    """The results of using objects by the language's own protocols."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def awaited(self, values: Values) -> Values:
        """What `await` makes of each alternative."""
        known = self._evaluator.callers.resolve(values)
        options = [at_most(self._awaited(value), certainty) for value, certainty in known]
        return choose(options) if options else NOTHING

    def _awaited(self, value: Value) -> Values:
        match value:
            case RunValue(how="coroutine", function=function, constants=constants):
                return self._evaluator.results.returned(function, constants)
            case DeferredValue(result=result):
                return result
            case LibraryInstance(type=name):
                made = self._evaluator.matcher.made_by(f"{name}.__await__")
                return exactly(value) if made is None else self._evaluator.types.read(made, value)
            case InstanceValue(cls=cls) if not self._evaluator.classes.raw(cls, "__await__"):
                # `Awaitable[T]` was read as what awaiting it gives.
                return exactly(value)
        return NOTHING

    def entered(self, values: Values, *, is_async: bool) -> Values:
        """What `with … as` binds for each alternative."""
        known = self._evaluator.callers.resolve(values)
        options = [at_most(self._entered(value, is_async), certainty) for value, certainty in known]
        return choose(options) if options else NOTHING

    def _entered(self, value: Value, is_async: bool) -> Values:
        match value:
            case RunValue(how="context" | "async context", function=function, constants=constants):
                return self._evaluator.results.yielded(function, constants)
            case LibraryInstance(type=name):
                method = "__aenter__" if is_async else "__enter__"
                made = self._evaluator.matcher.made_by(f"{name}.{method}")
                return exactly(value) if made is None else self._evaluator.types.read(made, value)
            case InstanceValue():
                return self._entered_instance(value, is_async)
        return NOTHING

    def _entered_instance(self, value: InstanceValue, is_async: bool) -> Values:
        method = self._evaluator.objects.attribute(value, "__aenter__" if is_async else "__enter__")
        result = self._evaluator.results.of_values(method, Arguments.none(self._evaluator))
        result = self.awaited(result) if is_async else result
        return result or exactly(value)

    def element(self, values: Values, *, is_async: bool) -> Values:
        """What iterating each alternative gives; of what callers give that stays open."""
        found = self._first_known(values, lambda value: self._element(value, is_async))
        return found if is_async else self._kept_open(values, ELEMENT, found)

    def _kept_open(self, values: Values, step: str, found: Values) -> Values:
        """What reading `step` of what callers give comes to for each of them; or what was `found`, if
        there is more than callers give, or nothing of use."""
        opened = [value for value, _ in values if isinstance(value, ParameterValue | PathValue)]
        if not found or len(opened) < len(values):
            return found
        longer = [self._evaluator.members.longer(value, step) for value in opened]
        options = [exactly(value) for value in longer if value is not None]
        return choose(options) if len(options) == len(longer) else found

    def _first_known(self, values: Values, ask: Callable[[Value], Values]) -> Values:
        """What asking each alternative gives; those that callers fill are asked where others tell nothing."""
        for known in (
            self._evaluator.callers.resolve(values),
            self._evaluator.callers.resolve(left_open(values)),
        ):
            options = [at_most(ask(value), certainty) for value, certainty in known]
            if any(options):
                return choose(options)
        return NOTHING

    def _element(self, value: Value, is_async: bool) -> Values:
        match value:
            case SequenceValue(items=items):
                return choose(list(items)) if items else NOTHING
            case LibraryInstance(type=name, items=items) if items:
                return items[0] if name == "builtins.dict" else choose(list(items))
            case LibraryInstance(type=name):
                made = self._evaluator.matcher.made_by(f"{name}.{'__anext__' if is_async else '__next__'}")
                return NOTHING if made is None else self._evaluator.types.read(made, value)
            case RunValue(how="generator", function=function, constants=constants):
                return self._evaluator.results.yielded(function, constants)
            case ClassValue(cls=cls) if self._evaluator.enumerated.is_one(cls):
                return exactly(InstanceValue(cls))
            case LazyValue(applied=applied, elements=elements):
                return elements or self._evaluator.results.of_values(applied, Arguments.none(self._evaluator))
            case InstanceValue():
                method = "__aiter__" if is_async else "__iter__"
                iterator = self._evaluator.objects.attribute(value, method)
                if not is_async and self._is_iterated_by_index(value, iterator):
                    return self._item(value, None)
                given = self._evaluator.results.of_values(iterator, Arguments.none(self._evaluator))
                return self.element(
                    tuple((item, held) for item, held in given if item != value), is_async=is_async
                )
        return NOTHING

    def _is_iterated_by_index(self, value: InstanceValue, iterator: Values) -> bool:
        """Whether iterating gives what `[0]`, `[1]` and so on do: nothing else is told by its class."""
        if not iterator:
            return bool(self._evaluator.classes.raw(value.cls, "__getitem__"))
        is_like = self._evaluator.matcher.is_like
        return any(
            isinstance(item, LibraryValue) and is_like(item.name.rpartition(".")[0], "builtins.list")
            for item, _ in iterator
        )

    def item(self, values: Values, index: object) -> Values:
        """What `[index]` gives on each alternative; `index` is `None` where it is no constant."""
        found = self._first_known(values, lambda value: self._item(value, index))
        return self._kept_open(values, item_step(index), found)

    def _item(self, value: Value, index: object) -> Values:
        match value:
            case ClassValue(cls=cls) if self._evaluator.enumerated.is_one(cls):
                found = self._evaluator.enumerated.member(cls, index) if isinstance(index, str) else NOTHING
                return found or exactly(InstanceValue(cls))
            case ClassValue() | LibraryValue(owner=None):
                return exactly(value)
            case SequenceValue(items=items, fixed=True) if isinstance(index, int):
                return items[index] if -len(items) <= index < len(items) else NOTHING
            case SequenceValue(kind="dict") if index is not None:
                return value.under(index)
            case SequenceValue(items=items):
                return choose(list(items)) if items else NOTHING
            case LibraryInstance(type="builtins.tuple", items=items) if isinstance(index, int) and items:
                # `tuple[T, ...]` was read as one item and an unknown one.
                return items[index] if 0 <= index < len(items) and items[index] else items[0]
            case LibraryInstance(items=items) if items:
                return items[-1]
            case LibraryInstance(type=name):
                made = self._evaluator.matcher.made_by(f"{name}.__getitem__")
                if made is None:
                    return self._evaluator.keyed.under(name, index)
                return self._evaluator.types.read(made, value)
            case InstanceValue():
                method = self._evaluator.objects.attribute(value, "__getitem__")
                if not method and isinstance(index, str):
                    # The keys of a `TypedDict` are written as its attributes.
                    found = self._evaluator.objects.attribute(value, index)
                    if found:
                        return found
                if not method and isinstance(index, int):
                    return self._field(value, index)
                given = self._evaluator.results.of_values(method, Arguments.none(self._evaluator))
                held = self._evaluator.generics.library_items(value.cls)
                return given or self._evaluator.contents.in_object(value.cls) or choose([*held[-1:]])
        return NOTHING

    def _field(self, value: InstanceValue, index: int) -> Values:
        """What an object with named fields, a tuple as well, holds at a position."""
        names = self._evaluator.objects.field_names(value.cls)
        return self._evaluator.objects.attribute(value, names[index]) if 0 <= index < len(names) else NOTHING

    def sliced(self, values: Values) -> Values:
        """What a slice gives: more of the same, in no known order."""
        return tuple(
            (replace(value, fixed=False) if isinstance(value, SequenceValue) else value, certainty)
            for value, certainty in values
            if isinstance(value, SequenceValue | LibraryInstance)
        )

    def operation(self, values: Values, method: str, other: Callable[[], Values]) -> Values:
        """What a binary operator gives on each alternative, with `other` behind it."""
        options: list[Values] = []
        for value, certainty in self._evaluator.callers.resolve(values):
            if isinstance(value, InstanceValue):
                attribute = self._evaluator.objects.attribute
                # Nothing tells `a += b` from `a = a + b` here.
                own = attribute(value, method) or attribute(value, f"__i{method[2:]}")
                given = self._evaluator.results.of_values(own, Arguments.none(self._evaluator))
                options.append(at_most(given, certainty))
            elif method in _JOINS and _is_container(value):
                options.append(at_most(self._joined(value, other()), certainty))
            elif isinstance(value, LibraryInstance):
                made = self._evaluator.matcher.made_by(f"{value.type}.{method}")
                given = NOTHING if made is None else self._evaluator.types.read(made, value)
                options.append(at_most(given, certainty))
        return choose(options) if options else NOTHING

    def _joined(self, value: Value, other: Values) -> Values:
        """What a container with others behind it may be."""
        behind = [item for item, _ in self._evaluator.callers.resolve(other) if _is_container(item)]
        if isinstance(value, SequenceValue) and len(behind) == 1:
            more = behind[0]
            if isinstance(more, SequenceValue) and more.kind == value.kind:
                return exactly(value.with_more(more.items, more.keys))
        return tuple((item, Certainty.EXACT) for item in dict.fromkeys([value, *behind]))


def _is_container(value: Value) -> bool:
    if isinstance(value, LibraryInstance):
        return value.type in _CONTAINERS
    return isinstance(value, SequenceValue)
