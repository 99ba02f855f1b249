"""Every example of every rule file: marked lines are found, all others stay silent."""

from dataclasses import replace
from pathlib import Path

import pytest
from literate import Case, mismatches

from asyncblock_lint import Config, lint
from asyncblock_lint.load import load_catalogue
from asyncblock_lint.model.catalogue import Example, Library
from asyncblock_lint.model.codes import CODES

_LIBRARIES = load_catalogue().libraries
_EVERY_CODE = frozenset(code.code for code in CODES)


_EXAMPLES = {
    f"{library.path}: {example.title}": (library, example)
    for library in _LIBRARIES
    for example in library.examples
}


@pytest.mark.parametrize(("library", "example"), _EXAMPLES.values(), ids=_EXAMPLES)
def test_example(library: Library, example: Example, tmp_path: Path) -> None:
    requirements = ("requirements.txt", "\n".join(example.requires))
    case = Case(example.title, (("main.py", example.code), requirements))
    case.write(tmp_path)
    config = Config(working_directory=str(tmp_path), project_root=str(tmp_path), jobs=1)
    # A file about metadata calls shows findings that are off by default.
    listed = frozenset(blocker.code for blocker in library.blockers)
    result = lint(replace(config, codes=(case.codes | listed) & _EVERY_CODE))
    assert result.problems == ()
    assert mismatches(case.expected(), result.findings) == []


@pytest.mark.parametrize("library", _LIBRARIES, ids=lambda library: library.path)
def test_every_rule_file_has_an_example(library: Library) -> None:
    assert library.examples
