"""The search from blockers back to the loop, on graphs drawn by hand."""

from collections.abc import Mapping

import pytest
from graphs import graph_of, line_of, told
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncblock_lint.model.certainty import Certainty
from asyncblock_lint.model.verdict import Judgement, Wanted
from asyncblock_lint.propagate import judge

CODES = frozenset({"ABL001", "ABL101", "ABL201", "ABL401", "ABL801"})
WANTED = Wanted(CODES)

Functions = Mapping[str, list[str]]
Comment = tuple[str, int, str]


def findings(functions: Functions, *comments: Comment, wanted: Wanted = WANTED, **contexts: str) -> list[str]:
    return [told(verdict) for verdict in judgement(functions, *comments, wanted=wanted, **contexts).verdicts]


def unused(
    functions: Functions, *comments: Comment, wanted: Wanted = WANTED
) -> list[tuple[int, str, tuple[str, ...]]]:
    found = judgement(functions, *comments, wanted=wanted).unused
    return [(item.directive.line, item.directive.kind, item.codes) for item in found]


def judgement(
    functions: Functions, *comments: Comment, wanted: Wanted = WANTED, **contexts: str
) -> Judgement:
    return judge(graph_of(functions, *comments, contexts=contexts), wanted)


class TestReach:
    def test_a_direct_call(self) -> None:
        assert findings({"async main": ["time.sleep"]}) == ["main ABL101 time.sleep"]

    def test_a_plain_function_alone_is_silent(self) -> None:
        assert findings({"main": ["time.sleep"]}) == []

    def test_through_helpers(self) -> None:
        chain = {"async main": ["a"], "a": ["b"], "b": ["time.sleep"]}
        assert findings(chain) == ["main ABL101 a > b > time.sleep"]

    def test_a_helper_that_calls_nothing_blocking_is_silent(self) -> None:
        assert findings({"async main": ["a"], "a": ["b"], "b": [], "c": ["time.sleep"]}) == []

    def test_one_finding_for_each_call(self) -> None:
        assert findings({"async main": ["a", "time.sleep", "a"], "a": ["net.get"]}) == [
            "main ABL201 a > net.get",
            "main ABL101 time.sleep",
            "main ABL201 a > net.get",
        ]

    def test_a_coroutine_keeps_its_finding_to_itself(self) -> None:
        assert findings({"async main": ["inner"], "async inner": ["time.sleep"]}) == [
            "inner ABL101 time.sleep"
        ]

    def test_generators_of_the_loop_keep_theirs(self) -> None:
        functions = {"async main": ["rows"], "generator rows": ["time.sleep"]}
        assert findings(functions, rows="loop-callback") == ["rows ABL101 time.sleep"]
        assert findings(functions) == ["main ABL101 rows > time.sleep"]

    @pytest.mark.parametrize("head", ["done", "lambda done"])
    def test_a_plain_callback_that_is_also_called_is_found_twice(self, head: str) -> None:
        assert findings({"async main": ["done"], head: ["time.sleep"]}, done="loop-callback") == [
            "main ABL101 done > time.sleep",
            "done ABL101 time.sleep",
        ]

    def test_a_cycle_is_no_trouble(self) -> None:
        ring = {"async main": ["a"], "a": ["b"], "b": ["c"], "c": ["a", "time.sleep"]}
        assert findings(ring) == ["main ABL101 a > b > c > time.sleep"]
        assert findings({"async main": ["a"], "a": ["a", "b"], "b": ["a"]}) == []

    def test_a_function_handed_over_is_called_at_the_inner_place(self) -> None:
        functions = {"async main": ["apply>time.sleep", "apply>work"], "apply": [], "work": ["net.get"]}
        found = judgement(functions).verdicts
        assert [told(verdict) for verdict in found] == [
            "main ABL101 apply > time.sleep",
            "main ABL201 apply > work > net.get",
        ]
        assert [step.function for step in found[1].trace] == [0, 1, 2]

    def test_the_last_step_bears_the_name_it_is_reported_under(self) -> None:
        verdict = judgement({"async main": ["net.get"]}).verdicts[0]
        assert verdict.trace[-1].calls == verdict.blocker.name == "net.get"
        assert verdict.kind == "coroutine"


