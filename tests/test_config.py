"""Configuration: where it is found, what is refused, and what the fold makes of it."""

from pathlib import Path

import pytest

from asyncblock_lint.config import Config, load_config
from asyncblock_lint.config.keys import KEYS
from asyncblock_lint.errors import ConfigError
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.codes import BY_CODE, DEFAULT_CODES
from asyncblock_lint.model.config import DEFAULT_SKIP


def load(folder: Path, text: str | None = None, **options: object) -> Config:
    """The configuration of a folder whose own file says `text`."""
    if text is not None:
        (folder / "asyncblock-lint.toml").write_text(text, encoding="utf-8")
    named = {key.replace("_", "-"): value for key, value in options.items()}
    return load_config(options=named, working_directory=str(folder))


def complaint(folder: Path, text: str | None = None, **options: object) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_files_and_options_the_defaults_hold(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert config.codes == DEFAULT_CODES
    assert "ABL402" not in config.codes
    assert config.certainty is Certainty.LIKELY
    assert config.skip == DEFAULT_SKIP
    assert config.paths == (".",)
    assert config.exclude == ()


def test_a_config_made_by_hand_equals_the_loaded_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load_config(isolated=True)
    by_hand = Config()
    fields = [name for name in Config.__slots__ if name != "settings"]
    assert [getattr(loaded, name) for name in fields] == [getattr(by_hand, name) for name in fields]


def test_every_default_fits_its_own_shape_and_has_an_example() -> None:
    assert [key.name for key in KEYS if not key.shape.fits(key.default)] == []
    assert all(key.example for key in KEYS)


class TestFinding:
    def test_the_nearest_folder_upward_is_taken(self, tmp_path: Path) -> None:
        inner = tmp_path / "a" / "b"
        inner.mkdir(parents=True)
        (tmp_path / "asyncblock-lint.toml").write_text('certainty = "guess"')
        (tmp_path / "a" / "asyncblock-lint.toml").write_text('certainty = "exact"')
        assert load(inner).certainty is Certainty.EXACT

    def test_its_own_file_wins_over_pyproject(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text('[tool.asyncblock-lint]\ncertainty = "guess"')
        assert load(tmp_path).certainty is Certainty.GUESS
        assert load(tmp_path, 'certainty = "exact"').certainty is Certainty.EXACT

    def test_a_pyproject_without_the_table_is_passed_by(self, tmp_path: Path) -> None:
        inner = tmp_path / "inner"
        inner.mkdir()
        (tmp_path / "asyncblock-lint.toml").write_text('certainty = "exact"')
        (inner / "pyproject.toml").write_text("[tool.other]\nx = 1")
        assert load(inner).certainty is Certainty.EXACT

    def test_a_named_file_replaces_the_search(self, tmp_path: Path) -> None:
        (tmp_path / "asyncblock-lint.toml").write_text('certainty = "guess"')
        (tmp_path / "other.toml").write_text('certainty = "exact"')
        config = load_config(config_file="other.toml", working_directory=str(tmp_path))
        assert config.certainty is Certainty.EXACT

    def test_a_named_pyproject_must_have_the_table(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("[tool.other]")
        with pytest.raises(ConfigError, match=r"pyproject\.toml: has no table \[tool\.asyncblock-lint\]"):
            load_config(config_file="pyproject.toml", working_directory=str(tmp_path))

    def test_a_named_pyproject_with_the_table(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text('[tool.asyncblock-lint]\ncertainty = "exact"')
        config = load_config(config_file="pyproject.toml", working_directory=str(tmp_path))
        assert config.certainty is Certainty.EXACT

    def test_isolated_reads_no_file(self, tmp_path: Path) -> None:
        (tmp_path / "asyncblock-lint.toml").write_text("this is not TOML")
        config = load_config(isolated=True, working_directory=str(tmp_path))
        assert config.certainty is Certainty.LIKELY

    @pytest.mark.parametrize("marker", ["pyproject.toml", "asyncblock-lint.toml", "setup.py", "setup.cfg"])
    def test_the_project_root_is_the_nearest_folder_with_a_marker(self, tmp_path: Path, marker: str) -> None:
        inner = tmp_path / "a" / "b"
        inner.mkdir(parents=True)
        (tmp_path / "a" / marker).touch()
        assert load(inner).project_root == str(tmp_path / "a")

    def test_without_a_marker_the_working_directory_is_the_project_root(self, tmp_path: Path) -> None:
        assert load(tmp_path).project_root == str(tmp_path)


class TestMistakes:
    def test_all_unknown_keys_are_named_at_once(self, tmp_path: Path) -> None:
        assert complaint(tmp_path, 'selct = []\nwhatever = 1\ncertainty = "exact"') == (
            "asyncblock-lint.toml: unknown key 'selct' (did you mean 'select'?); unknown key 'whatever'"
        )

    def test_a_wrong_shape_says_what_where_and_how_to_write_it(self, tmp_path: Path) -> None:
        assert complaint(tmp_path, 'select = "ABL2"\njobs = true\nblocking = { a = 1 }') == (
            'asyncblock-lint.toml: select must be a list of strings, such as ["ABL2", "blocking-sleep"]; '
            'blocking must be a table of strings, such as { "app.db.query" = "ABL501" }; '
            "jobs must be a whole number from 0, such as 4"
        )

    @pytest.mark.parametrize("value", ["-1", "1.5", '"4"'])
    def test_jobs_takes_only_counts(self, tmp_path: Path, value: str) -> None:
        assert "jobs must be a whole number" in complaint(tmp_path, f"jobs = {value}")

    @pytest.mark.parametrize("value", ["0", "0.1", "true"])
    def test_the_budget_of_loops_is_whole_milliseconds(self, tmp_path: Path, value: str) -> None:
        assert "loop-budget must be a whole number of milliseconds from 1, such as 250" in complaint(
            tmp_path, f"loop-budget = {value}"
        )

    def test_bad_toml_names_file_and_line(self, tmp_path: Path) -> None:
        text = complaint(tmp_path, 'certainty = "exact"\nselect = [\n"a" "b"]')
        assert text.startswith(f"{tmp_path / 'asyncblock-lint.toml'}:3: not valid TOML: ")

    def test_bad_toml_at_its_end_names_the_last_line(self, tmp_path: Path) -> None:
        text = complaint(tmp_path, 'certainty = "exact"\nselect = [')
        assert text.startswith(f"{tmp_path / 'asyncblock-lint.toml'}:2: not valid TOML: ")

    def test_a_file_that_is_not_utf8(self, tmp_path: Path) -> None:
        (tmp_path / "asyncblock-lint.toml").write_bytes(b'certainty = "\xff"')
        assert complaint(tmp_path).endswith("not UTF-8 at byte 13")

    def test_a_named_file_that_does_not_exist(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"gone\.toml: cannot be read: No such file"):
            load_config(config_file="gone.toml", working_directory=str(tmp_path))

    def test_a_section_that_is_no_table(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("[tool]\nasyncblock-lint = 3")
        assert complaint(tmp_path).endswith("[tool.asyncblock-lint] must be a table")

    def test_unknown_codes_are_named_with_their_place(self, tmp_path: Path) -> None:
        assert complaint(tmp_path, 'ignore = ["ABL2", "ABL999", "blocking-slep"]') == (
            "asyncblock-lint.toml: ignore: unknown code 'ABL999', "
            "unknown code 'blocking-slep' (did you mean 'blocking-sleep'?)"
        )
        assert complaint(tmp_path, "", select=("abl201",)) == (
            "--select: unknown code 'abl201' (did you mean 'ABL201'?)"
        )

    def test_unknown_codes_in_tables(self, tmp_path: Path) -> None:
        assert "per-file-ignores: unknown code 'ABX'" in complaint(
            tmp_path, '[per-file-ignores]\n"a" = ["ABX"]'
        )
        assert "blocking: unknown code 'ABL2'" in complaint(tmp_path, '[blocking]\n"a.b" = "ABL2"')

    @pytest.mark.parametrize(
        ("text", "ending"),
        [
            ('certainty = "sure"', "certainty: 'sure' is none of guess, likely, exact"),
            (
                'ignore-contexts = ["boot"]',
                "ignore-contexts: 'boot' is none of coroutine, background-task, loop-callback, startup",
            ),
        ],
    )
    def test_words_outside_a_choice(self, tmp_path: Path, text: str, ending: str) -> None:
        assert complaint(tmp_path, text) == f"asyncblock-lint.toml: {ending}"

    def test_a_pattern_that_cannot_be_one(self, tmp_path: Path) -> None:
        assert "exclude: '!' is not a pattern" in complaint(tmp_path, 'exclude = ["!"]')

    def test_a_source_folder_that_is_missing(self, tmp_path: Path) -> None:
        assert complaint(tmp_path, 'src = ["lib"]').endswith(f"src: no such folder: {tmp_path / 'lib'}")


class TestFold:
    def test_options_win_over_the_file(self, tmp_path: Path) -> None:
        config = load(tmp_path, 'certainty = "guess"\nselect = ["ABL1"]', certainty="exact")
        assert config.certainty is Certainty.EXACT
        assert config.codes == {"ABL101", "ABL102"}

    def test_the_budget_of_loops_becomes_seconds(self, tmp_path: Path) -> None:
        assert load(tmp_path, "").loop_budget == 0.1
        assert load(tmp_path, "loop-budget = 250").loop_budget == 0.25

    def test_keys_that_extend_add_up(self, tmp_path: Path) -> None:
        text = 'select = ["ABL101"]\nextend-select = ["ABL201"]'
        config = load(tmp_path, text, extend_select=("ABL402",))
        assert config.codes == {"ABL101", "ABL201", "ABL402"}

    def test_each_setting_tells_where_it_came_from(self, tmp_path: Path) -> None:
        text = 'certainty = "guess"\nextend-select = ["ABL402"]'
        config = load(tmp_path, text, jobs=2, extend_select=("ABL201",))
        sources = {setting.key: (setting.value, setting.source) for setting in config.settings}
        assert sources["certainty"] == ("guess", "asyncblock-lint.toml")
        assert sources["jobs"] == (2, "command line")
        assert sources["extend-select"] == (("ABL402", "ABL201"), "asyncblock-lint.toml, command line")
        assert sources["extend-ignore"] == ((), "default")
        assert list(sources) == [key.name for key in KEYS]

    def test_paths_in_a_file_start_from_its_folder_and_options_from_the_working_directory(
        self, tmp_path: Path
    ) -> None:
        inner = tmp_path / "inner"
        (tmp_path / "lib").mkdir()
        inner.mkdir()
        (tmp_path / "asyncblock-lint.toml").write_text(
            'src = ["lib"]\nrules = ["../rules"]\nbaseline = "base.json"'
        )
        config = load(inner)
        assert config.src == (str(tmp_path / "lib"),)
        assert config.rules == (str(tmp_path.parent / "rules"),)
        assert config.baseline == str(tmp_path / "base.json")
        assert load(inner, baseline="base.json").baseline == str(inner / "base.json")

    def test_names_of_blocking_functions_map_to_codes(self, tmp_path: Path) -> None:
        config = load(tmp_path, '[blocking]\n"a.b" = "ABL501"\n"c.d" = "blocking-sleep"')
        assert config.blocking == {"a.b": "ABL501", "c.d": "ABL101"}

    def test_a_configured_exclude_replaces_the_skipped_folders(self, tmp_path: Path) -> None:
        assert load(tmp_path, 'extend-exclude = ["x/"]').skip == DEFAULT_SKIP
        config = load(tmp_path, 'exclude = ["x/"]')
        assert config.skip == frozenset()
        assert [patterns.lines for patterns in config.exclude] == [("x/",)]


class TestSelection:
    @pytest.mark.parametrize(
        ("chosen", "refused", "inside", "outside"),
        [
            (("ABL2",), ("ABL201",), "ABL202", "ABL201"),
            (("ABL201",), ("ABL2",), "ABL201", "ABL202"),
            (("DEFAULT", "ABL402"), (), "ABL402", None),
            (("DEFAULT",), ("ABL4",), "ABL501", "ABL401"),
            (("ALL",), (), "ABL402", None),
            (("ALL",), ("ABL402",), "ABL401", "ABL402"),
            (("ABL201",), ("ALL",), "ABL201", "ABL101"),
            (("blocking-http",), ("ABL2",), "ABL201", "ABL202"),
            (("ABL",), (), "ABL402", None),
        ],
    )
    def test_the_narrower_selector_wins(
        self,
        tmp_path: Path,
        chosen: tuple[str, ...],
        refused: tuple[str, ...],
        inside: str,
        outside: str | None,
    ) -> None:
        codes = load(tmp_path, select=chosen, ignore=refused).codes
        assert inside in codes
        assert outside not in codes

    def test_of_equals_the_refusal_wins(self, tmp_path: Path) -> None:
        assert load(tmp_path, select=("ABL2",), ignore=("ABL2",)).codes == frozenset()
        assert load(tmp_path, ignore=("ALL",)).codes == frozenset()

    def test_all_is_every_code(self, tmp_path: Path) -> None:
        assert load(tmp_path, select=("ALL",)).codes == frozenset(BY_CODE)

    def test_ignoring_a_prefix_leaves_the_other_defaults(self, tmp_path: Path) -> None:
        left = load(tmp_path, ignore=("ABL4",)).codes
        assert left == {code for code in DEFAULT_CODES if not code.startswith("ABL4")}


class TestPerFileIgnores:
    TEXT = '[per-file-ignores]\n"tests/" = ["ABL1"]\n"legacy.py" = ["ALL"]\n"/top.py" = ["blocking-http"]'

    @pytest.mark.parametrize(
        ("path", "missing"),
        [
            ("tests/deep/test_a.py", {"ABL101", "ABL102"}),
            ("app/tests/a.py", {"ABL101", "ABL102"}),
            ("app/legacy.py", set(DEFAULT_CODES)),
            ("top.py", {"ABL201"}),
            ("app/top.py", set()),
            ("app/main.py", set()),
        ],
    )
    def test_patterns_take_codes_out(self, tmp_path: Path, path: str, missing: set[str]) -> None:
        config = load(tmp_path, self.TEXT)
        assert config.codes - config.codes_for(path) == missing

    def test_patterns_hold_below_the_file_that_has_them(self, tmp_path: Path) -> None:
        inner = tmp_path / "app"
        inner.mkdir()
        (tmp_path / "asyncblock-lint.toml").write_text('[per-file-ignores]\n"/app/top.py" = ["ALL"]')
        config = load(inner)
        assert config.codes_for("top.py") == frozenset()
        assert config.codes_for(str(tmp_path / "app" / "top.py")) == frozenset()
        assert config.codes_for("other.py") == config.codes

    def test_outside_the_folder_only_the_name_counts(self, tmp_path: Path) -> None:
        config = load(tmp_path, self.TEXT)
        assert config.codes_for("/elsewhere/legacy.py") == frozenset()
        assert config.codes_for("/elsewhere/tests/a.py") == config.codes
