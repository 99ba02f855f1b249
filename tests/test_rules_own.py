"""What tables of one's own rule files do to a program, where no bundled file has such a case."""

from pathlib import Path

import pytest
from literate import Case, mismatches

from asyncblock_lint import Config, lint

_SHOP = """
library = "shop"
[[blocks]]
calls = ["shop.Task.send", "shop.Till.close", "shop.Till.count"]
code = "ABL502"
because = "waits for the shop"
[[wrappers]]
call = "shop.task"
gives = "object"
type = "shop.Task"
[[wrappers]]
call = "shop.every"
gives = "object-decorator"
type = "shop.Task"
[[asks]]
call = "shop.Till.is_open"
answer = false
methods = ["close"]
"""
_TASKS = """
import time
import shop

@shop.task
def work():
    time.sleep(1)

@shop.task(retries=1)
def retried():
    time.sleep(1)

@shop.every(lambda now: True)
def regular():
    time.sleep(1)

async def main():
    work()
    retried()
    regular()
    work.send()  # blocks: shop.Task.send
    retried.send()  # blocks: shop.Task.send
    regular.send()  # blocks: shop.Task.send
"""
_QUESTIONS = """
import shop

async def main(till: shop.Till, other: shop.Till):
    if not till.is_open():
        till.close()
        till.count()  # blocks: shop.Till.count
        other.close()  # blocks: shop.Till.close
    else:
        till.close()  # blocks: shop.Till.close
"""


@pytest.mark.parametrize("program", [_TASKS, _QUESTIONS], ids=["objects for functions", "questions"])
def test_a_program_under_rules_of_its_own(tmp_path: Path, program: str) -> None:
    case = Case("own rules", (("main.py", program),))
    case.write(tmp_path)
    (tmp_path / "shop.toml").write_text(_SHOP, encoding="utf-8")
    folder = str(tmp_path)
    result = lint(
        Config(working_directory=folder, project_root=folder, rules=(f"{folder}/shop.toml",), jobs=1)
    )
    assert result.problems == ()
    assert mismatches(case.expected(), result.findings) == []
