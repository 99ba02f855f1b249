"""The tool that looks names up in unpacked packages, on a package made for it."""

import ast
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from audit_rules import takes
from static_names import Names

PACKAGE = {
    "shop/__init__.py": """
from typing import TYPE_CHECKING
from . import late
from .core import *
from .core import Till as Register, sell as trade
if TYPE_CHECKING:
    from .hints import Hint
LAZY = {"Clerk": "shop.core.Clerk"}
rename = trade
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
}


@pytest.fixture
def names(tmp_path: Path) -> Names:
    for path, text in PACKAGE.items():
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
        ("shop.core.Till.wait", "shop.core.Till.pause"),
        ("shop.core.Till.name", "shop.core.Till.age"),
        ("shop.core.Till.job", "shop.core.sell.job"),
        ("shop.core.Till.__next__", "shop.core.Till.__enter__"),
        ("shop.core.stream.__next__", "shop.core.sell.__next__"),
        ("shop.core.opened.__enter__", "shop.core.stream.__enter__"),
    ],
)
def test_names(there: str, missing: str, names: Names) -> None:
    assert names.find(there) is not None
    assert names.find(missing) is None


def test_parameters(names: Names) -> None:
    sell = names.parameters("shop.trade")
    clerk = names.parameters("shop.Till")
    assert isinstance(sell, ast.arguments)
    assert isinstance(clerk, ast.arguments)
    assert takes(sell, (1, "at"))
    assert not takes(sell, (0, "at"))
    assert not takes(sell, (2,))
    assert takes(clerk, ("wage",))
    assert not takes(clerk, ("age",))
    assert names.parameters("shop.rename.nothing") is None
