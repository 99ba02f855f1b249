"""The tool that looks names up in unpacked packages, on packages made for it."""

import ast
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from static_names import Names, takes

PACKAGE = {
    "shop/__init__.py": """
from typing import TYPE_CHECKING
import shop.base as ground
from . import late
from .core import *
from .core import Till as Register, sell as trade
from .proxy import hidden
if TYPE_CHECKING:
    from .hints import Hint
LAZY = {"Clerk": "shop.core.Clerk"}
rename = trade
desk = hidden.Desk
""",
    "shop/core.py": """
from contextlib import contextmanager
from typing import Iterator
from shop.base import Base
class Clerk(Base):
    job = 1
    def __init__(self, name, *, wage=1):
        self.name = name
    def __iter__(self): ...
class Till(Clerk): ...
def sell(what, at=None): ...
def stream() -> Iterator[int]: ...
@contextmanager
def opened(): yield
""",
    "shop/base.py": """
from shop.core import Clerk
class Base(Clerk):
    async def wait(self): ...
""",
    "shop/hints.py": "Hint = int\n",
    "shop/late.py": "try:\n    from shop.nowhere import x\nexcept ImportError:\n    x = None\n",
    "shop/proxy.py": "class Proxy:\n    drawer = 1\nhidden = Proxy()\n",
    "shop/hidden.py": "class Desk:\n    def open(self): ...\n",
}
COMPILED = {
    "fast/__init__.py": "from ._fast import *\nfrom ._fast import Motor\n",
    "fast/__init__.pyi": "class Wheel:\n    def turn(self): ...\n",
    "fast-stubs/_fast.pyi": "class Motor:\n    def run(self): ...\n",
    "fast-stubs/_slow.pyi": "class Walk: ...\n",
}
LAZY = {
    "lazy/__init__.py": """
from . import tables
def __getattr__(name):
    if name == "Late":
        from .parts import Late
        return Late
    return tables.load(name)
PLACES = {
    "Dotted": "lazy.parts.Dotted",
    "Colon": "lazy.parts:Colon",
    "Beside": ".parts",
    "Pair": ("lazy.parts", "Other"),
    "lazy.nowhere": ["Nothing"],
    "colour": "red",
}
GROUPS = {"parts": ["Grouped"]}
GROUPS["lazy.parts"] = ["Set"]
GROUPS["parts"].append("Added")
""",
    "lazy/parts.py": "class Dotted: ...\nclass Colon: ...\nclass Beside: ...\nclass Other: ...\n"
    "class Grouped: ...\nclass Set: ...\nclass Added: ...\nclass Late: ...\nclass Nothing: ...\n",
    "lazy/tables.py": "names = {'Dotted': 'lazy.parts.Dotted'}\n",
    "whole/__init__.py": "import sys\nsys.modules[__name__] = make({'thing': ['Thing']})\n",
    "whole/thing.py": "class Thing: ...\n",
    "stub/__init__.py": "import lazy_loader\n__getattr__, *_ = lazy_loader.attach_stub(__name__, __file__)\n",
    "stub/__init__.pyi": "from .parts import Part\n",
    "stub/parts.py": "class Part: ...\n",
}
VALUES = {
    "work/__init__.py": """
from work import core
from work.core import Task, Pool as _Pool
import work.core as engine
Renamed = core.Task
Chosen = _Pool if core else None
Wrapped = core.Task
Wrapped = decorate(Wrapped)
class Doubled:
    def stop(self): ...
Doubled = decorate(Doubled)
pool = _Pool()
made = core.make()
typed: "core.Task | None" = None
text = "core.Task"
number, count = 1, 2
""",
    "work/core.py": """
from __future__ import annotations
import abc
from typing import Optional, TypeVar, Generator, NamedTuple
T = TypeVar("T")
class Meta(type):
    def register(cls): ...
class Task(metaclass=Meta):
    slots: int
    def run(self): ...
    def __enter__(self: T) -> T: ...
    def again(self) -> Self: ...
    alias = run
class Pool(Generic[T]):
    first, second = 1, 2
    def __init__(self, task: Task, other):
        self.task = task
        self.other = other
        self.own = Task()
        self.left, self.right = 1, 2
        def inner(self):
            self.nested = 1
    @property
    def best(self) -> Optional[Task]: ...
    @property
    def newest(self):
        found = Task()
        return found
    @best.setter
    def best(self, task): ...
    def plain(self) -> Task: ...
    def same(self):
        return self
    def __exit__(self): ...
class Mixed(with_metaclass(Meta, Pool)): ...
class Table(dict): ...
class Late(make_base()): ...
def make() -> Pool: ...
""",
    "work/steps.py": """
from contextlib import contextmanager, AbstractContextManager
from typing import Generator, Iterable
from .core import Task
def walk():
    for x in ():
        yield x
def far():
    def inner():
        yield 1
    return inner
def listed() -> Iterable[int]: ...
def counted() -> int: ...
def managed() -> AbstractContextManager[int]: ...
@contextmanager
def guarded() -> Generator[int, None, None]:
    yield 1
def task() -> Task: ...
def bare():
    return Task()
def relay():
    return walk()
def lazily():
    return (x for x in ())
def inside():
    from .core import Task
    return Task()
class Pages:
    def __getitem__(self, number): ...
class Source:
    def items(self):
        yield 1
    def all(self):
        return self.items()
    def __getattr__(self, name): ...
""",
}


