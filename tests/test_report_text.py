"""The text format: code frame, path, notes, counts; and what strange source does to them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from results import FINDING, PROBLEM, SERVICE, finding_at, result_of

from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.result import Diagnostic, Hop, LintResult
from asyncblock_lint.report import ReportOptions, reporter


def render(result: LintResult, source: str = SERVICE, *, color: bool = False) -> str:
    def lines(path: str) -> Sequence[str]:
        return source.split("\n") if path == FINDING.path else ()

    return "".join(reporter("text").render(result, ReportOptions(color=color, lines=lines)))


def frame(source: str, finding: Diagnostic) -> list[str]:
    """The lines of the code frame alone."""
    return [line for line in render(result_of(finding), source).split("\n") if " |" in line]


def test_a_finding_in_full() -> None:
    assert render(result_of(FINDING)) == (
        "app/main.py:5:12: ABL201 blocking-http: `net.get` waits for the server\n"
        "  4 | async def handler(url: str) -> str:\n"
        "  5 |     return slow.fetch(url)\n"
        "    |            ^^^^^^^^^^^^^^^\n"
        "  path: app/main.py:5  app.main.handler  calls slow.fetch\n"
        "        slow.py:12     slow.fetch        calls net.get\n"
        "  help: use the asynchronous client\n"
        "\n"
        "Found 1 finding in 12 files (80 functions).\n"
    )


def test_nothing_found() -> None:
    assert render(result_of()) == "No blocking calls found in 12 files (80 functions).\n"


def test_problems_are_shown_and_counted() -> None:
    assert render(result_of(problems=(PROBLEM,))) == (
        "bad.py:3: ABL000 unreadable-file: invalid syntax\n"
        "No blocking calls found in 12 files (80 functions). 1 file could not be read.\n"
    )


def test_counts_have_their_plurals() -> None:
    last = render(result_of(FINDING, FINDING, problems=(PROBLEM, PROBLEM))).splitlines()[-1]
    assert last == "Found 2 findings in 12 files (80 functions). 2 files could not be read."


@pytest.mark.parametrize(("others", "words"), [(1, "1 more blocking call "), (3, "3 more blocking calls ")])
def test_further_blocking_calls_are_counted(others: int, words: str) -> None:
    assert f"\n  and {words}reached from here\n" in render(result_of(replace(FINDING, others=others)))
    assert "reached from here" not in render(result_of(FINDING))


def test_certainty_is_shown_unless_exact() -> None:
    assert "  certainty: likely\n" in render(result_of(replace(FINDING, certainty=Certainty.LIKELY)))
    assert "certainty" not in render(result_of(FINDING))


def test_a_finding_without_help_or_path() -> None:
    text = render(result_of(replace(FINDING, help="", trace=())))
    assert "help" not in text
    assert "path:" not in text


class TestColour:
    def test_marks_labels_and_codes_are_painted(self) -> None:
        text = render(result_of(FINDING), color=True)
        assert "\x1b[31m" in text
        assert "\x1b[31m           ^^^^^^^^^^^^^^^\x1b[0m" in text

    def test_without_colour_there_is_no_escape(self) -> None:
        assert "\x1b" not in render(result_of(FINDING))


class TestFrame:
    def test_the_first_and_the_last_line_of_a_file(self) -> None:
        assert frame("f()\ng()", finding_at(1, 0, 1, 3)) == ["  1 | f()", "    | ^^^", "  2 | g()"]
        assert frame("f()\ng()", finding_at(2, 0, 2, 3)) == ["  1 | f()", "  2 | g()", "    | ^^^"]

    def test_numbers_of_two_lengths_are_aligned(self) -> None:
        assert frame("\n" * 8 + "f()\ng()", finding_at(9, 0, 9, 3)) == [
            "   9 | f()",
            "     | ^^^",
            "  10 | g()",
        ]

    def test_a_call_over_several_lines_is_underlined_on_the_first(self) -> None:
        assert frame("x = f(  \n  1,\n)", finding_at(1, 4, 3, 1)) == [
            "  1 | x = f(",
            "    |     ^^",
            "  2 |   1,",
        ]

    def test_tabs_fill_columns(self) -> None:
        assert frame("\tf(\t)", finding_at(1, 1, 1, 5)) == ["  1 |     f(    )", "    |     ^^^^^^^"]

    def test_wide_and_combining_characters(self) -> None:
        source = '"汉字", f("e\u0301")'
        code, marks = frame(source, finding_at(1, 6, 1, 13))
        assert code == f"  1 | {source}"
        assert marks == "    |         ^^^^^^"

    def test_characters_that_a_terminal_obeys_are_written_out(self) -> None:
        text = render(result_of(finding_at(1, 4, 1, 7)), "\x1b[2J\u202ef()\r\n")
        assert "  1 | \\x1b[2J\\u202ef()" in text
        assert "\x1b" not in text
        assert "\u202e" not in text

    def test_long_lines_are_cut_around_the_call(self) -> None:
        source = "a" * 500 + "f(x)" + "b" * 500 + "\nnext"
        code, marks = frame(source, finding_at(1, 500, 1, 504))
        assert code.startswith("  1 | …aaaa")
        assert code.endswith("bbbb…")
        assert len(code) < 140
        assert code[marks.index("^") : marks.rindex("^") + 1] == "f(x)"

    def test_a_long_neighbour_is_cut_too(self) -> None:
        assert frame("f()\n" + "a" * 500, finding_at(1, 0, 1, 3))[-1] == "  2 | " + "a" * 120 + "…"

    def test_a_call_longer_than_the_cut(self) -> None:
        code, marks = frame("f(" + "a" * 500 + ")", finding_at(1, 0, 1, 503))
        assert len(code) == len(marks) + 1

    @pytest.mark.parametrize("source", ["", "import slow\n"])
    def test_no_frame_if_the_line_is_gone(self, source: str) -> None:
        assert frame(source, FINDING) == []

    def test_a_column_past_the_end_of_a_changed_line(self) -> None:
        assert frame("f()", finding_at(1, 50, 1, 60)) == ["  1 | f()", "    |    ^"]


def test_paths_and_names_are_made_visible_too() -> None:
    finding = replace(
        FINDING, path="a\x1b[31m.py", trace=(Hop("\x07.py", 1, 0, "é汉", "g"), FINDING.trace[1])
    )
    text = render(result_of(finding))
    assert "a\\x1b[31m.py:5:12" in text
    assert "  path: \\x07.py:1   é汉         calls g\n" in text
    assert "        slow.py:12  slow.fetch  calls net.get\n" in text
