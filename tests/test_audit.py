"""The report of the audit that is kept beside the rule files."""

import sys
from pathlib import Path

import tomli

from asyncblock_lint.load import BUNDLED
from asyncblock_lint.load.read import read_rule_file

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from audit_report import EXCUSED, Audit, report, table

EXCUSES = Path(__file__).parents[1] / "tools" / "audit_exceptions.toml"
REPORT = (BUNDLED / "AUDIT.md").read_text(encoding="utf-8")


def test_the_report_lists_every_rule_file_that_can_be_checked() -> None:
    listed = {line.split(" | ")[0].removeprefix("| ") for line in REPORT.splitlines() if " | " in line}
    checked = {
        path.relative_to(BUNDLED).as_posix()
        for path in BUNDLED.rglob("*.toml")
        if read_rule_file(path, str(path)).distribution
    }
    assert sorted(checked - listed) == [], "run tools/audit_rules.py --output rules/AUDIT.md"
    assert not [row for row in listed - checked if row.endswith(".toml")]


def test_nothing_is_missing() -> None:
    assert " 0 are missing: 100.0 % " in REPORT
    assert "\nMissing:" not in REPORT
    assert "\nWrong arguments:" not in REPORT


def test_every_excuse_has_a_reason() -> None:
    excuses = tomli.loads(EXCUSES.read_text(encoding="utf-8"))
    assert all(isinstance(reason, str) and len(reason) > 20 for reason in excuses.values())


def test_a_report_of_one_file() -> None:
    names = {"a.f": "a 2", "a.g": "a 1", "a.h": EXCUSED, "a.i": ""}
    done = Audit("x/a.toml", "a 2", names, frozenset({"a.f"}), {"a.B": frozenset({"a.B.c"})}, 3, ("a.f: 1",))
    text = report([done])
    assert "**1 blocking callables are listed in 1 files, and 1 more in families" in text
    assert "Of 4 names checked, 2 were found, 1 are excused, and 1 are missing: 66.7 %" in text
    assert "| x/a.toml | a 2 | 1 | 1 | 4 | 1 | 1 | 3 | 1 |" in text
    assert "- `a.i`" in text.partition("Missing:")[2].partition("Wrong")[0]
    assert "- `a.g`: a 1" in text.partition("Only in older releases:")[2]
    assert "  a.i".ljust(67) + "MISSING" in list(table(done))