def folder(tmp_path: Path, files: dict[str, str]) -> Names:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return Names([tmp_path])


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ("shop.core.sell", "shop.core.buy"),
        ("shop.sell", "shop.contextmanagers"),
        ("shop.Register", "shop.register"),
        ("shop.trade", "shop.core.trade"),
        ("shop.rename", "shop.renamed"),
        ("shop.late.x", "shop.late.y"),
        ("shop.Hint", "shop.hint"),
        ("shop.Clerk", "shop.Boss"),
        ("shop.ground.Base", "shop.ground.Top"),
        ("shop.desk", "shop.chair"),
        ("shop.hidden.Desk.open", "shop.hidden.Desk.drawer"),
        ("shop.hidden.drawer", "shop.hidden.Drawer"),
        ("shop.core.Till.wait", "shop.core.Till.pause"),
        ("shop.core.Till.name", "shop.core.Till.age"),
        ("shop.core.Till.job", "shop.core.sell.job"),
        ("shop.core.Till.__next__", "shop.core.Till.__enter__"),
        ("shop.core.stream.__next__", "shop.core.sell.__next__"),
        ("shop.core.opened.__enter__", "shop.core.stream.__enter__"),
    ],
)
def test_names(there: str, missing: str, tmp_path: Path) -> None:
    names = folder(tmp_path, PACKAGE)
    assert names.find(there)
    assert not names.find(missing)


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ("fast.Wheel.turn", "fast.Wheel.run"),
        ("fast.Motor.run", "fast.Motor.turn"),
        ("fast._fast.Motor", "fast._fast.Wheel"),
        ("fast._slow.Walk", "fast.Walk"),
    ],
)
def test_stubs(there: str, missing: str, tmp_path: Path) -> None:
    names = folder(tmp_path, COMPILED)
    assert names.find(there)
    assert not names.find(missing)


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ("lazy.Dotted", "lazy.dotted"),
        ("lazy.Colon", "lazy.Nothing"),
        ("lazy.Beside", "lazy.colour"),
        ("lazy.Pair", "lazy.Other"),
        ("lazy.Grouped", "lazy.red"),
        ("lazy.Set", "lazy.nowhere"),
        ("lazy.Added", "lazy.tables.Dotted"),
        ("lazy.Late", "lazy.parts.Later"),
        ("whole.Thing", "whole.Other"),
        ("stub.Part", "stub.Whole"),
    ],
)
def test_lazy_modules(there: str, missing: str, tmp_path: Path) -> None:
    names = folder(tmp_path, LAZY)
    assert names.find(there)
    assert not names.find(missing)


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ("work.Renamed.run", "work.Renamed.walk"),
        ("work.Chosen.plain", "work.Chosen.run"),
        ("work.Wrapped.run", "work.Wrapped.plain"),
        ("work.Doubled.stop", "work.Doubled.run"),
        ("work.engine.Task", "work.engine.Pools"),
        ("work.pool.plain", "work.pool.run"),
        ("work.made.plain", "work.made.run"),
        ("work.typed.run", "work.typed.plain"),
        ("work.number", "work.text.run"),
        ("work.count", "work.counts"),
        ("work.core.Task.register", "work.core.Task.unregister"),
        ("work.core.Task.alias", "work.core.Task.other"),
        ("work.core.Task.slots", "work.core.Task.mro_entries"),
        ("work.core.Pool.task.run", "work.core.Pool.task.plain"),
        ("work.core.Pool.own.run", "work.core.Pool.other.run"),
        ("work.core.Pool.left", "work.core.Pool.nested"),
        ("work.core.Pool.second", "work.core.Pool.third"),
        ("work.core.Pool.best.run", "work.core.Pool.best.plain"),
        ("work.core.Pool.newest.run", "work.core.Pool.plain.run"),
        ("work.core.Pool.same.__exit__", "work.core.Pool.same.__enter__"),
        ("work.core.Mixed.plain", "work.core.Late.plain"),
        ("work.core.Table.items", "work.core.Table.append"),
    ],
)
def test_values(there: str, missing: str, tmp_path: Path) -> None:
    builtins = {"builtins.pyi": "class dict:\n    def items(self): ...\n"}
    names = folder(tmp_path, {**VALUES, **builtins})
    assert names.find(there)
    assert not names.find(missing)


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ("work.steps.walk.__next__", "work.steps.far.__next__"),
        ("work.steps.listed.__next__", "work.steps.counted.__next__"),
        ("work.steps.managed.__exit__", "work.steps.managed.__next__"),
        ("work.steps.guarded.__enter__", "work.steps.guarded.__next__"),
        ("work.steps.task.__enter__", "work.steps.task.__exit__"),
        ("work.steps.bare.__enter__", "work.steps.bare.__next__"),
        ("work.steps.relay.__next__", "work.steps.relay.__enter__"),
        ("work.steps.Source.all.__next__", "work.steps.Source.all.items"),
        ("work.steps.Source.items.__next__", "work.steps.Source.__next__"),
        ("work.steps.lazily.__next__", "work.steps.lazily.__enter__"),
        ("work.steps.inside.__enter__", "work.steps.inside.__exit__"),
        ("work.steps.Pages.__next__", "work.steps.Pages.__enter__"),
        ("work.steps.Source.__getattr__", "work.steps.Source.anything"),
        ("work.core.Task.again.__enter__", "work.core.Task.run.__enter__"),
        ("work.core.Mixed.__exit__", "work.core.Mixed.__call__"),
    ],
)
def test_steps_of_the_language(there: str, missing: str, tmp_path: Path) -> None:
    names = folder(tmp_path, VALUES)
    assert names.find(there)
    assert not names.find(missing)


