"""Words and characters as people see them."""

import unicodedata
from collections.abc import Iterator

from asyncblock_lint.model.result import LintResult, Problem

_TAB = "    "
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories that a terminal obeys or hides: controls, formats (also writing direction), halves of
surrogate pairs, and separators of lines."""


def visible(text: str) -> str:
    """The text with every character that could disturb a terminal written out."""
    return text if text.isascii() and text.isprintable() else "".join(map(visible_character, text))


def visible_character(character: str) -> str:
    """One character as it is shown."""
    if character == "\t":
        return _TAB
    if unicodedata.category(character) not in _UNSEEN:
        return character
    return character.encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """How many columns of a terminal the visible text fills."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def last_line(result: LintResult) -> str:
    """What was found, in what, and what could not be read."""
    summary = result.summary
    found = f"Found {counted(summary.findings, 'finding')}" if summary.findings else "No blocking calls found"
    where = f"in {counted(summary.files, 'file')} ({counted(summary.functions, 'function')})."
    unread = f" {counted(summary.problems, 'file')} could not be read." if summary.problems else ""
    return f"{found} {where}{unread}\n"


def fixable_line(result: LintResult) -> str:
    """How many findings can be fixed, and how; empty if none can."""
    kinds = [finding.fix.applicability for finding in result.findings if finding.fix]
    safe, unsafe = kinds.count("safe"), kinds.count("unsafe")
    parts = [f"{safe} fixable with --fix"] if safe else []
    if unsafe:
        parts.append(f"{unsafe} {'more' if safe else 'fixable'} with --unsafe-fixes")
    return f"{', '.join(parts)}.\n" if parts else ""


def problem_lines(problems: tuple[Problem, ...]) -> Iterator[str]:
    """A line for each file that could not be read."""
    for problem in problems:
        yield f"{visible(problem.path)}:{problem.line}: ABL000 unreadable-file: {visible(problem.message)}\n"
