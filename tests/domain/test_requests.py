"""Requests: all commands or none, once, by those who may, on what they saw."""

import pytest

from domain.engine.messages import Request
from domain.errors import (
    NotYourCase,
    RequestReused,
    Stale,
    StepJustDone,
    StepNotAllowed,
    StepNotOffered,
    TaskDone,
    WrongForm,
)
from domain.language.entries import Cause, EntryType
from domain.language.roles import Actor, ActorKind
from domain.stories import through
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, DAY, MINUTE, NINE, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SHOP, SORTED, ZHANG, ZHAO, ZHOU, request


def test_opening_a_case_is_its_first_entry() -> None:
    run = CaseDriver(digest="abc")
    (opened,) = run.case.entries
    assert (opened.seq, opened.type, opened.step) == (1, EntryType.OPENED, None)
    assert (opened.actor, opened.at, opened.led_to) == (CHEN, NINE, "received")
    assert (opened.cause.request, opened.cause.digest) == (run.case.opening.request, "abc")
    assert opened.form["form"] == {"words": "The clerk was rude."}


def test_several_deeds_are_one_request() -> None:
    run = CaseDriver()
    receipt = run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    assert (receipt.first, receipt.last, receipt.etag) == (2, 3, 3)
    assert receipt.state == run.case.state == "classified"
    assert [entry.cause.request for entry in run.case.entries[1:]] == ["r1", "r1"]


def test_the_second_deed_refused_undoes_the_first() -> None:
    run = CaseDriver()
    refused = run.refuse(StepNotOffered, CHEN, ("accept", {}), ("investigate", FINDING))
    assert refused.params == {"step": "investigate", "state": "accepted"}
    assert run.case.state == "received"


def test_a_request_done_again_gets_its_first_answer() -> None:
    run = CaseDriver()
    first = run.do(CHEN, *ACCEPTED_AND_CLASSIFIED, id="same", digest="a")
    run.do(LIU, ("claim", {}))
    before = run.case.copy()
    assert run.do(CHEN, *ACCEPTED_AND_CLASSIFIED, id="same", digest="a") == first
    assert run.case == before


def test_a_request_id_with_another_body_is_refused() -> None:
    run = CaseDriver()
    run.do(CHEN, ("accept", {}), id="same", digest="a")
    run.refuse(RequestReused, CHEN, ("accept", {}), id="same", digest="b")


def test_the_key_that_opened_the_case_is_no_request() -> None:
    run = CaseDriver()
    assert run.do(CHEN, ("accept", {}), id=run.case.opening.request).first == 2


def test_a_step_done_by_another_names_the_winner() -> None:
    run = CaseDriver()
    run.do(LIU, ("accept", {}))
    refused = run.refuse(StepNotOffered, ZHANG, ("accept", {}))
    assert refused.params["by"] == "liu.yang"
    assert refused.params["at"] == run.case.last.at.isoformat()
    assert "liu.yang did it" in str(refused)


def test_a_task_done_by_another_names_the_winner() -> None:
    run = CaseDriver()
    task = run.case.entered
    run.do(LIU, ("accept", {}), task=task)
    run.do(CHEN, ACCEPTED_AND_CLASSIFIED[1])
    refused = run.refuse(TaskDone, ZHANG, ("accept", {}), task=task)
    assert refused.params["by"] == "liu.yang"
    assert "by" not in run.refuse(TaskDone, ZHANG, ("claim", {}), task=99).params


def test_the_same_task_is_not_done_by_being_claimed() -> None:
    run = CaseDriver()
    task = run.case.entered
    run.do(LIU, ("claim", {}), task=task)
    run.do(LIU, ("accept", {}), task=task)
    assert run.case.state == "accepted"


def test_who_looked_too_early_is_refused() -> None:
    run = CaseDriver()
    seen = run.case.etag
    run.do(LIU, ("claim", {}), if_match=seen)
    refused = run.refuse(Stale, LIU, ("accept", {}), if_match=seen)
    assert refused.params["etag"] == run.case.etag == 2
    assert run.do(LIU, ("accept", {}), if_match=2).etag == 3


def test_another_systems_case_is_not_touched() -> None:
    run = CaseDriver(actor=SHOP)
    run.do(SHOP, ("withdraw", {}), id="mine")
    run.refuse(NotYourCase, through("platform"), ("reopen", {"reason": "x"}))
    run.refuse(NotYourCase, through("platform"), ("withdraw", {}), id="mine")


def test_another_tenants_case_is_not_there() -> None:
    run = CaseDriver()
    run.do(CHEN, ("accept", {}), id="mine")
    run.refuse(NotYourCase, CHEN, ACCEPTED_AND_CLASSIFIED[1], tenant="other")
    run.refuse(NotYourCase, CHEN, ("accept", {}), tenant="other", id="mine")


