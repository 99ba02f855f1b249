"""What modules bind to the names that annotations use, before it is evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncblock_lint.link.inference.values import ModuleValue
from asyncblock_lint.link.project import ModuleUnit, Unit
from asyncblock_lint.model.facts import FREE, Attr, Expr, Imported, Name

if TYPE_CHECKING:
    from asyncblock_lint.link.inference.evaluate import Evaluator

_LONGEST_WAY = 8
"""Through so many modules a name is followed that each imports from the next."""


class Aliases:
    """Finds what is written on the right side of `Alias = …`, wherever the name was imported from."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project

    def named(self, annotation: Expr, unit: Unit) -> tuple[Expr, Unit] | None:
        """The expression that the module-level name `annotation` is bound to, and the body of the
        module that binds it; `None` if that is not the project's, or not known."""
        match annotation:
            case Name(id=name, binding=binding) if binding == FREE:
                return self._bound(self._project.module_of(unit), name, _LONGEST_WAY)
            case Attr(base=base, name=name):
                for value, _ in self._evaluator.evaluate(base, unit):
                    if isinstance(value, ModuleValue):
                        return self._bound(self._project.modules[value.module], name, _LONGEST_WAY)
        return None

    def _bound(self, module: ModuleUnit, name: str, left: int) -> tuple[Expr, Unit] | None:
        index = module.body.facts.final.get(name)
        if index is None:
            return self._starred(module, name, left)
        value = module.body.facts.bindings[index].value
        if not isinstance(value, Imported):
            return None if value is None else (value, module.body)
        source = self._source(value.module, value.level, module.index)
        if source is None or not value.name or not left:
            return None
        return self._bound(self._project.modules[source], value.name, left - 1)

    def _starred(self, module: ModuleUnit, name: str, left: int) -> tuple[Expr, Unit] | None:
        for star in reversed(module.body.facts.stars if left else ()):
            source = self._source(star.module, star.level, module.index)
            if source is not None and source != module.index:
                found = self._bound(self._project.modules[source], name, left - 1)
                if found is not None:
                    return found
        return None

    def _source(self, dotted: str, level: int, importer: int) -> int | None:
        """The module that a `from … import` names."""
        imports = self._evaluator.imports
        if not level:
            return imports.module(dotted, importer)
        absolute = imports.relative_name(dotted, level, importer)
        return None if absolute is None else imports.relative(absolute)
