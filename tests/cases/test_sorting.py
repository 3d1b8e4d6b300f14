"""Cases are sorted by their words: rules as data, with reasons, of the kind or of its policy."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import CURRENT
from cases.common.policy import publish
from cases.common.proposals import proposal_of, reasons_of
from domain.language.roles import THE_TIMER
from domain.language.sorting import Clue, Grade, Reason, Sorting, sort_words
from ops.conformance import check_conformance
from policies.check import read_policy
from policies.documents import DEFAULT, calendars
from tests.cases.test_policy_documents import TEXT, faults_of
from tests.domain.case_driver import CaseDriver
from tests.support.cases import LIU, SHOP, ZHOU, opening
from tests.support.categories import CATEGORIES

VERSION = "test-sorting"
RULES = """\
classification:
  complaint:
    clues:
      - {category: battery, words: [电池, 鼓包, Battery], weight: 3}
      - {category: battery, words: [外壳], when: {channel: store}}
      - {category: misc, words: [外壳, 贵]}
      - {category: misc, words: [不贵], weight: -2}
    severity:
      - {severity: serious, words: [鼓包], when: {category: battery}}
      - {severity: moderate, when: {category: battery}}
      - {severity: minor}
    urgency:
      - {urgency: high, when: {severity: serious}}
      - {urgency: low, words: [建议]}
"""
DECIDES = "test-decides"
WRITTEN = TEXT + CATEGORIES + RULES
publish(
    [
        read_policy(WRITTEN.replace("2027-1", VERSION), calendars())[1],
        read_policy(
            WRITTEN.replace("2027-1", DECIDES).replace(
                "    clues:", "    decides: true\n    clues:"
            ),
            calendars(),
        )[1],
    ]
)
COMPLAINT = CURRENT["complaint"]


def proposed(words: str, policy: str = VERSION, channel: str = "phone") -> tuple[object, ...]:
    message = opening("TS1", form={"words": words}, policy_version=policy, channel=channel)
    said = proposal_of(COMPLAINT, message)
    COMPLAINT.forms["classify"].strict(said)
    return said["category"], said["severity"], said["urgency"]


@pytest.mark.parametrize(
    ("words", "channel", "expected"),
    [
        ("电池鼓包了", "phone", ("battery", "serious", "high")),
        ("ＢＡＴＴＥＲＹ dead", "phone", ("battery", "moderate", "normal")),
        ("外壳有点贵", "phone", ("misc", "minor", "normal")),
        ("外壳", "store", ("battery", "moderate", "normal")),
        ("不贵，建议更贵", "phone", ("misc", "minor", "low")),
        ("你好", "phone", ("misc", "minor", "normal")),
    ],
)
def test_a_policy_says_what_words_make_of_a_case(
    words: str, channel: str, expected: tuple[str, ...]
) -> None:
    assert proposed(words, channel=channel) == expected


def test_a_kind_sorts_by_its_own_rules_under_a_policy_that_says_nothing() -> None:
    assert proposed("热水器漏水，客服没人理", DEFAULT)[1:] == ("serious", "high")
    assert proposed("电池鼓包了", DEFAULT)[0] == "product_quality"


def test_each_result_has_its_reasons() -> None:
    message = opening("TS1", form={"words": "外壳坏，电池鼓包"}, policy_version=VERSION)
    assert reasons_of(COMPLAINT, message) == [
        Reason("category", "battery", ("电池", "鼓包")),
        Reason("severity", "serious", ("鼓包",)),
        Reason("urgency", "high", ()),
    ]


def test_of_equals_the_one_that_is_said_first_counts() -> None:
    sorting = Sorting((Clue("a", ("x",)), Clue("b", ("y",))))
    assert [sort_words(sorting, words, {})[0].value for words in ("x y", "y x")] == ["a", "b"]
    assert sort_words(sorting, "z", {}) == []
    against = Sorting((Clue("a", ("x",)), Clue("a", ("xx",), -1)))
    assert sort_words(against, "xx", {}) == []


@given(st.text(max_size=200), st.sampled_from(sorted(CURRENT)))
def test_whatever_is_said_every_reason_is_of_the_words(words: str, kind: str) -> None:
    sorting = CURRENT[kind].sorting
    for reason in sort_words(sorting, words, {}):
        assert all(each in words.lower() or each in reason.words for each in reason.words)
        assert reason.value
    assert sort_words(sorting, words, {}) == sort_words(sorting, words, {})


def test_a_grade_may_ask_for_what_was_found_before() -> None:
    rows = (Grade("bad", (), {"category": frozenset({"a"})}), Grade("good"))
    sorting = Sorting((Clue("a", ("x",)),), rows)
    assert [each.value for each in sort_words(sorting, "x", {})] == ["a", "bad"]
    assert [each.value for each in sort_words(sorting, "", {})] == ["good"]


@pytest.mark.parametrize(
    ("written", "instead", "pointer", "code"),
    [
        ("  complaint:\n    clues", "  complain:\n    clues", "/classification/complain",
         "unknown_kind"),
        ("category: misc, words: [外壳", "category: price, words: [外壳",
         "/classification/complaint/clues/2/category", "no_such_category"),
        ("weight: 3", "weight: 0", "/classification/complaint/clues/0/weight", "no_weight"),
        ("words: [不贵]", "words: []", "/classification/complaint/clues/3/words", "too_short"),
        ("channel: store", "channel: pigeon", "/classification/complaint/clues/1/when/channel",
         "table_unknown_value"),
        ("channel: store", "severity: minor", "/classification/complaint/clues/1/when/severity",
         "table_unknown_input"),
        ("severity: serious}}\n      - {urgency: low", "weather: hot}}\n      - {urgency: low",
         "/classification/complaint/urgency/0/when/weather", "table_unknown_input"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_rules_is_told_with_its_place(
    written: str, instead: str, pointer: str, code: str
) -> None:
    assert written in RULES
    found = faults_of(TEXT + CATEGORIES + RULES.replace(written, instead, 1))
    assert (pointer, code) in [(each.pointer, each.code) for each in found]
    assert all(each.line for each in found)


def test_a_kind_without_severity_has_none_to_propose() -> None:
    text = """\
