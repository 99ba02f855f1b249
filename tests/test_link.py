"""The link stage on data built by hand: names of modules, names of the catalogue, the graph."""

from __future__ import annotations

import pytest

from asyncblock_lint.extract.visitor import module_facts
from asyncblock_lint.link.graph import link
from asyncblock_lint.link.inference.imports import ImportResolver
from asyncblock_lint.link.inference.matching import Given, Matcher
from asyncblock_lint.model.catalogue import (
    Apply,
    Blocker,
    Catalogue,
    Circumstances,
    Handler,
    NonBlockingForm,
    Offload,
    Schedule,
)
from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.graph import CallGraph
from asyncblock_lint.model.source import SourceFile

_SLEEP = Blocker("nap.sleep", "ABL101", "sleeps")


def _source(path: str, module: str, root: str = "/p", *, is_package: bool = False) -> SourceFile:
    return SourceFile(path, f"/p/{path}", root, module, is_package)


class TestImports:
    def test_own_root_then_those_above_then_shared_ones(self) -> None:
        files = [
            _source("a/tool.py", "tool", "/p/a"),
            _source("b/tool.py", "tool", "/p/b"),
            _source("b/main.py", "main", "/p/b"),
            _source("tool.py", "tool"),
        ]
        resolver = ImportResolver(files, "/p", ["/p/a"])
        assert resolver.module("tool", 2) == 1
        assert resolver.module("a.tool", 2) == 0
        assert resolver.module("b.tool", 0) == 1
        assert resolver.module("missing", 0) is None

    def test_a_configured_root_serves_everybody(self) -> None:
        files = [_source("lib/tool.py", "tool", "/p/lib"), _source("app/main.py", "main", "/p/app")]
        assert ImportResolver(files, "/p").module("tool", 1) is None
        assert ImportResolver(files, "/p", ["/p/lib"]).module("tool", 1) == 0

    def test_regular_packages_are_found_from_anywhere(self) -> None:
        files = [
            _source("back/pkg/__init__.py", "pkg", "/p/back", is_package=True),
            _source("back/pkg/mod.py", "pkg.mod", "/p/back"),
            _source("tools/run.py", "run", "/p/tools"),
        ]
        assert ImportResolver(files, "/p").module("pkg.mod", 2) == 1

    def test_a_package_deep_in_the_own_one_hides_no_library(self) -> None:
        files = [
            _source("pkg/__init__.py", "pkg", is_package=True),
            _source("pkg/chat.py", "pkg.chat"),
            _source("pkg/plugins/lib/__init__.py", "lib", "/p/pkg/plugins", is_package=True),
            _source("run.py", "run"),
            _source("pkg/tools/ask.py", "ask", "/p/pkg/tools"),
        ]
        resolver = ImportResolver(files, "/p")
        assert resolver.module("lib", 1) is None
        assert resolver.module("lib", 4) is None
        assert resolver.module("pkg.plugins.lib", 1) == 2
        assert resolver.module("lib", 3) == 2

    def test_a_project_whose_folder_is_a_package_is_searched_all_the_same(self) -> None:
        files = [
            _source("__init__.py", "p", "/", is_package=True),
            _source("back/lib/__init__.py", "lib", "/p/back", is_package=True),
            _source("tests/test_lib.py", "test_lib", "/p/tests"),
        ]
        assert ImportResolver(files, "/p").module("lib", 2) == 1

    def test_a_module_does_not_import_itself_by_its_own_name(self) -> None:
        assert ImportResolver([_source("json.py", "json")], "/p").module("json", 0) is None

    def test_modules_built_into_python_are_never_shadowed(self) -> None:
        files = [_source("time.py", "time"), _source("main.py", "main")]
        assert ImportResolver(files, "/p").module("time", 1) is None

    def test_the_standard_library_is_shadowed_from_the_own_root_only(self) -> None:
        files = [
            _source("a/queue.py", "queue", "/p/a"),
            _source("a/main.py", "main", "/p/a"),
            _source("src/queue.py", "queue", "/p/src"),
            _source("b/main.py", "main", "/p/b"),
        ]
        resolver = ImportResolver(files, "/p")
        assert resolver.module("queue", 1) == 0
        assert resolver.module("queue", 3) is None

    @pytest.mark.parametrize(
        ("module", "level", "expected"),
        [
            ("", 1, "pkg.sub"),
            ("x", 1, "pkg.sub.x"),
            ("x", 2, "pkg.x"),
            ("x", 3, "x"),
            ("x", 4, None),
        ],
    )
    def test_relative_names(self, module: str, level: int, expected: str | None) -> None:
        files = [
            _source("pkg/sub/mod.py", "pkg.sub.mod"),
            _source("pkg/sub/__init__.py", "pkg.sub", is_package=True),
        ]
        resolver = ImportResolver(files, "/p")
        assert resolver.relative_name(module, level, 0) == expected
        assert resolver.relative_name(module, level, 1) == expected

    def test_namespaces(self) -> None:
        resolver = ImportResolver([_source("a/b/c.py", "c", "/p/a/b")], "/p")
        assert resolver.is_namespace("a.b", 0)
        assert not resolver.is_namespace("a.x", 0)


