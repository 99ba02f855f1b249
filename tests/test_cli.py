"""The command line's contract: output, exit codes, one line for a mistake."""

import importlib
import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from results import FINDING, PROBLEM, SERVICE, result_of

from asyncblock_lint import __version__
from asyncblock_lint.cli import main, program
from asyncblock_lint.config import Config
from asyncblock_lint.errors import RuleError
from asyncblock_lint.model.result import LintResult

Progress = Callable[[int, int], None]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)


def run(*arguments: str) -> Result:
    """Run the program; a bug shows its traceback."""
    result = CliRunner().invoke(program, arguments, prog_name="asyncblock-lint")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def mistake(*arguments: str) -> str:
    """The one line that a user's mistake gives."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    return line.removeprefix("asyncblock-lint: error: ")


class Pipeline:
    """Stands in for `lint`: gives the result it was told to give, and remembers its configuration."""

    def __init__(self, result: LintResult) -> None:
        self.result = result
        self.config = Config()

    def __call__(self, config: Config, progress: Progress | None = None) -> LintResult:
        self.config = config
        if progress is not None:
            for done in range(1, 401):
                progress(done, 400)
        return self.result


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    stand_in = Pipeline(result_of(FINDING))
    for command in ("check", "baseline"):
        monkeypatch.setattr(importlib.import_module(f"asyncblock_lint.cli.{command}"), "lint", stand_in)
    return stand_in


class TestCheck:
    def test_findings_exit_with_one_and_go_to_standard_output(self, pipeline: Pipeline) -> None:
        result = run("check")
        assert result.exit_code == 1
        assert result.stderr == ""
        assert result.stdout.startswith("app/main.py:5:12: ABL201 blocking-http: ")

    def test_nothing_found_exits_with_zero(self, pipeline: Pipeline) -> None:
        pipeline.result = result_of()
        result = run("check")
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == "No blocking calls found in 12 files (80 functions).\n"

    def test_problems_alone_exit_with_one(self, pipeline: Pipeline) -> None:
        pipeline.result = result_of(problems=(PROBLEM,))
        assert run("check").exit_code == 1

    def test_exit_zero(self, pipeline: Pipeline) -> None:
        result = run("check", "--exit-zero")
        assert result.exit_code == 0
        assert "ABL201" in result.stdout

    def test_code_frames_are_read_from_the_working_directory(self, pipeline: Pipeline) -> None:
        Path("app").mkdir()
        Path("app/main.py").write_text(SERVICE)
        assert "  5 |     return slow.fetch(url)\n" in run("check").stdout

    def test_every_option_reaches_the_configuration(self, pipeline: Pipeline) -> None:
        run(
            *("check", "a", "b", "--select", "ABL2,ABL101", "--select", "blocking-lock"),
            *("--extend-select", "ABL402", "--ignore", "ABL202", "--extend-ignore", "ABL203"),
            *("--certainty", "exact", "--ignore-context", "startup,loop-callback", "--jobs", "3"),
            *("--exclude", "x", "--extend-exclude", "y", "--extend-exclude", "z", "--baseline", "b.json"),
        )
        config = pipeline.config
        assert config.paths == ("a", "b")
        assert config.codes == {"ABL101", "ABL201", "ABL204", "ABL402", "ABL601"}
        assert config.certainty.label == "exact"
        assert config.ignore_contexts == {"startup", "loop-callback"}
        assert config.jobs == 3
        assert [patterns.lines for patterns in config.exclude] == [("x",), ("y", "z")]
        assert config.baseline == str(Path.cwd() / "b.json")

    def test_zero_jobs_win_over_the_file(self, pipeline: Pipeline) -> None:
        Path("asyncblock-lint.toml").write_text("jobs = 4")
        run("check", "--jobs", "0")
        assert pipeline.config.jobs == 0
        run("check")
        assert pipeline.config.jobs == 4

    def test_config_and_isolated(self, pipeline: Pipeline) -> None:
        Path("asyncblock-lint.toml").write_text('certainty = "exact"')
        Path("other.toml").write_text('certainty = "guess"')
        for arguments, label in (
            ((), "exact"),
            (("--config", "other.toml"), "guess"),
            (("--isolated",), "likely"),
        ):
            run("check", *arguments)
            assert pipeline.config.certainty.label == label


class TestFormats:
    def test_json_goes_to_standard_output_alone(self, pipeline: Pipeline) -> None:
        result = run("check", "--output-format", "json", "--statistics")
        assert json.loads(result.stdout)["summary"]["findings"] == 1
        assert result.stderr == "1  ABL201  blocking-http\n"

    @pytest.mark.parametrize("form", ["text", "concise"])
    def test_statistics_follow_what_people_read(self, pipeline: Pipeline, form: str) -> None:
        result = run("check", "--output-format", form, "--statistics")
        assert result.stdout.endswith("(80 functions).\n1  ABL201  blocking-http\n")
        assert result.stderr == ""

    def test_names_that_are_not_text_do_not_stop_it(self, pipeline: Pipeline) -> None:
        name = os.fsdecode(b"caf\xe9.py")
        pipeline.result = result_of(replace(FINDING, path=name))
        assert json.loads(run("check", "--output-format", "json").stdout)["findings"][0]["path"] == name
        assert "caf\\udce9.py:5:12" in run("check").stdout


class TestColour:
    @pytest.mark.parametrize(
        ("environment", "is_colored"),
        [
            ({}, False),
            ({"FORCE_COLOR": "1"}, True),
            ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
            ({"FORCE_COLOR": ""}, False),
        ],
    )
    def test_the_environment_decides(
        self,
        pipeline: Pipeline,
        monkeypatch: pytest.MonkeyPatch,
        environment: dict[str, str],
        is_colored: bool,
    ) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert ("\x1b[" in run("check").stdout) is is_colored

    def test_a_file_is_never_colored(self, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        run("check", "--output", "report.txt")
        assert "\x1b[" not in Path("report.txt").read_text()


def names() -> list[str]:
    return [path.name for path in Path.cwd().iterdir()]


class TestOutput:
    def test_the_report_goes_to_the_file(self, pipeline: Pipeline) -> None:
        result = run("check", "--output", "report.json", "--output-format", "json")
        assert (result.exit_code, result.stdout, result.stderr) == (1, "", "")
        assert json.loads(Path("report.json").read_text())["version"] == 1
        assert names() == ["report.json"]

    def test_a_new_file_has_the_usual_mode_and_an_old_one_keeps_its_own(self, pipeline: Pipeline) -> None:
        Path("usual").touch()
        Path("old").touch(mode=0o600)
        for name in ("new", "old"):
            run("check", "--output", name)
        assert Path("new").stat().st_mode == Path("usual").stat().st_mode
        assert Path("old").stat().st_mode & 0o777 == 0o600

    def test_a_link_stays_a_link(self, pipeline: Pipeline) -> None:
        Path("link").symlink_to("target")
        run("check", "--output", "link")
        assert Path("link").is_symlink()
        assert "ABL201" in Path("target").read_text()

    def test_a_device_is_written_not_replaced(self, pipeline: Pipeline) -> None:
        assert run("check", "--output", os.devnull).exit_code == 1
        assert not Path(os.devnull).is_file()

    def test_a_folder_that_is_missing(self, pipeline: Pipeline) -> None:
        assert (
            mistake("check", "--output", "gone/x") == "gone/x: cannot be written: No such file or directory"
        )

    def test_a_failure_half_way_leaves_the_old_file(
        self, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(path: Path, target: Path) -> None:
            raise OSError(28, "No space left on device")

        Path("report").write_text("old")
        monkeypatch.setattr(Path, "replace", full)
        assert mistake("check", "--output", "report") == "report: cannot be written: No space left on device"
        assert Path("report").read_text() == "old"
        assert names() == ["report"]


class TestMistakes:
    def test_a_path_that_is_missing(self) -> None:
        assert mistake("check", "gone") == "gone: no such file or folder"

    def test_an_option_that_does_not_exist(self) -> None:
        line = mistake("check", "--selct", "ABL2")
        assert line.startswith("No such option")
        assert line.endswith("(see 'asyncblock-lint check --help')")

    def test_a_command_that_does_not_exist(self) -> None:
        assert mistake("chek").startswith("No such command 'chek'.")

    def test_no_command(self) -> None:
        assert mistake() == "Missing command. (see 'asyncblock-lint --help')"
        assert mistake("debug") == "Missing command. (see 'asyncblock-lint debug --help')"

    def test_a_value_that_is_no_choice(self) -> None:
        assert "'sure' is not one of 'exact', 'likely', 'guess'" in mistake("check", "--certainty", "sure")

    def test_an_unknown_code(self) -> None:
        assert mistake("check", "--select", "ABL2,ABL20I") == (
            "--select: unknown code 'ABL20I' (did you mean 'ABL204'?)"
        )

    def test_options_that_exclude_each_other(self) -> None:
        assert mistake("check", "--isolated", "--config", "x.toml").startswith("--config and --isolated")

    def test_a_file_that_is_no_configuration(self) -> None:
        Path("asyncblock-lint.toml").write_text("selct = 1")
        assert mistake("check") == "asyncblock-lint.toml: unknown key 'selct' (did you mean 'select'?)"


def replace_output(monkeypatch: pytest.MonkeyPatch, error: OSError | None) -> None:
    """Let standard output fail when it is flushed, or be none at all."""

    class Failing(io.BytesIO):
        def flush(self) -> None:
            assert error is not None
            raise error

    stand_in = SimpleNamespace(buffer=Failing(), isatty=lambda: False)
    monkeypatch.setattr("asyncblock_lint.cli.output.sys", SimpleNamespace(stdout=stand_in if error else None))


class TestEnds:
    def test_an_interrupt_is_quiet(self, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*arguments: object) -> LintResult:
            raise KeyboardInterrupt

        monkeypatch.setattr(importlib.import_module("asyncblock_lint.cli.check"), "lint", interrupted)
        result = run("check")
        assert result.exit_code == 130
        assert result.output.strip() == ""

    def test_a_reader_that_has_gone_is_not_complained_of(
        self, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        discarded: list[bool] = []
        ending = importlib.import_module("asyncblock_lint.cli.program")
        monkeypatch.setattr(ending, "discard_output", lambda: discarded.append(True))
        replace_output(monkeypatch, BrokenPipeError(32, "Broken pipe"))
        result = run("check")
        assert (result.exit_code, result.stderr) == (141, "")
        assert discarded == [True]

    def test_an_output_that_fails(self, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("asyncblock_lint.cli.output.discard_output", lambda: None)
        replace_output(monkeypatch, OSError(28, "No space left on device"))
        assert mistake("check") == "cannot write to standard output: No space left on device"

    def test_no_output_at_all(self, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
        replace_output(monkeypatch, None)
        assert mistake("check") == "standard output is closed"

    def test_main_takes_the_arguments_of_the_process(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("sys.argv", ["anything", "--version"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        assert capsys.readouterr().out == f"asyncblock-lint {__version__}\n"

    def test_a_bug_is_a_traceback(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments: object) -> LintResult:
            raise ZeroDivisionError

        monkeypatch.setattr(importlib.import_module("asyncblock_lint.cli.check"), "lint", broken)
        with pytest.raises(ZeroDivisionError):
            run("check")

    @pytest.mark.parametrize("word", ["-h", "--help"])
    def test_help(self, word: str) -> None:
        assert "Exit codes: 0 nothing found" in " ".join(run(word).stdout.split())
        assert run("check", word).exit_code == 0

    def test_version(self) -> None:
        assert run("--version").stdout == f"asyncblock-lint {__version__}\n"


class TestProgress:
    def test_a_bar_is_shown_to_a_terminal(self, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("asyncblock_lint.cli.progress.is_watched", lambda: True)
        result = run("check", "--output-format", "json")
        assert "Reading files" in result.stderr
        json.loads(result.stdout)

    def test_nobody_else_sees_one(self, pipeline: Pipeline) -> None:
        assert run("check").stderr == ""

    def test_a_short_way_has_no_bar(self, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("asyncblock_lint.cli.progress.is_watched", lambda: True)
        monkeypatch.setattr("asyncblock_lint.cli.progress.LONG", 400)
        assert run("check").stderr == ""


class TestBaseline:
    def test_it_writes_the_findings_without_the_old_baseline(self, pipeline: Pipeline) -> None:
        Path("asyncblock-lint.toml").write_text('baseline = "known.json"')
        result = run("baseline")
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr == f"Wrote 1 finding to {Path.cwd() / 'known.json'}\n"
        assert pipeline.config.baseline is None
        assert json.loads(Path("known.json").read_text())["findings"][0]["callee"] == "net.get"

    def test_the_file_may_be_named(self, pipeline: Pipeline) -> None:
        pipeline.result = result_of(FINDING, FINDING, problems=(PROBLEM,))
        assert run("baseline", "--output", "b.json").stderr == (
            "bad.py:3: ABL000 unreadable-file: invalid syntax\nWrote 2 findings to b.json\n"
        )
        run("baseline")
        assert Path("asyncblock-lint-baseline.json").read_text() == Path("b.json").read_text()


class TestExplain:
    @pytest.mark.parametrize("word", ["ABL101", "blocking-sleep"])
    def test_a_code_by_code_or_name(self, word: str) -> None:
        result = run("explain", word)
        assert result.exit_code == 0
        assert result.stdout.startswith("# ABL101 blocking-sleep\n")

    def test_a_code_needs_no_configuration(self) -> None:
        Path("asyncblock-lint.toml").write_text("not TOML")
        assert run("explain", "ABL101").exit_code == 0

    def test_a_library(self) -> None:
        page = run("explain", "time").stdout
        assert page.startswith("# time\n\nRules: rules/stdlib/time.toml\n")
        assert "* `time.sleep`" in page

    def test_anything_else(self) -> None:
        assert mistake("explain", "blocking-slep") == (
            "nothing is known of 'blocking-slep' (did you mean 'blocking-sleep'?)"
        )


class TestRules:
    def test_the_table_has_a_line_a_library(self) -> None:
        lines = run("rules").stdout.splitlines()
        assert any(line.split()[:3:2] == ["time", "rules/stdlib/time.toml"] for line in lines)
        assert lines[-1] == f"{len(lines) - 1} libraries"

    def test_own_rules_are_listed_and_checked(self) -> None:
        Path("mine.toml").write_text(RULES)
        Path("asyncblock-lint.toml").write_text('rules = ["mine.toml"]')
        assert any(line.startswith("slowlib ") for line in run("rules").stdout.splitlines())
        result = run("rules", "--check", "mine.toml")
        assert result.exit_code == 0
        assert result.stdout == "mine.toml: 1 library, 2 blocking calls, 0 examples\n"

    def test_each_mistake_in_a_rule_file_is_a_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def wrong(path: Path) -> None:
            raise RuleError("a.toml: one\na.toml: two")

        monkeypatch.setattr(importlib.import_module("asyncblock_lint.cli.rules"), "check_rules", wrong)
        result = run("rules", "--check", "a.toml")
        assert result.exit_code == 2
        assert result.stderr == "asyncblock-lint: error: a.toml: one\nasyncblock-lint: error: a.toml: two\n"

    def test_a_rule_file_that_is_missing(self) -> None:
        assert "gone.toml" in mistake("rules", "--check", "gone.toml")


RULES = """\
library = "slowlib"

