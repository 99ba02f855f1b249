"""`config`: the settled configuration, and where each part of it comes from."""

import json
from collections.abc import Iterator, Mapping

import click

from asyncblock_lint.cli.options import configuring, settle
from asyncblock_lint.cli.output import emit
from asyncblock_lint.model.codes import CODES
from asyncblock_lint.model.config import Config


@click.command(short_help="Show the settled configuration.")
@configuring
def config(paths: tuple[str, ...], config_file: str | None, isolated: bool, **options: object) -> int:
    """Show the settled configuration, with the place that set each key."""
    emit(_lines(settle(paths, config_file, isolated, options)))
    return 0


def _lines(settled: Config) -> Iterator[str]:
    for setting in settled.settings:
        yield f"{setting.key} = {_toml(setting.value)}  # {setting.source}\n"
    yield f"\n# project root: {settled.project_root}\n"
    for word, is_on in (("on", True), ("off", False)):
        names = (f"{code.code} {code.name}" for code in CODES if (code.code in settled.codes) == is_on)
        yield f"# {word}: {', '.join(names) or 'none'}\n"


def _toml(value: object) -> str:
    """A value as one writes it in TOML; for strings, numbers and lists that is JSON."""
    if isinstance(value, Mapping):
        inner = ", ".join(
            f"{json.dumps(key, ensure_ascii=False)} = {_toml(item)}" for key, item in value.items()
        )
        return f"{{ {inner} }}" if inner else "{}"
    return json.dumps(value, ensure_ascii=False)
