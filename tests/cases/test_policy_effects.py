"""What another policy changes in a case, and that it is what giving it the policy then does."""

from datetime import timedelta
from typing import Any

import pytest

from activities.conversion import ConversionParams
from cases.common.policy import UnknownPolicy, policy_of
from cases.common.policy_effects import Breach, Changed, PolicyEffect, policy_effect
from domain.canonical import canonical_json
from domain.engine.kept_policy import CHANGE_POLICY, PolicyChange, PolicyKept
from domain.language.entries import EntryType
from domain.read_models.projection import case_view, pending_call
from policies.document_text import read_text
from tests.cases.test_policy_documents import TEXT
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, HOUR, MINUTE, CaseDriver
from tests.support.cases import CHEN, LIU, SHOP, SORTED, WANG, ZHOU


def change(*changes: tuple[str, str], version: str = "2027-1") -> PolicyChange:
    """Return a change to a policy that is written as this."""
    text = TEXT
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    document = canonical_json(read_text(text)[0])
    return PolicyChange(policy=version, document=document, reason="The holidays.")


def apply(run: CaseDriver, to: PolicyChange) -> None:
    run.do(ZHOU, (CHANGE_POLICY, to.canonical()))


def effect(run: CaseDriver, to: PolicyChange) -> PolicyEffect:
    before = run.case.copy()
    found = policy_effect(run.process, run.case, to, ZHOU, run.now + MINUTE)
    assert run.case == before
    return found


def test_another_place_in_lists_is_shown_and_comes() -> None:
    run = accepted()
    text = TEXT + "ordering:\n  head_starts:\n    - {head_start: PT4H}\n"
    document = canonical_json(read_text(text)[0])
    sooner = PolicyChange(policy="2027-1", document=document, reason="The holidays.")
    shown = effect(run, sooner)
    assert (shown.head_start, shown.changes) == (Changed("PT0S", "PT4H"), True)
    apply(run, sooner)
    assert run.process.head_start(run.case) == 4 * HOUR


def due(run: CaseDriver, clock: str) -> Any:
    return run.case.clocks[clock].due


def accepted() -> CaseDriver:
    run = CaseDriver(actor=SHOP)
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    return run


def test_a_running_case_takes_the_policy_and_its_clocks_move() -> None:
    run, longer = accepted(), change(("      - {budget: PT48H}\n", "      - {budget: PT72H}\n"))
    was = due(run, "resolution")
    shown = effect(run, longer)
    (resolution,) = (each for each in shown.clocks if each.clock == "resolution")
    apply(run, longer)
    entries = {each.type: each for each in run.case.entries[-6:]}
    assert entries[EntryType.POLICY_CHANGED].form["reason"] == "The holidays."
    assert entries[EntryType.POLICY_CHANGED].actor.id == ZHOU.id
    assert EntryType.RETARGETED in entries
    assert due(run, "resolution") == was + 24 * HOUR
    assert (resolution.due_before, resolution.due_after) == (was, was + 24 * HOUR)
    assert run.process.fold(run.case.opening, run.case.entries) == run.case
    assert case_view(run.process, run.case).policy_version == "2027-1"
    assert policy_of(run.case).version == "2027-1"
    run.refuse(PolicyKept, ZHOU, (CHANGE_POLICY, longer.canonical()))


@pytest.mark.parametrize(
    ("mode", "moves"),
    [("from_start", 24 * HOUR), ("from_now", 25 * HOUR + MINUTE), ("remaining_ratio", None)],
)
def test_clocks_move_as_the_new_policy_says(mode: str, moves: timedelta | None) -> None:
    run = accepted()
    run.pass_time(HOUR - MINUTE)
    was, started = due(run, "resolution"), run.case.clocks["resolution"].started_at
    to = change(
        ("      - {budget: PT48H}\n", "      - {budget: PT72H}\n"),
        ("calendar: always@1\n", f"calendar: always@1\nretarget: {mode}\n"),
    )
    shown = {each.clock: each.due_after for each in effect(run, to).clocks}
    apply(run, to)
    spent = run.now - started
    expected = was + moves if moves else started + spent + (1 - spent / (48 * HOUR)) * 72 * HOUR
    assert due(run, "resolution") == shown["resolution"] == expected
    run.pass_time(HOUR)
    run.do(LIU, ("claim", {}))
    assert due(run, "resolution") == expected, "it moves once"


def test_a_policy_that_promises_the_same_moves_nothing() -> None:
    run = accepted()
    apply(run, change(("calendar: always@1\n", "calendar: always@1\nretarget: from_now\n")))
    dues = {name: each.due for name, each in run.case.clocks.items()}
    run.pass_time(HOUR)
    warn = change(("name: half", "name: third"), ("share: 0.5", "share: 0.3"), version="2027-2")
    run.do(ZHOU, (CHANGE_POLICY, warn.canonical()))
    assert {name: each.due for name, each in run.case.clocks.items()} == dues
    names = [each.name for each in run.case.clocks["resolution"].target.milestones]
    assert names == ["third", "breach", "management"]


