"""The constants that objects keep in their attributes from the time they are made."""

from __future__ import annotations

from collections.abc import Mapping

from asyncblock_lint.link.conditions.told import Known
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import (
    NONE,
    ClassValue,
    InstanceValue,
    ParameterValue,
    Value,
    exactly,
)
from asyncblock_lint.link.project import ClassUnit, Unit
from asyncblock_lint.model.facts import Const, Expr, Name, Parameter, Store

OWN = "self."
"""What the names of such attributes begin with in a setting."""


class ObjectConstants:
    """Reads attributes that are set in constructors and in class bodies only."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def of_object(
        self, receiver: InstanceValue | None, name: str, setting: Mapping[str, Known]
    ) -> Known | None:
        """The constant that a method's object keeps under `name`; for a call on `self`, what `setting`
        says of the caller's."""
        if receiver is None:
            return None
        if receiver.is_self:
            return setting.get(name)
        attribute = name.removeprefix(OWN)
        if receiver.environment is None or self._evaluator.contents.is_set_outside(attribute):
            return None
        return self._kept(receiver, attribute)

    def _kept(self, receiver: InstanceValue, name: str) -> Known | None:
        order = self._evaluator.classes.order(receiver.cls)
        classes = [self._project.classes[base.cls] for base in order if isinstance(base, ClassValue)]
        stores = [store for cls in classes for store in cls.stores.get(name, ())]
        if any(not method.facts.name.endswith(".__init__") for method, _ in stores):
            return None
        for cls in classes:
            if cls.stores.get(name):
                return self._stored(cls, name, receiver)
            index = cls.body.facts.final.get(name)
            if index is not None:
                value = cls.body.facts.bindings[index].value
                is_fixed = not stores and not self._is_field(cls, name, order)
                return value if isinstance(value, Const) and is_fixed else None
        return None

    def _is_field(self, cls: ClassUnit, name: str, order: tuple[Value, ...]) -> bool:
        """Whether a constructor that the class does not write may be given another value."""
        if name not in cls.facts.fields:
            return False
        classes = [self._project.classes[base.cls] for base in order if isinstance(base, ClassValue)]
        return len(classes) < len(order) or any(base.facts.decorators for base in classes)

    def changes(self, cls: int, name: str) -> bool:
        """Whether objects of the class may get another value under `name` once they are made."""
        stores = self._stores(cls, name)
        late = any(not method.facts.name.endswith(".__init__") for method, _ in stores)
        return late or self._evaluator.contents.is_set_outside(name)

    def stored_once(self, cls: int, name: str) -> tuple[Unit, Expr] | None:
        """The constructor that stores the attribute, and what it stores, if that is so for good."""
        stores = self._stores(cls, name)
        if len(stores) != 1 or stores[0][1].value is None or self.changes(cls, name):
            return None
        return stores[0][0], stores[0][1].value

    def parameter_behind(self, cls: int, name: str) -> tuple[Unit, Parameter] | None:
        """The constructor, and its parameter that is stored under `name`."""
        stored = self.stored_once(cls, name)
        if stored is None:
            return None
        method, value = stored
        if not isinstance(value, Name) or not 0 < value.binding < len(method.facts.parameters):
            return None
        return method, method.facts.parameters[value.binding]

    def _stores(self, cls: int, name: str) -> list[tuple[Unit, Store]]:
        order = self._evaluator.classes.order(cls)
        classes = [self._project.classes[base.cls] for base in order if isinstance(base, ClassValue)]
        return [store for each in classes for store in each.stores.get(name, ())]

    def _stored(self, cls: ClassUnit, name: str, receiver: InstanceValue) -> Known | None:
        """What the constructor stores, if it does so once."""
        [(method, store), *more] = cls.stores[name]
        value: Expr | None = store.value
        if more or value is None:
            return None
        if isinstance(value, Name) and 0 < value.binding < len(method.facts.parameters):
            given = dict(receiver.environment or ()).get(ParameterValue(method.index, value.id), ())
            return Const(None) if given == exactly(NONE) else None
        return value if isinstance(value, Const) else None
