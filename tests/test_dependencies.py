"""Which versions the files of a project tell of, and that no shape of these files is too strange."""

import sys
from pathlib import Path

import pytest

from asyncblock_lint.dependencies import Dependencies


@pytest.fixture(autouse=True)
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is installed beside the linter must not decide."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "empty"))


def project(tmp_path: Path, **files: str) -> Dependencies:
    """The project with these files; the first `_` of a keyword stands for the dot of the name."""
    for name, text in files.items():
        (tmp_path / name.replace("_", ".", 1)).write_text(text, encoding="utf-8")
    return Dependencies(tmp_path)


def locked(*versions: str) -> str:
    return "".join(f'[[package]]\nname = "Till_Py"\nversion = "{version}"\n' for version in versions)


def declared(*requirements: str) -> str:
    return f"[project]\ndependencies = {list(requirements)}\n"


def poetry(version: str) -> str:
    return f"[tool.poetry.dependencies]\npython = '^3.10'\ntill-py = {version}\n"


def installed(place: Path, *folders: str) -> None:
    for folder in folders:
        (place / "lib" / "python3.12" / "site-packages" / folder).mkdir(parents=True)


class TestVersions:
    def test_nothing_tells(self, tmp_path: Path) -> None:
        assert project(tmp_path).has("till-py", ">=2") is None

    @pytest.mark.parametrize(
        ("requirement", "answer"),
        [
            ("till-py", None),
            ("till-py>=1", None),
            ("till-py>=1,<3", None),
            ("till-py!=2.1", None),
            ("till-py>=2", True),
            ("Till.Py==2.1", True),
            ("till_py[coins]~=2.3 ; python_version > '3.8'", True),
            ("till-py==2.*", True),
            ("till-py>=2.0.0b1", True),
            ("till-py==2.0.0b1", True),
            ("till-py<2", False),
            ("till-py<=1.9.9", False),
            ("till-py==1.9.0.post1", False),
            ("till-py==1.9+local", False),
            ("till-py===now", None),
            ("till-py<2,>=3", None),
            ("till-py @ git+https://example.org/till-py", None),
            ("till-py-extra>=2", None),
            ("-e .", None),
        ],
    )
    def test_declared(self, tmp_path: Path, requirement: str, answer: bool | None) -> None:
        in_project, in_list = tmp_path / "project", tmp_path / "list"
        in_project.mkdir()
        in_list.mkdir()
        assert project(in_project, pyproject_toml=declared(requirement)).has("till-py", ">=2") is answer
        assert project(in_list, requirements_txt=f"{requirement}\n").has("till-py", ">=2") is answer

    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            ("[project.optional-dependencies]\nsell = ['till-py>=2']", True),
            ("[dependency-groups]\ndev = [{include-group = 'sell'}, 'till-py<2']\nsell = []", False),
            ("[tool.poetry.dev-dependencies]\ntill-py = '>=2'", True),
            ("[tool.poetry.group.dev.dependencies]\ntill-py = '^1.4'", False),
        ],
    )
    def test_declared_for_a_purpose(self, tmp_path: Path, text: str, answer: bool) -> None:
        assert project(tmp_path, pyproject_toml=text).has("till-py", ">=2") is answer

    @pytest.mark.parametrize(
        ("version", "versions", "answer"),
        [
            ("'*'", ">=2", None),
            ("''", ">=2", None),
            ("'^1.2'", ">=2", False),
            ("' ^2.1 '", ">=2", True),
            ("'^1.2,<1.5'", ">=1.5", False),
            ("'^0.7'", "<0.8", True),
            ("'^0.7.1'", "<0.8", True),
            ("'^0.0.3'", "<0.0.4", True),
            ("'^0'", "<0.8", None),
            ("'~1'", ">=2", False),
            ("'~1.2'", ">=1.3", False),
            ("'~1.2.3'", ">=1.3", False),
            ("'~=1.2'", ">=2", False),
            ("'1.2.*'", ">=1.3", False),
            ("'1.2'", "<1.3", True),
            ("'^1 || ^2'", ">=2", None),
            ("{version = '^2', extras = ['coins']}", ">=2", True),
            ("{git = 'https://example.org/till-py'}", ">=2", None),
            ("[{version = '^1', python = '<3.9'}, {version = '^2', python = '>=3.9'}]", ">=2", None),
        ],
    )
    def test_signs_of_poetry(self, tmp_path: Path, version: str, versions: str, answer: bool | None) -> None:
        assert project(tmp_path, pyproject_toml=poetry(version)).has("till-py", versions) is answer

    @pytest.mark.parametrize("name", ["uv_lock", "poetry_lock", "pdm_lock"])
    def test_locked_before_declared(self, tmp_path: Path, name: str) -> None:
        found = project(tmp_path, pyproject_toml=declared("till-py>=1"), **{name: locked("1.9")})
        assert found.has("till-py", ">=2") is False
        assert found.has("till-py", "<2") is True

    def test_a_pre_release_does_what_the_release_will(self, tmp_path: Path) -> None:
        found = project(tmp_path, uv_lock=locked("2.0.0rc1"))
        assert found.has("till-py", ">=2") is True
        assert found.has("till-py", "<2") is False

    def test_locked_twice_leaves_it_to_what_is_declared(self, tmp_path: Path) -> None:
        both = project(tmp_path, uv_lock=locked("1.9", "2.1"))
        assert both.has("till-py", ">=2") is None
        assert both.has("till-py", "<3") is True
        assert project(tmp_path, pyproject_toml=declared("till-py>=2")).has("till-py", ">=2") is True

    def test_lists_of_requirements(self, tmp_path: Path) -> None:
        text = (
            "\ufeff-r base.txt\nTill_Py==2.1 --hash=sha256:00 \\\n    --hash=sha256:11\nother # till-py<2\n"
        )
        assert project(tmp_path, **{"requirements-dev_txt": text}).has("till-py", ">=2") is True

    def test_requirements_of_several_files_hold_together(self, tmp_path: Path) -> None:
        found = project(
            tmp_path, requirements_txt="till-py>=1\n", **{"requirements-test_txt": "till-py>=2 # for tests\n"}
        )
        assert found.has("till-py", ">=2") is True

    def test_installed_beside_the_project_before_elsewhere(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        installed(tmp_path / "other", "till_py-1.0.dist-info", "odd.dist-info")
        monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "other"))
        assert Dependencies(tmp_path).has("till-py", ">=2") is False
        installed(tmp_path / ".venv", "till_py-2.0.dist-info")
        assert Dependencies(tmp_path).has("till-py", ">=2") is True

    def test_declared_before_installed(self, tmp_path: Path) -> None:
        installed(tmp_path / ".venv", "till_py-1.0.dist-info")
        assert project(tmp_path, requirements_txt="till-py>=2\n").has("till-py", ">=2") is True


