"""The extractor: what it says of small sources, and that it survives every source `ast` accepts."""

from __future__ import annotations

import ast
import sys
import sysconfig
from pathlib import Path

import msgspec
import pytest

from asyncblock_lint.extract.gather import decode, facts_of, gather
from asyncblock_lint.extract.visitor import module_facts
from asyncblock_lint.model.facts import (
    FREE,
    UNKNOWN,
    Attr,
    Awaited,
    Call,
    Choice,
    Const,
    FunctionFacts,
    Guard,
    Imported,
    Item,
    ModuleFacts,
    Name,
    Operation,
    Span,
    Unknown,
)
from asyncblock_lint.model.source import SourceFile
from asyncblock_lint.stack import deep_stack

_LIBRARY = Path(sysconfig.get_path("stdlib"))


def _functions(source: str) -> dict[str, FunctionFacts]:
    return {function.name: function for function in module_facts(source).functions}


def _only_binding(function: FunctionFacts, name: str) -> object:
    (binding,) = [item for item in function.bindings if item.name == name]
    return binding.value


@pytest.mark.parametrize(
    "path", sorted(_LIBRARY.glob("*.py"))[::4] + sorted(_LIBRARY.glob("test/test_*.py"))[::9]
)
def test_the_standard_librarys_files_are_read_and_travel(path: Path) -> None:
    source = decode(path.read_bytes())
    try:
        ast.parse(source)
    except SyntaxError:
        pytest.skip("not for this Python")
    with deep_stack():
        facts = module_facts(source)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=ModuleFacts) == facts


class TestKinds:
    @pytest.mark.parametrize(
        ("source", "kind"),
        [
            ("def f(): pass", "sync"),
            ("def f(): yield", "generator"),
            ("def f(): x = yield from g()", "generator"),
            ("def f():\n    return\n    yield", "generator"),
            ("def f():\n    def g(): yield", "sync"),
            ("def f(): return (x for x in y)", "sync"),
            ("async def f(): pass", "async"),
            ("async def f(): yield", "async generator"),
        ],
    )
    def test_kind_of_a_function(self, source: str, kind: str) -> None:
        assert _functions(source)["f"].kind == kind

    def test_names_tell_where_a_function_stands(self) -> None:
        source = """
class A:
    def m(self):
        def n(): return lambda: 1
    class B:
        x = lambda: 2
"""
        assert set(_functions(source)) == {
            "<module>",
            "A.<body>",
            "A.m",
            "A.m.<locals>.n",
            "A.m.<locals>.n.<locals>.<lambda:4:24>",
            "A.B.<body>",
            "A.B.<lambda:6:12>",
        }

    def test_a_repeated_name_gets_an_ordinal(self) -> None:
        assert {"f", "f#2"} <= set(_functions("def f(): pass\ndef f(): pass"))


