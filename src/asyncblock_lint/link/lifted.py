"""Programs that change the rules for themselves: some calls stop their loop no longer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.literals import last_word
from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.link.project import Project, Unit
from asyncblock_lint.model.catalogue import Blocker, ProgramSetting
from asyncblock_lint.model.facts import Binding, Const, Display, Expr

Program = tuple[str, str]
"""A folder that imports start from, and the top package below it; empty for modules outside of any."""


class Lifted:
    """Knows the codes, and the names of functions and classes, that are fine in a program."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._project = evaluator.project
        self._codes = set(self._by_calls())
        self._names = set(self._by_settings())
        self._words: dict[Program, set[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._codes or self._names)

    def by(self, unit: Unit) -> set[str]:
        """What is fine in the program that the unit is part of: in that package, or below that folder."""
        program = _program(self._project, unit)
        if program not in self._words:
            folders = {program[0], *map(str, Path(program[0]).parents)}
            self._words[program] = {
                *(code for where, code in self._codes if where == program),
                *(name for folder, name in self._names if folder in folders),
            }
        return self._words[program]

    def _by_calls(self) -> Iterator[tuple[Program, str]]:
        """The codes, for something that a program calls anywhere."""
        matcher = self._evaluator.matcher
        for unit in self._project.units:
            for call in unit.facts.calls:
                if last_word(call.callee) not in matcher.lifting:
                    continue
                for value, _ in self._evaluator.evaluate(call.callee, unit):
                    for code in matcher.lifted(value.name) if isinstance(value, LibraryValue) else ():
                        yield _program(self._project, unit), code

    def _by_settings(self) -> Iterator[tuple[str, str]]:
        """The names, by folder, for what the constants in a program choose."""
        bound: dict[str, dict[str, list[Binding]]] = {}
        for module in self._project.modules:
            names = bound.setdefault(module.source.root, {})
            for binding in module.body.facts.bindings:
                if binding.kind == "plain":
                    names.setdefault(binding.name, []).append(binding)
        for root, names in bound.items():
            for name, setting in self._evaluator.matcher.settings.items():
                is_left = name not in names and setting.beside in names
                if is_left or (name in names and _is_harmless(names[name], setting)):
                    yield from ((root, lifted) for lifted in setting.lifts)


def is_lifted(blocker: Blocker, words: set[str]) -> bool:
    """Whether the code, the name or the class of what blocks is among the words."""
    return not words.isdisjoint((blocker.code, blocker.name, blocker.name.rpartition(".")[0]))


def _is_harmless(bindings: list[Binding], setting: ProgramSetting) -> bool:
    texts = [text for binding in bindings for text in _texts(binding.value, setting.key)]
    return all(text is not None and text.startswith(setting.harmless) for text in texts)


def _texts(written: Expr | None, key: str | None) -> Iterator[str | None]:
    """The texts under the key in dictionaries, or the one that is written; `None` for what is neither."""
    match written:
        case Const(value=str(text)) if key is None:
            yield text
        case Display(kind="dict", keys=keys, items=items) if key is not None:
            for name, item in zip(keys, items, strict=True):
                if name == Const(key):
                    yield from _texts(item, None)
                elif isinstance(item, Display):
                    yield from _texts(item, key)
        case _:
            yield None


def _program(project: Project, unit: Unit) -> Program:
    """The program that the unit is taken to be part of."""
    source = project.modules[unit.module].source
    top, dot, _ = source.module.partition(".")
    return source.root, top if dot else ""
