"""The keys a configuration may have: their shapes, their defaults, and how to write them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from asyncblock_lint.config.selection import did_you_mean
from asyncblock_lint.model.config import DEFAULT_SKIP


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value must look like, in words and as a test."""

    words: str
    fits: Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the configuration; `example` is a value as one writes it in TOML.

    A key that `adds` keeps what every layer says; of others the last layer's value holds.
    """

    name: str
    shape: Shape
    example: str
    default: object
    adds: bool = False


def _is_strings(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _is_table_of(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, Mapping) and all(fits(item) for item in value.values())


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_time(value: object) -> bool:
    return _is_count(value) and value != 0


def _is_string(value: object) -> bool:
    return isinstance(value, str)


_STRING = Shape("a string", _is_string)
_STRINGS = Shape("a list of strings", _is_strings)
_COUNT = Shape("a whole number from 0", _is_count)
_MILLISECONDS = Shape("a whole number of milliseconds from 1", _is_time)
_TABLE_OF_STRINGS = Shape("a table of strings", _is_table_of(_is_string))
_TABLE_OF_LISTS = Shape("a table of lists of strings", _is_table_of(_is_strings))

KEYS: tuple[Key, ...] = (
    Key("select", _STRINGS, '["ABL2", "blocking-sleep"]', ("DEFAULT",)),
    Key("extend-select", _STRINGS, '["ABL402"]', (), adds=True),
    Key("ignore", _STRINGS, '["ABL4"]', ()),
    Key("extend-ignore", _STRINGS, '["ABL303"]', (), adds=True),
    Key("per-file-ignores", _TABLE_OF_LISTS, '{ "tests/" = ["ALL"] }', {}),
    Key("ignore-contexts", _STRINGS, '["startup"]', ()),
    Key("certainty", _STRING, '"exact"', "likely"),
    Key("exclude", _STRINGS, '["vendored/"]', tuple(sorted(DEFAULT_SKIP))),
    Key("extend-exclude", _STRINGS, '["vendored/"]', (), adds=True),
    Key("src", _STRINGS, '["src"]', ()),
    Key("rules", _STRINGS, '["my_rules/"]', ()),
    Key("allow", _STRINGS, '["app.cache.*"]', ()),
    Key("blocking", _TABLE_OF_STRINGS, '{ "app.db.query" = "ABL501" }', {}),
    Key("offload", _STRINGS, '["app.threads.run"]', ()),
    Key("async-library", _STRING, '"anyio"', ""),
    Key("http-client", _STRING, '"httpx"', ""),
    Key("baseline", _STRING, '"baseline.json"', ""),
    Key("jobs", _COUNT, "4", 0),
    Key("loop-budget", _MILLISECONDS, "250", 100),
)


def mistakes(values: Mapping[str, object]) -> list[str]:
    """What is wrong with the keys and the shapes of their values, a phrase each."""
    by_name = {key.name: key for key in KEYS}
    unknown = [f"unknown key '{name}'{did_you_mean(name, by_name)}" for name in values if name not in by_name]
    misshapen = [
        f"{name} must be {key.shape.words}, such as {key.example}"
        for name, key in by_name.items()
        if name in values and not key.shape.fits(values[name])
    ]
    return unknown + misshapen
