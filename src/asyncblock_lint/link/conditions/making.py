"""What an object keeps of the constants that it was made with: `Reader(cached=True).read()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from asyncblock_lint.link.conditions.kept import ObjectConstants
from asyncblock_lint.link.conditions.told import Known
from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.literals import last_word
from asyncblock_lint.link.inference.values import ClassValue, FunctionValue, InstanceValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import (
    FREE,
    Attr,
    Binding,
    Call,
    CallFact,
    Const,
    Expr,
    Item,
    Name,
    Parameter,
)

_DEEPEST = 4
_GENERATING = "dataclass"
Reads = Callable[[Parameter, Unit, FunctionValue, Arguments, Unit, Mapping[str, Known]], Known | None]
"""Reads what a call gives for a parameter."""


class Making:
    """Goes back from an object to the one place where it is made, and to what is written there."""

    def __init__(self, evaluator: Evaluator, constants: ObjectConstants, reads: Reads) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._constants = constants
        self._reads = reads

    def of_attribute(
        self, expression: Expr, name: str, unit: Unit, known: Mapping[str, Known]
    ) -> Known | None:
        """What the object that `expression` is in `unit` keeps under `name` for good; `known` is what the
        unit is given."""
        made = self._made(expression, unit, 0)
        if made is None:
            return None
        call, where, cls = made
        arguments = Arguments.of(self._evaluator, call, where)
        given = known if where is unit else {}
        constructors = self._evaluator.objects.constructors(cls)
        if not constructors:
            return self._of_field(cls, name, arguments)
        parameter = self._constants.parameter_behind(cls, name)
        if parameter is None or len(constructors) > 1 or parameter[0].index != constructors[0].unit:
            return None
        constructor = FunctionValue(constructors[0].unit, bound=True)
        return self._reads(parameter[1], parameter[0], constructor, arguments, where, given)

    def _of_field(self, cls: int, name: str, arguments: Arguments) -> Known | None:
        """The same of an object whose constructor is generated from its fields."""
        unit = self._project.classes[cls]
        decorators = [_called(each, unit.parent) for each in unit.facts.decorators]
        names = self._evaluator.objects.field_names(cls)
        is_generated = any(_GENERATING in last_word(each) for each in decorators)
        if not is_generated or name not in names or self._constants.changes(cls, name):
            return None
        if arguments.count and not self._are_in_order(cls, names):
            return None
        written = arguments.expression(names.index(name)) or arguments.expression(name)
        if written is None and not arguments.has_unpacked:
            index = unit.body.facts.final.get(name)
            written = None if index is None else unit.body.facts.bindings[index].value
        return written if isinstance(written, Const) else None

    def _are_in_order(self, cls: int, names: list[str]) -> bool:
        """Whether the constructor surely takes the fields one after another."""
        order = self._evaluator.classes.order(cls)
        bodies = [self._project.classes[base.cls].body for base in order if isinstance(base, ClassValue)]
        fields = [binding for body in bodies for binding in body.facts.bindings if binding.annotation]
        is_plain = not any(isinstance(binding.value, Call) or _is_shared(binding) for binding in fields)
        return is_plain and len(set(names)) == len(names)

    def _made(self, expression: Expr, unit: Unit, depth: int) -> tuple[CallFact, Unit, int] | None:
        """The call that makes the object, where it stands, and of which class it is."""
        if depth > _DEEPEST:
            return None
        match expression:
            case Call(index=index):
                call = unit.facts.calls[index]
                values = self._evaluator.evaluate(call.callee, unit)
                if len(values) == 1 and values[0][1] is Certainty.EXACT:
                    value = values[0][0]
                    if isinstance(value, ClassValue) and not value.is_any:
                        return call, unit, value.cls
            case Name(id=name, binding=index) if index == FREE:
                return self._global(name, unit, depth)
            case Name(binding=index) if len(unit.facts.parameters) <= index:
                binding = unit.facts.bindings[index]
                if binding.kind == "plain" and binding.value is not None:
                    return self._made(binding.value, unit, depth + 1)
            case Attr(base=base, name=name):
                return self._attribute(base, name, unit, depth)
        return None

    def _global(self, name: str, unit: Unit, depth: int) -> tuple[CallFact, Unit, int] | None:
        """The same of a variable of the module that is set once."""
        module = self._project.module_of(unit)
        around = unit
        while around.parent is not None and around.kind != "module":
            if name in around.plain:
                return None
            around = around.parent
        index = module.body.facts.final.get(name)
        if index is None or name in module.global_stores:
            return None
        binding = module.body.facts.bindings[index]
        is_once = binding.kind == "plain" and binding.value is not None
        return self._made(binding.value, module.body, depth + 1) if is_once and binding.value else None

    def _attribute(self, base: Expr, name: str, unit: Unit, depth: int) -> tuple[CallFact, Unit, int] | None:
        """The same of what an object keeps, if its constructor makes that."""
        owners = [value for value, _ in self._evaluator.evaluate(base, unit)]
        if len(owners) != 1 or not isinstance(owners[0], InstanceValue):
            return None
        stored = self._constants.stored_once(owners[0].cls, name)
        return None if stored is None else self._made(stored[1], stored[0], depth + 1)


def _is_shared(binding: Binding) -> bool:
    """Whether the field belongs to the class."""
    hint = binding.annotation.base if isinstance(binding.annotation, Item) else binding.annotation
    return hint is not None and last_word(hint) == "ClassVar"


def _called(expression: Expr, unit: Unit) -> Expr:
    """The decorator itself, if it is called with options."""
    return unit.facts.calls[expression.index].callee if isinstance(expression, Call) else expression
