"""What is known of an object's attributes where one of its methods is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.constants import OWN, View, attribute_of_self
from asyncblock_lint.link.inference.known import Known, Made, Setting, both
from asyncblock_lint.link.inference.reachable import within
from asyncblock_lint.link.inference.values import NONE, InstanceValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import Attr, Const, Store

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator


class OwnConstants:
    """Reads attributes that the conditions of methods ask about."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def of(
        self,
        receiver: InstanceValue | None,
        names: Iterable[str],
        caller: Unit | None,
        known: Mapping[str, Known],
    ) -> Setting:
        """Of the `names` those that are attributes, with what is known of them on `receiver` where a
        method of it is called in `caller`, of which that is `known`."""
        found = [
            (name, self._of(receiver, name, caller, known))
            for name in sorted(names)
            if name.startswith(OWN) and receiver is not None
        ]
        return tuple((name, value) for name, value in found if value is not None)

    def _of(
        self, receiver: InstanceValue, name: str, caller: Unit | None, known: Mapping[str, Known]
    ) -> Known | None:
        attribute = name.removeprefix(OWN)
        if receiver.is_self:
            return known.get(name) or self._just_set(attribute, caller, known)
        found = self._evaluator.kept.constant(receiver, attribute)
        if found is not None and found != Made(counts=True):
            return found
        match self._evaluator.kept.chosen(receiver, attribute):
            case [(value, _)]:
                return both(Const(None) if value == NONE else Made(value), found)
        return found

    def _just_set(self, name: str, caller: Unit | None, known: Mapping[str, Known]) -> Known | None:
        """What the constructor itself has stored under the name that only constructors set."""
        if caller is None or not caller.facts.name.endswith(".__init__"):
            return None
        own = [
            (index, store) for index, store in enumerate(caller.facts.stores) if _is_own(store, name, caller)
        ]
        if len(own) != 1 or not self._evaluator.kept.is_constant(caller, name):
            return None
        [(index, store)] = own
        conditional = tuple(region.stores for region in caller.facts.regions if region.test is not None)
        if within(index, conditional):
            return None
        return self._evaluator.constants.read(store.value, View(caller, known))


def _is_own(store: Store, name: str, unit: Unit) -> bool:
    return store.name == name and bool(attribute_of_self(Attr(store.base, name), unit))
