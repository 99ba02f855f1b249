"""The literate cases in `tests/fixes`: what each way of fixing makes of a project."""

import ast
from collections.abc import Collection
from pathlib import Path

import pytest
from fixing import Files, FixCase, read_fix_cases

from asyncblock_lint import load_config
from asyncblock_lint.fix.apply import apply
from asyncblock_lint.pipeline import lint, repair, write

_CASES = Path(__file__).parent / "fixes"
_ALL = {
    f"{document.stem}: {case.name}": case
    for document in sorted(_CASES.glob("*.md"))
    for case in read_fix_cases(document)
}


def files_in(folder: Path, like: Files) -> Files:
    return {path: (folder / path).read_text(encoding="utf-8") for path in like}


def fix(folder: Path, wanted: Collection[str]) -> None:
    outcome = repair(load_config(options={"jobs": 1}, working_directory=str(folder)), wanted)
    assert [(item.finding.line, item.reason) for item in outcome.dropped] == []
    write(outcome.revisions)


@pytest.mark.parametrize("case", _ALL.values(), ids=_ALL)
@pytest.mark.parametrize("mark", ["safe", "unsafe"])
def test_fixes(case: FixCase, mark: str, tmp_path: Path) -> None:
    case.write(tmp_path)
    fix(tmp_path, {"safe"} if mark == "safe" else {"safe", "unsafe"})
    once = files_in(tmp_path, case.files)
    assert once == case.expected(mark)
    fix(tmp_path, {"safe"} if mark == "safe" else {"safe", "unsafe"})
    assert files_in(tmp_path, case.files) == once


@pytest.mark.parametrize("case", _ALL.values(), ids=_ALL)
def test_what_is_only_shown(case: FixCase, tmp_path: Path) -> None:
    case.write(tmp_path)
    findings = lint(load_config(options={"jobs": 1}, working_directory=str(tmp_path))).findings
    assert findings, "a case without a finding shows nothing"
    shown = {
        path: apply(
            text.encode(),
            [
                finding.fix
                for finding in findings
                if finding.fix and finding.fix.applicability == "display" and finding.path == path
            ],
        ).decode()
        for path, text in case.files.items()
    }
    assert shown == {**case.files, **case.after.get("display", {})}


def test_cases_are_python() -> None:
    assert len(_ALL) > 20
    for case in _ALL.values():
        for files in (case.files, *case.after.values()):
            for path, text in files.items():
                if path.endswith(".py"):
                    ast.parse(text)
