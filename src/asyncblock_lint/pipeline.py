"""The whole story, from paths to findings; the only module that knows every stage."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from asyncblock_lint.baseline import hide_known, read_baseline
from asyncblock_lint.dependencies import Dependencies
from asyncblock_lint.describe import describe
from asyncblock_lint.diagnose import diagnose
from asyncblock_lint.discover import discover
from asyncblock_lint.errors import UserError
from asyncblock_lint.extract.gather import decode, gather, regather
from asyncblock_lint.extract.visitor import module_facts
from asyncblock_lint.fix import (
    Engine,
    Surroundings,
    found_helpers,
    helper_remedies,
    imported_packages,
    is_test,
    mentions,
    propose,
    usual_runner,
    write,
)
from asyncblock_lint.link.graph import link
from asyncblock_lint.link.inference.matching import digested
from asyncblock_lint.load import check_rules, for_versions, load_catalogue
from asyncblock_lint.model.catalogue import Blocker, Catalogue, Offload, Remedy
from asyncblock_lint.model.config import Config
from asyncblock_lint.model.facts import ModuleFacts
from asyncblock_lint.model.graph import CallGraph
from asyncblock_lint.model.repair import Repair, Revision
from asyncblock_lint.model.result import Diagnostic, LintResult, Problem, Summary
from asyncblock_lint.model.source import SourceFile
from asyncblock_lint.model.verdict import Judgement, Wanted
from asyncblock_lint.propagate import judge

__all__ = ["catalogue", "check_rules", "decode", "facts_text", "lint", "path_text", "repair", "write"]

Progress = Callable[[int, int], None]
"""Told how many files of how many have been read."""

_Modules = Sequence[tuple[SourceFile, ModuleFacts]]
_FUNCTION_KINDS = frozenset({"sync", "async", "generator", "async generator"})
_OFFLOADED_ARGUMENTS = tuple(range(8))
_LOOPS = "ABL701"
_NEXT = ".__next__"


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the files of a run say, and by which rules to judge it."""

    rules: Catalogue
    dependencies: Dependencies
    modules: _Modules
    problems: tuple[Problem, ...]
    reported: frozenset[str]


def lint(config: Config, progress: Progress | None = None) -> LintResult:
    """Read the configured paths and report what blocks the event loop.

    Raises `UserError` for a path, rule file or baseline that cannot be used.
    """
    known = Counter[str]() if config.baseline is None else read_baseline(config.baseline)
    return hide_known(_lint(config, _read(config, progress)), known)


def _lint(
    config: Config,
    reading: _Reading,
    contents: Mapping[str, bytes] = MappingProxyType({}),
    known: Iterable[Diagnostic] = (),
) -> LintResult:
    """What the files say together, some of them with other contents.

    `known` are findings in the files as they are; where one comes again, its fix is not sought anew.
    """
    modules, unreadable = regather(reading.modules, contents) if contents else (reading.modules, [])
    graph = _graph(config, modules, reading.rules)
    judgement = _only(judge(graph, _wanted(config)), reading.reported)
    texts, project = _texts(modules, contents), _surroundings(config, reading, graph)
    by_path = {source.path: facts for source, facts in modules}

    def runner(path: str) -> Remedy:
        return usual_runner(project, imported_packages([by_path[path]]).keys())

    findings = [
        finding
        for finding in diagnose(judgement, graph, texts, runner)
        if finding.code in config.codes_for(finding.path)
    ]
    before = {replace(item, fix=None): item for item in known if item.path not in contents}
    fixable = propose(findings, judgement.verdicts, graph, texts, project, before)
    problems = (*reading.problems, *unreadable)
    shown = [problem for problem in problems if "ABL000" in config.codes_for(problem.path)]
    return _result(tuple(fixable), shown, modules)


def _unchanged(source: SourceFile, facts: ModuleFacts) -> bytes:
    """A file's bytes, if they still are those that the facts come from."""
    try:
        content = Path(source.location).read_bytes()
    except OSError as error:
        raise UserError(f"{source.path}: cannot be fixed: {error.strerror}") from error
    again, _ = regather([(source, facts)], {source.path: content})
    if [found for _, found in again] != [facts]:
        raise UserError(f"{source.path}: not fixed: the file has changed since it was analysed")
    return content


def repair(config: Config, wanted: Collection[str], progress: Progress | None = None) -> Repair:
    """Read the configured paths and fix what can be fixed in the ways `wanted` (`safe`, `unsafe`).

    Nothing is written yet: `write` does that. Raises `UserError` as `lint` does, and for a file that
    changes meanwhile.
    """
    known = Counter[str]() if config.baseline is None else read_baseline(config.baseline)
    reading = _read(config, progress)
    files = {source.path: (source, facts) for source, facts in reading.modules}

    first = _lint(config, reading)

    def relint(contents: Mapping[str, bytes]) -> LintResult:
        return hide_known(_lint(config, reading, contents, first.findings), known)

    def analysed(path: str) -> bytes:
        return _unchanged(*files[path])

    engine = Engine(hide_known(first, known), relint, analysed, wanted)
    engine.run()
    revisions = tuple(
        Revision(path, files[path][0].location, engine.before[path], content)
        for path, content in sorted(engine.after.items())
    )
    return Repair(revisions, engine.fixed, tuple(engine.dropped), engine.result)


