"""What is said of a place, on verdicts built by hand over literal sources.

The places of the verdicts are marked in the source: `«time.sleep(1)»`.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from asyncblock_lint.diagnose import diagnose
from asyncblock_lint.model.catalogue import Blocker, Remedy
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.facts import Directive, Span
from asyncblock_lint.model.graph import CallGraph, Function, OnLoop, Site, Step
from asyncblock_lint.model.result import Context, Diagnostic, Hop
from asyncblock_lint.model.verdict import Judgement, UnusedDirective, Verdict

SLEEP = Blocker("nap.sleep", "ABL101", "sleeps", instead="aio.sleep")
GET = Blocker("net.get", "ABL201", "waits for the server", instead="aionet.Client")
OPEN = Blocker("disk.open", "ABL401", "opens a file")
RUNNER = Remedy("thread", "asyncio.to_thread", "asyncio", "asyncio")
RUN = Blocker("proc.run", "ABL301", "starts a process and waits for it")

_KINDS: dict[type[ast.AST], str] = {
    ast.AsyncFunctionDef: "async",
    ast.FunctionDef: "sync",
    ast.Lambda: "lambda",
}


@dataclass
class Case:
    """A source with marked places, and what the search concluded about each of them.

    `through` are the functions, of the kind `through_kind`, between the place and the blocker.
    """

    marked: str
    blocker: Blocker = GET
    through: tuple[str, ...] = ()
    through_kind: str = "sync"
    first_call: str = ""
    kind: str = "coroutine"
    code: str = ""
    certainty: Certainty = Certainty.EXACT
    read: Callable[[str], str] | None = None
    source: str = field(init=False)

    def __post_init__(self) -> None:
        self.source = re.sub("[«»]", "", self.marked)

    def findings(self) -> tuple[Diagnostic, ...]:
        functions = tuple(self._functions())
        graph = CallGraph(functions, {}, {})
        verdicts = tuple(self._verdict(functions, span) for span in _marks(self.marked))
        return diagnose(
            Judgement(verdicts), graph, self.read or (lambda path: self.source), lambda path: RUNNER
        )

    def only(self) -> Diagnostic:
        (finding,) = self.findings()
        return finding

    def _functions(self) -> Iterator[Function]:
        last = self.source.count("\n") + 1
        yield Function("app.py", "app", "<module>", "module", Span(1, 0, last, 0))
        for node in ast.walk(ast.parse(self.source)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
                decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
                first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
                span = Span(first, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
                yield Function("app.py", "app", name, _KINDS[type(node)], span)
        for name in self.through:
            yield Function("lib.py", "lib", name, self.through_kind, Span(1, 0, 9, 0))

    def _verdict(self, functions: tuple[Function, ...], span: Span) -> Verdict:
        names = [function.name for function in functions]
        home = max(
            (
                index
                for index, function in enumerate(functions)
                if function.path == "app.py" and _holds(function, span)
            ),
            key=lambda index: (functions[index].span.line, index),
        )
        homes = [home, *(names.index(name) for name in self.through)]
        calls = [*(f"lib.{name}" for name in self.through), self.blocker.name]
        calls[0] = self.first_call or calls[0]
        places = [span, *(Span(5, 4, 5, 9) for _ in self.through)]
        trace = tuple(Step(*parts) for parts in zip(homes, places, calls, strict=True))
        code = self.code or self.blocker.code
        site = Site(home, span, ())
        return Verdict(functions[home], site, self.kind, code, self.blocker, self.certainty, trace, 0)


def _holds(function: Function, span: Span) -> bool:
    return function.span.line <= span.line and span.end_line <= function.span.end_line


def _marks(marked: str) -> Iterator[Span]:
    """The marked stretches, in order of their start; marks may nest."""
    spans, starts = [], []
    line, column = 1, 0
    for character in marked.replace("\r\n", "\n"):
        if character == "«":
            starts.append((line, column))
        elif character == "»":
            spans.append(Span(*starts.pop(), line, column))
        elif character == "\n":
            line, column = line + 1, 0
        else:
            column += 1
    yield from sorted(spans, key=lambda span: (span.line, span.column, span.end_line, span.end_column))


def body(text: str) -> str:
    """A coroutine with that body."""
    return "async def main(url, path):\n" + "".join(f"    {line}\n" for line in text.split("\n"))


class TestMessage:
    def test_direct(self) -> None:
        finding = Case(body("«net.get(url)»")).only()
        assert finding.message == "`net.get` waits for the server and stops the event loop"

    def test_direct_with_a_reason_in_two_parts(self) -> None:
        finding = Case(body("«proc.run(url)»"), RUN).only()
        assert finding.message == "`proc.run` starts a process and waits for it, and stops the event loop"

    @pytest.mark.parametrize(
        ("through", "down"), [(("fetch",), "1 call down"), (("fetch", "load"), "2 calls down")]
    )
    def test_through_helpers(self, through: tuple[str, ...], down: str) -> None:
        finding = Case(body("«lib.fetch(url)»"), through=through).only()
        assert finding.message == f"`lib.fetch()` reaches `net.get`, which waits for the server, {down}"

    def test_a_callee_too_long_to_quote_is_named(self) -> None:
        finding = Case(body(f"«registry['{'x' * 80}'](url)»"), through=("fetch",)).only()
        assert finding.message.startswith("`lib.fetch` reaches `net.get`")

    @pytest.mark.parametrize(
        ("text", "start"),
        [
            ("«self.page»", "reading `self.page` reaches"),
            ("with «box»: pass", "entering `box` reaches"),
            ("for row in «rows»: pass", "iterating over `rows` reaches"),
            ("[row for row in «rows»]", "iterating over `rows` reaches"),
            ("(*«rows»,)", "`rows` reaches"),
            ("@«cached»\ndef f(): pass", "decorating with `cached` reaches"),
            ("@«cached(url)»\ndef f(): pass", "decorating with `cached(url)` reaches"),
        ],
    )
    def test_what_runs_code_without_a_call(self, text: str, start: str) -> None:
        assert Case(body(text), through=("run",)).only().message.startswith(start)

    def test_a_generator_runs_where_it_is_iterated(self) -> None:
        text = body("for row in «rows(url)»: pass")
        assert Case(text, through=("rows",)).only().message.startswith("`rows()` reaches")
        finding = Case(text, through=("rows",), through_kind="generator").only()
        assert finding.message.startswith("iterating over `rows(url)` reaches")

    def test_entering_what_a_call_gives(self) -> None:
        text = body("with «Box(url)»: pass")
        assert Case(text, through=("Box",)).only().message.startswith("`Box()` reaches")
        finding = Case(text, through=("__enter__",)).only()
        assert finding.message.startswith("entering `Box(url)` reaches")

    def test_a_condition_asks_for_the_truth_of_what_it_names(self) -> None:
        finding = Case(body("if «box.rows»: pass"), through=("__len__",)).only()
        assert finding.message.startswith("asking the truth of `box.rows` reaches")
        assert "to_thread(lambda: bool(box.rows))" in finding.help
        assert (
            Case(body("len(«box.rows»)"), through=("load",)).only().message.startswith("reading `box.rows`")
        )
        assert Case(body("«len(rows)»"), through=("__len__",)).only().message.startswith("`len()` reaches")

    def test_a_background_task(self) -> None:
        finding = Case(body("«nap.sleep(1)»"), SLEEP, kind="background-task").only()
        assert finding.message == (
            "`nap.sleep` sleeps and stops the event loop, in a background task: "
            "an `async def` one runs on the loop, not in a thread"
        )
        assert finding.context == Context("background-task", "app.main")

    def test_a_background_task_that_is_a_plain_function(self) -> None:
        finding = Case("def task():\n    «nap.sleep(1)»\n", SLEEP, kind="background-task").only()
        assert finding.message == "`nap.sleep` sleeps and stops the event loop, in a background task"

    @pytest.mark.parametrize(
        ("kind", "end"),
        [
            ("loop-callback", ", in a callback that the loop runs itself"),
            ("startup", ", while the application starts or stops"),
            ("coroutine", ", 1 call down"),
        ],
    )
    def test_other_circumstances(self, kind: str, end: str) -> None:
        assert Case(body("«fetch(url)»"), through=("fetch",), kind=kind).only().message.endswith(end)

    def test_an_eager_argument(self) -> None:
        text = body("await aio.to_thread(«load(path)»)")
        assert Case(text, OPEN, ("load",), code="ABL801").only().message == (
            "`load(path)` runs here, before `to_thread` gets its result: "
            "it reaches `disk.open`, which opens a file"
        )
        assert Case(text, OPEN, code="ABL801").only().message == (
            "`load(path)` runs here, before `to_thread` gets its result and opens a file"
        )


class TestHelp:
    def help_for(self, text: str, blocker: Blocker = GET, through: tuple[str, ...] = (), **more: str) -> str:
        return Case(body(text), blocker, through, **more).only().help  # type: ignore[arg-type]

    def test_a_twin_of_the_same_name_takes_the_same_arguments(self) -> None:
        assert self.help_for("«nap.sleep(url + 1)»", SLEEP) == "use `await aio.sleep(url + 1)`"

    def test_no_such_twin_for_what_only_reaches_it(self) -> None:
        assert self.help_for("«wait(1)»", SLEEP, ("wait",)) == (
            "run it in a thread: `await asyncio.to_thread(wait, 1)`, "
            "or make `lib.wait` a coroutine that uses `aio.sleep`"
        )

    def test_another_client_or_a_thread(self) -> None:
        assert self.help_for("«net.get(url, timeout=3)»") == (
            "use `aionet.Client`, or run it in a thread: `await asyncio.to_thread(net.get, url, timeout=3)`"
        )

    def test_a_thread_where_nothing_else_is_known(self) -> None:
        expected = "run it in a thread: `await asyncio.to_thread(disk.open, path)`"
        assert self.help_for("«disk.open(path)»", OPEN) == expected
        assert (
            self.help_for("«a(path)»", GET, ("a", "b"))
            == "run it in a thread: `await asyncio.to_thread(a, path)`"
        )

    def test_a_helper_that_cannot_be_a_coroutine_is_left_alone(self) -> None:
        assert "coroutine" in self.help_for("«Box(url)»", GET, ("make",))
        assert "coroutine" not in self.help_for("«Box(url)»", GET, ("__init__",))
        assert "coroutine" not in self.help_for("«list(url)»", GET, ("rows",), through_kind="generator")

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("«disk.open()»", "asyncio.to_thread(disk.open)"),
            ("«disk.open(*path, **url)»", "asyncio.to_thread(disk.open, *path, **url)"),
            ("«sum(f(x) for x in url)»", "asyncio.to_thread(sum, (f(x) for x in url))"),
            ("«sum((f(x) for x in url))»", "asyncio.to_thread(sum, (f(x) for x in url))"),
            ("«disk.open(\n  path,\n  'r',\n)»", "asyncio.to_thread(disk.open, path, 'r')"),
            (f"«disk.open('{'x' * 80}')»", "asyncio.to_thread(disk.open, ...)"),
            (f"«disk['{'x' * 80}'](path)»", "asyncio.to_thread(...)"),
            ("«self.page»", "asyncio.to_thread(lambda: self.page)"),
            ("«(await box()).page»", "asyncio.to_thread(...)"),
            ("for x in «rows»: pass", "asyncio.to_thread(list, rows)"),
            ("for x in «walk(path)»: pass", "asyncio.to_thread(lambda: list(walk(path)))"),
        ],
    )
    def test_the_call_written_out_for_a_thread(self, text: str, code: str) -> None:
        assert self.help_for(text, OPEN) == f"run it in a thread: `await {code}`"

    def test_a_chain_of_two_findings_goes_to_the_thread_whole(self) -> None:
        first, second = Case(body("««net.get(url)».read()»"), OPEN).findings()
        assert first.help.endswith("`await asyncio.to_thread(net.get, url)`")
        assert second.help.endswith("`await asyncio.to_thread(lambda: net.get(url).read())`")
        assert self.help_for("«Box(url).read()»", OPEN).endswith("`await asyncio.to_thread(Box(url).read)`")

    def test_a_with_block_moves_as_a_whole(self) -> None:
        advice = "move the `with` block into a function and run that: `await asyncio.to_thread(block)`"
        assert self.help_for("with «disk.open(path)» as file: pass", OPEN) == advice
        assert self.help_for("with «net.get(url)»: pass") == f"use `aionet.Client`, or {advice}"

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("to_thread(«load(path)»)", "to_thread(load, path)"),
            ("to_thread(«self.load()»)", "to_thread(self.load)"),
            ("run(None, «load(path)»)", "run(None, load, path)"),
            ("run(None, «load(path, mode='r')»)", "run(None, lambda: load(path, mode='r'))"),
            ("run(«load(path)», 1)", "run(lambda: load(path), 1)"),
            ("Thread(target=«load(path)»)", "Thread(target=lambda: load(path))"),
            ("Thread(target=«load()», daemon=True)", "Thread(target=load, daemon=True)"),
        ],
    )
    def test_an_eager_argument_written_as_it_should_be(self, text: str, code: str) -> None:
        assert self.help_for(text, OPEN, code="ABL801") == f"pass the function, not its result: `{code}`"

    def test_an_eager_argument_that_cannot_be_written_out(self) -> None:
        for text in (
            "to_thread(1 + «load(path)»)",
            "to_thread(«load(a=await path)»)",
            f"{'t' * 80}(«load()»)",
        ):
            assert self.help_for(text, OPEN, code="ABL801") == "pass the function, not its result"


class TestWhereAwaitMayStand:
    @pytest.mark.parametrize(
        "text",
        [
            "[«get(x)» for x in url]",
            "{«get(x)»: x for x in url if «get(x)»}",
            "[x for y in url for x in «get(y)»]",
            "sum(x for x in «get(url)»)",
            "class A(«get(url)»): pass",
            "print(f'{«get(url)»}')",
            "if url:\n        try: «get(url)»\n        finally: pass",
            "match «get(url)»:\n        case 1: pass",
            "g = lambda: 0; «get(url)»",
            "def f(): pass\n«get(url)»",
        ],
    )
    def test_in_the_coroutine_itself(self, text: str) -> None:
        for finding in Case(body(text)).findings():
            assert "run it in a thread: `await " in finding.help

    @pytest.mark.parametrize(
        ("text", "start"),
        [
            (
                "any(«get(x)» for x in url)",
                "generator expression: use a list comprehension or a loop, with `await ",
            ),
            ("any(x for x in url if «get(x)»)", "generator expression: use"),
            ("any(x for y in url for x in «get(y)»)", "generator expression: use"),
            ("any([«get(x)»] for x in url)", "generator expression: use"),
            ("any([«get(y)» for y in x] for x in url)", "generator expression: use"),
            (
                "def f(x=«get(1)»): pass",
                "default value: move the call into the body of the coroutine, as `await ",
            ),
            ("f = lambda x=«get(1)»: x", "default value: move"),
            ("class A:\n        x = «get(1)»", "class body: move"),
            ("@wrap(«get(1)»)\ndef f(): pass", "decorator: move"),
            (
                "f = lambda x: «get(x)»",
                "lambda: hand the call to a thread, `loop.run_in_executor(None, get, x)`",
            ),
            (
                "def f(x): «get(x)»",
                "plain function: hand the call to a thread, `loop.run_in_executor(None, get, x)`",
            ),
            ("def f(x): return [«get(x)» for _ in x]", "plain function: hand"),
            ("async def f(g=lambda: «get(1)»): pass", "lambda: hand"),
        ],
    )
    def test_elsewhere(self, text: str, start: str) -> None:
        assert Case(body(text)).only().help.startswith(f"`await` cannot stand in a {start}")

    def test_a_coroutine_inside_a_plain_function(self) -> None:
        finding = Case("def f():\n    async def g(x):\n        «get(x)»\n").only()
        assert finding.help.endswith("run it in a thread: `await asyncio.to_thread(get, x)`")

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("«get(x, y=1)»", "loop.run_in_executor(None, lambda: get(x, y=1))"),
            ("«x.page»", "loop.run_in_executor(None, lambda: x.page)"),
            (f"«get('{'x' * 80}')»", "loop.run_in_executor(None, ...)"),
        ],
    )
    def test_the_call_written_out_for_an_executor(self, text: str, code: str) -> None:
        assert f"`{code}`" in Case(f"def f(x):\n    {text}\n").only().help

    def test_a_lambda_of_the_module(self) -> None:
        finding = Case("import x\n\ncallback = lambda: «get(1)»\n", kind="loop-callback").only()
        assert finding.help.startswith("`await` cannot stand in a lambda")
        assert finding.context.function == "app.<lambda>"


class TestPlaces:
    @pytest.mark.parametrize(
        "marked",
        [
            "async def f(x):\n\tif x:\n\t\t«get(x)»\n",
            "async def f(x):\r\n    if x:\r\n        «get(x)»\r\n",
            "async def f(x):\n    a = 'ü€𝄞'; «get(x)»\n",
            "class A:\n    @staticmethod\n    @wrap\n    async def f(x):\n        «get(x)»\n",
            "class A:\n  class B:\n    async def f(x):\n      a = '''\nb\n'''\n      return «get(x)»\n",
            "async def f(x):\n    return ((«get(x)»))\n",
            "async def f(x):\n    return («(get)(x)»)\n",
            "async def f(x):\n    async with a, b(«get(x)») as c:\n        pass\n",
            "async def f(x):\n    a = «get(x)»\n    # the end",
            "async def f(x): return «get(x)»",
            "x = 1\n\n\nasync def f(x):\n\n    # first\n    return {**«get(x)»}\n\n\ny = 2\n",
            "if 1:\n  async def f(x):\n    def g():\n      pass\n    a = «get(x)»\n",
            "async def f(x):\n    try: pass\n    except «get(x)»: pass\n    else: pass\n",
            "async def f(x):\n    while x:\n        pass\n    else:\n        «get(x)»\n",
        ],
    )
    def test_found_in_any_surroundings(self, marked: str) -> None:
        finding = Case(marked).only()
        code = re.search("«(.*)\\(x\\)»", marked.replace("(get)", "get"))
        assert code is not None
        assert re.search(r"`await asyncio.to_thread\(\(?get\)?, x\)`", finding.help)

    def test_two_on_a_line_and_one_inside_the_other(self) -> None:
        case = Case(body("«put(«get(url)», «cut(url)»)»"))
        assert [re.findall(r"thread\((\w+)", finding.help) for finding in case.findings()] == [
            ["put"],
            ["get"],
            ["cut"],
        ]

    def test_a_call_of_several_lines(self) -> None:
        finding = Case(body("«net.get(\n        url,\n        # why\n        timeout=3,\n    )»")).only()
        assert (finding.line, finding.column, finding.end_line, finding.end_column) == (2, 4, 6, 9)

    def test_functions_inside_one_another_are_read_once_for_all(self) -> None:
        marked = (
            "async def f(x):\n    «get(1)»\n    async def g(x):\n        «get(2)»\n    lambda: «get(3)»\n"
        )
        texts = [finding.help for finding in Case(marked).findings()]
        assert ["get, 1" in texts[0], "get, 2" in texts[1], "get, 3" in texts[2]] == [True] * 3

    def test_a_part_that_cannot_stand_alone_is_read_with_its_file(self) -> None:
        finding = Case("x = 1\n\x0casync def f(x):\n    «get(x)»\n").only()
        assert "asyncio.to_thread(get, x)" in finding.help


class TestWithoutLibCst:
    @pytest.mark.parametrize(
        "text", ["async def main(: get(url)", "", "async def main(url):\n    other(url)\n"]
    )
    def test_source_that_is_no_longer_what_it_was(self, text: str) -> None:
        finding = Case(body("«get(url)»"), read=lambda path: text).only()
        assert finding.message == "`net.get` waits for the server and stops the event loop"
        assert finding.help == "use `aionet.Client`, or run it in a thread: `await asyncio.to_thread(...)`"

    @pytest.mark.parametrize(
        "error",
        [OSError("gone"), SyntaxError("unknown encoding"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")],
    )
    def test_a_file_that_cannot_be_read_again(self, error: Exception) -> None:
        def read(path: str) -> str:
            raise error

        finding = Case(body("«fetch(url)»"), through=("fetch",), read=read).only()
        assert finding.message == "`lib.fetch` reaches `net.get`, which waits for the server, 1 call down"

    def test_a_plain_function_cannot_await(self) -> None:
        finding = Case("def done():\n    «get()»\n", read=lambda path: "").only()
        assert finding.help.startswith(
            "`await` cannot stand in a plain function: hand the call to a thread, "
        )

    def test_an_eager_argument(self) -> None:
        finding = Case(
            body("to_thread(«load(url)»)"), OPEN, ("load",), code="ABL801", read=lambda path: ""
        ).only()
        assert finding.message.startswith("`lib.load` runs here, before the other thread gets its result")
        assert finding.help == "pass the function, not its result"

    def test_nesting_too_deep_for_libcst(self) -> None:
        finding = Case(body("x = " + "1 + " * 1500 + "«get(url)»")).only()
        assert finding.help.endswith("`await asyncio.to_thread(...)`")


class TestDiagnostic:
    def test_its_parts(self) -> None:
        finding = Case(body("«fetch(url)»"), through=("fetch",), certainty=Certainty.LIKELY).only()
        assert (finding.code, finding.name, finding.path) == ("ABL201", "blocking-http", "app.py")
        assert (finding.callee, finding.certainty) == ("net.get", Certainty.LIKELY)
        assert finding.trace == (
            Hop("app.py", 2, 4, "app.main", "lib.fetch"),
            Hop("lib.py", 5, 4, "lib.fetch", "net.get"),
        )

    def test_an_eager_finding_keeps_the_blockers_name(self) -> None:
        finding = Case(body("to_thread(«load(url)»)"), OPEN, code="ABL801").only()
        assert (finding.code, finding.name, finding.callee) == ("ABL801", "eager-offload", "disk.open")


class TestFingerprint:
    @staticmethod
    def of(marked: str, blocker: Blocker = GET) -> list[str]:
        return [finding.fingerprint for finding in Case(marked, blocker).findings()]

    def test_edits_elsewhere_and_layout_do_not_change_it(self) -> None:
        plain = self.of(body("«get(url)»"))
        assert self.of("import a\n\n\n" + body("a = 1\n«get(url)»\nb = 2")) == plain
        assert self.of(body("if url:\n        «get( url )»")) == plain
        assert re.fullmatch("[0-9a-f]{16}", plain[0])

    def test_it_tells_findings_apart(self) -> None:
        texts = [body("«get(url)»"), body("«get(path)»"), body("«get(url)»").replace("main", "other")]
        prints = [self.of(text)[0] for text in texts] + self.of(texts[0], OPEN)
        assert len(set(prints)) == 4

    def test_equal_lines_are_told_apart_by_their_order(self) -> None:
        one, two = self.of(body("«get(url)»\n«get(url)»"))
        assert one != two
        assert self.of(body("«get(url)»")) == [one]


class TestUnused:
    GRAPH = CallGraph(
        functions=(
            Function("app.py", "app", "<module>", "module", Span(1, 0, 9, 0)),
            Function("app.py", "app", "main", "async", Span(2, 0, 5, 0)),
            Function("app.py", "app", "main.<locals>.inner", "sync", Span(3, 4, 4, 0)),
        ),
        sites={},
        contexts={1: OnLoop("background-task")},
    )
    SOURCE = "import x\nasync def main():\n    def inner():\n        x()  # noqa: ABL201, E501\n    x()\n"

    def finding(self, directive: Directive, *codes: str, source: str = SOURCE) -> Diagnostic:
        judgement = Judgement((), (UnusedDirective("app.py", directive, codes),))
        (finding,) = diagnose(judgement, self.GRAPH, lambda path: source, lambda path: RUNNER)
        return finding

    def test_a_noqa(self) -> None:
        finding = self.finding(Directive("noqa", 4, 13, ("ABL201", "E501")), "ABL201")
        assert (finding.code, finding.name) == ("ABL001", "unused-suppression")
        assert finding.message == "the suppression of `ABL201` silences nothing"
        assert finding.help == "remove `ABL201` from the comment"
        assert (finding.line, finding.column, finding.end_line, finding.end_column) == (4, 13, 4, 33)
        assert (finding.callee, finding.trace, finding.certainty) == ("", (), Certainty.EXACT)

    def test_a_mark(self) -> None:
        finding = self.finding(Directive("off-loop", 5, 9))
        assert finding.message == "`# asyncblock: off-loop` changes nothing"
        assert finding.context == Context("background-task", "app.main")

    def test_its_context_is_the_innermost_function(self) -> None:
        assert self.finding(Directive("off-loop", 4, 9)).context == Context(
            "coroutine", "app.main.<locals>.inner"
        )
        assert self.finding(Directive("off-loop", 7, 9)).context == Context("coroutine", "app.<module>")

    def test_its_end_without_the_source(self) -> None:
        assert self.finding(Directive("off-loop", 4, 9), source="").end_column == 10


def test_findings_come_in_the_order_of_their_places() -> None:
    case = Case(body("«get(1)»\n«get(2)»"))
    unused = UnusedDirective("app.py", Directive("off-loop", 2, 30))
    elsewhere = UnusedDirective("aaa.py", Directive("off-loop", 9, 0))
    functions = tuple(case._functions())
    verdicts = tuple(case._verdict(functions, span) for span in _marks(case.marked))
    graph = CallGraph(functions, {}, {})
    found = diagnose(
        Judgement(verdicts, (unused, elsewhere)), graph, lambda path: case.source, lambda path: RUNNER
    )
    assert [(finding.path, finding.line, finding.column) for finding in found] == [
        ("aaa.py", 9, 0),
        ("app.py", 2, 4),
        ("app.py", 2, 30),
        ("app.py", 3, 4),
    ]
    assert found[0].context == Context("coroutine", "")
