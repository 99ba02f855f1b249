"""Which comments are directives, and which only look like them."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncblock_lint.extract.directives import directives
from asyncblock_lint.model.facts import Directive


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("# noqa", ()),
        ("#noqa", ()),
        ("# NoQA", ()),
        ("# noqa: ABL201", ("ABL201",)),
        ("#noqa:ABL201", ("ABL201",)),
        ("# noqa : abl201", ("abl201",)),
        ("# noqa: ABL201,ABL3", ("ABL201", "ABL3")),
        ("# noqa: ABL201 ABL3", ("ABL201", "ABL3")),
        ("# noqa: ABL201 , E501\tW291", ("ABL201", "E501", "W291")),
        ("# noqa:,ABL201,", ("ABL201",)),
        ("# noqa: ABL", ("ABL",)),
        ("# noqa: ABL101 the disk is in memory", ("ABL101",)),
        ("# noqa: ABL101 - short file", ("ABL101",)),
        ("# noqa: the disk is in memory", ()),
        ("# noqa (see 12)", ()),
    ],
)
def test_spellings_of_noqa(comment: str, codes: tuple[str, ...]) -> None:
    assert directives(f"x = 1  {comment}\n") == (Directive("noqa", 1, 7, codes),)


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        ("# asyncblock: off-loop", "off-loop"),
        ("#asyncblock:nonblocking", "nonblocking"),
        ("# asyncblock: nonblocking, cached", "nonblocking"),
        ("# AsyncBlock: Off-Loop", "off-loop"),
    ],
)
def test_marks_of_functions(comment: str, kind: str) -> None:
    assert directives(f"def f():  {comment}\n    pass\n") == (Directive(kind, 1, 10),)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1\n",
        "x = '# noqa'\n",
        "x = '''\n# noqa: ABL101\n'''\n",
        "x = f'{y}  # noqa'\n",
        '"""Say `# asyncblock: off-loop` on the line."""\n',
        "noqa = 1\n",
        "x = 1  # nonoqa\n",
        "x = 1  # noqable\n",
        "x = 1  # flake8: noqa\n",
        "x = 1  # asyncblock: offloop\n",
        "x = 1  # asyncblock: nonblockingly\n",
        "x = 1  # asyncblock off-loop\n",
    ],
)
def test_what_only_looks_like_a_directive(source: str) -> None:
    assert directives(source) == ()


def test_a_directive_may_follow_other_remarks() -> None:
    source = "x = 1  # type: ignore  # noqa: ABL101 # asyncblock: nonblocking\n"
    assert directives(source) == (
        Directive("noqa", 1, 23, ("ABL101",)),
        Directive("nonblocking", 1, 38),
    )


def test_several_directives_stand_in_source_order() -> None:
    source = "a = 1  # noqa\nb = '# noqa'\n# noqa: E501\nc = 3\n"
    assert directives(source) == (Directive("noqa", 1, 7), Directive("noqa", 3, 0, ("E501",)))


def test_columns_count_characters() -> None:
    assert directives("x = 'ü€𝄞'  # noqa\n") == (Directive("noqa", 1, 11),)


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\r\ny = 2  # noqa\r\n",
        "x = 1\ry = 2  # noqa\r",
        "\x0cx = 1\ny = 2  # noqa",
        "x = \\\n  2; # noqa\n",
        "(1,\n2) #     noqa",
    ],
)
def test_unusual_line_ends(source: str) -> None:
    ast.parse(source)
    assert [directive.line for directive in directives(source)] == [2]


def test_what_stands_before_an_ending_the_tokenizer_refuses_is_kept() -> None:
    assert directives("x = 1  # noqa\ny = (\n") == (Directive("noqa", 1, 7),)
    assert directives("if x:\n    y  # noqa\n  z\n") == (Directive("noqa", 2, 7),)


@given(st.text(alphabet=" \t\n\r\x0c\\#'\"(){}:=xfd€ª·noqa1", max_size=40))
def test_no_text_makes_it_fail(text: str) -> None:
    for directive in directives(f"# noqa\n{text}"):
        assert directive.kind == "noqa"
