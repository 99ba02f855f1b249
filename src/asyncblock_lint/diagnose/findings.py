"""Diagnostics out of verdicts and out of comments without effect."""

from collections.abc import Iterable, Sequence

from asyncblock_lint.diagnose.message import message
from asyncblock_lint.diagnose.remedy import remedy
from asyncblock_lint.diagnose.scene import Scene
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.codes import BY_CODE
from asyncblock_lint.model.graph import CallGraph, Step
from asyncblock_lint.model.result import Context, Diagnostic, Hop
from asyncblock_lint.model.verdict import UnusedDirective

_UNUSED = BY_CODE["ABL001"]


def blocking(scene: Scene, graph: CallGraph) -> Diagnostic:
    """The finding at the place of a verdict; its fingerprint is still to come."""
    verdict, span = scene.verdict, scene.verdict.site.span
    return Diagnostic(
        code=verdict.code,
        name=BY_CODE[verdict.code].name,
        message=message(scene),
        path=verdict.function.path,
        line=span.line,
        column=span.column,
        end_line=span.end_line,
        end_column=span.end_column,
        certainty=verdict.certainty,
        callee=verdict.blocker.name,
        context=Context(verdict.kind, verdict.function.qualified_name),
        trace=tuple(_hop(step, graph) for step in verdict.trace),
        others=verdict.others,
        help=remedy(scene),
        fingerprint="",
    )


def _hop(step: Step, graph: CallGraph) -> Hop:
    function = graph.functions[step.function]
    return Hop(function.path, step.span.line, step.span.column, function.qualified_name, step.calls)


def unused(
    item: UnusedDirective, lines: Sequence[str], graph: CallGraph, functions: Iterable[int]
) -> Diagnostic:
    """The finding at a comment without effect, in a file with these lines and functions.

    Nothing is called there, so its callee and its trace are empty.
    """
    directive = item.directive
    codes = ", ".join(f"`{code}`" for code in item.codes)
    if codes:
        said, advice = f"the suppression of {codes} silences nothing", f"remove {codes} from the comment"
    else:
        said = f"`# asyncblock: {directive.kind}` changes nothing"
        advice = "remove the comment, or move it to the `def` line of a function that blocks the loop"
    return Diagnostic(
        code=_UNUSED.code,
        name=_UNUSED.name,
        message=said,
        path=item.path,
        line=directive.line,
        column=directive.column,
        end_line=directive.line,
        end_column=_end(lines, directive.line, directive.column),
        certainty=Certainty.EXACT,
        callee="",
        context=_around(directive.line, graph, functions),
        trace=(),
        others=0,
        help=advice,
        fingerprint="",
    )


def _around(line: int, graph: CallGraph, functions: Iterable[int]) -> Context:
    """The innermost function around the comment, or else the module; if the loop does not run it,
    the kind says how it would."""
    spans = {index: graph.functions[index].span for index in functions}
    around = [index for index, span in spans.items() if span.line <= line <= span.end_line]
    innermost = max(around, key=lambda index: spans[index].line, default=None)
    if innermost is None:
        return Context("coroutine", "")
    on_loop = graph.contexts.get(innermost)
    return Context(
        "coroutine" if on_loop is None else on_loop.kind, graph.functions[innermost].qualified_name
    )


def _end(lines: Sequence[str], line: int, column: int) -> int:
    text = lines[line - 1] if line <= len(lines) else ""
    return max(len(text.rstrip()), column + 1)