class TestBindings:
    def test_a_name_knows_the_binding_that_reaches_it(self) -> None:
        module = _functions("a = 1\nb = a\na = 2\nc = a")["<module>"]
        values = [binding.value for binding in module.bindings]
        assert values == [Const(1), Name("a", 0), Const(2), Name("a", 2)]

    def test_branches_are_joined(self) -> None:
        module = _functions("if t:\n    a = 1\nelse:\n    a = 2\nb = a")["<module>"]
        joined = module.bindings[2]
        assert joined.value == Choice((Name("a", 0), Name("a", 1)))
        assert module.bindings[3].value == Name("a", 2)

    def test_a_branch_that_leaves_is_not_joined(self) -> None:
        function = _functions(
            "def f(t):\n    a = 1\n    if t:\n        a = 2\n        return a\n    return a"
        )["f"]
        assert function.returns == (Name("a", 2), Name("a", 1))

    def test_a_loop_sees_what_its_body_bound_before(self) -> None:
        module = _functions("a = 1\nfor x in y:\n    b = a\n    a = 2")["<module>"]
        by_value = {binding.value: index for index, binding in enumerate(module.bindings)}
        join = by_value[Choice((Name("a", 0), Name("a", by_value[Const(2)])))]
        assert Name("a", join) in by_value

    def test_an_endless_loop_is_left_by_break_alone(self) -> None:
        loop = "    while True:\n        a = 1\n        if t:\n            break\n        a = 2\n"
        source = f"def f():\n{loop}    return a"
        (returned,) = _functions(source)["f"].returns
        assert isinstance(returned, Name)
        assert _functions(source)["f"].bindings[returned.binding].value == Const(1)

    def test_code_after_an_endless_loop_says_nothing(self) -> None:
        assert _functions("def f():\n    while True:\n        g()\n    h()")["f"].calls[-1].callee == Name(
            "g"
        )

    def test_a_handler_may_see_any_point_of_its_try(self) -> None:
        source = "a = 1\ntry:\n    a = 2\n    a = 3\nexcept E:\n    b = a\nfinally:\n    c = a"
        module = _functions(source)["<module>"]
        value = _only_binding(module, "b")
        assert isinstance(value, Name)
        seen = _sources(module, value.binding)
        assert seen == {1, 2, 3}

    def test_comprehension_targets_do_not_leak(self) -> None:
        module = _functions("x = 1\n[x for x in y]\nz = x")["<module>"]
        assert _only_binding(module, "z") == Name("x", 0)

    def test_a_walrus_does(self) -> None:
        module = _functions("[(w := x) for x in y]\nz = w")["<module>"]
        assert _only_binding(module, "z") == Name("w", 1)

    def test_imports(self) -> None:
        module = _functions("import a.b\nimport a.b as c\nfrom . import d\nfrom ..e import f as g")[
            "<module>"
        ]
        assert [(binding.name, binding.value) for binding in module.bindings] == [
            ("a", Imported("a", "", 0)),
            ("c", Imported("a.b", "", 0)),
            ("d", Imported("", "d", 1)),
            ("g", Imported("e", "f", 2)),
        ]

    def test_a_name_of_another_scope_is_free(self) -> None:
        assert _functions("a = 1\ndef f(): return a")["f"].returns == (Name("a", FREE),)

    def test_unpacking(self) -> None:
        module = _functions("a, (b, *c) = x")["<module>"]
        assert _only_binding(module, "b") == Item(Item(Name("x"), Const(1)), Const(0))

    def test_deleting_frees(self) -> None:
        assert _only_binding(_functions("a = 1\ndel a\nb = a")["<module>"], "b") == Name("a", FREE)

    def test_match_captures(self) -> None:
        source = "match x:\n    case {'k': a, **b}: c = a\n    case [d, *e]: f = d\n    case g: h = g"
        module = _functions(source)["<module>"]
        assert {"a", "b", "d", "e", "g"} <= {binding.name for binding in module.bindings}


def _sources(function: FunctionFacts, index: int) -> set[object]:
    value = function.bindings[index].value
    if isinstance(value, Const):
        return {value.value}
    assert isinstance(value, Choice)
    return {
        source
        for option in value.options
        if isinstance(option, Name)
        for source in _sources(function, option.binding)
    }


