"""Questions whether a function runs in the thread of its loop: `threading.get_ident() == self.thread_id`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.values import ClassValue, InstanceValue, LibraryValue, closed
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Attr, Call, Choice, Const, Expr, Name

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_DEEPEST = 6


class Current:
    """Tells threads and loops that are the present ones from those that were kept before.

    What a constructor, a coroutine or a module keeps is taken for the loop's; what another function keeps
    may be of any thread.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def is_same(self, one: Expr, other: Expr, unit: Unit) -> bool:
        """Whether the two are the same in the thread of a running loop."""
        return (self._is_present(one, unit) and self._is_kept(other, unit)) or (
            self._is_present(other, unit) and self._is_kept(one, unit)
        )

    def _is_present(self, expression: Expr, unit: Unit, depth: int = 0) -> bool:
        """Whether it is what a call in this very function gives, or nothing where that fails."""
        match expression:
            case Call(index=index):
                values = self._evaluator.evaluate(unit.facts.calls[index].callee, unit)
                names = [value.name for value, _ in values if isinstance(value, LibraryValue)]
                return 0 < len(names) == len(values) and all(map(self._evaluator.matcher.is_current, names))
            case Attr(base=Call() as base):
                return self._is_present(base, unit)
            case Name(binding=index) if len(unit.facts.parameters) <= index and depth < _DEEPEST:
                value = unit.facts.bindings[index].value
                return value is not None and self._is_present(value, unit, depth + 1)
            case Choice(options=options) if depth < _DEEPEST:
                told = [option for option in options if not self._is_none(option, unit)]
                return bool(told) and all(self._is_present(option, unit, depth + 1) for option in told)
        return False

    def _is_none(self, expression: Expr, unit: Unit) -> bool:
        if isinstance(expression, Name) and len(unit.facts.parameters) <= expression.binding:
            expression = unit.facts.bindings[expression.binding].value or expression
        return expression == Const(None)

    def _is_kept(self, expression: Expr, unit: Unit) -> bool:
        """Whether it is what such a call gave before."""
        if self._is_present(expression, unit):
            return True
        if isinstance(expression, Attr):
            return self._is_attribute(expression, unit)
        if isinstance(expression, Name) and expression.binding == FREE:
            return self._is_global(expression.id, unit)
        return False

    def _is_attribute(self, expression: Attr, unit: Unit) -> bool:
        """Whether every object that it may be read from keeps that."""
        owners = [value for value, _ in closed(self._evaluator.evaluate(expression.base, unit))]
        return bool(owners) and all(
            isinstance(owner, InstanceValue) and self._keeps(owner, expression.name) for owner in owners
        )

    def _keeps(self, owner: InstanceValue, name: str) -> bool:
        order = self._evaluator.classes.order(owner.cls)
        stores = [
            (method, store.value)
            for base in order
            if isinstance(base, ClassValue)
            for method, store in self._project.classes[base.cls].stores.get(name, ())
        ]
        told = [(method, value) for method, value in stores if value not in (None, Const(None))]
        return bool(told) and all(
            (method.is_async or method.facts.name.endswith(".__init__"))
            and value is not None
            and self._is_present(value, method)
            for method, value in told
        )

    def _is_global(self, name: str, unit: Unit) -> bool:
        """Whether the module keeps that under the name, once and for all."""
        module = self._project.module_of(unit)
        index = module.body.facts.final.get(name)
        value = None if index is None else module.body.facts.bindings[index].value
        return value is not None and name not in module.global_stores and self._is_present(value, module.body)
