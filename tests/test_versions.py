"""Rules that hold for some versions of a library only: what is kept, and what is said of the rest."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from asyncblock_lint import Config, Diagnostic, lint
from asyncblock_lint.dependencies import Dependencies
from asyncblock_lint.load import for_versions
from asyncblock_lint.model.catalogue import (
    Blocker,
    Catalogue,
    Circumstances,
    Handler,
    NonBlockingForm,
    Schedule,
)
from asyncblock_lint.model.certainty import Certainty

_OLD = Circumstances(kind="handler", versions="till-py <3")
_NEW = Circumstances(kind="handler", sync="thread", versions="till-py >=3")
_ALWAYS = Circumstances(kind="startup")
_TOOL = """
import time
from fastmcp import FastMCP

mcp = FastMCP("shop")


@mcp.tool
def search(query: str) -> str:
    time.sleep(1)
    return query
"""


def catalogue(*circumstances: Circumstances) -> Catalogue:
    """One decorator and one call, both with these circumstances."""
    return Catalogue(
        handlers=tuple(Handler(decorators=("till.on",), circumstances=item) for item in circumstances),
        schedules={"till.open": tuple(Schedule((), item) for item in circumstances)},
    )


def settled(rules: Catalogue, has: Callable[[str, str], bool | None]) -> list[Circumstances]:
    """What is left, which must be the same of decorators and of calls."""
    left = for_versions(rules, has)
    handlers = [handler.circumstances for handler in left.handlers]
    assert handlers == [schedule.circumstances for schedule in left.schedules.get("till.open", ())]
    return handlers


def locked(folder: Path, version: str) -> Dependencies:
    (folder / "uv.lock").write_text(f'[[package]]\nname = "till-py"\nversion = "{version}"\n')
    return Dependencies(folder)


class TestForVersions:
    def test_one_side_of_the_bound_is_left_and_names_no_versions(self) -> None:
        rules = catalogue(_OLD, _NEW)
        [old] = settled(rules, lambda _, versions: versions == "<3")
        assert (old.sync, old.versions, old.certainty) == ("loop", "", Certainty.EXACT)
        [new] = settled(rules, lambda _, versions: versions == ">=3")
        assert (new.sync, new.versions) == ("thread", "")

    def test_both_sides_are_left_if_nobody_knows(self) -> None:
        old, new = settled(catalogue(_OLD, _NEW), lambda *_: None)
        assert (old.versions, old.certainty) == ("till-py <3", Certainty.LIKELY)
        assert (new.versions, new.certainty) == ("till-py >=3", Certainty.LIKELY)

    def test_a_guess_stays_one(self) -> None:
        guess = Circumstances(versions="till-py <3", certainty=Certainty.GUESS)
        assert settled(catalogue(guess), lambda *_: None) == [guess]

    def test_a_call_without_any_table_left_is_gone(self) -> None:
        assert for_versions(catalogue(_OLD), lambda *_: False).schedules == {}

    def test_what_holds_of_all_versions_is_not_asked_about(self) -> None:
        def nobody(distribution: str, versions: str) -> bool:
            raise AssertionError(f"asked for {distribution} {versions}")

        assert settled(catalogue(_ALWAYS), nobody) == [_ALWAYS]

    def test_several_bounds_are_asked_about_at_once(self) -> None:
        asked: list[tuple[str, str]] = []

        def has(distribution: str, versions: str) -> bool:
            asked.append((distribution, versions))
            return True

        settled(catalogue(Circumstances(versions="till-py >=2, <4")), has)
        assert set(asked) == {("till-py", ">=2, <4")}

    def test_calls_that_block_in_some_versions(self) -> None:
        ring = Blocker("till.ring", "ABL204", "waits for the till", versions="till-py <3")
        form = NonBlockingForm("loudly", None, (True,))
        rules = Catalogue(
            blocks={"till.ring": ring, "till.buy": Blocker("till.buy", "ABL204", "waits")},
            families={"till.Till": ring},
            attribute_blocks={"till.Till.sum": ring},
            sure_forms={"till.sell": ((form, ring),)},
        )
        old = for_versions(rules, lambda *_: True)
        known = replace(ring, versions="")
        assert old.blocks["till.ring"] == old.families["till.Till"] == known
        assert old.attribute_blocks == {"till.Till.sum": known}
        assert old.sure_forms == {"till.sell": ((form, known),)}
        new = for_versions(rules, lambda *_: False)
        assert new.blocks.keys() == {"till.buy"}
        assert not (new.families)
        assert not (new.attribute_blocks)
        assert not (new.sure_forms)
        unknown = for_versions(rules, lambda *_: None)
        assert unknown.blocks["till.ring"] == replace(ring, certainty=Certainty.LIKELY)

    @pytest.mark.parametrize(
        ("version", "sync"),
        [
            ("2.9.9", "loop"),
            ("2.9.9.post1", "loop"),
            ("3.0.0.dev1", "thread"),
            ("3.0.0rc1", "thread"),
            ("3", "thread"),
            ("3.0", "thread"),
            ("3.1b2", "thread"),
            ("10.0", "thread"),
        ],
    )
    def test_a_locked_version_falls_on_one_side(self, tmp_path: Path, version: str, sync: str) -> None:
        [left] = settled(catalogue(_OLD, _NEW), locked(tmp_path, version).has)
        assert left.sync == sync


def findings(folder: Path, requirement: str) -> tuple[Diagnostic, ...]:
    (folder / "main.py").write_text(_TOOL)
    (folder / "requirements.txt").write_text(requirement)
    return lint(Config(working_directory=str(folder), project_root=str(folder), jobs=1)).findings


class TestFindings:
    @pytest.mark.parametrize("requirement", ["", "fastmcp", "fastmcp>=2"])
    def test_name_the_versions_if_nothing_tells(self, tmp_path: Path, requirement: str) -> None:
        [finding] = findings(tmp_path, requirement)
        assert finding.certainty == Certainty.LIKELY
        assert "(fastmcp <3)" in finding.message

    def test_name_none_if_the_version_is_known(self, tmp_path: Path) -> None:
        [finding] = findings(tmp_path, "fastmcp==2.14.1")
        assert finding.certainty == Certainty.EXACT
        assert "fastmcp <3" not in finding.message

    def test_stay_away_where_the_version_has_threads(self, tmp_path: Path) -> None:
        assert findings(tmp_path, "fastmcp==3.0.0") == ()
