"""Draws whole programs that block in all kinds of places, and that can be run.

In the templates `<E>` stands for an expression that may block, `<B>` for a block of statements, `¶`
for the end of a line, and `→` for a level of indentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import strategies as st

KEPT = "# noqa"
"""Ends the lines whose findings the author does not want to see, and that no fix may touch."""
MISTAKE = b"asyncio.to_thread(load(p))"
"""What fails as it is written, and not once it is fixed."""

_CALLS = """\
time.sleep(0.001)
sleep(0.001)
load(p)
load(p, twice=True)
load(*[p])
load(**{"path": p})
load(path=p,)
(load)(p)
deep(p)
open(p).read()
Path(p).read_text()
Path(p).read_text(encoding="utf-8")
Path(p).exists()
os.stat(p).st_size
os.listdir(os.path.dirname(p))
json.load(open(p))
store.load()
store.get(1)
store.text
store.child.load()
store.child.text
list(rows(p))
sorted(rows(p), key=str)
sum(len(row) for row in rows(p))
[row for row in rows(p)]
", ".join(rows(p))
(lambda: load(p))()
(lambda a=load(p): a)()
await asyncio.to_thread(load(p))
await wait(load(p))
[*rows(p)]
{row: load(p) for row in rows(p)}
dict(enumerate(rows(p)))
any(row for row in rows(p) if row)
[row async for row in gate.stream(load(p))]
next(iter(rows(p)))
quick()
p"""
_PLACES = """\
<E>
(<E>)
(  # why¶→→<E>¶→)
(w := <E>)
[<E> for _ in range(2)]
{i: <E> for i in range(2) if <E> is not None}
[<E> for i in [1] for j in [2]]
[[<E> for j in [1]] for i in [1]]
[i for i in [<E>]]
list(<E> for i in [1])
f'''{<E>}'''
f'''{<E>!r:>{9}} {<E>=}'''
str(<E>)[0]
str(<E>).upper()
(<E> if <E> else <E>)
(<E> or <E>)
not <E>
note(<E>, <E>)
note(*[<E>], key=<E>)
note(**{"key": <E>})
"%s %s" % (<E>, <E>)
(lambda a: (a, <E>))(<E>)
[*str(<E>)]
{"a": <E>, **{"b": <E>}}
str(<E>) < str(<E>) <= "z"
"abc"[len(str(<E>)) :]
await gate.echo(<E>)"""
_SIMPLE = """\
<E>
x = <E>
x, y = <E>, <E>
x = y = <E>
x += str(<E>)
y: object = <E>
store.total = <E>
store.slots[0] = <E>
store.slots[len(str(<E>)) - 1] += 1
store.total = str(store.total) + str(<E>)
store.total += len(str(<E>))
note(<E>)
note(x := <E>)
note(¶→<E>,  # one¶→<E>,¶)
note(¶→\"""a¶  b\""",¶→<E>)
assert <E> is not None, <E>
x = <E>; y = <E>
x = \\¶→<E>
return <E>
yield <E>
x = yield <E>
raise ValueError(<E>)
call = lambda: <E>¶note(call())
def inner(a=<E>):¶→return note(a, <E>)¶note(inner())
async def inner(a=<E>):¶→return note(a, <E>)¶note(await inner())
class Inner:¶→x = <E>¶→def get(self, a=<E>):¶→→return a¶note(Inner.x, Inner().get())
@keep(<E>)¶def inner():¶→return 1
global total¶total = <E>
def inner():¶→nonlocal x, y¶→x = <E>¶inner()
async def inner():¶→nonlocal y¶→y = str(y) + str(<E>)¶→return <E>¶note(await inner(), y)
class Inner:¶→async def get(self, a=<E>):¶→→return a, <E>¶note(await Inner().get())
x = open(p)¶note(x.read())¶x.close()
x: str; y = <E>
note(x.y) if x is None else note(<E>)
async for x in gate.stream(<E>): note(x)
lambda: <E>
global total¶total += len(str(<E>))
import asyncio as aio
import time
from asyncio import to_thread
asyncio = None
to_thread = None
functools = None
read_file = 1
del x
Path(q).write_text(str(<E>))
with open(p) as f: x = f.read()
if <E>: x = <E>
for x in rows(p): note(x)
pass"""
_COMPOUND = """\
if <E>:<B>
if <E>:<B>elif <E>:<B>else:<B>
while <E>:<B>→break
for x in rows(p):<B>
for i, x in enumerate(rows(p)):<B>else:<B>
for x in [<E>]:<B>
with open(p) as f:¶→x = f.read()<B>
with open(p) as f:¶→for line in f:¶→→x = line
with open(p) as f:¶→y = [line.strip() for line in f]¶→x = <E>  # last
with open(q, "a") as f:¶→f.write(str(<E>))<B>
with open(p) as f, open(p) as g:¶→x = f.read() + g.read()<B>
with open(p) as f, store as y:<B>
with open(p) as f:¶→if y := f.read():¶→→x = y
with open(p) as f:¶→for line in f:¶→→if line:¶→→→continue¶→→note(line)
with open(p) as f:¶→if <E>:¶→→return f.read()<B>
with open(p) as f, open(q, "w") as g:¶→for line in f:¶→→g.write(line)
with (open(p) as f, open(p) as g):¶→x, y = f.read(), g.read()
with open(p) as x:¶→pass¶note(x.closed)
with open(p) as f:¶→text = \"""  a¶  b\""" + f.read()¶→y = text
with door(p) as y:<B>
with door(p):¶→x = <E>
with store as y:<B>
with store:<B>
while True:<B>→break
for i in range(2):¶→if i:¶→→continue<B>
async for x in gate.stream(<E>):<B>
try:¶→return <E>¶finally:<B>
if not p:¶→with requests.Session() as s:¶→→x = s.get(q).json()¶→→y = s.post(q, json=x)¶→→y = y.text
if not p:¶→with urlopen(q) as answer:¶→→x = answer.read()<B>
if not p:¶→with sqlite3.connect(q) as db:¶→→x = db.execute("select 1").fetchall()<B>
if not p:¶→try:¶→→x = requests.get(q, timeout=3).json()¶→except requests.Timeout as error:¶→→x = error<B>
if not p:¶→return requests.post(q, json={"a": <E>}).text
if not p:¶→x = [requests.get(u).text for u in q]<B>
if not p:¶→answer = httpx.get(q)¶→note(answer.status_code, urlopen(q).read())<B>
if not p:¶→x = subprocess.run([q], check=True, text=True).stdout<B>
async with gate:<B>
try:<B>except OSError as error:¶→note(error)<B>finally:<B>
try:<B>except (ValueError, TypeError):<B>else:<B>
match <E>:¶→case str() if <E>:¶→→x = <E>¶→case other:¶→→note(other, <E>)"""
_HEADS = ("", "#!/usr/bin/env python3\n", "# -*- coding: utf-8 -*-\n", '"""What it does."""\n', '"""A."""; ')
_FUTURES = ("A = 1\n", "from __future__ import annotations\n", "from __future__ import annotations  # so\n\n")
_IMPORTS = """\
import asyncio
import asyncio as aio
from asyncio import to_thread
from asyncio import sleep as pause
import anyio
from anyio import to_thread
from starlette.concurrency import run_in_threadpool
import functools
from functools import partial
to_thread = 1
partial = 2
if TYPE_CHECKING:¶→import asyncio
if TYPE_CHECKING:¶→from asyncio import to_thread
try:¶→import asyncio¶except ImportError:¶→asyncio = None"""
_COMMENTS = ("", "", "", "  # a nöte", "  # noqa: E501", f"  {KEPT}")
_PREAMBLE = """\
import json, os, sqlite3, subprocess, time
import httpx, requests
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING
from urllib.request import urlopen
"""
_LIBRARY = '''\
total = 0
class Store:
→total = 0
→def __init__(self, path, child=None):
→→self.path, self.child, self.slots = path, child, [0]
→def __repr__(self):
→→return "a store"
→@property
→def text(self):
→→return open(self.path).read()
→def load(self):
→→return Path(self.path).read_text()
→def get(self, key):
→→time.sleep(0.001)
→→return key
→async def aget(self, key):
→→await gate.echo(key)
→→return key
→def __enter__(self):
→→time.sleep(0.001)
→→return self
→def __exit__(self, *_):
→→time.sleep(0.001)
def load(path, *, twice=False):
→"""Read."""
→return Path(path).read_text() * (2 if twice else 1)
def deep(path):
→def nested():
→→return Store(path).load()
→return nested()
def rows(path):
→for line in open(path):
→→yield line.strip()
@contextmanager
def door(path):
→try:
→→yield Path(path).read_text()
→finally:
→→time.sleep(0.001)
def quick():  # asyncblock: nonblocking
→time.sleep(0.001)
def keep(value):
→return lambda function: function
async def wait(*values):
→return values
'''
_ENDPOINT = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/")
async def index(p: str, q: str, x="", y=None):
"""
_HEADER = 'async def work(p: str, q: str, store: Store, x="", y=None):\n'


@dataclass(frozen=True)
class Program:
    """A file; `kept` are lines, without the white space around them, that no fix may change."""

    content: bytes
    kept: tuple[str, ...]


def _choice(templates: str) -> st.SearchStrategy[str]:
    return st.sampled_from(templates.replace("→", "\t").splitlines())


def _lined(template: str) -> str:
    return template.replace("¶", "\n")


@st.composite
def _expressions(draw: st.DrawFn, depth: int = 1) -> str:
    inner = _expressions(depth - 1) if depth and draw(st.booleans()) else _choice(_CALLS)
    place = draw(_choice(_PLACES)) if depth else "<E>"
    return re.sub("<E>", lambda _: draw(inner), place)


@st.composite
def _statements(draw: st.DrawFn, depth: int) -> str:
    """Some lines without indentation, the last with its end."""
    if depth and draw(st.integers(0, 2)) == 0:
        template = _lined(draw(_choice(_COMPOUND)))
        text = _filled(draw, template.replace("<B>", "\0"))
        while "\0" in text:
            text = text.replace("\0", draw(_blocks(depth - 1)), 1)
        return text if text.endswith("\n") else f"{text}\n"
    text = _filled(draw, _lined(draw(_choice(_SIMPLE))))
    return f"{text}{draw(st.sampled_from(_COMMENTS))}\n"


def _filled(draw: st.DrawFn, template: str) -> str:
    return re.sub("<E>", lambda _: _lined(draw(_expressions())), template)


@st.composite
def _blocks(draw: st.DrawFn, depth: int) -> str:
    """What stands behind a colon, or behind the first statement of a block."""
    found = draw(st.lists(_statements(depth), min_size=1, max_size=2))
    return "\n" + "".join(map(_deeper, found))


def _deeper(text: str) -> str:
    """One level deeper, but for what stands in a text of several lines."""
    lines = text.split("\n")
    return "\n".join(line if line.startswith("  b") or not line else f"\t{line}" for line in lines)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A module with a coroutine function `work`, and all that it needs but `note` and `gate`."""
    body = "".join(map(_deeper, draw(st.lists(_statements(2), min_size=1, max_size=4))))
    imports = [f"{_lined(item)}\n" for item in draw(st.lists(_choice(_IMPORTS), max_size=2, unique=True))]
    if "asyncio.to_thread(" in body and "import asyncio\n" not in imports:
        imports.append("import asyncio\n")
    first = draw(st.sampled_from(_HEADS)) + draw(st.sampled_from(_FUTURES))
    parts = [first, *draw(st.permutations([_PREAMBLE, *imports])), _LIBRARY.replace("→", "\t")]
    doc = draw(st.sampled_from(("", '\t"""Work."""\n', "\t# Work.\n")))
    endpoint = draw(st.sampled_from(("", "", "", _ENDPOINT)))
    if endpoint:
        endpoint += _deeper(f"store = Store(p)\n{draw(_statements(1))}")
    text = "".join([*parts, _HEADER, doc, body, endpoint])
    kept = tuple(line.strip() for line in text.split("\n") if line.endswith(f"  {KEPT}"))
    return Program(_encoded(draw, text), kept)


def _encoded(draw: st.DrawFn, text: str) -> bytes:
    text = text.replace("\t", draw(st.sampled_from(("\t", "  ", "    "))))
    text = text.removesuffix("\n") if draw(st.booleans()) else text
    text = text.replace("\n", draw(st.sampled_from(("\n", "\n", "\r\n"))))
    return text.encode(draw(st.sampled_from(("utf-8", "utf-8", "utf-8-sig"))))
