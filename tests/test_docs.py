"""The documents say what is so: commands, tables and outputs are compared with the program."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
import tomli
from click.testing import CliRunner
from literate import Case, mismatches
from test_architecture import LAYERS

from asyncblock_lint import Config, __version__, lint
from asyncblock_lint.cli import program
from asyncblock_lint.config.keys import KEYS
from asyncblock_lint.load import check_rules
from asyncblock_lint.load.tables import RuleFile, Table
from asyncblock_lint.model.codes import CODES

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path for folder in (".", "docs", "examples", "benchmarks") for path in (ROOT / folder).glob("*.md")
)


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def blocks(path: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", read(path), re.MULTILINE | re.DOTALL)


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, without the headings' rules."""
    lines = (line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| -"))
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([\w-]+)`", text)


@pytest.fixture
def in_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.usefixtures("in_root")
def test_the_readme_shows_a_finding_as_it_is_printed() -> None:
    printed = CliRunner().invoke(program, ["check", "examples", "--isolated"]).stdout
    [finding] = blocks("README.md", "text")
    assert f"\n{finding}\n" in printed
    assert "Found 11 findings" in printed
    assert "one of eleven findings" in read("README.md")


def test_the_readme_and_the_script_set_the_tests_up_alike() -> None:
    [command] = [line for line in blocks("README.md", "console") if "pytest" in line]
    assert f'tests="{command.strip().removeprefix("$ ")}"\n' in read(".ci/run")


def test_the_readme_lists_every_code() -> None:
    listed = [row for row in rows(read("README.md")) if re.fullmatch(r"ABL\d+", row[0])]
    off = " *Off by default.*"
    assert listed == [[code.code, code.name, code.summary + ("" if code.default else off)] for code in CODES]


def test_the_readme_lists_every_key_as_messages_do() -> None:
    table = read("README.md").partition("## Configuration")[2].partition("\n## ")[0]
    listed = [(row[0].strip("`"), row[1].strip("`")) for row in rows(table)[1:]]
    assert listed == [(key.name, key.example) for key in KEYS]


@pytest.mark.usefixtures("in_root")
def test_json_is_documented_by_a_real_report() -> None:
    printed = (
        CliRunner().invoke(program, ["check", "examples", "--isolated", "--output-format", "json"]).stdout
    )
    real: dict[str, Any] = json.loads(printed)
    [documented] = map(json.loads, blocks("docs/json.md", "json"))
    [shown] = documented["findings"]
    assert shown in real["findings"]
    assert {**documented, "findings": real["findings"]} == {
        **real,
        "summary": {**real["summary"], "findings": 1},
    }


def test_every_key_of_a_finding_is_documented() -> None:
    [documented] = map(json.loads, blocks("docs/json.md", "json"))
    table = read("docs/json.md").partition("## A finding")[2].partition("\n## ")[0]
    assert [key for row in rows(table)[1:] for key in quoted(row[0])] == list(documented["findings"][0])


def rule_sections() -> dict[str, str]:
    parts = re.split(r"^### `\[\[(\w+)\]\]`", read("docs/rules.md"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rule_tables() -> dict[str, list[str]]:
    """The tables of a rule file, each with its keys."""
    tables = {field.name: get_args(field.type) for field in msgspec.structs.fields(RuleFile)}
    return {
        name: list(kinds[0].__struct_fields__)
        for name, kinds in tables.items()
        if kinds[1:] == (...,) and isinstance(kinds[0], type) and issubclass(kinds[0], Table)
    }


def test_every_table_of_a_rule_file_is_documented() -> None:
    assert rule_sections().keys() == rule_tables().keys()


@pytest.mark.parametrize("table", rule_tables().keys() - {"unblocks"})
def test_every_key_of_a_table_is_documented(table: str) -> None:
    section = rule_sections()[table]
    first_cells = [key for row in rows(section)[1:] for key in quoted(row[0])]
    assert set(first_cells) <= set(rule_tables()[table])
    assert set(rule_tables()[table]) <= set(quoted(section))


def words(kind: Any) -> set[str]:
    """The words that a key of a table takes, if it takes only some."""
    return set(get_args(kind)) if get_origin(kind) is Literal else set()


def test_every_word_that_a_key_takes_is_documented() -> None:
    tables = [
        get_args(field.type)[0] for field in msgspec.structs.fields(RuleFile) if field.name in rule_tables()
    ]
    keys = [key for table in tables for key in msgspec.structs.fields(table)]
    taken = {word for key in keys for word in words(key.type)}
    assert len(taken) > 10
    assert taken - set(re.findall(r'`"?([\w-]+)"?`', read("docs/rules.md"))) == set()


def test_the_documented_rule_file_does_what_its_example_says(tmp_path: Path) -> None:
    [text] = blocks("docs/rules.md", "toml")
    rules = tmp_path / "slowlib.toml"
    rules.write_text(text, encoding="utf-8")
    [library] = check_rules(rules)
    case = Case("slowlib", (("main.py", library.examples[0].code),))
    case.write(tmp_path)
    config = Config(working_directory=str(tmp_path), project_root=str(tmp_path), rules=(str(rules),), jobs=1)
    assert mismatches(case.expected(), lint(config).findings) == []


def test_architecture_shows_every_part_in_its_layer() -> None:
    text = read("docs/architecture.md")
    layers = [tuple(re.findall(r"`(\w+)`", row[1])) for row in rows(text)[1:]]
    assert [set(layer) for layer in layers] == [
        {"__init__" if part == "asyncblock_lint" else part for part in layer} for layer in LAYERS
    ]
    parts = {path.name for path in (ROOT / "src/asyncblock_lint").iterdir()} - {"__pycache__"}
    assert set(re.findall(r"^[├└]── ([\w.]+)", text, re.MULTILINE)) == parts


def drawn_modules(text: str) -> Iterator[str]:
    """The paths inside the package that the tree names below its top level."""
    folders: list[str] = []
    for line in text.splitlines():
        if match := re.match(r"((?:│   )*)[├└]── (\w+(?:, \w+)*)(/| |$)", line):
            depth = len(match[1]) // 4
            names = match[2].split(", ")
            if match[3] == "/":
                folders[depth:] = names
            elif depth:
                yield from ("/".join((*folders[:depth], f"{name}.py")) for name in names)


def test_the_modules_that_architecture_names_are_there() -> None:
    package = ROOT / "src/asyncblock_lint"
    drawn = set(drawn_modules(read("docs/architecture.md")))
    assert [path for path in sorted(drawn) if not (package / path).is_file()] == []
    there = {str(path.relative_to(package)) for path in (package / "link").rglob("[a-z]*.py")}
    assert sorted(there - drawn) == []


def test_the_changelog_tells_of_this_version() -> None:
    assert re.findall(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)[0] == __version__


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


def test_the_contributors_commands_name_what_is_there() -> None:
    text = read("CONTRIBUTING.md")
    mentioned = re.findall(r"`?\b((?:src|tests|tools|rules|examples|docs)/[\w./-]+\w)", text)
    named = [path for path in mentioned if not any(word in path for word in ("NAME", "GROUP"))]
    assert len(named) > 8
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert "dev" in tomli.loads(read("pyproject.toml"))["project"]["optional-dependencies"]
