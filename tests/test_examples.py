"""The example service: every marked call is found for the reason given, its repaired twin is silent."""

import re
from functools import cache
from pathlib import Path

from literate import Expected, marks, mismatches

from asyncblock_lint import Config, LintResult, lint

ROOT = Path(__file__).parents[1]


@cache
def checked(*paths: str) -> LintResult:
    return lint(Config(paths=paths, working_directory=str(ROOT), project_root=str(ROOT), jobs=1))


def marked() -> list[Expected]:
    return [
        mark
        for path in sorted((ROOT / "examples").rglob("*.py"))
        for mark in marks(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]


def endpoints(service: str) -> list[str]:
    source = (ROOT / "examples" / service / "main.py").read_text(encoding="utf-8")
    return re.findall(r'^@app\.\w+\("[^"]+"', source, re.MULTILINE)


def test_the_marked_calls_are_found_and_no_others() -> None:
    result = checked("examples")
    assert result.problems == ()
    assert mismatches(marked(), result.findings) == []


def test_each_mark_gives_the_whole_reason() -> None:
    assert len(marked()) == 11
    assert all(mark.code and mark.context for mark in marked())


def test_the_repaired_twin_is_silent() -> None:
    result = checked("examples/repaired")
    assert (result.findings, result.problems) == ((), ())
    assert result.summary.functions >= 9


def test_the_twins_have_the_same_endpoints() -> None:
    assert len(endpoints("blocking")) == 9
    assert endpoints("repaired") == endpoints("blocking")


def test_the_path_leads_through_the_services() -> None:
    [report] = [found for found in checked("examples").findings if found.callee == "pathlib.Path.read_text"]
    assert [(hop.path.removeprefix("examples/blocking/"), hop.calls) for hop in report.trace] == [
        ("main.py", "blocking.services.reports.totals"),
        ("services/reports.py", "blocking.services.archive.Archive.sales"),
        ("services/archive.py", "pathlib.Path.read_text"),
    ]
    assert report.context.function == "blocking.main.report"


def test_only_the_label_is_found_among_the_background_tasks() -> None:
    jobs = [found for found in checked("examples").findings if found.path.endswith("blocking/jobs.py")]
    assert [(found.context.kind, found.context.function) for found in jobs] == [
        ("background-task", "blocking.jobs.print_label")
    ]
