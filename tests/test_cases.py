"""The literate cases below `tests/cases`, one test a heading."""

from pathlib import Path

import pytest
from literate import Case, mismatches, read_cases

from asyncblock_lint import Config, lint

_CASES = Path(__file__).parent / "cases"


_ALL = {
    f"{document.relative_to(_CASES).with_suffix('')}: {case.name}": case
    for document in sorted(_CASES.rglob("*.md"))
    for case in read_cases(document)
}


@pytest.mark.parametrize("case", _ALL.values(), ids=_ALL)
def test_case(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    config = Config(
        working_directory=str(tmp_path),
        project_root=str(tmp_path),
        jobs=1,
        certainty=case.certainty,
        codes=case.codes,
    )
    result = lint(config)
    assert result.problems == ()
    assert mismatches(case.expected(), result.findings) == []
