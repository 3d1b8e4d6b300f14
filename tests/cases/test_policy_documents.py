"""A policy that somebody wrote: what is read, and how each fault is told with its line."""

import re

import pytest

from policies.check import read_policy
from policies.document_text import DocumentFault, DocumentRefused
from policies.documents import calendars
from tests.architecture.source import ROOT

TEXT = """\
schema: 2
version: "2027-1"
title: Serious complaints first
calendar: always@1
clocks:
  response: {budget: PT15M, source: "M 3.3.1", ladder: steps}
  acceptance: {budget: PT24H, source: "M 6.2", ladder: steps}
  solution:
    source: "M 3.4.1"
    ladder: steps
    budgets:
      - {when: {category: product_quality}, budget: PT48H}
      - {budget: none}
  resolution:
    source: "M 6.2, M 3.3.2"
    ladder: steps
    budgets:
      - {when: {severity: serious}, budget: PT24H}
      - {budget: PT48H}
  follow_up: {budget: PT72H, source: "M 6.2", ladder: steps}
  progress: {budget: PT48H, source: ours, ladder: news}
ladders:
  steps:
    - {name: half, entry: warned, share: 0.5, notifies: [assignee]}
    - {name: breach, entry: breached, notifies: [assignee, lead]}
    - {name: management, entry: escalated, later: PT24H, notifies: [management]}
  news:
    - {name: due, entry: informed, notifies: [customer]}
priorities:
  - {when: {impact: many}, priority: P1}
  - {when: {urgency: [high, normal]}, priority: P2}
  - {priority: P3}
teams:
  - {when: {kind: complaint, severity: serious}, team: serious_complaints}
  - {team: own}
authority:
  currency: CNY
  amounts:
    - {when: {pot: payment, role: [agent, lead]}, amount: 1000}
    - {when: {pot: payment, role: management}, amount: "50000.00"}
    - {when: {pot: goodwill, role: management, tier: vip}, amount: 3000}
    - {amount: 0}
"""


def faults_of(text: str) -> list[DocumentFault]:
    with pytest.raises(DocumentRefused) as refused:
        read_policy(text, calendars())
    return [*refused.value.faults]


def test_severe_complaints_get_a_day_by_one_line() -> None:
    document, policy = read_policy(TEXT, calendars())
    assert document.version == policy.version == "2027-1"
    decided = policy.budgets["resolution"].decide({"severity": "serious"})
    assert decided is not None
    assert decided.value is not None
    assert (decided.value.total_seconds(), decided.row) == (24 * 3600, 1)
    assert decided.because == {"severity": "serious"}
    assert policy.budgets["resolution"].rows[0].line == 18
    promised = policy.budgets["solution"].decide({"category": "price"})
    assert promised is not None
    assert promised.value is None