class TestTheNearest:
    def test_the_shorter_way_wins(self) -> None:
        functions = {"async main": ["a|b"], "a": ["c"], "b": ["time.sleep"], "c": ["disk.open"]}
        assert findings(functions) == ["main ABL101 b > time.sleep +1"]

    def test_steps_passed_inside_a_function_count(self) -> None:
        functions = {"async main": ["apply>disk.open|a"], "a": ["b"], "b": ["net.get"], "apply": []}
        assert findings(functions) == ["main ABL401 apply > disk.open +1"]
        functions = {"async main": ["apply>b|a"], "a": ["disk.open"], "b": ["net.get"], "apply": []}
        assert findings(functions) == ["main ABL401 a > disk.open +1"]

    def test_certainty_goes_before_length(self) -> None:
        functions = {"async main": ["~time.sleep|a"], "a": ["b"], "b": ["net.get"]}
        assert findings(functions) == ["main ABL201 a > b > net.get +1"]

    def test_a_likely_caller_takes_the_shorter_likely_way(self) -> None:
        functions = {
            "async main": ["~a"],
            "async other": ["a"],
            "a": ["~time.sleep", "b"],
            "b": ["c"],
            "c": ["net.get"],
        }
        assert findings(functions) == [
            "main ABL101 a > time.sleep likely +1",
            "other ABL201 a > b > c > net.get +1",
        ]

    def test_of_equally_near_blockers_the_first_to_run_is_named(self) -> None:
        assert findings({"async main": ["net.get|disk.open"]}) == ["main ABL201 net.get +1"]
        assert findings({"async main": ["disk.open|net.get"]}) == ["main ABL401 disk.open +1"]

    def test_findings_stand_in_the_order_of_their_places(self) -> None:
        functions = {"async z": ["time.sleep"], "async a": ["net.get", "time.sleep"]}
        assert findings(functions) == ["z ABL101 time.sleep", "a ABL201 net.get", "a ABL101 time.sleep"]


class TestCertainty:
    def test_a_way_is_as_certain_as_its_least_certain_hop(self) -> None:
        assert findings({"async main": ["a"], "a": ["~b"], "b": ["time.sleep"]}) == [
            "main ABL101 a > b > time.sleep likely"
        ]

    def test_guesses_are_left_out_unless_wanted(self) -> None:
        functions = {"async main": ["a", "odd.get"], "a": ["?time.sleep"]}
        assert findings(functions) == []
        assert findings(functions, wanted=Wanted(CODES, Certainty.GUESS)) == [
            "main ABL101 a > time.sleep guess",
            "main ABL201 odd.get guess",
        ]

    def test_only_exact_ones_if_so_wanted(self) -> None:
        functions = {"async main": ["~time.sleep", "time.sleep"]}
        assert findings(functions, wanted=Wanted(CODES, Certainty.EXACT)) == ["main ABL101 time.sleep"]


class TestOthers:
    def test_each_place_counts_once(self) -> None:
        functions = {
            "async main": ["a"],
            "a": ["time.sleep", "b", "c"],
            "b": ["d"],
            "c": ["d"],
            "d": ["net.get"],
        }
        assert findings(functions) == ["main ABL101 a > time.sleep +1"]

    def test_two_calls_of_one_name_are_two(self) -> None:
        assert findings({"async main": ["a"], "a": ["net.get", "net.get", "b"], "b": ["net.get"]}) == [
            "main ABL201 a > net.get +2"
        ]

    def test_everything_in_a_cycle_is_reached_from_all_of_it(self) -> None:
        ring = {"async main": ["a"], "a": ["b", "net.get"], "b": ["c"], "c": ["a", "time.sleep"]}
        assert findings(ring) == ["main ABL201 a > net.get +1"]

    def test_what_is_unselected_or_silenced_or_a_coroutines_own_does_not_count(self) -> None:
        functions = {
            "async main": ["a"],
            "a": ["time.sleep", "disk.stat", "net.get", "inner", "?net.post"],
            "async inner": ["net.get"],
        }
        assert findings(functions, ("a", 3, "noqa")) == ["main ABL101 a > time.sleep", "inner ABL201 net.get"]


