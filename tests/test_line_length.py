"""How long the project's formatter lets lines be."""

from pathlib import Path

import pytest

from asyncblock_lint.dependencies import Dependencies


@pytest.mark.parametrize(
    ("files", "length"),
    [
        ({}, 0),
        ({"pyproject.toml": "[tool.black]\nline-length = 100\n"}, 100),
        ({"pyproject.toml": "[tool.ruff]\nline-length = 90\n[tool.black]\nline-length = 100\n"}, 90),
        ({"pyproject.toml": "[tool.black]\nline-length = 100\n", "ruff.toml": "line-length = 120\n"}, 120),
        ({"pyproject.toml": "[tool.ruff.lint]\nselect = ['E']\n"}, 0),
        ({"pyproject.toml": "[tool.black]\nline-length = 'long'\n"}, 0),
        ({"pyproject.toml": "[tool]\nruff = 1\n"}, 0),
    ],
)
def test_line_length(tmp_path: Path, files: dict[str, str], length: int) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert Dependencies(tmp_path).line_length() == length