classification:
  inquiry:
    clues: [{category: other, words: [x]}]
    severity: [{severity: minor}]
"""
    assert [each.code for each in faults_of(TEXT + text)] == ["no_severity"]


def accepted(words: str, policy: str) -> CaseDriver:
    """Return a complaint that was just accepted, with what is proposed for it."""
    form = {"words": words}
    message = opening("TS1", form=form, policy_version=policy)
    said = proposal_of(COMPLAINT, message)
    run = CaseDriver(actor=SHOP, form=form, policy_version=policy, proposal=said)
    run.do(LIU, ("accept", {}))
    return run


def test_rules_classify_an_accepted_case_where_the_policy_says_that_they_decide() -> None:
    run = accepted("电池鼓包了", DECIDES)
    due = run.now + timedelta(seconds=1)
    assert run.process.next_timer(run.case) == (due, "classify_by_rules")
    run.process.settle(run.case, due)
    last = [each for each in run.case.entries if each.step][-1]
    assert (run.case.state, last.step, last.actor, last.at) == (
        *("classified", "classify_by_rules", THE_TIMER, due),
    )
    assert {**last.form, "note": ""} == run.case.opening.proposal
    assert run.process.facts(run.case).severity == "serious"
    opening_, entries = run.case.opening, run.case.entries
    assert run.process.fold(opening_, entries) == run.case
    assert not check_conformance(opening_.tenant, opening_.number, entries)
    run.do(ZHOU, ("reclassify", {"category": "misc", "severity": "minor"}))
    assert run.process.facts(run.case).category == "misc"


@pytest.mark.parametrize(
    ("words", "policy"), [("你好", DECIDES), ("电池鼓包了", VERSION), ("电池鼓包了", DEFAULT)]
)
def test_a_person_classifies_what_no_rule_decides(words: str, policy: str) -> None:
    run = accepted(words, policy)
    timer = run.process.next_timer(run.case)
    assert timer is not None
    assert timer[1] != "classify_by_rules"
    run.process.settle(run.case, run.now + timedelta(minutes=1))
    assert run.case.state == "accepted"


def test_whoever_accepts_and_classifies_at_once_goes_before_the_rules() -> None:
    run = accepted("电池鼓包了", DECIDES)
    again = CaseDriver(actor=SHOP, policy_version=DECIDES, proposal=run.case.opening.proposal,
                       form={"words": "电池鼓包了"})  # fmt: skip
    again.do(LIU, ("accept", {}), ("classify", {"category": "misc", "severity": "minor"}))
    again.process.settle(again.case, again.now + timedelta(hours=1))
    assert again.process.facts(again.case).category == "misc"
