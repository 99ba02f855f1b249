"""Discovery: which files a path stands for, what is left out, and the names of modules."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from asyncblock_lint.config import Config, load_config
from asyncblock_lint.discover import Discovery, discover
from asyncblock_lint.errors import UserError
from asyncblock_lint.model.result import Problem


def plant(top: Path, *paths: str) -> None:
    """Make empty files; a path that ends in `/` is a folder."""
    for path in paths:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).mkdir(exist_ok=True) if path.endswith("/") else (top / path).touch()


def search(top: Path, *paths: str, **options: object) -> Discovery:
    named = {key.replace("_", "-"): value for key, value in options.items()}
    return discover(load_config(paths, options=named, working_directory=str(top)))


def shown(top: Path, *paths: str, **options: object) -> list[str]:
    return [file.path for file in search(top, *paths, **options).files]


def modules(top: Path, *paths: str, **options: object) -> dict[str, str]:
    return {file.path: file.module for file in search(top, *paths, **options).files}


class TestWalk:
    def test_python_files_are_found_at_any_depth_and_sorted(self, tmp_path: Path) -> None:
        plant(tmp_path, "b.py", "a/c/d.py", "a.pyw", "a/x.txt", "a/stub.pyi", "a/e.py")
        assert shown(tmp_path) == ["a.pyw", "a/c/d.py", "a/e.py", "b.py"]

    def test_folders_of_tools_are_skipped_unless_named(self, tmp_path: Path) -> None:
        plant(tmp_path, "a.py", ".venv/b.py", "node_modules/c.py", "x/__pycache__/d.py", "build/lib/e.py")
        assert shown(tmp_path) == ["a.py"]
        assert shown(tmp_path, "build") == ["build/lib/e.py"]
        assert shown(tmp_path, "build/lib") == ["build/lib/e.py"]

    def test_a_skipped_name_above_the_named_folder_does_not_count(self, tmp_path: Path) -> None:
        plant(tmp_path, "build/project/a.py", "here/")
        assert shown(tmp_path / "here", "../build/project") == [f"{tmp_path}/build/project/a.py"]

    def test_an_environment_is_known_by_its_marker(self, tmp_path: Path) -> None:
        plant(tmp_path, "a.py", "mine/pyvenv.cfg", "mine/lib/b.py", "mine.py")
        assert shown(tmp_path) == ["a.py", "mine.py"]
        assert shown(tmp_path, "mine") == ["mine/lib/b.py"]

    def test_a_file_is_found_once_however_often_it_is_named(self, tmp_path: Path) -> None:
        plant(tmp_path, "a/b.py")
        assert shown(tmp_path, ".", "a", "a/b.py", "./a/../a/b.py") == ["a/b.py"]

    def test_a_path_outside_the_working_directory_is_absolute(self, tmp_path: Path) -> None:
        plant(tmp_path, "here/", "there/a.py")
        assert shown(tmp_path / "here", "../there") == [f"{tmp_path}/there/a.py"]

    def test_a_folder_whose_name_ends_like_a_file(self, tmp_path: Path) -> None:
        plant(tmp_path, "odd.py/a.py")
        assert shown(tmp_path) == ["odd.py/a.py"]

    def test_a_path_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match=r"^gone\.py: no such file or folder$"):
            search(tmp_path, "gone.py")


class TestExcludes:
    def test_configured_patterns_hold_for_named_files_too(self, tmp_path: Path) -> None:
        plant(tmp_path, "a.py", "gen/b.py", "x/gen/c.py")
        assert shown(tmp_path, extend_exclude=["gen/"]) == ["a.py"]
        assert shown(tmp_path, "gen/b.py", "a.py", extend_exclude=["gen/"]) == ["a.py"]
        assert shown(tmp_path, "gen", extend_exclude=["gen/"]) == []
        assert shown(tmp_path, "x", extend_exclude=["/gen/"]) == ["x/gen/c.py"]

    def test_a_configured_exclude_replaces_the_skipped_folders(self, tmp_path: Path) -> None:
        plant(tmp_path, "a.py", "build/b.py", "c.py")
        assert shown(tmp_path, exclude=["c.py"]) == ["a.py", "build/b.py"]
        assert shown(tmp_path, extend_exclude=["c.py"]) == ["a.py"]

    def test_a_later_pattern_takes_back_an_earlier_one(self, tmp_path: Path) -> None:
        plant(tmp_path, "gen_a.py", "gen_b.py")
        assert shown(tmp_path, extend_exclude=["gen_*.py", "!gen_b.py"]) == ["gen_b.py"]

    def test_patterns_of_a_file_hold_from_its_folder(self, tmp_path: Path) -> None:
        plant(tmp_path, "app/a.py", "app/old/b.py")
        (tmp_path / "asyncblock-lint.toml").write_text('extend-exclude = ["/app/old"]')
        assert shown(tmp_path / "app") == ["a.py"]


class TestGitignore:
    @pytest.fixture
    def repository(self, tmp_path: Path) -> Path:
        plant(tmp_path, ".git/", "a.py", "out/b.py", "pkg/c.py", "pkg/gen_d.py", "pkg/deep/gen_e.py")
        (tmp_path / ".gitignore").write_text("# made by the build\nout/\n!\ngen_*.py\n")
        return tmp_path

    def test_its_files_are_left_out(self, repository: Path) -> None:
        assert shown(repository) == ["a.py", "pkg/c.py"]

    def test_those_above_the_walk_hold_up_to_the_repository(self, repository: Path) -> None:
        assert shown(repository / "pkg") == ["c.py"]
        assert shown(repository, "pkg/deep") == []

    def test_a_nested_one_has_the_last_word(self, repository: Path) -> None:
        (repository / "pkg" / "deep" / ".gitignore").write_text("!gen_e.py")
        (repository / "pkg" / ".gitignore").write_text("c.py")
        assert shown(repository) == ["a.py", "pkg/deep/gen_e.py"]

    def test_a_named_file_or_folder_is_read_all_the_same(self, repository: Path) -> None:
        assert shown(repository, "out") == ["out/b.py"]
        named = search(repository, "pkg/gen_d.py").files
        assert [file.path for file in named if file.reported] == ["pkg/gen_d.py"]

    def test_one_above_the_repository_does_not_count(self, repository: Path) -> None:
        plant(repository, "inner/.git/", "inner/gen_x.py")
        assert shown(repository / "inner") == ["gen_x.py"]

    def test_without_a_repository_only_those_inside_count(self, tmp_path: Path) -> None:
        plant(tmp_path, "a/b.py", "a/c.py")
        (tmp_path / ".gitignore").write_text("b.py")
        (tmp_path / "a" / ".gitignore").write_text("c.py")
        assert shown(tmp_path / "a") == ["b.py"]

    def test_one_that_cannot_be_read_is_passed_over(self, tmp_path: Path) -> None:
        plant(tmp_path, "a.py", ".gitignore/")
        assert shown(tmp_path) == ["a.py"]

    def test_the_same_files_as_git_itself(self, tmp_path: Path) -> None:
        plant(tmp_path, "a.py", "b/a.py", "b/c/d.py", "b/keep.py", "x y/é.py", "b/out/k.py", "out/k.py")
        (tmp_path / ".gitignore").write_text("/a.py\n**/c/\n*eep.py\n!b/keep.py\n/out\n")
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--others", "--exclude-standard", "*.py"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert shown(tmp_path) == sorted(listed.rstrip("\0").split("\0"))


class TestNamedFiles:
    def test_the_rest_of_the_project_is_read_but_not_reported(self, tmp_path: Path) -> None:
        plant(tmp_path, "pyproject.toml", "app/a.py", "app/b.py", "lib/c.py")
        files = search(tmp_path / "app", "a.py").files
        assert {file.path: file.reported for file in files} == {
            "a.py": True,
            "b.py": False,
            f"{tmp_path}/lib/c.py": False,
        }

    def test_for_a_folder_nothing_else_is_read(self, tmp_path: Path) -> None:
        plant(tmp_path, "pyproject.toml", "app/a.py", "lib/c.py")
        assert shown(tmp_path, "app") == ["app/a.py"]

    def test_any_suffix_will_do(self, tmp_path: Path) -> None:
        plant(tmp_path, "script", "stub.pyi")
        assert modules(tmp_path, "script", "stub.pyi") == {"script": "script", "stub.pyi": "stub"}

    def test_outside_the_project_its_import_root_is_read(self, tmp_path: Path) -> None:
        plant(tmp_path, "here/", "there/pkg/__init__.py", "there/pkg/a.py", "there/b.py")
        files = search(tmp_path / "here", "../there/pkg/a.py").files
        assert [Path(file.location).name for file in files] == ["b.py", "__init__.py", "a.py"]

    def test_a_home_folder_is_never_read_as_a_project(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plant(tmp_path, "a.py", "other/b.py")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert shown(tmp_path, "a.py") == ["a.py"]


class TestModules:
    def test_names_start_below_the_nearest_folder_that_is_no_package(self, tmp_path: Path) -> None:
        plant(tmp_path, "src/app/__init__.py", "src/app/db/__init__.py", "src/app/db/store.py", "tool.py")
        assert modules(tmp_path) == {
            "src/app/__init__.py": "app",
            "src/app/db/__init__.py": "app.db",
            "src/app/db/store.py": "app.db.store",
            "tool.py": "tool",
        }
        [store] = [file for file in search(tmp_path, "src/app/db").files if file.path.endswith("store.py")]
        assert (store.root, store.module) == (str(tmp_path / "src"), "app.db.store")

    def test_a_folder_without_init_starts_anew(self, tmp_path: Path) -> None:
        plant(tmp_path, "a/__init__.py", "a/plain/b/__init__.py", "a/plain/b/c.py", "a/plain/d.py")
        assert modules(tmp_path, "a/plain") == {
            "a/plain/b/__init__.py": "b",
            "a/plain/b/c.py": "b.c",
            "a/plain/d.py": "d",
        }

    def test_a_configured_source_folder_is_where_names_start(self, tmp_path: Path) -> None:
        plant(tmp_path, "lib/app/service/a.py", "lib/__init__.py", "other/b.py")
        assert modules(tmp_path, src=["lib"]) == {
            "lib/__init__.py": "__init__",
            "lib/app/service/a.py": "app.service.a",
            "other/b.py": "b",
        }

    def test_named_and_walked_files_have_the_same_name(self, tmp_path: Path) -> None:
        plant(tmp_path, "p/__init__.py", "p/q/__init__.py", "p/q/r.py")
        [named] = [file for file in search(tmp_path, "p/q/r.py").files if file.reported]
        [walked] = [file for file in search(tmp_path).files if file.path == named.path]
        assert named == walked
        assert named.module == "p.q.r"
        assert [file.is_package for file in search(tmp_path).files] == [True, True, False]


class TestTrouble:
    def test_links_to_folders_are_not_followed(self, tmp_path: Path) -> None:
        plant(tmp_path, "a/b.py")
        (tmp_path / "a" / "loop").symlink_to(tmp_path)
        (tmp_path / "link").symlink_to(tmp_path / "a")
        assert search(tmp_path) == search(tmp_path, ".")
        assert shown(tmp_path) == ["a/b.py"]
        assert shown(tmp_path, "link") == ["link/b.py"]

    def test_a_linked_file_is_read_once_under_its_own_name(self, tmp_path: Path) -> None:
        plant(tmp_path, "z/real.py")
        (tmp_path / "a_link.py").symlink_to(tmp_path / "z" / "real.py")
        assert shown(tmp_path) == ["z/real.py"]
        assert shown(tmp_path, "z") == ["z/real.py"]

    def test_links_that_lead_nowhere_are_problems(self, tmp_path: Path) -> None:
        (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
        (tmp_path / "gone.py").symlink_to(tmp_path / "missing.py")
        (tmp_path / ".#edited.py").symlink_to("somebody@host.1234")
        assert search(tmp_path) == Discovery(
            (),
            (
                Problem("gone.py", 1, "cannot be read: the symbolic link leads nowhere"),
                Problem("loop.py", 1, "cannot be read: Too many levels of symbolic links"),
            ),
        )

    def test_other_things_named_like_files_are_passed_over(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.py")
        (tmp_path / "d").mkdir()
        (tmp_path / "folder.py").symlink_to(tmp_path / "d")
        assert search(tmp_path) == Discovery((), ())

    def test_a_folder_that_cannot_be_entered_is_a_problem(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plant(tmp_path, "a.py", "locked/b.py")
        refuse(monkeypatch, tmp_path / "locked")
        found = search(tmp_path)
        assert [file.path for file in found.files] == ["a.py"]
        assert found.problems == (Problem("locked", 1, "cannot be entered: Permission denied"),)

    def test_trouble_on_the_way_to_unreported_files_is_not_reported(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plant(tmp_path, "a.py", "locked/b.py")
        refuse(monkeypatch, tmp_path / "locked")
        assert search(tmp_path, "a.py").problems == ()

    def test_names_that_are_not_text(self, tmp_path: Path) -> None:
        (tmp_path / os.fsdecode(b"caf\xe9.py")).touch()
        assert shown(tmp_path) == [os.fsdecode(b"caf\xe9.py")]


def refuse(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let nobody list the folder; a mode would not stop the superuser."""
    scandir = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if path == str(folder):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)


def test_a_config_made_by_hand_works_too(tmp_path: Path) -> None:
    plant(tmp_path, "a.py", "venv/b.py")
    config = replace(Config(), working_directory=str(tmp_path), project_root=str(tmp_path))
    assert [file.path for file in discover(config).files] == ["a.py"]
