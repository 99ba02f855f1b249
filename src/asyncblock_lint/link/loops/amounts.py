"""Numbers that the source tells: how sure they are, and who decides them if it does not."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from asyncblock_lint.model.certainty import Certainty


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, or with `items` the number of things in something.

    `decided` is `here`, `caller` if it hangs on a parameter that is left open, or `outside` if it
    comes with a request; of the last two the value means nothing.
    """

    value: float
    certainty: Certainty = Certainty.EXACT
    decided: str = "here"
    items: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the source tells the value."""
        return self.decided == "here"


OPEN = Amount(0, Certainty.EXACT, "caller")
OPEN_ITEMS = Amount(0, Certainty.EXACT, "caller", items=True)
OUTSIDE = Amount(math.inf, Certainty.GUESS, "outside")

Given = tuple[tuple[tuple[int, str], "Amount | None"], ...]
"""What is given for parameters, by unit and name: `None` where that is not known."""

_LARGEST_POWER = 60
_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "__add__": operator.add,
    "__sub__": operator.sub,
    "__mul__": operator.mul,
    "__truediv__": operator.truediv,
    "__floordiv__": operator.floordiv,
    "__mod__": operator.mod,
    "__pow__": operator.pow,
    "__lshift__": lambda left, right: left * 2.0**right,
    "__rshift__": lambda left, right: left // 2.0**right,
}


def combined(amounts: Iterable[Amount | None], compute: Callable[..., float]) -> Amount | None:
    """What `compute` makes of the amounts; as open, or as foreign, as any of them."""
    given = []
    for amount in amounts:
        if amount is None:
            return None
        given.append(amount)
    if any(amount == OPEN for amount in given):
        return OPEN
    for undecided in (OPEN_ITEMS, OUTSIDE):
        if any(amount.decided == undecided.decided for amount in given):
            return undecided
    try:
        value = compute(*(amount.value for amount in given))
    except (ArithmeticError, ValueError, TypeError):
        return None
    if not isinstance(value, int | float):
        return None
    return Amount(value, min((amount.certainty for amount in given), default=Certainty.EXACT))


def operated(left: Amount | None, method: str, right: Amount | None) -> Amount | None:
    """The result of a binary operator, by its method's name."""
    compute = _OPERATORS.get(method)
    if compute is None:
        return None
    if method in ("__pow__", "__lshift__") and right is not None and abs(right.value) > _LARGEST_POWER:
        return None
    return combined((left, right), compute)


def least(amounts: Iterable[Amount | None]) -> Amount | None:
    """The smallest; it bounds those that are not known, which makes it a guess."""
    given = list(amounts)
    known = [amount for amount in given if amount is not None and amount.is_known]
    if not known:
        return combined(given, _smallest) if given else None
    smallest = min(known, key=lambda amount: amount.value)
    sure = smallest.certainty if len(known) == len(given) else Certainty.GUESS
    return Amount(smallest.value, sure)


def greatest(amounts: Iterable[Amount | None]) -> Amount | None:
    """The largest, if all are known."""
    return combined(amounts, _largest)


def one_of(amounts: list[Amount | None]) -> Amount | None:
    """One of several, which may be as large as the largest; of the unknown nothing is known."""
    largest = combined(amounts, _largest)
    if largest is None or not largest.is_known:
        return largest
    is_one = len({amount.value for amount in amounts if amount is not None}) == 1
    return largest if is_one else Amount(largest.value, min(largest.certainty, Certainty.LIKELY))


def _smallest(*values: float) -> float:
    return min(values)


def _largest(*values: float) -> float:
    return max(values)


def rounds_of_range(*given: float) -> float:
    """How many numbers `range` gives."""
    start, stop, step = (0.0, given[0], 1.0) if len(given) == 1 else (*given, 1.0)[:3]
    return max(0, math.ceil((stop - start) / step))


def mean_of_range(*given: float) -> float:
    """The mean of the numbers that `range` gives."""
    return given[0] / 2 if len(given) == 1 else (given[0] + given[1]) / 2


def permutations(items: float, length: float) -> float:
    """How many ordered choices there are."""
    return math.perm(int(items), int(length))


def combinations(items: float, length: float) -> float:
    """How many choices there are."""
    return math.comb(int(items), int(length))