class TestSelection:
    def test_only_selected_codes_count(self) -> None:
        functions = {"async main": ["a"], "a": ["time.sleep", "b"], "b": ["net.get"]}
        assert findings(functions, wanted=Wanted(frozenset({"ABL201"}))) == ["main ABL201 a > b > net.get"]
        assert findings(functions, wanted=Wanted(frozenset({"ABL401"}))) == []

    def test_kinds_of_context_can_be_ignored(self) -> None:
        functions = {"async main": ["time.sleep"], "async start": ["net.get"]}
        wanted = Wanted(CODES, ignored_kinds=frozenset({"startup"}))
        assert findings(functions, wanted=wanted, start="startup") == ["main ABL101 time.sleep"]
        assert len(findings(functions, start="startup")) == 2

    @pytest.mark.parametrize("pattern", ["app.a", "app.[ab]", "*.a", "net.get", "net.*"])
    def test_what_is_allowed_may_be_called(self, pattern: str) -> None:
        functions = {"async main": ["a", "time.sleep"], "a": ["net.get"]}
        assert findings(functions, wanted=Wanted(CODES, allow=(pattern,))) == ["main ABL101 time.sleep"]

    @pytest.mark.parametrize("pattern", ["a", "app", "app.a.*", "get", "APP.A"])
    def test_other_names_are_not_allowed_by_it(self, pattern: str) -> None:
        functions = {"async main": ["a"], "a": ["net.get"]}
        assert findings(functions, wanted=Wanted(CODES, allow=(pattern,))) == ["main ABL201 a > net.get"]

    def test_an_allowed_coroutine_has_no_findings(self) -> None:
        functions = {"async main": ["time.sleep"], "async mains": ["time.sleep"]}
        assert findings(functions, wanted=Wanted(CODES, allow=("app.main",))) == ["mains ABL101 time.sleep"]


class TestEager:
    def test_an_eager_argument_is_a_finding_of_its_own(self) -> None:
        functions = {"async main": ["to_thread:load", "load"], "load": ["disk.open"]}
        assert findings(functions) == ["main ABL801 load > disk.open", "main ABL401 load > disk.open"]

    def test_without_that_code_it_is_like_any_other(self) -> None:
        functions = {"async main": ["to_thread:load"], "load": ["disk.open"]}
        assert findings(functions, wanted=Wanted(CODES - {"ABL801"})) == ["main ABL401 load > disk.open"]

    def test_the_blocker_must_be_selected_too(self) -> None:
        functions = {"async main": ["to_thread:load"], "load": ["disk.open"]}
        assert findings(functions, wanted=Wanted(frozenset({"ABL801"}))) == []

    @pytest.mark.parametrize("text", ["noqa", "noqa:ABL801", "noqa:ABL8", "noqa:ABL401"])
    def test_silenced_by_either_code(self, text: str) -> None:
        functions = {"async main": ["to_thread:load", "load"], "load": ["disk.open"]}
        assert findings(functions, ("main", 1, text)) == ["main ABL401 load > disk.open"]
        assert unused(functions, ("main", 1, text)) == []

    def test_other_codes_do_not_silence_it(self) -> None:
        functions = {"async main": ["to_thread:load"], "load": ["disk.open"]}
        assert findings(functions, ("main", 1, "noqa:ABL201")) == ["main ABL801 load > disk.open"]


SHARED: Functions = {"async main": ["a"], "async other": ["a"], "a": ["net.get"]}


