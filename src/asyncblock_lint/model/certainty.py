"""How sure the linter is of what a name means."""

import enum


class Certainty(enum.IntEnum):
    """Ordered: a path is as certain as its least certain hop, so `min` combines.

    `EXACT`: an import followed to its definition, or a constructor seen.
    `LIKELY`: a type from an annotation or an inferred return; one of several targets.
    `GUESS`: by the name of a method, or by an unknown bound, alone.
    """

    GUESS = 1
    LIKELY = 2
    EXACT = 3

    @property
    def label(self) -> str:
        """The word used in options, in rule files and in the output."""
        return self.name.lower()

    @classmethod
    def from_label(cls, label: str) -> "Certainty":
        """The certainty called `label`; raises `KeyError` for any other word."""
        return cls[label.upper()]
