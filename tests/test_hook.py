"""The hook for `pre-commit`: its few lines, and what the program does with the names it passes."""

from pathlib import Path

import tomli

from asyncblock_lint import Config, Diagnostic, lint

ROOT = Path(__file__).parents[1]

MAIN = """\
from helpers import load

async def handler():
    return load()
"""
HELPERS = """\
import time

def load():
    time.sleep(1)
"""


def hook() -> dict[str, str]:
    """The keys of the only hook, read as text: so few need no YAML parser."""
    lines = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8").splitlines()
    assert [line[:2] for line in lines].count("- ") == 1
    pairs = (line[2:].partition(": ") for line in lines if not line.lstrip().startswith("#"))
    return {key: value for key, _, value in pairs}


def test_the_entry_is_the_installed_program() -> None:
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    program, *arguments = hook()["entry"].split()
    assert program in project["scripts"]
    assert arguments == ["check"]
    assert hook()["language"] == "python"


def test_one_process_gets_the_names_of_all_changed_files() -> None:
    assert hook()["require_serial"] == "true"
    assert hook()["types"] == "[python]"
    assert "pass_filenames" not in hook()


def findings_in(folder: Path, *names: str) -> tuple[Diagnostic, ...]:
    (folder / "main.py").write_text(MAIN)
    (folder / "helpers.py").write_text(HELPERS)
    return lint(Config(names, working_directory=str(folder), project_root=str(folder), jobs=1)).findings


def test_a_named_file_is_followed_into_files_that_are_not(tmp_path: Path) -> None:
    [finding] = findings_in(tmp_path, "main.py")
    assert (finding.path, finding.line) == ("main.py", 4)
    assert [hop.path for hop in finding.trace] == ["main.py", "helpers.py"]


def test_files_that_are_not_named_have_no_findings(tmp_path: Path) -> None:
    assert findings_in(tmp_path, "helpers.py") == ()