class TestSuppression:
    @pytest.mark.parametrize("text", ["noqa", "noqa:ABL201", "noqa:abl201", "noqa:ABL2", "noqa:E501 ABL201"])
    def test_on_the_finding(self, text: str) -> None:
        assert findings(SHARED, ("main", 1, text)) == ["other ABL201 a > net.get"]

    @pytest.mark.parametrize("text", ["noqa", "noqa:ABL201"])
    def test_on_the_blocking_call(self, text: str) -> None:
        assert findings(SHARED, ("a", 1, text)) == []

    @pytest.mark.parametrize(
        ("line", "text"), [(2, "noqa"), (1, "noqa:ABL101"), (1, "noqa:E501"), (0, "noqa")]
    )
    def test_elsewhere_or_for_another_code_it_silences_nothing(self, line: int, text: str) -> None:
        assert len(findings(SHARED, ("a", line, text))) == 2

    def test_on_a_hop_between(self) -> None:
        functions = {"async main": ["a"], "async other": ["b"], "a": ["b"], "b": ["net.get"]}
        assert findings(functions, ("a", 1, "noqa")) == ["other ABL201 b > net.get"]

    def test_on_a_place_inside_the_function_it_is_handed_to(self) -> None:
        functions = {"async main": ["apply>net.get", "net.get"], "apply": []}
        assert findings(functions, ("apply", 50, "noqa")) == ["main ABL201 net.get"]
        assert unused(functions, ("apply", 50, "noqa:ABL201")) == []

    def test_one_code_silenced_leaves_the_other(self) -> None:
        functions = {"async main": ["a"], "a": ["net.get", "b"], "b": ["time.sleep"]}
        assert findings(functions) == ["main ABL201 a > net.get +1"]
        assert findings(functions, ("main", 1, "noqa:ABL201")) == ["main ABL101 a > b > time.sleep"]
        assert findings(functions, ("main", 1, "noqa:ABL101")) == ["main ABL201 a > net.get"]
        assert findings(functions, ("main", 1, "noqa:ABL101 ABL201")) == []

    @pytest.mark.parametrize("mark", ["nonblocking", "off-loop"])
    def test_a_marked_function_lets_nothing_through(self, mark: str) -> None:
        functions = {"async main": ["a", "b"], "a": ["net.get"], "b": ["net.get"]}
        assert findings(functions, ("a", 0, mark)) == ["main ABL201 b > net.get"]
        assert findings({"async main": ["net.get"]}, ("main", 0, mark)) == []

    def test_a_mark_belongs_on_the_header(self) -> None:
        assert len(findings(SHARED, ("a", 1, "nonblocking"))) == 2

    @pytest.mark.parametrize("kind", ["class", "module"])
    def test_what_has_no_header_of_its_own_is_not_marked(self, kind: str) -> None:
        functions = {"async main": ["a"], f"{kind} a": ["net.get"]}
        assert findings(functions, ("a", 0, "nonblocking")) == ["main ABL201 a > net.get"]


PARTLY: Functions = {"async main": ["a"], "a": ["net.get", "time.sleep"], "alone": ["net.get"]}