class TestMatching:
    def test_aliases_hold_for_prefixes(self) -> None:
        matcher = Matcher(Catalogue(aliases={"lib._impl.Client": "lib.Client"}))
        assert matcher.canonical("lib._impl.Client.get") == "lib.Client.get"
        assert matcher.canonical("lib._impl.Clients.get") == "lib._impl.Clients.get"

    def test_methods_are_found_through_bases(self) -> None:
        blocker = Blocker("lib.Base.get", "ABL201", "waits")
        catalogue = Catalogue(
            blocks={"lib.Base.get": blocker},
            types={"lib.Child": ("lib.Middle",), "lib.Middle": ("lib.Base",)},
        )
        assert Matcher(catalogue).blocker("lib.Child.get") == blocker
        assert Matcher(catalogue).blocker("lib.Child.put") is None

    def test_a_family_takes_public_methods_and_leaves_exceptions(self) -> None:
        family = Blocker("lib.Db.*", "ABL501", "waits")
        catalogue = Catalogue(families={"lib.Db": family}, nonblocking={"lib.Db.close": (NonBlockingForm(),)})
        matcher = Matcher(catalogue)
        found = matcher.blocker("lib.Db.query")
        assert found is not None
        assert found.name == "lib.Db.query"
        assert matcher.blocker("lib.Db._private") is None
        assert matcher.blocker("lib.Db.close") is None

    @pytest.mark.parametrize(
        ("constants", "fits"),
        [
            ({"block": (False,)}, True),
            ({"block": (True,)}, False),
            ({0: (False,)}, True),
            ({0: (0,)}, False),
            ({"block": ()}, False),
            ({}, False),
        ],
    )
    def test_forms_that_do_not_wait(self, constants: dict[int | str, tuple[int, ...]], fits: bool) -> None:
        given = Given(constants, dict.fromkeys(constants, ()))
        assert Matcher(Catalogue()).fits(NonBlockingForm("block", 0, (False,)), given) is fits

    def test_an_absent_argument_may_be_what_does_not_wait(self) -> None:
        form = NonBlockingForm("interval", 0, (None,), absent=True)
        assert Matcher(Catalogue()).fits(form, Given({}, {}))
        assert not Matcher(Catalogue()).fits(form, Given({0: (1,)}, {0: ()}))

    def test_the_type_of_an_argument_may_tell(self) -> None:
        matcher = Matcher(Catalogue(types={"io.Child": ("io.Memory",)}))
        form = NonBlockingForm("file", 0, types=("io.Memory",))
        assert matcher.fits(form, Given({0: ()}, {0: ("io.Child",)}))
        assert not matcher.fits(form, Given({0: ()}, {0: ("io.File",)}))


def _graph(source: str, **tables: object) -> CallGraph:
    catalogue = Catalogue(blocks={"nap.sleep": _SLEEP}, **tables)  # type: ignore[arg-type]
    file = SourceFile("main.py", "/p/main.py", "/p", "main")
    return link([(file, module_facts(source))], catalogue, top="/p")


def _edges(graph: CallGraph, name: str) -> list[tuple[int, str, str]]:
    """The edges of a function: line, steps, certainty."""
    (index,) = [index for index, function in enumerate(graph.functions) if function.name == name]
    return [
        (site.span.line, " > ".join(step.calls for step in (edge.step, *edge.via)), edge.certainty.label)
        for site in graph.sites.get(index, ())
        for edge in site.edges
    ]


def _contexts(graph: CallGraph) -> dict[str, str]:
    return {graph.functions[index].name: on_loop.kind for index, on_loop in graph.contexts.items()}


