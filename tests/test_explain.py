"""The pages of `explain`."""

import ast
import re
from importlib.resources import files
from pathlib import Path

import pytest

from asyncblock_lint.config import load_config
from asyncblock_lint.explain import code_page, library_page
from asyncblock_lint.load import load_catalogue
from asyncblock_lint.model.catalogue import Blocker, Example, Library
from asyncblock_lint.model.codes import BY_CODE, CODES, Code
from asyncblock_lint.pipeline import lint

BLOCKS = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_every_page_belongs_to_a_code_and_every_code_has_one() -> None:
    pages = {page.name.removesuffix(".md") for page in files("asyncblock_lint").joinpath("pages").iterdir()}
    assert pages == set(BY_CODE)


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.code)
def test_a_page_has_every_section_and_two_programs(code: Code) -> None:
    page = code_page(code)
    assert page.startswith(f"# {code.code} {code.name}\n\n{code.summary}\n")
    headings = ["## Why it is bad", "## Example", "## Use instead", "## How to silence it"]
    assert re.findall(r"^## .*", page, re.MULTILINE) == headings
    bad, good = BLOCKS.findall(page)
    assert bad != good
    ast.parse(good)
    assert ("off unless" in page) is not code.default


def test_only_findings_can_be_silenced_by_a_comment() -> None:
    assert "# noqa: ABL101" in code_page(BY_CODE["ABL101"])
    assert "# noqa: ABL000" not in code_page(BY_CODE["ABL000"])


def test_a_library_lists_calls_that_block_alike_under_one_heading() -> None:
    library = Library(
        name="slow",
        path="rules/slow.toml",
        distribution="slowlib",
        versions=">=2",
        blockers=(
            Blocker("slow.get", "ABL201", "waits", "fast.get"),
            Blocker("slow.put", "ABL201", "waits", "fast.get"),
            Blocker("slow.nap", "ABL101", "sleeps"),
        ),
        examples=(Example("a client", "import slow\nslow.get()  # blocks: slow.get\n"),),
    )
    assert library_page(library) == (
        "# slow\n\nRules: rules/slow.toml\nDistribution: slowlib >=2\n\n"
        "## ABL201: waits\n\n* `slow.get`\n* `slow.put`\n\nUse instead: fast.get\n\n"
        "## ABL101: sleeps\n\n* `slow.nap`\n\n"
        "## Example: a client\n\n```python\nimport slow\nslow.get()  # blocks: slow.get\n```\n"
    )


def test_a_library_without_distribution() -> None:
    assert library_page(Library("slow", "rules/slow.toml")) == "# slow\n\nRules: rules/slow.toml\n"


KNOWN = {blocker.code for library in load_catalogue().libraries for blocker in library.blockers}


def lint_program(folder: Path, text: str) -> set[str]:
    """The codes of what is found in a program, and of its not being one."""
    (folder / "program.py").write_text(text)
    result = lint(load_config([str(folder)], {"select": ("ALL",)}, isolated=True))
    return {finding.code for finding in result.findings} | {"ABL000" for _ in result.problems}


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.code)
def test_the_example_is_found_and_its_replacement_is_silent(code: Code, tmp_path: Path) -> None:
    bad, good = BLOCKS.findall(code_page(code))
    if code.code in KNOWN or code.code in ("ABL000", "ABL001", "ABL801"):
        assert lint_program(tmp_path, bad) == {code.code}
    assert lint_program(tmp_path, good) == set()