[[blocks]]
calls = ["slowlib.get", "slowlib.put"]
code = "ABL502"
because = "waits for the store"
"""


class TestConfig:
    def test_each_key_is_shown_with_its_source(self) -> None:
        Path("pyproject.toml").write_text('[tool.asyncblock-lint.per-file-ignores]\n"tests/" = ["ABL1"]')
        text = run("config", "--ignore", "ABL2", "--certainty", "exact").stdout
        assert 'select = ["DEFAULT"]  # default\n' in text
        assert 'ignore = ["ABL2"]  # command line\n' in text
        assert 'per-file-ignores = { "tests/" = ["ABL1"] }  # pyproject.toml\n' in text
        assert "blocking = {}  # default\n" in text
        assert f"# project root: {Path.cwd()}\n" in text

    def test_codes_are_listed_by_state(self) -> None:
        on, off = run("config", "--select", "ABL101").stdout.splitlines()[-2:]
        assert on == "# on: ABL101 blocking-sleep"
        assert off.startswith("# off: ABL000 unreadable-file, ABL001 ")
        assert run("config", "--select", "ALL").stdout.endswith("# off: none\n")

    def test_what_is_shown_can_be_read_back(self) -> None:
        Path("asyncblock-lint.toml").write_text('[blocking]\n"a.b" = "ABL501"')
        shown = run("config").stdout
        Path("asyncblock-lint.toml").write_text(shown)
        assert run("config").stdout.count("asyncblock-lint.toml\n") > 10


class TestDebug:
    def test_facts(self) -> None:
        Path("a.py").write_text("def f(): pass")
        assert json.loads(run("debug", "facts", "a.py").stdout)

    def test_facts_of_a_missing_file(self) -> None:
        assert mistake("debug", "facts", "gone.py") == "gone.py: no such file"

    def test_path(self) -> None:
        Path("a.py").write_text("import time\nasync def f():\n    time.sleep(1)\n")
        text = run("debug", "path", "a.f").stdout
        assert "a.f" in text
        assert "time.sleep" in text

    def test_path_of_an_unknown_function(self) -> None:
        Path("a.py").write_text("")
        assert mistake("debug", "path", "a.g", "a.py").startswith("a.g: no such function")
