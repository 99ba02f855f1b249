"""The fold: defaults, then the file, then the options make one `Config`."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

import pathspec

from asyncblock_lint.config import selection
from asyncblock_lint.config.files import named_layer, nearest_layer, project_root
from asyncblock_lint.config.keys import KEYS
from asyncblock_lint.config.layers import DEFAULTS, OPTIONS, Layer, Layers
from asyncblock_lint.errors import ConfigError
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.codes import CODES
from asyncblock_lint.model.config import (
    ASYNC_LIBRARIES,
    DEFAULT_SKIP,
    HTTP_CLIENTS,
    Config,
    Patterns,
    PerFileIgnore,
)
from asyncblock_lint.model.result import CONTEXT_KINDS


def load_config(
    paths: Sequence[str] = (),
    options: Mapping[str, object] | None = None,
    config_file: str | None = None,
    isolated: bool = False,
    working_directory: str | None = None,
) -> Config:
    """The configuration that holds in the working directory, under the given options.

    `options` has the keys of a configuration file. `config_file` replaces the search for a file,
    `isolated` reads none. Raises `ConfigError` where anything cannot be used.
    """
    here = Path(working_directory or os.getcwd())  # noqa: PTH109
    layers = [Layer(DEFAULTS, here, {key.name: key.default for key in KEYS})]
    if config_file is not None:
        layers.append(named_layer(here / config_file, here))
    elif not isolated and (found := nearest_layer(here)):
        layers.append(found)
    layers.append(Layer(OPTIONS, here, options or {}))
    return _settle(Layers(tuple(layers)), tuple(paths) or (".",), here)


def _settle(layers: Layers, paths: tuple[str, ...], here: Path) -> Config:
    return Config(
        paths=paths,
        working_directory=str(here),
        project_root=str(project_root(here)),
        codes=_codes(layers),
        per_file_ignores=_per_file_ignores(layers.last("per-file-ignores")),
        ignore_contexts=_contexts(layers.last("ignore-contexts")),
        certainty=_certainty(layers.last("certainty")),
        skip=DEFAULT_SKIP if layers.last("exclude").source == DEFAULTS else frozenset(),
        exclude=_excludes(layers),
        src=_folders(layers, "src"),
        rules=layers.locations("rules"),
        allow=layers.strings("allow"),
        blocking=_blocking(layers.last("blocking")),
        offload=layers.strings("offload"),
        async_library=_choice(layers.last("async-library"), "async-library", ASYNC_LIBRARIES),
        http_client=_choice(layers.last("http-client"), "http-client", HTTP_CLIENTS),
        baseline=next(iter(layers.locations("baseline")), None),
        jobs=cast(int, layers.value("jobs")),
        loop_budget=cast(int, layers.value("loop-budget")) / 1000,
        settings=layers.settings(),
    )


def _codes(layers: Layers) -> frozenset[str]:
    for key in ("select", "extend-select", "ignore", "extend-ignore"):
        for layer in layers.all(key):
            _require_selectors(layer.strings(key), layer.place(key))
    return selection.resolve(
        layers.strings("select") + layers.added("extend-select"),
        layers.strings("ignore") + layers.added("extend-ignore"),
    )


def _per_file_ignores(layer: Layer) -> tuple[PerFileIgnore, ...]:
    key = "per-file-ignores"
    table = cast(Mapping[str, Sequence[str]], layer.values[key])
    _require_selectors((word for words in table.values() for word in words), layer.place(key))
    return tuple(
        PerFileIgnore(_patterns(layer, key, (pattern,)), selection.expand(words))
        for pattern, words in table.items()
    )


def _contexts(layer: Layer) -> frozenset[str]:
    words = layer.strings("ignore-contexts")
    _require_choices(words, CONTEXT_KINDS, layer.place("ignore-contexts"))
    return frozenset(words)


def _certainty(layer: Layer) -> Certainty:
    words = layer.strings("certainty")
    _require_choices(words, [certainty.label for certainty in Certainty], layer.place("certainty"))
    return Certainty.from_label(words[0])


def _choice(layer: Layer, key: str, choices: Sequence[str]) -> str:
    word = cast(str, layer.values[key])
    _require_choices([word] if word else [], choices, layer.place(key))
    return word


def _blocking(layer: Layer) -> Mapping[str, str]:
    table = cast(Mapping[str, str], layer.values["blocking"])
    codes = {word: code.code for code in CODES for word in (code.code, code.name)}
    _refuse((word for word in table.values() if word not in codes), layer.place("blocking"))
    return {name: codes[word] for name, word in table.items()}


def _excludes(layers: Layers) -> tuple[Patterns, ...]:
    """The patterns that the user set; the defaults only name folders to skip."""
    own = [layer for layer in (layers.last("exclude"),) if layer.source != DEFAULTS]
    return tuple(
        _patterns(layer, key, layer.strings(key))
        for key, setters in (("exclude", own), ("extend-exclude", layers.all("extend-exclude")))
        for layer in setters
        if layer.values[key]
    )


def _patterns(layer: Layer, key: str, lines: tuple[str, ...]) -> Patterns:
    for line in lines:
        try:
            pathspec.GitIgnoreSpec.from_lines([line])
        except ValueError as error:
            raise ConfigError(f"{layer.place(key)}: '{line}' is not a pattern: {error}") from error
    return Patterns(str(layer.base), lines)


def _folders(layers: Layers, key: str) -> tuple[str, ...]:
    missing = [folder for folder in layers.locations(key) if not Path(folder).is_dir()]
    if missing:
        raise ConfigError(f"{layers.last(key).place(key)}: no such folder: {', '.join(missing)}")
    return layers.locations(key)


def _require_selectors(words: Iterable[str], place: str) -> None:
    _refuse((word for word in words if not selection.is_selector(word)), place)


def _refuse(unknown: Iterable[str], place: str) -> None:
    """Report every unknown code at once."""
    complaints = [f"unknown code '{word}'{selection.suggestion(word)}" for word in unknown]
    if complaints:
        raise ConfigError(f"{place}: {', '.join(complaints)}")


def _require_choices(words: Iterable[str], choices: Sequence[str], place: str) -> None:
    for word in words:
        if word not in choices:
            raise ConfigError(f"{place}: '{word}' is none of {', '.join(choices)}")