@pytest.mark.parametrize(
    ("written", "instead", "pointer", "code", "line"),
    [
        ("budget: PT15M", "budget: 15m", "/clocks/response/budget", "duration_spelling", 6),
        ("budget: PT15M", "budget: 900", "/clocks/response/budget", "duration_spelling", 6),
        ("budget: PT15M", "budget: PT0S", "/clocks/response/budget", "no_time", 6),
        ("budget: PT48H}", "budget: P0D}", "/clocks/solution/budgets/0/budget", "no_time", 12),
        ("budget: PT15M, ", "", "/clocks/response", "one_budget", 6),
        ("title: Serious", "tilte: Serious", "/title", "missing", None),
        ("retarget", "retarget", "/retarget", "literal_error", 5),
        ("always@1", "always@9", "/calendar", "no_such_calendar", 4),
        ("  follow_up:", "  folow_up:", "/clocks/folow_up", "no_such_clock", 20),
        ("ladder: news", "ladder: noise", "/clocks/progress/ladder", "no_such_ladder", 21),
        ("share: 0.5", "share: 1.5", "/ladders/steps/0/share", "less_than_equal", 24),
        ("name: management", "name: half", "/ladders/steps/2", "milestone_twice", 26),
        (", later: PT24H", ", share: 0.2", "/ladders/steps/2", "ladder_out_of_order", 26),
        ("severity: serious}, budget", "grave: yes}, budget", "/clocks/resolution/budgets/0",
         "table_unknown_input", 18),
        ("severity: serious}, budget", "severity: grave}, budget", "/clocks/resolution/budgets/0",
         "table_unknown_value", 18),
        ("severity: serious}, budget", "severity: []}, budget", "/clocks/resolution/budgets/0",
         "table_empty_condition", 18),
        ("      - {budget: PT48H}\n", "", "/clocks/resolution/budgets", "table_gap", 17),
        ("when: {severity: serious}, budget", "budget", "/clocks/resolution/budgets/1",
         "table_unreachable", 19),
        ("priority: P1", "priority: P0", "/priorities/0/priority", "enum", 30),
        ("  - {team: own}\n", "", "/teams", "table_gap", 33),
        ("amount: 1000", "amount: 1000.5", "/authority/amounts/0/amount", "quoted_amount", 39),
        ("amount: 1000", "amount: -1", "/authority/amounts/0/amount", "greater_than_equal", 39),
        ("currency: CNY", "currency: Yuan", "/authority/currency", "string_pattern_mismatch", 37),
        ("[agent, lead]}", "[agnet, lead]}", "/authority/amounts/0", "table_unknown_value", 39),
        ("    - {amount: 0}\n", "", "/authority/amounts", "table_gap", 38),
        ("version: ", "version: [", "", "unreadable_document", 3),
        ("calendar:", "title:", "", "unreadable_document", 4),
        ("budget: PT15M", "budget: !!int 3", "/clocks/response/budget", "duration_spelling", 6),
        ("budget: PT15M", "budget: !length 3", "", "unreadable_document", 6),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(
    written: str, instead: str, pointer: str, code: str, line: int | None
) -> None:
    text = TEXT.replace(written, instead, 1)
    if code == "literal_error":
        text = TEXT.replace("calendar: always@1\n", "calendar: always@1\nretarget: sometime\n")
    found = [(each.pointer, each.code, each.line) for each in faults_of(text)]
    assert (pointer, code, line) in found


def test_a_gap_names_a_case_that_no_row_decides() -> None:
    (fault,) = faults_of(TEXT.replace("  - {priority: P3}\n", ""))
    assert fault.code == "table_gap"
    assert fault.params["example"] == ["impact: one", "urgency: low"]


def test_all_faults_are_told_at_once() -> None:
    text = TEXT.replace("budget: PT15M", "budget: soon").replace("share: 0.5", "share: 2")
    assert {each.line for each in faults_of(text)} == {6, 24}


@pytest.mark.parametrize(
    "text",
    ["", "- a", "a: &x [1]\nb: *x", "<<: {a: 1}", "? [1]\n: 2", "1: 2", "a: !!set {b}", "a: \x01"],
)
def test_what_is_no_plain_yaml_is_refused_as_a_whole(text: str) -> None:
    (fault,) = faults_of(text)
    assert (fault.pointer, fault.code) == ("", "unreadable_document")
    assert fault.params["problem"]


def test_a_huge_text_is_not_read() -> None:
    (fault,) = faults_of("a: 1\n" * 100_000)
    assert fault.code == "unreadable_document"


def test_json_is_read_as_well() -> None:
    found = {each.pointer: each.line for each in faults_of('{"version": "1",\n "clocks": 5}')}
    assert found["/clocks"] == 2


def test_the_parts_that_the_guide_shows_are_right_together() -> None:
    guide = (ROOT / "docs/policies.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    shown = [
        each for each in blocks if each.startswith(("categories:", "classification:", "times:"))
    ]
    assert len(shown) == 3
    policy = read_policy(TEXT + "".join(shown), calendars())[1]
    assert policy.categories["complaint"][2].code == "battery"
    assert policy.counts["returns.return_days"] == 15
    assert len(policy.sortings["complaint"].severities) == 3
