"""Which uses of objects may run code: reads of properties, and operators."""

from __future__ import annotations

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import Values
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import Attr, Use

ATTRIBUTES = ("read", "write")
OPERATORS = {
    "item": "__getitem__",
    "set item": "__setitem__",
    "delete item": "__delitem__",
    "contains": "__contains__",
    "truth": "__bool__",
    "text": "__str__",
}
INSTEAD = {
    "__bool__": "__len__",
    "__str__": "__repr__",
    "__ne__": "__eq__",
    "__contains__": "__iter__",
    "__getitem__": "__missing__",
    "__iadd__": "__add__",
    "__isub__": "__sub__",
    "__iand__": "__and__",
    "__ior__": "__or__",
}
"""What serves where a class does not have the method of an operator."""


class Uses:
    """Answers by names, so that the many uses that run nothing need no look at their objects."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._properties = (
            _property_names(evaluator)
            | evaluator.matcher.blocking_attributes
            | evaluator.descriptors.names
            | evaluator.descriptors.own_names
        )
        self._methods = _operator_methods(evaluator) | evaluator.matcher.operators

    def may_run(self, use: Use) -> bool:
        """Whether some class has a property, or an operator's method, by the name that is used."""
        if use.kind in ATTRIBUTES:
            return isinstance(use.subject, Attr) and use.subject.name in self._properties
        method = OPERATORS.get(use.kind, use.kind)
        return not method.startswith("__") or method in self._methods or INSTEAD.get(method) in self._methods

    def is_descriptor(self, use: Use) -> bool:
        """Whether a library's descriptor may be read, which keeps what it has fetched."""
        names = self._evaluator.descriptors.names
        return use.kind in ATTRIBUTES and isinstance(use.subject, Attr) and use.subject.name in names

    def subject(self, use: Use, unit: Unit) -> Values:
        """What is asked: of a read, what stands before the dot."""
        subject = use.subject
        if use.kind in ATTRIBUTES and isinstance(subject, Attr):
            return self._evaluator.evaluate(subject.base, unit)
        return self._evaluator.evaluate(subject, unit)


def _property_names(evaluator: Evaluator) -> frozenset[str]:
    """The names of all functions in class bodies that a decorator may have made a property."""
    units = evaluator.project.units
    named = (unit.facts.name for unit in units if unit.owner is not None and unit.facts.decorators)
    return frozenset(name.rpartition(".")[2].partition("#")[0] for name in named)


def _operator_methods(evaluator: Evaluator) -> frozenset[str]:
    """The names of the language's own methods that classes of the project have."""
    names = (name for cls in evaluator.project.classes for name in cls.body.facts.final)
    return frozenset(name for name in names if name.startswith("__"))