def test_what_the_role_does_not_allow_is_refused_before_the_form_is_read() -> None:
    run = CaseDriver(actor=SHOP)
    refused = run.refuse(StepNotAllowed, SHOP, ("accept", {"colour": "red"}))
    takes = refused.params["takes"]
    assert isinstance(takes, list)
    assert "agent" in takes
    run.refuse(WrongForm, LIU, ("accept", {"colour": "red"}))


@pytest.mark.parametrize("kind", [ActorKind.TIMER, ActorKind.ROUTER, ActorKind.WORLD])
def test_no_machine_accepts_a_case(kind: ActorKind) -> None:
    CaseDriver().refuse(StepNotAllowed, Actor(kind=kind, id="x", roles=("agent",)), ("accept", {}))


def test_a_system_without_a_customer_cannot_withdraw() -> None:
    bare = Actor(kind=ActorKind.SYSTEM, id="shop")
    CaseDriver(actor=SHOP).refuse(StepNotAllowed, bare, ("withdraw", {}))


def test_an_unknown_step_is_not_offered() -> None:
    refused = CaseDriver().refuse(StepNotOffered, CHEN, ("fly", {}))
    assert refused.params == {"step": "fly", "state": "received"}


def test_what_may_be_done_is_what_is_offered() -> None:
    run = CaseDriver(actor=SHOP)
    offered = [step.name for step in run.process.offers(run.case, SHOP, run.now)]
    assert offered == ["withdraw"]
    run.do(
        LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    offered = [step.name for step in run.process.offers(run.case, SHOP, run.now)]
    assert offered == ["accept_solution", "reject_solution", "withdraw"]
    assert not run.process.offers(run.case, Actor(kind=ActorKind.ROUTER, id="r"), run.now + DAY)


def test_a_case_as_it_was() -> None:
    run = CaseDriver()
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    then = run.process.as_of(run.case, 2)
    assert (then.state, len(then.entries)) == ("accepted", 2)
    assert run.process.as_of(run.case, 3) is run.case


def test_a_step_that_stays_is_not_taken_twice_by_accident() -> None:
    run = CaseDriver()
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    again = ("reclassify", {**SORTED, "urgency": "high"})
    run.do(LIU, again)
    run.pass_time(-MINUTE)
    refused = run.refuse(StepJustDone, ZHANG, again)
    assert refused.params["by"] == LIU.id
    run.pass_time(-MINUTE)
    run.do(ZHANG, again, if_match=run.case.etag)
    run.do(ZHANG, again)


def test_deeds_are_numbered_within_their_request() -> None:
    run = CaseDriver()
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}))
    assert [entry.cause.command for entry in run.case.entries] == [None, 0, 1, 0]


def test_histories_keep_their_names() -> None:
    """What is stored by another name than the code has is written and read by that name."""
    stored_request = {
        "id": "r1",
        "actor": CHEN.model_dump(mode="json"),
        "deeds": [{"step": "accept"}],
    }
    stored = Request.model_validate(stored_request)
    assert stored == request("r1", ("accept", {}), actor=CHEN)
    assert "deeds" in stored.model_dump(mode="json")
    assert Cause.model_validate({"deed": 2}) == Cause(command=2)
    assert Cause(command=2).model_dump(exclude_none=True) == {"deed": 2}


def test_whoever_says_something_else_goes_on_at_once() -> None:
    """What somebody reclassified by mistake is put right without waiting for a minute."""
    run = CaseDriver()
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("reclassify", {**SORTED, "urgency": "high"}))
    run.pass_time(-MINUTE)
    run.do(LIU, ("reclassify", {**SORTED, "urgency": "low"}))
    run.pass_time(-MINUTE)
    run.refuse(StepJustDone, LIU, ("reclassify", {**SORTED, "urgency": "low"}))
    run.pass_time(-MINUTE)
    refused = run.refuse(StepJustDone, ZHANG, ("reclassify", {**SORTED, "urgency": "high"}))
    assert refused.params["by"] == LIU.id, "who replaces what another said looks first"


def test_reports_of_different_things_do_not_wait_for_each_other() -> None:
    run = CaseDriver(actor=SHOP)
    run.do(LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING))
    first, second = (
        {"amount": {"amount": amount}, "reason": "x"} for amount in ("300.00", "200.00")
    )
    run.do(ZHAO, ("approve_amount", first))
    run.pass_time(-MINUTE)
    run.do(ZHOU, ("approve_amount", second))
    for who in (ZHAO, ZHOU):
        run.pass_time(-MINUTE)
        refused = run.refuse(StepJustDone, who, ("approve_amount", first))
        assert refused.params["by"] == ZHAO.id
