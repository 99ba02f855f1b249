"""From verdicts to diagnostics: where, why, by which way, and what to do about it.

A LibCST visitor walks the functions of the loop that are under suspicion. It tells what stands at
each place, as written, and whether `await` may stand there.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby

from asyncblock_lint.diagnose.findings import blocking, unused
from asyncblock_lint.diagnose.fingerprints import with_fingerprints
from asyncblock_lint.diagnose.scene import ChooseRunner, Scene, set_scenes
from asyncblock_lint.diagnose.segments import find_places
from asyncblock_lint.diagnose.source import Lines, ReadText, lines_of
from asyncblock_lint.model.graph import CallGraph
from asyncblock_lint.model.result import Diagnostic
from asyncblock_lint.model.verdict import Judgement


def diagnose(
    judgement: Judgement, graph: CallGraph, read: ReadText, runner: ChooseRunner
) -> tuple[Diagnostic, ...]:
    """All findings in the order path, line, column, code.

    `runner` gives what runs functions in a thread, for advice in the file at a path.

    A file that can no longer be read keeps its findings; only their texts are less specific.
    """
    lines = cache(lambda path: lines_of(path, read))
    functions: dict[str, list[int]] = defaultdict(list)
    for index, function in enumerate(graph.functions):
        functions[function.path].append(index)
    found = [blocking(scene, graph) for scene in _scenes(judgement, graph, functions, lines, runner)]
    found += [unused(item, lines(item.path), graph, functions[item.path]) for item in judgement.unused]
    found.sort(key=lambda finding: (finding.path, finding.line, finding.column, finding.code))
    return with_fingerprints(found, lines)


def _scenes(
    judgement: Judgement,
    graph: CallGraph,
    functions: Mapping[str, list[int]],
    lines: Lines,
    runner: ChooseRunner,
) -> Iterator[Scene]:
    for path, verdicts in groupby(judgement.verdicts, key=lambda verdict: verdict.function.path):
        suspects = tuple(verdicts)
        places = find_places(lines(path), suspects, [graph.functions[index] for index in functions[path]])
        yield from set_scenes(suspects, places, graph, runner(path))