def test_a_shorter_promise_may_be_broken_at_once_and_a_breach_stays() -> None:
    run = accepted()
    run.pass_time(5 * HOUR)
    short = change(("      - {budget: PT48H}\n", "      - {budget: PT4H}\n"))
    shown = effect(run, short)
    breaches = {each.clock: each.breach for each in shown.clocks if each.breach}
    assert breaches == {"resolution": Breach.COMES}
    apply(run, short)
    run.process.settle(run.case, run.now)
    assert run.case.clocks["resolution"].breached_at is not None
    longer = change(("      - {budget: PT48H}\n", "      - {budget: PT96H}\n"), version="2027-2")
    assert "resolution" not in {each.clock for each in effect(run, longer).clocks}


def test_who_gets_it_its_priority_and_who_approves() -> None:
    run = accepted()
    to = change(
        ("  - {team: own}", "  - {team: north}"),
        ("  - {priority: P3}", "  - {priority: P4}"),
        ("amount: 1000", "amount: 700"),
    )
    shown = effect(run, to)
    assert (shown.team, shown.priority) == (Changed("complaints", "north"), Changed("P3", "P2"))
    amounts = {(each.pot, each.role): each.amount for each in shown.authority}
    assert amounts["payment", "lead"] == Changed("3000", "700")
    apply(run, to)
    assert (run.case.team, run.process.shown_facts(run.case).priority) == ("north", "P2")


def test_a_priority_that_a_person_gave_stays() -> None:
    run = accepted()
    run.do(WANG, ("prioritise", {"priority": "P1", "reason": "Forty shops have it."}))
    apply(run, change(("urgency: [high, normal]}, priority: P2", "urgency: high}, priority: P2")))
    assert run.process.shown_facts(run.case).priority == "P1"
    run.do(CHEN, ("reclassify", {**SORTED, "impact": "many"}))
    assert run.process.shown_facts(run.case).priority == "P1"


def test_what_no_release_can_read_stops_there() -> None:
    run = accepted()
    apply(run, change())
    document = '{"version":"9999-1"}'
    unreadable = PolicyChange(policy="9999-1", document=document, reason="-")
    with pytest.raises(UnknownPolicy):
        run.do(ZHOU, (CHANGE_POLICY, unreadable.canonical()))


def test_a_closed_case_is_judged_as_if_it_had_been_handled_under_it() -> None:
    run = CaseDriver("inquiry", actor=SHOP, customer="customer-1")
    run.pass_time(20 * MINUTE)
    run.do(CHEN, ("accept", {}), ("classify", {"category": "invoice"}))
    run.do(LIU, ("claim", {}), ("answer", {"answer": "Here it is."}))
    run.tell_customer()
    solved = {"reached": True, "solved": True, "satisfaction": "satisfied"}
    run.do(LIU, ("follow_up", solved))
    assert run.process.state_of(run.case).closed
    assert run.case.clocks["response"].breached_at is not None
    quick = ("acceptance: {budget: PT24H", "acceptance: {budget: PT5M")
    shown = effect(run, change(("PT15M", "PT1H"), quick))
    breaches = {each.clock: each.breach for each in shown.clocks if each.breach}
    assert breaches == {"response": Breach.GOES, "acceptance": Breach.COMES}
    assert shown.closed
    assert effect(run, change()).clocks == ()
    run.refuse(PolicyKept, ZHOU, (CHANGE_POLICY, change().canonical()))


def test_a_child_takes_over_what_its_parent_keeps_now() -> None:
    run, to = CaseDriver("inquiry", actor=SHOP), change()
    apply(run, to)
    run.do(CHEN, ("accept", {}), ("classify", {"category": "invoice"}))
    run.do(LIU, ("claim", {}), ("convert", {"kind": "complaint"}))
    call = pending_call(run.process, run.case)
    assert call is not None
    params = ConversionParams.model_validate(call.params)
    assert (params.policy_version, params.policy_document) == ("2027-1", to.document)


def test_taking_a_case_back_takes_no_policy_back() -> None:
    run = accepted()
    apply(run, change(("      - {budget: PT48H}\n", "      - {budget: PT72H}\n")))
    back = {"to": 2, "reason": "Wrongly classified.", "clocks": "as_then", "compensations": []}
    run.do(ZHOU, ("rewind", back))
    assert run.case.policy.version == "2027-1"
    resolution = run.case.clocks["resolution"]
    assert resolution.target.budget == 72 * HOUR
    assert run.process.fold(run.case.opening, run.case.entries) == run.case
