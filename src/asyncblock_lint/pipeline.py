"""The whole story, from paths to findings; the only module that knows every stage."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from asyncblock_lint.baseline import hide_known, read_baseline
from asyncblock_lint.dependencies import Dependencies
from asyncblock_lint.describe import describe
from asyncblock_lint.diagnose import diagnose
from asyncblock_lint.discover import discover
from asyncblock_lint.errors import UserError
from asyncblock_lint.extract.gather import decode, gather
from asyncblock_lint.extract.visitor import module_facts
from asyncblock_lint.link.graph import link
from asyncblock_lint.load import check_rules, for_versions, load_catalogue
from asyncblock_lint.model.catalogue import Blocker, Catalogue, Offload
from asyncblock_lint.model.config import Config
from asyncblock_lint.model.facts import ModuleFacts
from asyncblock_lint.model.graph import CallGraph
from asyncblock_lint.model.result import Diagnostic, LintResult, Problem, Summary
from asyncblock_lint.model.source import SourceFile
from asyncblock_lint.model.verdict import Judgement, Wanted
from asyncblock_lint.propagate import judge

__all__ = ["catalogue", "check_rules", "facts_text", "lint", "path_text"]

Progress = Callable[[int, int], None]
"""Told how many files of how many have been read."""

_FUNCTION_KINDS = frozenset({"sync", "async", "generator", "async generator"})
_OFFLOADED_ARGUMENTS = tuple(range(8))
_LOOPS = "ABL701"


def lint(config: Config, progress: Progress | None = None) -> LintResult:
    """Read the configured paths and report what blocks the event loop.

    Raises `UserError` for a path, rule file or baseline that cannot be used.
    """
    known = Counter[str]() if config.baseline is None else read_baseline(config.baseline)
    modules, problems, graph = _read(config, progress)
    judgement = judge(graph, _wanted(config))
    texts = _texts(modules)
    reported = {source.path for source, _ in modules if source.reported}
    findings = [
        finding
        for finding in diagnose(_only(judgement, reported), graph, texts)
        if finding.code in config.codes_for(finding.path)
    ]
    shown = [problem for problem in problems if "ABL000" in config.codes_for(problem.path)]
    return hide_known(_result(findings, shown, modules), known)


def catalogue(config: Config) -> Catalogue:
    """The bundled rules, the configured ones, and the names the configuration adds.

    Raises `RuleError` for a rule file that cannot be used.
    """
    loaded = load_catalogue([Path(path) for path in config.rules])
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
    _, _, graph = _read(config, None)
    indices = [index for index, item in enumerate(graph.functions) if item.qualified_name == function]
    if not indices:
        raise UserError(f"{function}: no such function in {', '.join(config.paths)}")
    judgement = judge(graph, _wanted(config))
    return "".join(line + "\n" for index in indices for line in describe(graph, judgement, index))


_Modules = list[tuple[SourceFile, ModuleFacts]]


def _read(config: Config, progress: Progress | None) -> tuple[_Modules, list[Problem], CallGraph]:
    rules = for_versions(catalogue(config), Dependencies(Path(config.project_root)).has)
    discovery = discover(config)
    modules, unreadable = gather(discovery.files, config.jobs or os.cpu_count() or 1, progress)
    shown = {file.path for file in discovery.files if file.reported}
    problems = [*discovery.problems, *(problem for problem in unreadable if problem.path in shown)]
    graph = link(
        modules,
        rules,
        top=config.project_root,
        roots=config.src,
        loop_budget=config.loop_budget if _LOOPS in config.codes else math.inf,
    )
    return modules, problems, graph


def _wanted(config: Config) -> Wanted:
    return Wanted(config.codes, config.certainty, config.allow, config.ignore_contexts)


def _only(judgement: Judgement, reported: set[str]) -> Judgement:
    return Judgement(
        verdicts=tuple(item for item in judgement.verdicts if item.function.path in reported),
        unused=tuple(item for item in judgement.unused if item.path in reported),
    )


def _texts(modules: _Modules) -> Callable[[str], str]:
    """Reads a file of the run again, by the path it is shown under."""
    locations = {source.path: source.location for source, _ in modules}

    def text(path: str) -> str:
        return decode(Path(locations[path]).read_bytes())

    return text


def _result(findings: Sequence[Diagnostic], problems: Sequence[Problem], modules: _Modules) -> LintResult:
    functions = sum(function.kind in _FUNCTION_KINDS for _, facts in modules for function in facts.functions)
    ordered = sorted(problems, key=lambda problem: (problem.path, problem.line))
    return LintResult(
        findings=tuple(findings),
        problems=tuple(ordered),
        summary=Summary(len(modules), functions, len(findings), len(ordered)),
    )
