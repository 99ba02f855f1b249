"""Codes chosen by prefix, by name, or by the words `ALL` and `DEFAULT`."""

import difflib
from collections.abc import Iterable, Sequence

from asyncblock_lint.model.codes import CODES, Code


def resolve(chosen: Sequence[str], refused: Sequence[str]) -> frozenset[str]:
    """The codes that `chosen` selects more narrowly than `refused` takes them out."""
    return frozenset(
        code.code for code in CODES if _closest_fit(chosen, code) > max(_closest_fit(refused, code), 0)
    )


def expand(selectors: Iterable[str]) -> frozenset[str]:
    """Every code that at least one of the selectors fits."""
    listed = tuple(selectors)
    return frozenset(code.code for code in CODES if _closest_fit(listed, code))


def is_selector(word: str) -> bool:
    """Whether `word` fits any code at all."""
    return any(_fit(word, code) for code in CODES)


def suggestion(word: str) -> str:
    """` (did you mean …?)` for the selector closest to `word`, or nothing."""
    return did_you_mean(word, [name for code in CODES for name in (code.code, code.name)])


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """` (did you mean …?)` for the name closest to `word`, or nothing."""
    by_folded = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.7)
    return f" (did you mean '{by_folded[close[0]]}'?)" if close else ""


def _closest_fit(selectors: Iterable[str], code: Code) -> int:
    return max((_fit(selector, code) for selector in selectors), default=0)


def _fit(selector: str, code: Code) -> int:
    """How narrowly the selector fits: 0 is not at all, a longer prefix is narrower."""
    if selector == code.name:
        return len(code.code)
    if selector == "ALL" or (selector == "DEFAULT" and code.default):
        return 1
    return len(selector) if selector.startswith("ABL") and code.code.startswith(selector) else 0
