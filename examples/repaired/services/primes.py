"""Something to compute."""

from math import isqrt


def count(limit: int) -> int:
    """How many primes there are below `limit`."""
    return sum(all(number % factor for factor in range(2, isqrt(number) + 1)) for number in range(2, limit))
