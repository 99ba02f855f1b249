"""Programs that change the rules for themselves: some calls stop their loop no longer."""

from __future__ import annotations

from collections.abc import Mapping

from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.literals import last_word
from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.link.project import Project, Unit

Program = tuple[str, str]
"""A folder that imports start from, and the top package below it; empty for modules outside of any."""


def lifted_codes(evaluator: Evaluator) -> Mapping[Program, frozenset[str]]:
    """The codes whose calls are fine in a program, for something that it calls anywhere."""
    found: dict[Program, frozenset[str]] = {}
    for unit in evaluator.project.units:
        for call in unit.facts.calls:
            if last_word(call.callee) not in evaluator.matcher.lifting:
                continue
            for value, _ in evaluator.evaluate(call.callee, unit):
                if isinstance(value, LibraryValue) and (codes := evaluator.matcher.lifted(value.name)):
                    name = program(evaluator.project, unit)
                    found[name] = found.get(name, frozenset()).union(codes)
    return found


def program(project: Project, unit: Unit) -> Program:
    """The program that the unit is taken to be part of."""
    source = project.modules[unit.module].source
    top, dot, _ = source.module.partition(".")
    return source.root, top if dot else ""
