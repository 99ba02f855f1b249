"""Functions and classes that are handed over together with what they will be called with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.literals import last_word
from asyncblock_lint.link.inference.values import LibraryValue, Value
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import Argument, Attr, CallFact, Const, Display, Expr, Name, Star

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

Found = tuple[Arguments, Unit, bool]
"""Arguments, who gives them, and whether the first parameter is already given."""

_MOST_CALLS = 40


class Handed:
    """Finds the calls that have a function or class among their arguments."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._matcher = evaluator.matcher

    def calls_of(self, name: str, skips_first: Callable[[Value], bool | None]) -> Iterator[Found]:
        """What is handed over with the callable of that name, as far as `skips_first` knows it."""
        for caller, call in self.by_name.get(name, ())[:_MOST_CALLS]:
            for position, argument in enumerate(call.arguments):
                if last_word(argument.value) != name:
                    continue
                for value, _ in self._evaluator.evaluate(argument.value, caller):
                    skip_first = skips_first(value)
                    if skip_first is not None and self._hands_on(call, caller):
                        yield self._with(call, position, caller), caller, skip_first

    def _hands_on(self, call: CallFact, caller: Unit) -> bool:
        """Whether a library is called that will call what it is given."""
        return any(
            isinstance(value, LibraryValue)
            and (
                self._matcher.offload(value.name) is not None
                or bool(self._matcher.schedules(value.name))
                or self._matcher.wrapper(value.name) == "partial"
                or "result(" in (self._matcher.made_by(value.name) or "")
            )
            for value, _ in self._evaluator.evaluate(call.callee, caller)
        )

    def _with(self, call: CallFact, position: int, caller: Unit) -> Arguments:
        """The arguments behind the callable; those listed under `args` and `kwargs` come instead."""
        named = {item.keyword: item.value for item in call.arguments if item.keyword is not None}
        listed, given = named.get("args"), named.get("kwargs")
        following = call.arguments[position + 1 :] if call.arguments[position].keyword is None else ()
        positional = [item.value for item in following if item.keyword is None]
        if isinstance(listed, Display):
            positional = list(listed.items)
        keywords = [item for item in call.arguments if item.keyword not in (None, "**")]
        if isinstance(given, Display):
            keywords = list(mapped(given))
        known = next((index for index, item in enumerate(positional) if isinstance(item, Star)), None)
        has_unpacked = known is not None or "**" in named
        return Arguments(
            self._evaluator,
            positional[:known],
            keywords,
            caller,
            has_unpacked=has_unpacked,
            asked=tuple(self._asked(call, caller)),
        )

    def _asked(self, call: CallFact, caller: Unit) -> Iterator[str]:
        """The classes whose objects are called before what they give is handed over."""
        for value, _ in self._evaluator.evaluate(call.callee, caller):
            if isinstance(value, LibraryValue):
                yield from self._matcher.injects(value.name)

    @cached_property
    def by_name(self) -> dict[str, list[tuple[Unit, CallFact]]]:
        """The calls of what may call its arguments that have a name among them, or in a list of theirs, by
        that name."""
        found: dict[str, list[tuple[Unit, CallFact]]] = {}
        for unit in self._evaluator.project.units:
            for call in unit.facts.calls:
                if last_word(call.callee) in self._matcher.handing:
                    names = (name for item in call.arguments for name in _names(item.value))
                    for name in dict.fromkeys(names):
                        found.setdefault(name, []).append((unit, call))
        return found


def mapped(mapping: Display) -> Iterator[Argument]:
    """The items of a dictionary that is written out, as keyword arguments."""
    for key, value in zip(mapping.keys, mapping.items, strict=False):
        if isinstance(key, Const) and isinstance(key.value, str):
            yield Argument(value, key.value)


def _names(argument: Expr) -> Iterator[str]:
    """The name that the argument is, or those in the display that it is."""
    match argument:
        case Name(id=name) | Attr(name=name):
            yield name
        case Display(items=items):
            for item in items:
                yield from _names(item)
