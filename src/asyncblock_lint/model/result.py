"""What a run tells its user: findings, problems and counts."""

from dataclasses import dataclass

from asyncblock_lint.model.certainty import Certainty


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a trace: in `function`, at this place, `calls` is called.

    `line` counts from 1, `column` from 0 in characters.
    """

    path: str
    line: int
    column: int
    function: str
    calls: str


CONTEXT_KINDS = ("coroutine", "background-task", "loop-callback", "startup")


@dataclass(frozen=True, slots=True)
class Context:
    """Why the loop runs the function: `kind` is one of `CONTEXT_KINDS`; `function` is its
    qualified name."""

    kind: str
    function: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text between two places (end exclusive) by `text`."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A proposed rewrite; `applicability` is `safe`, `unsafe` or `display`."""

    title: str
    applicability: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. Lines count from 1, columns from 0 in characters; the end is exclusive.

    `callee` is the qualified name of the blocking call that the trace ends in; the last hop's
    `calls` equals it. `others` counts further blocking calls reached from the same place.
    """

    code: str
    name: str
    message: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    certainty: Certainty
    callee: str
    context: Context
    trace: tuple[Hop, ...]
    others: int
    help: str
    fingerprint: str
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read or parsed; `line` is 1 where no line is known."""

    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts: files read, functions seen, findings and problems reported."""

    files: int
    functions: int
    findings: int
    problems: int


@dataclass(frozen=True, slots=True)
class LintResult:
    """All that a run found, in the order path, line, column, code."""

    findings: tuple[Diagnostic, ...]
    problems: tuple[Problem, ...]
    summary: Summary