def test_methods(tmp_path: Path) -> None:
    names = folder(tmp_path, {**PACKAGE, **VALUES})
    assert names.methods("shop.core.Till") == {"wait": True}
    assert names.methods("work.core.Mixed") == {"plain": False, "same": False}
    assert names.methods("work.steps.walk") == {}


def test_parameters(tmp_path: Path) -> None:
    names = folder(tmp_path, PACKAGE)
    sell = next(names.parameters("shop.trade"))
    clerk = next(names.parameters("shop.Till"))
    assert isinstance(sell, ast.arguments)
    assert takes(sell, (1, "at"))
    assert not takes(sell, (0, "at"))
    assert not takes(sell, (2,))
    assert takes(clerk, ("wage",))
    assert not takes(clerk, ("age",))
    assert not list(names.parameters("shop.rename.nothing"))


def test_the_init_of_a_dataclass_is_not_its_base_s(tmp_path: Path) -> None:
    classes = (
        "class A:\n    def __init__(self, a): ...\n@dataclass\nclass B(A):\n    b: int\nclass C(A): ...\n"
    )
    names = folder(tmp_path, {"told.py": classes})
    assert not list(names.parameters("told.B"))
    assert list(names.parameters("told.C"))


def test_packages_without_an_init_file(tmp_path: Path) -> None:
    user = "import space.part, os\nclass User(space.part.Base): ...\nclass Other(os.part.Base): ...\n"
    files = {
        "user.py": user,
        "space/part.py": "class Base:\n    def stop(self): ...\n",
    }
    names = folder(tmp_path, files)
    assert names.find("user.User.stop")
    assert not names.find("user.User.start")
    assert not names.find("user.Other.stop")


def test_unreadable_files_bind_nothing(tmp_path: Path) -> None:
    names = folder(tmp_path, {"old.py": "print 'x'\n"})
    assert names.find("old")
    assert not names.find("old.x")