class TestCalls:
    def test_inner_calls_come_first(self) -> None:
        calls = _functions("f(g(1), k=h())")["<module>"].calls
        assert [call.callee for call in calls] == [Name("g"), Name("h"), Name("f")]
        assert [(argument.value, argument.keyword) for argument in calls[2].arguments] == [
            (Call(0), None),
            (Call(1), "k"),
        ]

    def test_awaited(self) -> None:
        function = _functions("async def f():\n    x = await g()\n    async with h(): pass\n    i()")["f"]
        assert [call.awaited for call in function.calls] == [True, True, False]
        assert _only_binding(function, "x") == Awaited(Call(0))

    def test_columns_count_characters(self) -> None:
        (call,) = _functions("é = 'ß'; f('ü')")["<module>"].calls
        assert call.span == Span(1, 9, 1, 15)

    def test_decorators_are_calls_nearest_first(self) -> None:
        calls = _functions("@a\n@b(1)\ndef f(): pass")["<module>"].calls
        assert [(call.callee, call.is_decorator) for call in calls] == [
            (Name("b"), False),
            (Call(0), True),
            (Name("a"), True),
        ]

    def test_guards(self) -> None:
        source = "if TYPE_CHECKING:\n    f()\nif __name__ == '__main__':\n    g()\nelse:\n    h()\ni()"
        calls = _functions(source)["<module>"].calls
        assert [call.guard for call in calls] == [Guard.TYPE_CHECKING, Guard.MAIN, 0, 0]

    def test_uses(self) -> None:
        source = "with a.b as c:\n    for d in e: pass\nf(*g)\nasync def h():\n    async with i: pass"
        uses = [(use.kind, use.subject) for use in _functions(source)["<module>"].uses]
        assert uses == [
            ("read", Attr(Name("a"), "b")),
            ("enter", Attr(Name("a"), "b")),
            ("iterate", Name("e")),
            ("iterate", Name("g")),
        ]

    def test_a_generator_expression_runs_its_first_iterable_at_once(self) -> None:
        functions = _functions("(f(x) for x in g() for y in h())")
        assert [call.callee for call in functions["<module>"].calls] == [Name("g")]
        assert [call.callee for call in functions["<genexpr:1:0>"].calls] == [Name("h"), Name("f")]

    def test_long_sums_are_walked_without_recursion(self) -> None:
        with deep_stack():
            facts = module_facts("x = " + " + ".join(["f()"] * 3000))
        assert len(facts.functions[0].calls) == 3000

    def test_deep_expressions_are_cut_and_their_calls_kept(self) -> None:
        with deep_stack():
            facts = module_facts("x = f()" + ".a" * 500)
        assert len(facts.functions[0].calls) == 1
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=ModuleFacts) == facts

    def test_huge_and_odd_constants(self) -> None:
        module = _functions("a = 10**2\nb = 99999999999999999999\nc = 1j\nd = '\\ud800'\ne = b'x'\nf = ...")[
            "<module>"
        ]
        assert isinstance(_only_binding(module, "b"), Unknown)
        assert _only_binding(module, "d") == Operation(Const(""), "__add__", UNKNOWN)
        msgspec.msgpack.encode(module)


class TestFilesThatCannotBeRead:
    @pytest.mark.parametrize(
        ("content", "line", "part"),
        [
            (b"def f(:\n", 1, "cannot be parsed"),
            (b"x = 1\ny = (\n", 2, "cannot be parsed"),
            (b"x = 1\n\xff = 2\n", 2, "cannot be decoded as utf-8"),
            (b"# -*- coding: nonsense -*-\n", 1, "unknown encoding"),
            (b"x = '\x00'\n", 1, "null bytes"),
            (b"x = " + b"(" * 5000 + b")" * 5000, 1, "cannot be parsed"),
            (b"x = " + b"-" * 200_000 + b"1", 1, "cannot be parsed"),
        ],
    )
    def test_a_problem_says_where_and_why(self, content: bytes, line: int, part: str) -> None:
        outcome = facts_of(content)
        assert not hasattr(outcome, "facts")
        assert part in outcome.message
        assert outcome.line == line or sys.version_info < (3, 12)

    def test_odd_but_valid_files(self) -> None:
        for content in (
            b"",
            b"\xef\xbb\xbfx = 1\r\n",
            b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
            b"x = 1\x0c\n",
        ):
            assert hasattr(facts_of(content), "facts")

    def test_a_missing_file_is_a_problem_and_the_rest_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "good.py").write_text("x = 1\n")
        files = [
            SourceFile(name, str(tmp_path / name), str(tmp_path), name.removesuffix(".py"))
            for name in ("gone.py", "good.py")
        ]
        read, problems = gather(files, 1)
        assert [file.path for file, _ in read] == ["good.py"]
        assert [(problem.path, problem.line) for problem in problems] == [("gone.py", 1)]

    def test_processes_change_nothing(self, tmp_path: Path) -> None:
        files = []
        for number in range(100):
            path = tmp_path / f"m{number}.py"
            path.write_text(f"def f{number}(): return {number}\n" if number % 10 else "def (\n")
            files.append(SourceFile(path.name, str(path), str(tmp_path), path.stem))
        seen: list[tuple[int, int]] = []
        assert gather(files, 2, lambda done, total: seen.append((done, total))) == gather(files, 1)
        assert seen[-1] == (100, 100)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no `type` statement")
def test_a_type_statement_binds_what_it_says() -> None:
    module = _functions("import httpx\ntype Client = httpx.Client | None\n")["<module>"]
    assert _only_binding(module, "Client") == Operation(Attr(Name("httpx"), "Client"), "__or__", Const(None))
