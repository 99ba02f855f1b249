"""Fixes and files: what must survive, what must be refused, and what the commands say."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asyncblock_lint import Config
from asyncblock_lint.cli import program
from asyncblock_lint.errors import UserError
from asyncblock_lint.fix import save
from asyncblock_lint.fix.registry import all_fixers
from asyncblock_lint.pipeline import repair, write

ROOT = Path(__file__).parents[1]
BEFORE = "import asyncio\nimport time\n\n\nasync def pause():\n    time.sleep(1)\n"
AFTER = BEFORE.replace("time.sleep", "await asyncio.sleep")
BY_THREAD = "import asyncio\n\n\nasync def load(path):\n    return open(path)\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*arguments: str) -> Result:
    return CliRunner().invoke(program, ["check", "--isolated", "--jobs", "1", *arguments])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(BEFORE.replace("\n", "\r\n"), AFTER.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(BEFORE.replace("\n", "\r"), AFTER.replace("\n", "\r"), id="CR"),
        pytest.param(BEFORE.replace("    ", "\t"), AFTER.replace("    ", "\t"), id="tab"),
        pytest.param(BEFORE.rstrip(), AFTER.rstrip(), id="no line end"),
        pytest.param("\ufeff" + BEFORE, "\ufeff" + AFTER, id="byte order mark"),
        pytest.param(BEFORE + "# ä𝔘\n", AFTER + "# ä𝔘\n", id="beyond ASCII"),
        pytest.param(
            BEFORE.replace("time.sleep(", "'ä𝔘'; time.sleep("),
            AFTER.replace("await", "'ä𝔘'; await"),
            id="characters before",
        ),
        pytest.param(
            BEFORE.replace("    time.sleep(1)", "    x = \\\n      time.sleep(1)  # noqa: E501"),
            AFTER.replace(
                "    await asyncio.sleep(1)", "    x = \\\n      await asyncio.sleep(1)  # noqa: E501"
            ),
            id="continued line, comment for others",
        ),
        pytest.param(
            "import time\r\n\r\n\r\nasync def pause():\r\n    time.sleep(1)\r\n",
            "import asyncio\r\nimport time\r\n\r\n\r\nasync def pause():\r\n    await asyncio.sleep(1)\r\n",
            id="an import with CRLF",
        ),
    ],
)
def test_the_rest_of_a_file_survives(folder: Path, before: str, after: str) -> None:
    file = folder / "main.py"
    file.write_bytes(before.encode())
    result = check("--fix")
    assert (result.exit_code, file.read_bytes()) == (0, after.encode())
    assert "Fixed 1 finding in 1 file." in result.stderr


def test_the_encoding_of_a_file_survives(folder: Path) -> None:
    file = folder / "main.py"
    file.write_bytes(f"# coding: latin-1\n{BEFORE}# ä\n".encode("latin-1"))
    assert check("--fix").exit_code == 0
    assert file.read_bytes() == f"# coding: latin-1\n{AFTER}# ä\n".encode("latin-1")


def test_mode_and_links_survive(folder: Path) -> None:
    real, link = folder / "elsewhere" / "real.py", folder / "main.py"
    real.parent.mkdir()
    real.write_text(BEFORE)
    real.chmod(0o750)
    link.symlink_to(real)
    assert check("--fix", "main.py").exit_code == 0
    assert link.is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == (AFTER, 0o750)
    assert list(real.parent.iterdir()) == [real]


def test_a_read_only_file_stays(folder: Path) -> None:
    (folder / "a.py").write_text(BEFORE)
    file = folder / "main.py"
    file.write_text(BEFORE)
    file.chmod(0o444)
    result = check("--fix")
    assert (result.exit_code, result.stderr) == (
        2,
        "asyncblock-lint: error: main.py: cannot be fixed: the file is read-only\n",
    )
    assert (folder / "a.py").read_text() == file.read_text() == BEFORE


def test_a_file_that_changed_meanwhile_stays(folder: Path) -> None:
    file = folder / "main.py"
    file.write_text(BEFORE)
    outcome = repair(Config(jobs=1), {"safe"})
    file.write_text(BEFORE + "# mine\n")
    with pytest.raises(UserError, match=r"main\.py: not fixed: the file has changed"):
        write(outcome.revisions)
    assert file.read_text() == BEFORE + "# mine\n"


def test_a_full_disk_loses_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "main.py").write_text(BEFORE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(save, "replace_file", full)
    result = check("--fix")
    assert result.exit_code == 2
    assert result.stderr.endswith("main.py: cannot be written: No space left on device\n")
    assert (folder / "main.py").read_text() == BEFORE


def test_a_diff_shows_and_writes_nothing(folder: Path) -> None:
    (folder / "main.py").write_text(BEFORE.rstrip())
    result = check("--diff")
    assert result.exit_code == 1
    assert result.stdout.startswith("--- a/main.py\n+++ b/main.py\n@@ ")
    assert "\n+    await asyncio.sleep(1)\n\\ No newline at end of file\n" in result.stdout
    assert result.stderr == "Would fix 1 finding in 1 file.\n"
    assert (folder / "main.py").read_text() == BEFORE.rstrip()


def test_a_diff_without_changes(folder: Path) -> None:
    (folder / "main.py").write_text(BY_THREAD)
    assert (check("--diff").exit_code, check("--diff").stdout) == (0, "")
    assert check("--diff", "--unsafe-fixes").exit_code == 1


def test_what_is_left_is_reported_or_not(folder: Path) -> None:
    (folder / "main.py").write_text(BEFORE + BY_THREAD)
    assert check("--fix-only").exit_code == 0
    result = check("--fix")
    assert (result.exit_code, "ABL401" in result.stdout) == (1, True)
    assert check("--unsafe-fixes").exit_code == 0


def test_the_text_counts_what_can_be_fixed(folder: Path) -> None:
    (folder / "main.py").write_text(BEFORE + BY_THREAD)
    text = check().stdout
    assert text.endswith("\n1 fixable with --fix, 1 more with --unsafe-fixes.\n")
    assert "  fix: await `asyncio.sleep` instead (--fix)\n" in text
    assert "  fix: run `open` in a thread with `asyncio.to_thread` (--unsafe-fixes)\n" in text


def test_every_fix_travels_as_edits(folder: Path) -> None:
    (folder / "main.py").write_text("import time\n\n\nasync def pause(x=time.sleep(2)):\n    time.sleep(1)\n")
    findings = json.loads(check("--output-format", "json").stdout)["findings"]
    assert [finding["fix"] for finding in findings] == [
        {
            "title": "await `asyncio.sleep` instead",
            "applicability": "safe",
            "edits": [
                {"line": 1, "column": 0, "end_line": 1, "end_column": 0, "text": "import asyncio\n"},
                {"line": 5, "column": 4, "end_line": 5, "end_column": 14, "text": "await asyncio.sleep"},
            ],
        }
    ]


def test_a_baseline_still_fits(folder: Path) -> None:
    text = BEFORE + BY_THREAD + "\n\nasync def again():\n    print(open('a'), time.sleep(1))\n"
    (folder / "main.py").write_text(text)
    runner = CliRunner()
    assert runner.invoke(program, ["baseline", "--isolated", "--select", "ABL401"]).exit_code == 0
    result = check("--fix", "--baseline", "asyncblock-lint-baseline.json")
    fixed = (folder / "main.py").read_text()
    assert "await asyncio.sleep(1)\n" in fixed
    # Its line would no longer be what the baseline says of the other finding in it.
    assert "print(open('a'), time.sleep(1))" in fixed
    assert (result.exit_code, "ABL401" in result.stdout, "not fixed: ABL101" in result.stderr) == (
        1,
        False,
        True,
    )


def test_the_command_tells_of_its_options() -> None:
    text = check("--help").stdout
    assert [word for word in ("--fix", "--unsafe-fixes", "--diff", "--fix-only") if word not in text] == []


def test_every_fixer_is_documented_and_has_cases() -> None:
    document = (ROOT / "docs/fixes.md").read_text(encoding="utf-8")
    names = [fixer.name for fixer in all_fixers()]
    assert names[0] == "eager"
    assert [name for name in names if f"| `{name}` |" not in document] == []
    assert [name for name in names if not (ROOT / "tests/fixes" / f"{name}.md").exists()] == []