class TestNeeds:
    @pytest.mark.parametrize(
        ("text", "needed"),
        [
            (declared("Till.Py[coins]>=2"), True),
            (declared("till-py-extra"), False),
            ("[project.optional-dependencies]\nsell = ['till-py']", False),
            ("[dependency-groups]\ndev = ['till-py']", False),
            (poetry("'^1'"), True),
            (poetry("{version = '^1', optional = true}"), False),
            ("[tool.poetry.group.dev.dependencies]\ntill-py = '^1'", False),
        ],
    )
    def test_only_what_the_project_runs_with(self, tmp_path: Path, text: str, needed: bool) -> None:
        assert project(tmp_path, pyproject_toml=text).needs("till_py") is needed

    def test_the_list_of_requirements_but_not_those_of_tests(self, tmp_path: Path) -> None:
        found = project(tmp_path, requirements_txt="till-py\n", **{"requirements-dev_txt": "shop\n"})
        assert found.needs("till-py")
        assert not found.needs("shop")


@pytest.mark.parametrize(
    "text",
    [
        "project = 3",
        "tool = 'x'",
        "tool = {poetry = []}",
        "tool = {poetry = {dependencies = ['till-py'], group = 3, dev-dependencies = 1}}",
        "tool = {poetry = {group = {dev = 'x', test = {dependencies = 2}}}}",
        "[project]\ndependencies = 'x'",
        "[project]\ndependencies = {x = 1}",
        "[project]\ndependencies = [3, ['x'], {x = 1}, '', '>=2']",
        "[project]\noptional-dependencies = ['x']",
        "[project.optional-dependencies]\nsell = 'x'\nbuy = 3",
        "dependency-groups = 1",
        "[dependency-groups]\ndev = 'x'\ntest = [[1]]",
        "[tool.poetry.dependencies]\nx = 1\ny = true\nz = {version = 3}",
        "[project\ndependencies = ['x>=3']",
        "\0",
    ],
)
class TestStrangeShapes:
    def test_of_a_project_tell_nothing(self, tmp_path: Path, text: str) -> None:
        found = project(tmp_path, pyproject_toml=text)
        assert found.has("till-py", ">=2") is None
        assert not found.needs("till-py")

    def test_leave_it_to_the_other_files(self, tmp_path: Path, text: str) -> None:
        found = project(tmp_path, pyproject_toml=text, requirements_txt="till-py>=2\n")
        assert found.has("till-py", ">=2") is True
        assert found.needs("till-py")

    def test_are_no_letters_of_requirements(self, tmp_path: Path, text: str) -> None:
        found = project(tmp_path, pyproject_toml=text)
        assert found.has("d", ">=2") is None
        assert found.needs("x") is ("[tool.poetry.dependencies]" in text)


@pytest.mark.parametrize(
    "text",
    ["package = 3", "package = ['x']", "[[package]]\nversion = 2", "[package]\nx = 1", "[[", locked("?")],
)
def test_strange_locks_tell_nothing(tmp_path: Path, text: str) -> None:
    assert project(tmp_path, uv_lock=text).has("till-py", ">=2") is None
    assert project(tmp_path, poetry_lock=locked("2.1")).has("till-py", ">=2") is True


def test_what_is_no_file_tells_nothing(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "requirements.txt", "uv.lock"):
        (tmp_path / name).mkdir()
    assert Dependencies(tmp_path).has("till-py", ">=2") is None
    assert not Dependencies(tmp_path / "missing").needs("till-py")


def test_bytes_that_are_no_text_spoil_only_their_line(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(b"caf\xe9==1\ntill-py>=2\n")
    assert Dependencies(tmp_path).has("till-py", ">=2") is True
