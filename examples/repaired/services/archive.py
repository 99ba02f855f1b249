"""Sales as they lie on the disk, a file a year."""

import csv
from collections.abc import Iterator
from pathlib import Path


class Archive:
    """A folder of sales."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def sales(self, year: int) -> Iterator[tuple[str, int]]:
        """The products and amounts of a year, one pair a sale."""
        text = Path(self.folder, f"{year}.csv").read_text(encoding="utf-8")
        for row in csv.DictReader(text.splitlines()):
            yield row["product"], int(row["amount"])