class TestGraph:
    def test_edges_carry_their_certainty(self) -> None:
        source = """
import nap
class A:
    def go(self): nap.sleep()
async def f(a: A):
    nap.sleep()
    a.go()
    A().go()
"""
        assert _edges(_graph(source), "f") == [
            (6, "nap.sleep", "exact"),
            (7, "main.A.go", "likely"),
            (8, "main.A.go", "exact"),
        ]

    def test_a_blockers_own_certainty_is_a_bound(self) -> None:
        catalogue = Catalogue(
            blocks={"nap.sleep": Blocker("nap.sleep", "ABL702", "works", certainty=Certainty.GUESS)}
        )
        file = SourceFile("main.py", "/p/main.py", "/p", "main")
        graph = link([(file, module_facts("import nap\ndef f(): nap.sleep()"))], catalogue, top="/p")
        assert _edges(graph, "f") == [(2, "nap.sleep", "guess")]

    def test_steps_through_the_function_that_calls_its_argument(self) -> None:
        source = "import nap\ndef call(g): g()\ndef f(): call(nap.sleep)"
        assert _edges(_graph(source), "f") == [
            (3, "main.call", "exact"),
            (3, "main.call > nap.sleep", "exact"),
        ]

    def test_an_applying_library_function_calls_its_argument(self) -> None:
        source = "import lib, nap\ndef f(): lib.each(nap.sleep)\ndef g(): lib.other(nap.sleep)"
        graph = _graph(source, applies={"lib.each": Apply((0,))})
        assert _edges(graph, "f") == [(2, "nap.sleep", "exact")]
        assert _edges(graph, "g") == []

    def test_contexts(self) -> None:
        source = """
import lib
async def coroutine(): pass
def given(): pass
def plain(): pass
@lib.on_event
def handler(): pass
@lib.in_thread
def threaded(): pass
class Protocol(lib.Protocol):
    def received(self): pass
    def helper(self): pass
async def job(): pass
lib.soon(given)
lib.thread(plain)
lib.background(job)
"""
        graph = _graph(
            source,
            schedules={"lib.soon": (Schedule((0,)),)},
            offloads={
                "lib.thread": Offload((0,)),
                "lib.background": Offload((0,), coroutine_runs="loop", kind="background-task"),
            },
            handlers=(
                Handler(decorators=("lib.on_event",), circumstances=Circumstances(kind="startup")),
                Handler(decorators=("lib.in_thread",), circumstances=Circumstances(sync="thread")),
                Handler(bases=("lib.Protocol",), methods=("received",)),
            ),
        )
        assert _contexts(graph) == {
            "coroutine": "coroutine",
            "given": "loop-callback",
            "handler": "startup",
            "Protocol.received": "loop-callback",
            "job": "background-task",
        }

    def test_a_circle_of_bases_and_of_values_ends(self) -> None:
        bindings = "class A(B): pass\nclass B(A): pass\nx = y\ny = x\n"
        source = f"{bindings}async def f():\n    A().go()\n    x()\n    f().g()"
        assert _edges(_graph(source), "f") == []

    def test_a_long_chain_of_calls_is_followed_to_its_end(self) -> None:
        chain = "".join(f"def f{number}(): f{number + 1}()\n" for number in range(1500))
        graph = _graph(f"import nap\n{chain}def f1500(): nap.sleep()\n")
        assert _edges(graph, "f0") == [(2, "main.f1", "exact")]
        assert _edges(graph, "f1500") == [(1502, "nap.sleep", "exact")]

    def test_functions_that_all_return_each_others_results_are_soon_told(self) -> None:
        names = range(40)
        choices = " or ".join(f"f{other}(x)" for other in names)
        functions = "".join(f"def f{name}(x):\n    return {choices}\n" for name in names)
        graph = _graph(f"import nap\n{functions}def last(): f0(nap.sleep)\n")
        assert (82, "main.f0", "exact") in _edges(graph, "last")

    def test_classes_whose_attributes_come_from_each_other_are_soon_told(self) -> None:
        names = range(30)
        classes = "".join(
            f"class C{name}:\n    def __init__(self, x):\n"
            + "".join(f"        self.a{other} = C{other}(x).a{name}\n" for other in names)
            for name in names
        )
        graph = _graph(f"import nap\n{classes}def last(): C0(nap).a1.go()\n")
        assert [edge[1] for edge in _edges(graph, "last")] == ["main.C0.__init__"]

    def test_objects_that_print_each_other_are_soon_told(self) -> None:
        names = range(14)
        classes = "".join(
            f"class C{name}(Base):\n"
            "    def __init__(self, a: Base, b: Base):\n        self.a = a\n        self.b = b\n"
            '    def __str__(self):\n        return f"{self.a} {self.b}"\n'
            for name in names
        )
        made = "".join(f"    C{name}(x, y)\n" for name in names)
        base = "class Base:\n    def __str__(self): raise NotImplementedError\n"
        last = 'def last(x: C0): print(f"{x}")\n'
        graph = _graph(f"import nap\n{base}{classes}def make(x: Base, y: Base):\n{made}{last}")
        assert "main.C0.__str__" in {edge[1] for edge in _edges(graph, "last")}

    def test_objects_made_of_each_other_by_what_they_are_given(self) -> None:
        names = range(8)
        classes = "".join(
            f"class C{name}:\n    def __init__(self, x):\n"
            + "".join(
                f"        self.a{other} = C{other}(x).a{name} if x == 'k' else None\n" for other in names
            )
            for name in names
        )
        graph = _graph(f"import nap\n{classes}def last(): C0(1).a1.go()\n")
        assert [edge[1] for edge in _edges(graph, "last")] == ["main.C0.__init__"]

    def test_a_class_attribute_made_of_itself(self) -> None:
        method = "    @classmethod\n    def m(cls):\n        cls.value = cls.value.default\n"
        source = f"class A:\n    value = None\n{method}def f(): A.m()\n"
        assert _edges(_graph(source), "f") == [(6, "main.A.m", "exact")]
