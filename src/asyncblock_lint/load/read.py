"""Reads one rule file; whatever is wrong with it is told by file, table and key, all at once."""

import reprlib
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import tomli
from msgspec.structs import FieldInfo

from asyncblock_lint.errors import RuleError
from asyncblock_lint.load.tables import SINGULARS, RuleFile, Table

_Fields = dict[str, FieldInfo]

_PLAIN = {str: "a string", bool: "true or false", int: "a whole number", float: "a number"}


def read_rule_file(path: Path, shown: str) -> RuleFile:
    """The file's tables; raises `RuleError` with one line for each mistake.

    `shown` is how messages call the file.
    """
    text = _text(path, shown)
    try:
        tables = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise RuleError(f"{shown}:{error.lineno}: not valid TOML: {error.msg}") from None
    for name, plurals in _PLURALS.items():
        entries = tables.get(name)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                _spell_out(entry, plurals)
    try:
        return msgspec.convert(tables, RuleFile)
    except msgspec.ValidationError:
        mistakes = _file_mistakes(tomli.loads(text))
        raise RuleError("\n".join(f"{shown}: {mistake}" for mistake in mistakes)) from None


def _text(path: Path, shown: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RuleError(f"{shown}: not UTF-8 at byte {error.start}") from None
    except OSError as error:
        raise RuleError(f"{shown}: cannot be read: {error.strerror}") from None


def _spell_out(entry: dict[str, Any], plurals: dict[str, str]) -> None:
    """Turn singular keys into plural ones; where both are there, leave both, which is a mistake."""
    for one in plurals.keys() & entry.keys():
        if plurals[one] not in entry:
            value = entry.pop(one)
            entry[plurals[one]] = value if isinstance(value, list) else [value]


def _file_mistakes(tables: dict[str, Any]) -> Iterator[str]:
    fields = _fields(RuleFile)
    yield from _missing_keys(tables, fields, {})
    for key, value in tables.items():
        if key in _TABLES:
            yield from _entries_mistakes(key, value)
        elif key in fields:
            yield from _value_mistakes(key, value, fields[key].type)
        elif isinstance(value, list | dict):
            yield f"unknown table `[[{key}]]`; known are {_listed(_TABLES)}"
        else:
            yield f"unknown key `{key}`; known are {_listed(fields.keys() - _TABLES.keys())}"


def _entries_mistakes(name: str, entries: Any) -> Iterator[str]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        yield f"`{name}` must be written as `[[{name}]]`, once for each entry"
        return
    for number, entry in enumerate(entries, 1):
        for mistake in _entry_mistakes(entry, _TABLES[name], _PLURALS[name]):
            yield f"{place(name, number)}: {mistake}"


def _entry_mistakes(entry: dict[str, Any], table: type[Table], plurals: dict[str, str]) -> list[str]:
    """What is wrong with each key; only if that is nothing, what is wrong between them."""
    fields = _fields(table)
    mistakes = list(_missing_keys(entry, fields, plurals))
    for key, value in entry.items():
        many = plurals.get(key, key)
        if many not in fields:
            mistakes.append(f"unknown key `{key}`; known are {_listed(fields)}")
        elif many != key and many in entry:
            mistakes.append(f"keys `{key}` and `{many}` are one key written twice")
        else:
            wanted = fields[many].type
            one_item = many != key and not isinstance(value, list)
            mistakes.extend(
                _value_mistakes(key, value, (_item_type(wanted) or wanted) if one_item else wanted)
            )
    if mistakes:
        return mistakes
    _spell_out(entry, plurals)
    try:
        msgspec.convert(entry, table)
    except msgspec.ValidationError as error:
        return [str(error)]
    return []


def _missing_keys(entry: dict[str, Any], fields: _Fields, plurals: dict[str, str]) -> Iterator[str]:
    present = {plurals.get(key, key) for key in entry}
    for key, field in fields.items():
        if field.required and key not in present:
            yield f"missing key `{key}`"


def _value_mistakes(key: str, value: Any, wanted: Any) -> Iterator[str]:
    complaint = _complaint(value, wanted)
    if complaint:
        yield f"key `{key}`: {complaint}"


def _complaint(value: Any, wanted: Any) -> str | None:
    """What is wrong with a value; of a list, with its first wrong item."""
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        item = _item_type(wanted)
        if item is not None and isinstance(value, list) and value:
            return next(filter(None, (_complaint(part, item) for part in value)), None)
        return f"expected {_described(wanted)}, not {reprlib.repr(value)}"
    return None


def _item_type(wanted: Any) -> Any:
    """The type of a list's items; `None` for what is no list."""
    if get_origin(wanted) is Annotated:
        wanted = get_args(wanted)[0]
    return get_args(wanted)[0] if get_origin(wanted) is tuple else None


def _described(wanted: Any) -> str:
    """A type of the format in words."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        words = [meta.description for meta in arguments[1:] if meta.description]
        return words[0] if words else _described(arguments[0])
    if origin is tuple:
        return f"a list of at least one item, each {_described(arguments[0])}"
    if origin is Literal:
        return f"one of {_listed(arguments)}"
    if origin in (Union, types.UnionType):
        options = dict.fromkeys(_described(option) for option in arguments if option is not type(None))
        return " or ".join(options)
    return _PLAIN[wanted]


def place(table: str, number: int) -> str:
    """How messages point at an entry: tables of a kind are counted from 1."""
    return f"[[{table}]] number {number}"


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _fields(table: type[Table]) -> _Fields:
    return {field.name: field for field in msgspec.structs.fields(table)}


def _plurals(table: type[Table]) -> dict[str, str]:
    """The singular spellings that a table's keys allow."""
    keys = _fields(table).keys()
    return {one: many for one, many in SINGULARS.items() if many in keys and one not in keys}


_TABLES: dict[str, type[Table]] = {
    field.name: table
    for field in msgspec.structs.fields(RuleFile)
    if isinstance(table := _item_type(field.type), type) and issubclass(table, Table)
}
_PLURALS = {name: _plurals(table) for name, table in _TABLES.items()}