class TestUnused:
    @pytest.mark.parametrize("text", ["noqa", "noqa:ABL201", "noqa:abl2", "noqa:E501"])
    def test_a_comment_that_silences_something_is_used(self, text: str) -> None:
        assert unused(PARTLY, ("a", 1, text)) == []

    def test_a_comment_on_an_idle_line_is_not(self) -> None:
        assert unused(PARTLY, ("a", 7, "noqa:ABL201")) == [(108, "noqa", ("ABL201",))]

    def test_a_comment_where_the_loop_never_comes_is_not(self) -> None:
        assert unused(PARTLY, ("alone", 1, "noqa:ABL201")) == [(202, "noqa", ("ABL201",))]

    def test_only_the_codes_without_effect_are_named(self) -> None:
        assert unused(PARTLY, ("a", 1, "noqa:ABL201 ABL401 E501")) == [(102, "noqa", ("ABL401",))]

    @pytest.mark.parametrize("text", ["noqa", "noqa:E501", "noqa:ABL402", "noqa:ABL999", "noqa:ABL000"])
    def test_what_names_no_selected_code_is_left_alone(self, text: str) -> None:
        assert unused(PARTLY, ("a", 7, text)) == []

    def test_the_comment_nearer_to_the_blocker_has_the_effect(self) -> None:
        comments = (("main", 1, "noqa:ABL201"), ("a", 1, "noqa:ABL201"))
        assert unused(PARTLY, *comments) == [(2, "noqa", ("ABL201",))]

    def test_marks(self) -> None:
        assert unused(PARTLY, ("a", 0, "nonblocking")) == []
        assert unused(PARTLY, ("main", 0, "off-loop")) == []
        assert unused(PARTLY, ("alone", 0, "off-loop")) == [(201, "off-loop", ())]
        assert unused(PARTLY, ("a", 1, "off-loop")) == [(102, "off-loop", ())]

    def test_a_mark_on_a_function_without_blockers(self) -> None:
        assert unused({"async main": ["a"], "a": ["b"], "b": []}, ("a", 0, "nonblocking")) == [
            (101, "nonblocking", ())
        ]

    def test_a_comment_inside_a_marked_function_takes_the_effect(self) -> None:
        functions = {"async main": ["a"], "a": ["net.get"]}
        comments = (("a", 0, "nonblocking"), ("a", 1, "noqa:ABL201"))
        assert unused(functions, *comments) == [(101, "nonblocking", ())]

    def test_what_is_allowed_needs_no_comment(self) -> None:
        wanted = Wanted(CODES, allow=("app.a",))
        assert unused(PARTLY, ("a", 1, "noqa:ABL201"), wanted=wanted) == [(102, "noqa", ("ABL201",))]

    def test_an_eager_comment_off_the_loop_is_unused(self) -> None:
        functions = {"async main": ["a"], "a": ["to_thread:b"], "b": ["net.get"]}
        assert unused(functions, ("a", 1, "noqa:ABL801")) == [(102, "noqa", ("ABL801",))]

    def test_off_unless_selected(self) -> None:
        comment = ("a", 7, "noqa:ABL201")
        assert unused(PARTLY, comment, wanted=Wanted(CODES - {"ABL001"})) == []

    def test_it_can_be_silenced_itself(self) -> None:
        assert unused(PARTLY, ("a", 7, "noqa:ABL201 ABL001")) == []
        assert unused(PARTLY, ("alone", 0, "off-loop"), ("alone", 0, "noqa:ABL001")) == []
        assert len(unused(PARTLY, ("alone", 0, "off-loop"), ("alone", 0, "noqa:ABL101"))) == 2


NAMES = ["main", "other", "a", "b", "c", "d"]
CALLS = st.lists(st.sampled_from([*NAMES[2:], "time.sleep", "net.get", "~a", "~disk.open"]), max_size=3)
REMARKS = st.tuples(
    st.sampled_from(NAMES), st.integers(0, 3), st.sampled_from(["noqa", "noqa:ABL1", "nonblocking"])
)


@settings(max_examples=150, deadline=None)
@given(st.lists(CALLS, min_size=6, max_size=6), st.lists(REMARKS, max_size=3, unique=True))
def test_traces_hang_together_and_unused_comments_are_unneeded(
    calls: list[list[str]], remarks: list[Comment]
) -> None:
    heads = ["async main", "async other", *NAMES[2:]]
    functions = dict(zip(heads, calls, strict=True))
    found = judgement(functions, *remarks)
    for verdict in found.verdicts:
        for step, following in zip(verdict.trace, verdict.trace[1:], strict=False):
            assert step.calls == NAMES[following.function]
        assert verdict.trace[-1].calls == verdict.blocker.name
    idle = {(item.directive.line, item.directive.kind) for item in found.unused}
    needed = [item for item in remarks if (_line(item), item[2].partition(":")[0]) not in idle]
    assert judgement(functions, *needed).verdicts == found.verdicts


def _line(comment: Comment) -> int:
    return line_of(NAMES, comment[0]) + comment[1]
