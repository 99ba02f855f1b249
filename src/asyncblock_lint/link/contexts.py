"""Which functions the loop itself runs, and as what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from asyncblock_lint.link.evaluate import Evaluator
from asyncblock_lint.link.project import ClassUnit, Unit
from asyncblock_lint.link.values import LibraryValue
from asyncblock_lint.model.catalogue import Handler
from asyncblock_lint.model.facts import Call, Expr


class Contexts:
    """Applies the catalogue's handlers to the project's functions and classes."""

    def __init__(self, evaluator: Evaluator, handlers: Sequence[Handler]) -> None:
        self._evaluator = evaluator
        canonical = evaluator.matcher.canonical
        self._by_decorator = {canonical(name): handler for handler in handlers for name in handler.decorators}
        self._by_base = {canonical(name): handler for handler in handlers for name in handler.bases}

    def find(self) -> dict[int, str]:
        """The context kind of every function that the loop runs."""
        units = self._evaluator.project.units
        found = {unit.index: "coroutine" for unit in units if unit.is_async}
        for unit in units:
            for handler in self._decorating(unit):
                self._note(found, unit, handler)
        for cls in self._evaluator.project.classes:
            for handler in self._inherited(cls):
                for method in self._methods(cls, handler):
                    self._note(found, method, handler)
        return found

    def _note(self, found: dict[int, str], unit: Unit, handler: Handler) -> None:
        if unit.is_async:
            if handler.kind != "loop-callback":
                found[unit.index] = handler.kind
        elif handler.sync == "loop":
            found[unit.index] = handler.kind

    def _decorating(self, unit: Unit) -> Iterator[Handler]:
        if unit.parent is None or not self._by_decorator:
            return
        for decorator in unit.facts.decorators:
            for value, _ in self._evaluator.evaluate(_called(decorator, unit.parent), unit.parent):
                if isinstance(value, LibraryValue):
                    for spelling in self._evaluator.matcher.spellings(value.name):
                        if spelling in self._by_decorator:
                            yield self._by_decorator[spelling]
                            break

    def _inherited(self, cls: ClassUnit) -> Iterator[Handler]:
        for base in self._evaluator.classes.order(cls.index):
            if isinstance(base, LibraryValue):
                for name in self._evaluator.matcher.bases(base.name):
                    if name in self._by_base:
                        yield self._by_base[name]

    def _methods(self, cls: ClassUnit, handler: Handler) -> Iterator[Unit]:
        for unit in self._evaluator.project.modules[cls.module].units.values():
            name = unit.facts.name.rpartition(".")[2]
            public = not name.startswith("_")
            if unit.owner is cls and (name in handler.methods if handler.methods else public):
                yield unit


def _called(decorator: Expr, unit: Unit) -> Expr:
    """`app.get` of `@app.get("/")`."""
    return unit.facts.calls[decorator.index].callee if isinstance(decorator, Call) else decorator
