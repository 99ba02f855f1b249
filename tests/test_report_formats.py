"""The formats for programs, the registry, statistics, and where code frames read from."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from results import FINDING, PROBLEM, result_of

from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.result import Diagnostic, Edit, Fix, LintResult
from asyncblock_lint.report import ReportOptions, reporter, reporter_names, statistics
from asyncblock_lint.report.options import lines_below


def render(name: str, result: LintResult) -> str:
    return "".join(reporter(name).render(result, ReportOptions()))


def test_concise_is_one_line_a_finding() -> None:
    finding = replace(FINDING, message="two\nlines", path="é.py")
    assert render("concise", result_of(finding, problems=(PROBLEM,))) == (
        "é.py:5:12: ABL201 blocking-http: two\\nlines\n"
        "bad.py:3: ABL000 unreadable-file: invalid syntax\n"
        "Found 1 finding in 12 files (80 functions). 1 file could not be read.\n"
    )


class TestJson:
    def test_the_contract(self) -> None:
        fix = Fix("Run it in a thread", "unsafe", (Edit(5, 11, 5, 26, "await x"),))
        text = render("json", result_of(replace(FINDING, fix=fix, others=2), problems=(PROBLEM,)))
        assert text == CONTRACT
        assert list(json.loads(text)) == ["version", "findings", "problems", "summary"]

    def test_without_findings_and_fix(self) -> None:
        finding = replace(FINDING, certainty=Certainty.GUESS)
        [loaded] = json.loads(render("json", result_of(finding)))["findings"]
        assert loaded["fix"] is None
        assert loaded["certainty"] == "guess"
        empty = json.loads(render("json", result_of()))
        assert (empty["findings"], empty["problems"]) == ([], [])

    def test_text_is_not_escaped_but_quotes_are(self) -> None:
        text = render("json", result_of(replace(FINDING, message='"汉"\n')))
        assert '"message": "\\"汉\\"\\n"' in text


CONTRACT = """\
{
  "version": 1,
  "findings": [
    {
      "code": "ABL201",
      "name": "blocking-http",
      "message": "`net.get` waits for the server",
      "path": "app/main.py",
      "line": 5,
      "column": 11,
      "end_line": 5,
      "end_column": 26,
      "certainty": "exact",
      "callee": "net.get",
      "context": {
        "kind": "coroutine",
        "function": "app.main.handler"
      },
      "trace": [
        {
          "path": "app/main.py",
          "line": 5,
          "column": 11,
          "function": "app.main.handler",
          "calls": "slow.fetch"
        },
        {
          "path": "slow.py",
          "line": 12,
          "column": 4,
          "function": "slow.fetch",
          "calls": "net.get"
        }
      ],
      "others": 2,
      "help": "use the asynchronous client",
      "fix": {
        "title": "Run it in a thread",
        "applicability": "unsafe",
        "edits": [
          {
            "line": 5,
            "column": 11,
            "end_line": 5,
            "end_column": 26,
            "text": "await x"
          }
        ]
      },
      "fingerprint": "0123456789abcdef"
    }
  ],
  "problems": [
    {
      "path": "bad.py",
      "line": 3,
      "message": "invalid syntax"
    }
  ],
  "summary": {
    "files": 12,
    "functions": 80,
    "findings": 1,
    "problems": 1
  }
}
"""


class TestRegistry:
    def test_a_format_is_a_file(self) -> None:
        assert {"concise", "json", "text"} <= set(reporter_names())

    @pytest.mark.parametrize("name", reporter_names())
    def test_every_format_describes_itself_and_renders(self, name: str) -> None:
        found = reporter(name)
        assert found.description
        assert isinstance(found.for_people, bool)
        assert render(name, result_of(FINDING, problems=(PROBLEM,))).endswith("\n")


def test_statistics_count_by_code_the_most_frequent_first() -> None:
    sleeps = [replace(FINDING, code="ABL101", name="blocking-sleep")] * 12
    locks: list[Diagnostic] = [replace(FINDING, code="ABL601", name="blocking-lock"), FINDING]
    assert list(statistics(result_of(*locks, *sleeps))) == [
        "12  ABL101  blocking-sleep\n",
        " 1  ABL201  blocking-http\n",
        " 1  ABL601  blocking-lock\n",
    ]
    assert list(statistics(result_of())) == []


class TestLines:
    def test_they_are_cut_as_python_cuts_them(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_bytes("a\r\nb\x0cc\rd\u2028e\n".encode())
        assert lines_below(tmp_path)("a.py") == ["a", "b\x0cc", "d\u2028e", ""]

    def test_the_declared_encoding_counts(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_bytes(b"# coding: latin-1\nx = '\xe9'")
        assert lines_below(tmp_path)("a.py")[1] == "x = 'é'"

    @pytest.mark.parametrize("content", [b"# coding: no-such\n", b"\xff\xfe", None])
    def test_what_cannot_be_read_has_none(self, tmp_path: Path, content: bytes | None) -> None:
        if content is not None:
            (tmp_path / "a.py").write_bytes(content)
        assert lines_below(tmp_path)("a.py") == ()
