"""A verdict with what is known of its place: what message and help are made from."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from asyncblock_lint.diagnose.places import COROUTINE, Place
from asyncblock_lint.model.catalogue import Remedy
from asyncblock_lint.model.facts import Span
from asyncblock_lint.model.graph import CallGraph
from asyncblock_lint.model.verdict import Verdict

_LONGEST = 80
_DO_NOT_STOP = ("ABL604", "ABL605", "ABL801", "ABL802", "ABL803")
ChooseRunner = Callable[[str], Remedy]
"""Gives what runs functions in a thread in the file at a path."""

_LATER = ("__enter__", "__exit__", "__iter__", "__next__")
_ASKED = ("__bool__", "__len__")


@dataclass(frozen=True, slots=True)
class Scene:
    """`place` is `None` where LibCST could not tell. `form` is how the place runs code: as the
    form of a `Place`, but `call` wherever it is a call that blocks rather than what comes of it,
    and `truth` where a condition asks.
    `helper` is the qualified name of a function that the place calls and in which the blocking call
    stands, if it could be a coroutine as well. `is_chained`: the callee has a finding of its own
    (`f().g()`). `runner` is what runs functions in a thread here."""

    verdict: Verdict
    place: Place | None
    form: str
    helper: str
    is_chained: bool
    runner: Remedy

    @property
    def is_direct(self) -> bool:
        """Whether the blocking call is the place itself."""
        return len(self.verdict.trace) == 1

    @property
    def is_eager(self) -> bool:
        """Whether the finding is that a result is handed over instead of a function."""
        return self.verdict.code == "ABL801"

    @property
    def stops(self) -> bool:
        """Whether the blocking call holds the loop until it returns; others fail, or do harm later."""
        return self.verdict.blocker.code not in _DO_NOT_STOP

    @property
    def is_nested(self) -> bool:
        """Whether the finding is about a loop inside a loop."""
        return self.verdict.code == "ABL604"

    @property
    def scope(self) -> str:
        """What decides whether `await` may stand at the place."""
        if self.place is not None:
            return self.place.scope
        return COROUTINE if self.verdict.function.kind.startswith("async") else "plain function"


def set_scenes(
    verdicts: Sequence[Verdict], places: Mapping[Span, Place], graph: CallGraph, runner: Remedy
) -> Iterator[Scene]:
    """Put together what the search and LibCST found out about one file."""
    starts = Counter((verdict.site.span.line, verdict.site.span.column) for verdict in verdicts)
    for verdict in verdicts:
        span = verdict.site.span
        place = places.get(span)
        is_chained = place is not None and "(" in place.callee and starts[span.line, span.column] > 1
        yield Scene(verdict, place, _form(verdict, place, graph), _helper(verdict, graph), is_chained, runner)


def is_short(text: str) -> bool:
    """Whether a piece of source fits into a sentence."""
    return len(text) < _LONGEST and "\n" not in text


def _helper(verdict: Verdict, graph: CallGraph) -> str:
    function = graph.functions[verdict.trace[-1].function]
    is_plain = function.kind == "sync" and not function.name.rpartition(".")[2].startswith(("__", "<"))
    return function.qualified_name if is_plain and len(verdict.trace) == 2 else ""


def _form(verdict: Verdict, place: Place | None, graph: CallGraph) -> str:
    if place is None:
        return "other"
    is_plain = place.callee.rpartition(".")[2] not in ("bool", "len")
    if verdict.trace[0].calls.rpartition(".")[2] in _ASKED and is_plain:
        return "truth"
    if not place.callee or place.form == "decorate":
        return place.form
    runs_generator = len(verdict.trace) > 1 and "generator" in graph.functions[verdict.trace[1].function].kind
    runs_later = runs_generator or verdict.trace[0].calls.rpartition(".")[2] in _LATER
    return place.form if runs_later else "call"
