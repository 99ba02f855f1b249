"""The call graph, assembled: every function, its sites, and where it runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from asyncblock_lint.link.calls.misfits import never_run
from asyncblock_lint.link.calls.offloaders import find_offloaders
from asyncblock_lint.link.calls.outcomes import Outcome
from asyncblock_lint.link.calls.running import Runner
from asyncblock_lint.link.calls.warm import computed_at_start, warm_up
from asyncblock_lint.link.contexts import Contexts
from asyncblock_lint.link.inference.evaluate import Evaluator
from asyncblock_lint.link.inference.imports import ImportResolver
from asyncblock_lint.link.inference.literals import last_word
from asyncblock_lint.link.inference.matching import Matcher
from asyncblock_lint.link.inference.values import LibraryValue
from asyncblock_lint.link.lifted import Lifted, is_lifted
from asyncblock_lint.link.locks.holding import Holding
from asyncblock_lint.link.loops.stalls import Stalls
from asyncblock_lint.link.project import Project, Unit, shown_name
from asyncblock_lint.model.catalogue import Catalogue
from asyncblock_lint.model.facts import Func, Guard, ModuleFacts, Span
from asyncblock_lint.model.graph import CallGraph, Edge, Function, OnLoop, Site, Step
from asyncblock_lint.model.source import SourceFile
from asyncblock_lint.stack import deep_stack


def link(
    files: Sequence[tuple[SourceFile, ModuleFacts]],
    catalogue: Catalogue,
    *,
    top: str,
    roots: Sequence[str] = (),
    loop_budget: float = math.inf,
) -> CallGraph:
    """The call graph of `files`. `top` is the project's folder and `roots` are further folders
    that imports start from, all as absolute paths. Loops that compute for `loop_budget` seconds
    are blockers."""
    with deep_stack():
        return _link(Project(files), catalogue, top, roots, loop_budget)


def _link(
    project: Project, catalogue: Catalogue, top: str, roots: Sequence[str], loop_budget: float
) -> CallGraph:
    files = [(module.source, module.facts) for module in project.modules]
    imports = ImportResolver([source for source, _ in files], top, roots)
    evaluator = Evaluator(project, imports, Matcher(catalogue))
    _ask_for_definitions(evaluator)
    runner = Runner(evaluator)
    for unit in project.units:
        runner.places(unit)
    handled = Contexts(evaluator, catalogue.handlers)
    contexts = {**handled.find(), **runner.noted.contexts}
    runner.run_by_loop(handled.called)
    contexts.update(_local_class_bodies(project, contexts))
    edges = _all_edges(evaluator, runner, contexts, loop_budget)
    holding = Holding(evaluator)
    for index in edges:
        for edge in holding.across(project.units[index]):
            edges[index].setdefault(edge.step.span, []).append(edge)
    _lift(evaluator, edges)
    origins = [*project.units]
    for unit, setting in runner.variants:
        edges[len(origins)] = runner.variants.edges(unit, setting, edges.get(unit.index, {}))
        origins.append(unit)
    warm_up(origins, edges, computed_at_start(evaluator, contexts, edges))
    sites = {index: _sites(origins[index], held, runner.eager) for index, held in edges.items() if held}
    tied = {
        index
        for index, on_loop in contexts.items()
        if on_loop.threaded and _needs_loop(evaluator, index, origins, edges)
    }
    return CallGraph(
        functions=tuple(_function(evaluator, unit, index in tied) for index, unit in enumerate(origins)),
        sites=sites,
        contexts={
            index: on_loop
            for index, on_loop in sorted(contexts.items())
            if index in runner.noted.contexts
            or not project.units[index].facts.guard & (Guard.MAIN | Guard.TYPE_CHECKING)
        },
        directives={source.path: facts.directives for source, facts in files},
        offloaders=tuple(find_offloaders(project, runner.effects)),
        threads=frozenset(runner.noted.threads | handled.noted.threads),
        faults=(*runner.faults(), *never_run(project, handled.noted.never | runner.noted.never)),
        holds=tuple(hold for index in edges for hold in holding.holds(origins[index])),
    )


def _ask_for_definitions(evaluator: Evaluator) -> None:
    """Settle what modules and classes define, which long chains of questions would end at otherwise."""
    for module in evaluator.project.modules:
        for index in module.body.facts.final.values():
            evaluator.binding(index, module.body)
    for cls in evaluator.project.classes:
        for name, index in cls.body.facts.final.items():
            if isinstance(cls.body.facts.bindings[index].value, Func):
                evaluator.classes.instance_attribute(cls.index, name)
    for unit in evaluator.project.units:
        if unit.owner is not None and unit.facts.parameters:
            evaluator.binding(0, unit)


def _all_edges(
    evaluator: Evaluator, runner: Runner, contexts: Mapping[int, OnLoop], loop_budget: float
) -> dict[int, dict[Span, list[Edge]]]:
    """What may happen at the places of every function that something may run."""
    project = evaluator.project
    # What callers give may bring edges to functions before it, so sites come after all of it.
    found = {unit.index: _found(runner, unit, contexts) for unit in project.units if _runs(unit, contexts)}
    if loop_budget < math.inf:
        for index, stalls in Stalls(evaluator, runner, contexts, loop_budget).find().items():
            found.setdefault(index, []).extend(stalls)
    edges = {index: _edges(project.units[index], outcomes) for index, outcomes in found.items()}
    for index, inner in runner.inner_edges.items():
        for edge in inner:
            edges[index].setdefault(edge.step.span, []).append(edge)
    return edges


def _lift(evaluator: Evaluator, edges: dict[int, dict[Span, list[Edge]]]) -> None:
    """Leave out what a program has made harmless by a call, or by settings, of its own."""
    project, lifted = evaluator.project, Lifted(evaluator)
    for index, found_edges in edges.items() if lifted else ():
        words = lifted.by(project.units[index])
        for span, held in found_edges.items():
            found_edges[span] = [
                edge for edge in held if not edge.blocker or not is_lifted(edge.blocker, words)
            ]


def _local_class_bodies(project: Project, contexts: Mapping[int, OnLoop]) -> dict[int, OnLoop]:
    """The bodies of classes defined in functions of the loop: they run where those run."""
    return {
        unit.index: contexts[unit.parent.index]
        for unit in project.units
        if unit.kind == "class" and unit.parent is not None and unit.parent.index in contexts
    }


def _runs(unit: Unit, contexts: Mapping[int, OnLoop]) -> bool:
    """Whether anything but an import runs the unit."""
    return unit.kind not in ("module", "class") or unit.index in contexts


def _found(runner: Runner, unit: Unit, contexts: Mapping[int, OnLoop]) -> list[tuple[Span, Outcome]]:
    """All that may happen in the unit, by place."""
    found = [(place.span, outcome) for place in runner.places(unit) for outcome in place.outcomes]
    return [*found, *runner.summaries.fill(unit)] if unit.index in contexts else found


def _function(evaluator: Evaluator, unit: Unit, is_tied: bool) -> Function:
    source, facts = evaluator.project.module_of(unit).source, unit.facts
    needs_loop = bool(facts.awaits) or is_tied or _asks_for_loop(evaluator, unit)
    return Function(
        source.path,
        source.module,
        shown_name(facts.name),
        facts.kind,
        facts.span,
        facts.header_end,
        facts.head,
        needs_loop,
    )


def _needs_loop(
    evaluator: Evaluator,
    index: int,
    units: Sequence[Unit],
    edges: Mapping[int, Mapping[Span, Iterable[Edge]]],
) -> bool:
    """Whether the unit, or a plain function that it comes to, calls what fails where no loop runs."""
    seen, pending = {index}, [index]
    while pending:
        unit = units[current := pending.pop()]
        if _asks_for_loop(evaluator, unit):
            return True
        held = edges.get(current, {}).values()
        targets = {edge.target for found in held for edge in found if edge.target is not None}
        new = {target for target in targets - seen if not units[target].is_async}
        seen |= new
        pending += new
    return False


def _asks_for_loop(evaluator: Evaluator, unit: Unit) -> bool:
    """Whether the unit calls something that only the thread of a running loop may call; a plain function
    may ask for the loop where it expects that there is none."""
    matcher = evaluator.matcher
    tests = [] if unit.is_async else [region.test for region in unit.facts.regions]
    asked = {index for test in tests if test and test.op == "raises" for index in range(*test.calls)}
    callees = [(call.callee, index in asked) for index, call in enumerate(unit.facts.calls)]
    return any(
        isinstance(value, LibraryValue) and matcher.works_on_loop_only(value.name, expected=expected)
        for callee, expected in callees
        if last_word(callee) in matcher.loop_only_words
        for value, _ in evaluator.evaluate(callee, unit)
    )


def _edges(unit: Unit, places: Iterable[tuple[Span, Outcome]]) -> dict[Span, list[Edge]]:
    edges: dict[Span, list[Edge]] = {}
    for span, outcome in places:
        if outcome.parameter is None:
            step = Step(unit.index, span, outcome.calls)
            edge = Edge(step, outcome.certainty, outcome.target, outcome.blocker, outcome.via)
            edges.setdefault(span, []).append(edge)
    return edges


def _sites(
    unit: Unit, edges: dict[Span, list[Edge]], eager: Mapping[tuple[int, Span], str]
) -> tuple[Site, ...]:
    ordered = sorted(edges.items(), key=lambda item: (item[0].line, item[0].column, item[0].end_line))
    return tuple(
        Site(unit.index, span, tuple(dict.fromkeys(found)), eager.get((unit.index, span), ""))
        for span, found in ordered
    )
