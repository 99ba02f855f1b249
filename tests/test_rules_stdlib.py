"""Every name of the standard library's rules is there in the Python that runs this test."""

import asyncio
import importlib
import inspect
import io
import re
import select
import sys
import threading
import warnings
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from asyncblock_lint.load import BUNDLED, load_catalogue
from asyncblock_lint.load.names import arguments, named
from asyncblock_lint.load.read import read_rule_file
from asyncblock_lint.model.catalogue import Argument

FILES = sorted((BUNDLED / "stdlib").glob("*.toml"))

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ELSEWHERE is written for Linux")

SINCE = {
    "asyncio.timeout": (3, 11),
    "asyncio.Runner": (3, 11),
    "asyncio.TaskGroup": (3, 11),
    "asyncio.taskgroups": (3, 11),
    "concurrent.futures.InterpreterPoolExecutor": (3, 14),
    "dbm.sqlite3": (3, 13),
    "enum.StrEnum": (3, 11),
    "hashlib.file_digest": (3, 11),
    "mimetypes.guess_file_type": (3, 13),
    "os.path.isjunction": (3, 12),
    "pathlib.Path.copy": (3, 14),
    "pathlib.Path.copy_into": (3, 14),
    "pathlib.Path.is_junction": (3, 12),
    "pathlib.Path.move": (3, 14),
    "pathlib.Path.move_into": (3, 14),
    "pathlib.Path.walk": (3, 12),
    "pathlib.PurePath.with_segments": (3, 12),
    "socketserver.ForkingUnixDatagramServer": (3, 12),
    "socketserver.ForkingUnixStreamServer": (3, 12),
    "sqlite3.Blob": (3, 11),
    "sqlite3.Connection.blobopen": (3, 11),
    "sqlite3.Connection.deserialize": (3, 11),
    "sqlite3.Connection.serialize": (3, 11),
    "tomllib": (3, 11),
    "typing.override": (3, 12),
    "warnings.deprecated": (3, 13),
}
"""The first Python that has the name, and all names that start with it."""

UNTIL = {
    "nntplib": (3, 13),
    "pathlib.Path.link_to": (3, 12),
    "ssl.wrap_socket": (3, 12),
    "telnetlib": (3, 13),
    "urllib.request.FancyURLopener": (3, 14),
    "urllib.request.URLopener": (3, 14),
}
"""The first Python that no longer has it."""

ELSEWHERE = {
    "asyncio.ProactorEventLoop": "Windows",
    "dbm.gnu": "built with gdbm",
    "dbm.ndbm": "built with ndbm",
    "os.chflags": "macOS",
    "os.lchflags": "macOS",
    "os.lchmod": "macOS",
    "os.startfile": "Windows",
    "select.devpoll": "Solaris",
    "select.kqueue": "macOS",
    "selectors.DevpollSelector": "Solaris",
    "selectors.KqueueSelector": "macOS",
    "socket.fromshare": "Windows",
    "sqlite3.Connection.load_extension": "built with extensions",
}
"""Where the names are that a Python on Linux may lack."""

STAND_INS: dict[str, Any] = {
    "asyncio.RunningLoop": asyncio.AbstractEventLoop,
    "asyncio.get_running_loop": Future,
    "asyncio.run_coroutine_threadsafe": Future,
    "select.poll": type(select.poll()),
    "sys.stdin": io.TextIOWrapper,
    "sys.stdin.buffer": io.BufferedReader,
    "threading.Lock": type(threading.Lock()),
    "threading.RLock": type(threading.RLock()),
}
"""What to look at for objects that a test run replaces, and for functions that stand for a class."""