@cache
def _bundled_rules() -> Catalogue:
    loaded = load_catalogue()
    return replace(loaded, digest=digested(loaded))


def catalogue(config: Config) -> Catalogue:
    """The bundled rules, the configured ones, and the names the configuration adds.

    Raises `RuleError` for a rule file that cannot be used.
    """
    loaded = load_catalogue([Path(path) for path in config.rules]) if config.rules else _bundled_rules()
    because = "is configured as blocking"
    blocks = {name: Blocker(name, code, because) for name, code in config.blocking.items()}
    offloads = {name: Offload(_OFFLOADED_ARGUMENTS) for name in config.offload}
    return replace(
        loaded,
        blocks={**loaded.blocks, **blocks},
        offloads={**loaded.offloads, **offloads},
        users=loaded.users | blocks.keys() | offloads.keys(),
    )


def facts_text(path: Path) -> str:
    """The facts of one file, as indented JSON; raises `UserError` if it cannot be read."""
    try:
        facts = module_facts(decode(path.read_bytes()))
    except (OSError, SyntaxError, ValueError) as error:
        raise UserError(f"{path}: {error}") from error
    return msgspec.json.format(msgspec.json.encode(facts), indent=2).decode() + "\n"


def path_text(config: Config, function: str) -> str:
    """What the function with that qualified name runs, place by place, and where it blocks.

    Raises `UserError` if there is no such function.
    """
    reading = _read(config, None)
    graph = _graph(config, reading.modules, reading.rules)
    # Of what particular calls leave of a function, the whole comes first.
    places = {(item.path, item.span): index for index, item in reversed([*enumerate(graph.functions)])}
    named = [index for index in places.values() if graph.functions[index].qualified_name == function]
    if not named:
        raise UserError(f"{function}: no such function in {', '.join(config.paths)}")
    judgement = judge(graph, _wanted(config))
    return "".join(line + "\n" for index in sorted(named) for line in describe(graph, judgement, index))


def _read(config: Config, progress: Progress | None) -> _Reading:
    dependencies = Dependencies(Path(config.project_root))
    discovery = discover(config)
    modules, unreadable = gather(discovery.files, config.jobs or os.cpu_count() or 1, progress)
    reported = frozenset(file.path for file in discovery.files if file.reported)
    problems = [*discovery.problems, *(problem for problem in unreadable if problem.path in reported)]
    rules = for_versions(catalogue(config), dependencies.has)
    return _Reading(rules, dependencies, tuple(modules), tuple(problems), reported)


def _graph(config: Config, modules: _Modules, rules: Catalogue) -> CallGraph:
    budget = config.loop_budget if _LOOPS in config.codes else math.inf
    return link(modules, rules, top=config.project_root, roots=config.src, loop_budget=budget)


def _surroundings(config: Config, reading: _Reading, graph: CallGraph) -> Surroundings:
    """What fixers may want to know of the project."""
    configured = helper_remedies(config.offload, (source.module for source, _ in reading.modules))
    found = found_helpers(graph, {source.module: facts for source, facts in reading.modules})
    return Surroundings(
        remedies=reading.rules.remedies,
        offloads=reading.rules.offloads,
        clients=reading.rules.clients,
        streams=reading.rules.streams,
        twins=reading.rules.twins,
        iterated=_iterated(reading.rules),
        makes=reading.rules.makes,
        imports=imported_packages(facts for source, facts in reading.modules if not is_test(source.module)),
        declares=reading.dependencies.needs,
        line_length=reading.dependencies.line_length(),
        async_library=config.async_library,
        http_client=config.http_client,
        helpers=(*configured, *found),
        mentions=mentions({source.path: facts for source, facts in reading.modules}),
        packages=frozenset(source.module.partition(".")[0] for source, _ in reading.modules),
    )


def _iterated(rules: Catalogue) -> frozenset[str]:
    """The calls that do not block themselves, but whose results do so when they are gone through."""
    names = {name.removesuffix(_NEXT) for name in rules.blocks if name.endswith(_NEXT)}
    return frozenset(names - rules.blocks.keys())


def _wanted(config: Config) -> Wanted:
    return Wanted(config.codes, config.certainty, config.allow, config.ignore_contexts)


def _only(judgement: Judgement, reported: frozenset[str]) -> Judgement:
    return Judgement(
        verdicts=tuple(item for item in judgement.verdicts if item.function.path in reported),
        unused=tuple(item for item in judgement.unused if item.path in reported),
    )


def _texts(modules: _Modules, contents: Mapping[str, bytes]) -> Callable[[str], str]:
    """Reads a file of the run again, by the path it is shown under."""
    locations = {source.path: source.location for source, _ in modules}

    def text(path: str) -> str:
        content = contents.get(path)
        return decode(Path(locations[path]).read_bytes() if content is None else content)

    return text


def _result(findings: Sequence[Diagnostic], problems: Sequence[Problem], modules: _Modules) -> LintResult:
    functions = sum(function.kind in _FUNCTION_KINDS for _, facts in modules for function in facts.functions)
    ordered = sorted(problems, key=lambda problem: (problem.path, problem.line))
    return LintResult(
        findings=tuple(findings),
        problems=tuple(ordered),
        summary=Summary(len(modules), functions, len(findings), len(ordered)),
    )
