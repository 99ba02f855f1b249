"""Who may import whom, and that the rules alone name libraries."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import asyncblock_lint
from asyncblock_lint.load import load_catalogue
from asyncblock_lint.model.catalogue import Catalogue

PACKAGE = Path(asyncblock_lint.__file__).parent
FACADE = "asyncblock_lint"
LAYERS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli",),
    (FACADE,),
    ("pipeline", "config"),
    (
        *("discover", "extract", "load", "link", "propagate", "diagnose", "fix", "report"),
        *("baseline", "dependencies", "describe", "explain"),
    ),
    ("model",),
    ("atomic", "errors", "stack"),
)
"""From the top down: a unit imports itself and units of lower layers, never its neighbours."""
NOTHING_BELOW = {"model"}
"""Units that import no other, not even lower ones."""
LINK_LAYERS: tuple[tuple[str, ...], ...] = (
    ("link",),
    ("graph",),
    ("locks", "loops", "lifted"),
    ("calls",),
    ("contexts", "conditions"),
    ("inference",),
    ("project",),
)
"""The same, for the parts of the largest stage."""


def unit_of(module: str) -> str:
    """The unit of a module, given by its dotted name."""
    return module.split(".")[1] if "." in module else FACADE


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        yield module, ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(tree: ast.Module) -> Iterator[str]:
    """The modules of the package that a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            modules = [node.module or ""]
            if node.module == FACADE:
                modules = [f"{FACADE}.{alias.name}" for alias in node.names if is_module(alias.name)]
                modules = modules or [FACADE]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        yield from (module for module in modules if module.split(".")[0] == FACADE)


def is_module(name: str) -> bool:
    return (PACKAGE / f"{name}.py").exists() or (PACKAGE / name).is_dir()


def layer_of(unit: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if unit in layer)


def may_import(importer: str, imported: str) -> bool:
    if importer == imported:
        return True
    return importer not in NOTHING_BELOW and layer_of(importer) < layer_of(imported)


def test_every_module_has_a_place_and_every_place_a_module() -> None:
    placed = {unit for layer in LAYERS for unit in layer}
    assert {unit_of(module) for module, _ in sources()} == placed


def test_imports_point_downwards() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, tree in sources()
        for imported in imports(tree)
        if not may_import(unit_of(module), unit_of(imported))
    ]
    assert wrong == []


def part_of(module: str) -> str:
    """The part of `link` that a module belongs to, given by its dotted name."""
    parts = module.split(".")
    return parts[2] if len(parts) > 2 else parts[1]


def test_the_parts_of_link_import_downwards() -> None:
    level = {part: number for number, layer in enumerate(LINK_LAYERS) for part in layer}
    inside = [(module, tree) for module, tree in sources() if unit_of(module) == "link"]
    assert {part_of(module) for module, _ in inside} == level.keys()
    wrong = [
        f"{module} imports {imported}"
        for module, tree in inside
        for imported in imports(tree)
        if unit_of(imported) == "link"
        and part_of(module) != part_of(imported)
        and level[part_of(module)] >= level[part_of(imported)]
    ]
    assert wrong == []


def test_the_judge_knows_right_from_wrong() -> None:
    assert may_import("cli", "report")
    assert may_import("link", "model")
    assert not may_import("link", "propagate")
    assert not may_import("model", "errors")
    assert not may_import("report", "pipeline")
    assert list(imports(ast.parse("def f():\n from asyncblock_lint import link, errors\nimport os"))) == [
        "asyncblock_lint.link",
        "asyncblock_lint.errors",
    ]


def library_names(catalogue: Catalogue) -> set[str]:
    """Every dotted name that the rules index or select by, but for the language's own types."""
    indexes = [getattr(catalogue, field.name) for field in fields(catalogue)]
    indexed = {name for index in indexes if isinstance(index, dict) for name in index}
    selecting = {name for handler in catalogue.handlers for name in (*handler.decorators, *handler.bases)}
    names = {name for name in indexed | selecting if "." in name}
    return {name for name in names if not name.startswith("builtins.") or name in catalogue.blocks}


def mentioned(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and each dotted name in a string that is not a docstring or a loose remark."""
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in remarks:
            yield from ((node.lineno, name) for name in re.findall(r"\w+(?:\.\w+)+", node.value))


def test_no_library_is_named_in_code() -> None:
    names = library_names(load_catalogue())
    assert len(names) > 300
    found = [
        f"{module}:{line} {name}"
        for module, tree in sources()
        for line, name in mentioned(tree)
        if name in names
    ]
    assert found == []


def test_names_in_code_would_be_seen() -> None:
    tree = ast.parse('def f():\n    """Not a.b."""\n    return g("see c.d(1)", x=f"{y} e.f")')
    assert [name for _, name in mentioned(tree)] == ["c.d", "e.f"]
