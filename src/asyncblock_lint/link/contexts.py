"""Which functions the loop itself runs, and as what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from asyncblock_lint.link.inference.arguments import Arguments
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.values import FunctionValue, LibraryValue, OffloadedValue, Values
from asyncblock_lint.link.project import ClassUnit, Project, Unit
from asyncblock_lint.model.catalogue import Circumstances, Handler
from asyncblock_lint.model.facts import Call, Expr, Func
from asyncblock_lint.model.graph import OnLoop

COROUTINE = OnLoop("coroutine")


class Contexts:
    """Applies the catalogue's handlers to the project's functions and classes."""

    def __init__(self, evaluator: Evaluator, handlers: Sequence[Handler]) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._matcher = evaluator.matcher
        self._by_base: dict[str, list[Handler]] = {}
        for handler in handlers:
            for name in handler.bases:
                self._by_base.setdefault(name, []).append(handler)
        self.called: list[FunctionValue] = []
        self.noted = Noted()

    def find(self) -> dict[int, OnLoop]:
        """How the loop comes to run every function that it runs; gathers in `called` the coroutine
        functions that decorators of the project hand to a framework."""
        units = self._project.units
        self.noted.contexts.update((unit.index, COROUTINE) for unit in units if unit.is_async)
        for unit in units:
            if unit.facts.decorators and unit.parent is not None:
                self._find_decorated(unit, unit.parent)
        for cls in self._project.classes:
            for handler in self._of_class(cls):
                for method in methods(self._project, cls, handler.methods):
                    self._note(method, handler.circumstances, self._put_in_place(method, cls))
        return self.noted.contexts

    def _note(self, unit: Unit, circumstances: Circumstances, given: list[FunctionValue] | None) -> None:
        """Note that a framework calls the function, or what is `given` in its place."""
        if given is None:
            self.noted.note(unit, circumstances)
        else:
            self.called.extend(given)

    def _find_decorated(self, unit: Unit, parent: Unit) -> None:
        for decorator in unit.facts.decorators:
            for circumstances in self._fitting(decorator, parent):
                self._note(unit, circumstances, self._given(decorator, unit, parent))

    def _given(self, decorator: Expr, unit: Unit, parent: Unit) -> list[FunctionValue] | None:
        """The coroutine functions, or nothing that the loop runs, that decorators below put in the
        place of a plain function; `None` if it is handed over as it is, or in a plain wrapper."""
        if unit.is_async or decorator == unit.facts.decorators[-1]:
            return None
        decorated = _decorated(unit, parent, decorator)
        return self._instead(() if decorated is None else self._evaluator.evaluate(decorated, parent))

    def _put_in_place(self, method: Unit, cls: ClassUnit) -> list[FunctionValue] | None:
        """The same of all decorators of a method that a framework finds in the class by its name."""
        if method.is_async or not method.facts.decorators:
            return None
        name = method.facts.name.rpartition(".")[2].partition("#")[0]
        return self._instead(self._evaluator.classes.raw(cls.index, name))

    def _instead(self, values: Values) -> list[FunctionValue] | None:
        if any(isinstance(value, OffloadedValue) for value, _ in values):
            return []
        functions = [value for value, _ in values if isinstance(value, FunctionValue)]
        if functions and all(self._project.units[value.unit].is_async for value in functions):
            return functions
        return None

    def _fitting(self, decorator: Expr, unit: Unit) -> Iterator[Circumstances]:
        """Under which circumstances the decorator's framework calls what it decorates."""
        call = unit.facts.calls[decorator.index] if isinstance(decorator, Call) else None
        for value, _ in self._evaluator.evaluate(decorator if call is None else call.callee, unit):
            if isinstance(value, LibraryValue):
                found = [handler.circumstances for handler in self._matcher.decorator(value.name)]
                given = (
                    Arguments.none(self._evaluator)
                    if call is None
                    else Arguments.of(self._evaluator, call, unit)
                )
                yield from fitting(self._evaluator, found, given)

    def _of_class(self, cls: ClassUnit) -> Iterator[Handler]:
        for base in self._evaluator.classes.order(cls.index):
            if isinstance(base, LibraryValue):
                for name in self._evaluator.matcher.bases(base.name):
                    yield from self._by_base.get(name, ())
        for decorator in cls.facts.decorators:
            called = _called(decorator, cls.parent)
            for value, _ in self._evaluator.evaluate(called, cls.parent):
                if isinstance(value, LibraryValue):
                    yield from self._matcher.decorator(value.name)


def fitting(
    evaluator: Evaluator, found: Sequence[Circumstances], arguments: Arguments
) -> Iterator[Circumstances]:
    """Those that hold for a decorator or call with these arguments: one with a form that fits goes
    before those without."""
    forms = [item for item in found if item.form is not None]
    given = arguments.given() if forms else None
    for item in forms:
        assert item.form is not None
        if given is not None and evaluator.matcher.fits(item.form, given):
            yield item
            return
    yield from (item for item in found if item.form is None)


def methods(project: Project, cls: ClassUnit, patterns: Sequence[str]) -> Iterator[Unit]:
    """The methods in the class's body that fit one of the patterns; without any, the public ones."""
    for unit in project.modules[cls.module].units.values():
        if unit.owner is cls:
            name = unit.facts.name.rpartition(".")[2].partition("#")[0]
            if any(fnmatchcase(name, pattern) for pattern in patterns) if patterns else name[:1] != "_":
                yield unit


class Noted:
    """How frameworks run functions: `contexts` on the loop, `threads` in a thread, and coroutine
    functions `never`."""

    def __init__(self) -> None:
        self.contexts: dict[int, OnLoop] = {}
        self.threads: set[int] = set()
        self.never: set[int] = set()

    def note(self, unit: Unit, circumstances: Circumstances) -> None:
        """Note that a framework calls the function, on the loop or in a thread."""
        kind = circumstances.kind
        if not unit.is_async and circumstances.sync == "thread":
            self.threads.add(unit.index)
        elif not unit.is_async:
            self.contexts[unit.index] = OnLoop(
                kind, circumstances.certainty, circumstances.versions, circumstances.without
            )
        elif circumstances.coroutine_runs == "nowhere":
            self.never.add(unit.index)
        else:
            threaded = circumstances.sync == "thread" and not circumstances.versions
            if kind in ("loop-callback", "handler"):
                kind = self.contexts.get(unit.index, COROUTINE).kind
            self.contexts[unit.index] = OnLoop(kind, threaded=threaded)


def _decorated(unit: Unit, parent: Unit, decorator: Expr) -> Expr | None:
    """What the decorator of `unit` is given: the function, or what the decorators below it made."""
    given: Expr = Func(unit.facts.name)
    for index, call in enumerate(parent.facts.calls):
        if call.is_decorator and call.arguments[0].value == given:
            if call.callee == decorator:
                return given
            given = Call(index)
    return None


def _called(decorator: Expr, unit: Unit) -> Expr:
    """`app.get` of `@app.get("/")`."""
    return unit.facts.calls[decorator.index].callee if isinstance(decorator, Call) else decorator
