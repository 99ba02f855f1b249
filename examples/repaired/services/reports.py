"""Sales, added up."""

from collections import Counter
from pathlib import Path

from .archive import Archive

archive = Archive(Path(__file__).parents[2] / "data")


def totals(year: int) -> dict[str, int]:
    """How much of each product was sold; raises `FileNotFoundError` for a year without sales."""
    sold = Counter[str]()
    for product, amount in archive.sales(year):
        sold[product] += amount
    return dict(sold)
