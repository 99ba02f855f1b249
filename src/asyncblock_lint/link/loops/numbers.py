"""The numbers that expressions stand for, as far as the source tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.values import (
    ClassValue,
    FunctionValue,
    InstanceValue,
    LibraryValue,
    ModuleValue,
)
from asyncblock_lint.link.loops.amounts import (
    OPEN,
    OPEN_ITEMS,
    OUTSIDE,
    Amount,
    Given,
    combined,
    greatest,
    least,
    mean_of_range,
    one_of,
    operated,
)
from asyncblock_lint.link.loops.requests import Requests
from asyncblock_lint.link.project import ModuleUnit, Unit
from asyncblock_lint.model.catalogue import Count
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import (
    FREE,
    Attr,
    Awaited,
    Call,
    CallFact,
    Choice,
    Const,
    Element,
    Expr,
    Imported,
    Item,
    Name,
    Narrowed,
    Operation,
    Parameter,
)

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_DEEPEST = 40
Read = Callable[[Expr, Unit, Given], "Amount | None"]
"""Reads an expression as a number, or as the number of things in it."""


class Numbers:
    """Reads numbers; what a function's parameters are given is told by each who asks."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._matcher = evaluator.matcher
        self._open: set[tuple[int, int]] = set()
        self._attributes: dict[tuple[int, str, bool], Amount | None] = {}
        self._defaults: dict[tuple[int, str], Amount | None] = {}
        self.requests = Requests(evaluator)
        self.length: Read = self.number

    def number(self, expression: Expr, unit: Unit, given: Given) -> Amount | None:
        """The number that `expression` in `unit` is; `None` where nobody can tell."""
        match expression:
            case Const(value=int() | float() as value) if not isinstance(value, bool):
                return Amount(value)
            case Operation(base=base, method=method, other=other):
                left, right = self.number(base, unit, given), self.number(other, unit, given)
                return operated(left, method, right)
            case Call(index=index):
                return self._call(unit.facts.calls[index], unit, given)
            case Element(value=value):
                return self._mean(value, unit, given)
            case Item(base=base) | Awaited(value=base):
                return OUTSIDE if self.requests.is_outside(base, unit) else None
        return self.through(expression, unit, given, self.number)

    def through(self, expression: Expr, unit: Unit, given: Given, read: Read) -> Amount | None:
        """What `read` finds where names, attributes and choices lead."""
        match expression:
            case Name():
                return self._name(expression, unit, given, read)
            case Narrowed(value=value):
                return read(value, unit, given)
            case Choice(options=options):
                return one_of([read(option, unit, given) for option in options])
            case Attr(base=base, name=name):
                return self._attribute(base, name, unit, read)
        return None

    # Names

    def _name(self, node: Name, unit: Unit, given: Given, read: Read) -> Amount | None:
        if node.binding != FREE:
            return self._binding(node.binding, unit, given, read)
        scope: Unit | None = unit
        while scope is not None and scope.kind != "module":
            indices = scope.plain.get(node.id, ())
            visible = scope is unit or scope.body_of is None
            if indices and visible and node.id not in scope.outer_names:
                return self._binding(indices[0], scope, given, read) if len(indices) == 1 else None
            scope = scope.parent
        return self._global(self._project.module_of(unit), node.id, read)

    def _global(self, module: ModuleUnit, name: str, read: Read) -> Amount | None:
        index = module.body.facts.final.get(name)
        if index is None or name in module.global_stores:
            return None
        return self._binding(index, module.body, (), read)

    def _binding(self, index: int, unit: Unit, given: Given, read: Read) -> Amount | None:
        binding = unit.facts.bindings[index]
        if index < len(unit.facts.parameters):
            return _parameter(unit.index, binding.name, given, is_length=read == self.length)
        key = unit.index, index
        if binding.value is None or key in self._open or len(self._open) > _DEEPEST:
            return None
        if isinstance(binding.value, Imported):
            return self._imported(binding.value, unit, read)
        self._open.add(key)
        amount = read(binding.value, unit, given)
        self._open.discard(key)
        return amount

    def _imported(self, node: Imported, unit: Unit, read: Read) -> Amount | None:
        imports = self._evaluator.imports
        if node.level:
            dotted = imports.relative_name(node.module, node.level, unit.module)
            module = None if dotted is None else imports.relative(dotted)
        else:
            module = imports.module(node.module, unit.module) if node.name else None
        if module is None or module == unit.module:
            return None
        return self._global(self._project.modules[module], node.name, read)

    def _attribute(self, base: Expr, name: str, unit: Unit, read: Read) -> Amount | None:
        for value, certainty in self._evaluator.evaluate(base, unit):
            match value:
                case ModuleValue(module=module):
                    return self._global(self._project.modules[module], name, read)
                case InstanceValue(cls=cls) | ClassValue(cls=cls):
                    amount = self._of_class(cls, name, read)
                    if amount is not None:
                        held = min(amount.certainty, certainty, Certainty.LIKELY)
                        return Amount(amount.value, held, amount.decided, amount.items)
        return OUTSIDE if read != self.length and self.requests.is_outside(base, unit) else None

    def _of_class(self, cls: int, name: str, read: Read) -> Amount | None:
        """What the class, its bases or their methods store under the name, if they agree."""
        key = cls, name, read == self.length
        if key not in self._attributes:
            self._attributes[key] = None
            self._attributes[key] = self._find_in_class(cls, name, read)
        return self._attributes[key]

    def _find_in_class(self, cls: int, name: str, read: Read) -> Amount | None:
        for base in self._evaluator.classes.order(cls):
            if not isinstance(base, ClassValue):
                continue
            unit = self._project.classes[base.cls]
            index = unit.body.facts.final.get(name)
            amounts = [] if index is None else [self._binding(index, unit.body, (), read)]
            for method, store in unit.stores.get(name, ()):
                amounts.append(None if store.value is None else self._stored(store.value, method, read))
            if amounts:
                return one_of(amounts)
        return None

    def _stored(self, value: Expr, method: Unit, read: Read) -> Amount | None:
        """What a method stores; of a parameter, what all who call the method give."""
        amount = read(value, method, ())
        if amount is None or amount.decided != "caller":
            return amount
        only = value.id if isinstance(value, Name) else ""
        found = [read(value, method, given) for given in self._from_callers(method, only)]
        return one_of(found) if found else None

    # Calls

    def _from_callers(self, unit: Unit, only: str) -> list[Given]:
        """What each call of the function gives for its parameters, or for `only` that one."""
        found = []
        if len(self._open) > _DEEPEST:
            return []
        key = unit.index, -1
        if key in self._open:
            return []
        self._open.add(key)
        for arguments, caller, skip_first in self._evaluator.callers.calls_of(unit):
            found.append(self.entering(unit, arguments, caller, (), skip_first=skip_first, only=only))
        self._open.discard(key)
        return found

    def entering(
        self,
        unit: Unit,
        arguments: Arguments,
        caller: Unit,
        given: Given,
        *,
        skip_first: bool,
        only: str = "",
    ) -> Given:
        """What the body of `unit` finds in its parameters, and in those of the functions around it,
        when `caller` calls it."""
        around = set()
        parent = unit.parent
        while parent is not None:
            around.add(parent.index)
            parent = parent.parent
        kept = [entry for entry in given if entry[0][0] in around]
        for parameter in unit.facts.parameters[skip_first:]:
            if parameter.kind in ("*", "**") or (only and parameter.name != only):
                continue
            expression = arguments.expression_for(unit, parameter.name, skip_first=skip_first)
            if expression is not None:
                amount = self._number_or_length(expression, caller, given)
            elif parameter.default is not None and not arguments.has_unpacked:
                amount = self.default(parameter, unit)
            else:
                amount = None
            kept.append(((unit.index, parameter.name), amount))
        return tuple(kept)

    def _number_or_length(self, expression: Expr, unit: Unit, given: Given) -> Amount | None:
        amount = self.number(expression, unit, given)
        return self.length(expression, unit, given) if amount is None else amount

    def default(self, parameter: Parameter, unit: Unit) -> Amount | None:
        """A parameter's default; of a request's, what it may be."""
        key = unit.index, parameter.name
        if key not in self._defaults:
            self._defaults[key] = None
            self._defaults[key] = self._default(parameter, unit)
        return self._defaults[key]

    def _default(self, parameter: Parameter, unit: Unit) -> Amount | None:
        if parameter.default is None:
            return None
        amount = self.number(parameter.default, unit.parent or unit, ())
        if amount is None or not amount.is_known:
            return amount if amount == OUTSIDE and self.requests.is_handler(unit) else None
        return Amount(amount.value, min(amount.certainty, Certainty.LIKELY))

    def _call(self, call: CallFact, unit: Unit, given: Given) -> Amount | None:
        arguments = Arguments.of(self._evaluator, call, unit)
        for value, _ in self._evaluator.evaluate(call.callee, unit):
            if isinstance(value, LibraryValue):
                count = self._matcher.count(value.name)
                return None if count is None else self._counted(count, arguments, unit, given)
            if isinstance(value, FunctionValue):
                return self.returned(value, arguments, unit, given, self.number)
        return None

    def returned(
        self, function: FunctionValue, arguments: Arguments, unit: Unit, given: Given, read: Read
    ) -> Amount | None:
        """What a function of the project with a single `return` returns."""
        inner = self._project.units[function.unit]
        key = inner.index, -2
        if len(inner.facts.returns) != 1 or inner.kind not in ("sync", "lambda") or key in self._open:
            return None
        self._open.add(key)
        entered = self.entering(inner, arguments, unit, given, skip_first=function.bound)
        amount = read(inner.facts.returns[0], inner, entered)
        self._open.discard(key)
        return amount

    def _counted(self, count: Count, arguments: Arguments, unit: Unit, given: Given) -> Amount | None:
        written = arguments.positional
        match count.gives:
            case "number":
                first = written[0] if written else None
                amount = None if first is None else self.number(first, unit, given)
                is_outside = amount is None and first is not None and self.requests.is_outside(first, unit)
                return OUTSIDE if is_outside else amount
            case "length":
                return self.length(written[0], unit, given) if written else None
            case "least" if len(written) > 1:
                return least(self.number(item, unit, given) for item in written)
            case "greatest" if len(written) > 1:
                return greatest(self.number(item, unit, given) for item in written)
            case "clock":
                return Amount(0)
            case "limited":
                return self._limited(count, arguments, unit, given)
        return None

    def _limited(self, count: Count, arguments: Arguments, unit: Unit, given: Given) -> Amount | None:
        """A default, or else the bound that a request has to keep to."""
        for place in count.arguments:
            expression = arguments.expression(place)
            amount = None if expression is None else self.number(expression, unit, given)
            if amount is not None:
                return amount
        for limit in count.limits:
            expression = arguments.expression(limit)
            amount = None if expression is None else self.number(expression, unit, given)
            if amount is not None:
                return Amount(amount.value, Certainty.GUESS)
        return OUTSIDE

    def _mean(self, iterable: Expr, unit: Unit, given: Given) -> Amount | None:
        """The mean of the numbers that a loop over a range goes through."""
        if not isinstance(iterable, Call):
            return None
        call = unit.facts.calls[iterable.index]
        for value, _ in self._evaluator.evaluate(call.callee, unit):
            count = self._matcher.count(value.name) if isinstance(value, LibraryValue) else None
            if count is not None and count.gives == "range":
                arguments = Arguments.of(self._evaluator, call, unit)
                return combined(
                    (self.number(item, unit, given) for item in arguments.positional), mean_of_range
                )
        return None


def _parameter(unit: int, name: str, given: Given, *, is_length: bool) -> Amount | None:
    for key, amount in given:
        if key == (unit, name):
            return amount if amount is None or amount.items == is_length else None
    return OPEN_ITEMS if is_length else OPEN