UNSEEN = object()
"""What is there, but only once the program runs."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_names_exist(path: Path) -> None:
    names = {name for _, name in named(read_rule_file(path, path.name))}
    assert names
    assert [name for name in sorted(names) if expected_here(name) and look_up(name) is None] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_arguments_exist(path: Path) -> None:
    wrong = [
        (name, places)
        for name, places in arguments(read_rule_file(path, path.name))
        if expected_here(name) and not takes(look_up(name), places)
    ]
    assert wrong == []


def test_methods_that_the_loop_calls_exist() -> None:
    handlers = [handler for handler in load_catalogue().handlers if handler.bases]
    methods = [
        f"{base}.{method}" for handler in handlers for base in handler.bases for method in handler.methods
    ]
    inside = [name for name in methods if is_stdlib(name)]
    assert len(inside) > 20
    assert [name for name in inside if look_up(name) is None] == []


def test_other_names_are_the_same_thing() -> None:
    for other, usual in load_catalogue().aliases.items():
        if is_stdlib(other) and expected_here(other):
            assert look_up(other) is look_up(usual) or inspect.ismodule(look_up(other)), other


def test_a_missing_name_is_noticed() -> None:
    assert look_up("time.sleep") is not None
    assert look_up("time.slep") is None
    assert look_up("tyme.sleep") is None
    assert look_up("pathlib.Path.open_text") is None
    assert takes(look_up("asyncio.AbstractEventLoop.run_in_executor"), (1, "func"))
    assert not takes(look_up("asyncio.AbstractEventLoop.run_in_executor"), (0, "func"))
    assert not takes(look_up("asyncio.AbstractEventLoop.run_in_executor"), ("function",))


def is_stdlib(name: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names


def expected_here(name: str) -> bool:
    """Whether this Python, on this platform, should have the name."""
    starts = [name[: match.start()] for match in re.finditer(r"\.|$", name)]
    if not ELSEWHERE.keys().isdisjoint(starts):
        return False
    since = max((SINCE[start] for start in starts if start in SINCE), default=(3, 0))
    until = min((UNTIL[start] for start in starts if start in UNTIL), default=(9, 0))
    return since <= sys.version_info[:2] < until


def look_up(name: str) -> Any:
    """What the name stands for; `None` if nothing."""
    if name in STAND_INS:
        return STAND_INS[name]
    owner_name, _, last = name.rpartition(".")
    owner = look_up(owner_name) if owner_name else None
    if owner is not None and not hasattr(owner, last):
        return _implied(owner, last)
    if owner is not None:
        return getattr(owner, last)
    return _module(name)


def _module(name: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ModuleNotFoundError:
        return None


def _implied(owner: Any, last: str) -> Any:
    """A submodule; the steps of what a function returns; an attribute that methods set."""
    if inspect.ismodule(owner):
        return _module(f"{owner.__name__}.{last}")
    if last in ("__next__", "__enter__"):
        return UNSEEN if inspect.isroutine(owner) or hasattr(owner, "__iter__") else None
    if inspect.isclass(owner) and re.search(rf"self\.{last}\b", "".join(map(_source, owner.__mro__))):
        return UNSEEN
    return None


def _source(owner: type) -> str:
    try:
        return inspect.getsource(owner)
    except (OSError, TypeError):
        return ""


def takes(function: Any, places: tuple[Argument, ...]) -> bool:
    """Whether the function has arguments at all these places; true where Python cannot tell.

    A position and the keyword that follows it in `places` must mean the same parameter.
    """
    if function is UNSEEN:
        return True
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:
        return True
    if parameters and parameters[0].name in ("self", "cls"):
        del parameters[0]
    kinds = {parameter.kind for parameter in parameters}
    by_name = [parameter.name for parameter in parameters if parameter.kind in _BY_NAME]
    by_position = [parameter.name for parameter in parameters if parameter.kind in _BY_POSITION]
    for part, follower in zip(places, (*places[1:], None), strict=True):
        if isinstance(part, str):
            found = part in by_name or inspect.Parameter.VAR_KEYWORD in kinds
        else:
            found = part < len(by_position) or inspect.Parameter.VAR_POSITIONAL in kinds
            found = found and (follower not in by_position or by_position.index(str(follower)) == part)
        if not found:
            return False
    return True


_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_BY_POSITION = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
