"""Places that set keys, one over the other: the defaults, a file, the command line."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from asyncblock_lint.config.keys import KEYS
from asyncblock_lint.model.config import Setting

DEFAULTS = "default"
OPTIONS = "command line"


@dataclass(frozen=True, slots=True)
class Layer:
    """Keys set in one place, their shapes already checked; relative paths start from `base`."""

    source: str
    base: Path
    values: Mapping[str, object]

    def place(self, key: str) -> str:
        """Where exactly the key was set, for messages."""
        return f"--{key}" if self.source == OPTIONS else f"{self.source}: {key}"

    def strings(self, key: str) -> tuple[str, ...]:
        """The value of a key that holds strings; a single string is a list of one."""
        value = self.values[key]
        return (value,) if isinstance(value, str) else tuple(cast(Sequence[str], value))


@dataclass(frozen=True, slots=True)
class Layers:
    """All layers, the defaults first; each key is set by at least one."""

    layers: tuple[Layer, ...]

    def all(self, key: str) -> tuple[Layer, ...]:
        """Every layer that sets the key."""
        return tuple(layer for layer in self.layers if key in layer.values)

    def last(self, key: str) -> Layer:
        """The layer whose value of the key holds."""
        return self.all(key)[-1]

    def value(self, key: str) -> object:
        """The value that holds."""
        return self.last(key).values[key]

    def strings(self, key: str) -> tuple[str, ...]:
        """The strings that hold, of a key that takes some."""
        return self.last(key).strings(key)

    def added(self, key: str) -> tuple[str, ...]:
        """The strings of every layer, of a key that adds."""
        return tuple(item for layer in self.all(key) for item in layer.strings(key))

    def locations(self, key: str) -> tuple[str, ...]:
        """The strings that hold, as absolute paths."""
        base = self.last(key).base
        return tuple(os.path.normpath(base / item) for item in self.strings(key) if item)

    def settings(self) -> tuple[Setting, ...]:
        """Every key with its value and where that came from, for people to read."""
        return tuple(
            Setting(key.name, self.added(key.name), self._adders(key.name))
            if key.adds
            else Setting(key.name, self.value(key.name), self.last(key.name).source)
            for key in KEYS
        )

    def _adders(self, key: str) -> str:
        return ", ".join(layer.source for layer in self.all(key) if layer.values[key]) or DEFAULTS
