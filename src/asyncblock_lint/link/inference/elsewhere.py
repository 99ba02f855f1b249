"""Whose variable it is that code elsewhere fills: `from registry import tools`, then `tools["x"] = f`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from asyncblock_lint.link.inference.values import ClassValue, ModuleValue
from asyncblock_lint.link.project import Unit
from asyncblock_lint.model.facts import FREE, Attr, Class, Expr, Imported, Name

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_DEEPEST = 4


class Home(NamedTuple):
    """The module or class, of the project and by its index, that binds a name."""

    kind: type[ModuleValue] | type[ClassValue]
    owner: int
    name: str


class Elsewhere:
    """Finds the homes of variables that are reached by an import, or on a class by its name."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def home(self, variable: Expr, unit: Unit) -> Home | None:
        """Where `variable`, written in `unit`, is bound; `None` if that is not elsewhere, or not known."""
        match variable:
            case Name():
                bound = self._bound(variable, unit)
                return self._imported(bound, unit.module) if isinstance(bound, Imported) else None
            case Attr(base=base, name=name) if isinstance(self._bound(_root(base), unit), Imported | Class):
                match self._evaluator.evaluate(base, unit):
                    case [(ModuleValue(module=module), _)]:
                        return self._in_module(module, name)
                    case [(ClassValue(cls=index), _)]:
                        return Home(ClassValue, index, name)
        return None

    def _bound(self, name: Expr, unit: Unit) -> Expr | None:
        """What the name is bound to, in the function or by the module around it."""
        if not isinstance(name, Name):
            return None
        around = unit
        if name.binding == FREE:
            around = self._project.module_of(unit).body
        index = around.facts.final.get(name.id) if name.binding == FREE else name.binding
        return None if index is None else around.facts.bindings[index].value

    def _imported(self, node: Imported, importer: int, depth: int = 0) -> Home | None:
        source = self._evaluator.imports.source(node.module, node.level, importer)
        return None if source is None else self._in_module(source, node.name, depth)

    def _in_module(self, module: int, name: str, depth: int = 0) -> Home | None:
        """Where the module has the name from: its own code, or another module."""
        body = self._project.modules[module].body
        index = body.facts.final.get(name)
        if index is None or depth > _DEEPEST:
            return None
        bound = body.facts.bindings[index].value
        if isinstance(bound, Imported):
            return self._imported(bound, module, depth + 1)
        return Home(ModuleValue, module, name)


def _root(expression: Expr) -> Expr:
    while isinstance(expression, Attr):
        expression = expression.base
    return expression
