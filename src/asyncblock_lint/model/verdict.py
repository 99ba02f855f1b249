"""What the search concludes: which sites stop the loop, and which comments kept it quiet."""

from dataclasses import dataclass

from asyncblock_lint.model.catalogue import Blocker
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Directive
from asyncblock_lint.model.graph import Function, Site, Step


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the search looks for: the selected codes, at `certainty` or above.

    `allow` are `fnmatch` patterns: qualified names of project functions, or of blockers, that are
    fine to call. Functions whose context kind is in `ignored_kinds` have no findings.
    """

    codes: frozenset[str]
    certainty: Certainty = Certainty.LIKELY
    allow: tuple[str, ...] = ()
    ignored_kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One site of a function that the loop runs, and the nearest blocker it reaches.

    `kind` is the context (`coroutine`, `background-task`, …). `trace` starts at the site and ends
    at the call of the blocker. `others` counts the further blockers reached from the site.
    `versions` of a library are those of which it holds, if nobody knows which the project has.
    """

    function: Function
    site: Site
    kind: str
    code: str
    blocker: Blocker
    certainty: Certainty
    trace: tuple[Step, ...]
    others: int
    versions: str = ""


@dataclass(frozen=True, slots=True)
class UnusedDirective:
    """A suppression that silenced nothing, in the file `path`; of a `noqa`, the `codes` (as
    written) that did not."""

    path: str
    directive: Directive
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """All verdicts of a run, in the order path, line, column; and the comments without effect."""

    verdicts: tuple[Verdict, ...]
    unused: tuple[UnusedDirective, ...] = ()
