"""What reports are made of: who held a case at a breach, and what the customer said last."""

from datetime import timedelta
from typing import Any

from cases import KINDS
from cases.common import tail
from domain.engine.definition import Rating
from domain.language.entries import EntryType
from domain.read_models.projection import ClockView, case_view, projection_update
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, MINUTE, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SHOP, WANG, ZHANG, ZHOU

UNHAPPY = {"reached": True, "solved": False, "satisfaction": "dissatisfied", "nps": 2}
HAPPY = {"reached": True, "solved": True, "satisfaction": "satisfied", "nps": 9}
NOBODY = {"reached": False}
CARRIED_OUT = ("carry_out", {"done": "Apologised, 20 yuan paid."})


def breached(run: CaseDriver) -> dict[str, ClockView]:
    clocks = projection_update(run.process, run.case, 0).clocks
    return {clock.clock: clock for clock in clocks if clock.breached_at}


def test_who_held_the_case_when_a_promise_was_broken() -> None:
    """Whoever gets it later did not; where nobody held it, nobody did."""
    run = CaseDriver(actor=SHOP)
    run.pass_time(timedelta(minutes=16))
    run.process.settle(run.case, run.now)
    assert breached(run)["response"].breach_holder is None
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}))
    run.pass_time(timedelta(days=3))
    run.process.settle(run.case, run.now)
    run.do(WANG, ("assign", {"assignee": ZHANG.id, "roles": [*ZHANG.roles]}))
    clocks = breached(run)
    assert clocks["response"].breach_holder is None
    assert clocks["resolution"].breach_holder == LIU.id
    assert run.holder == ZHANG.id
    assert run.process.fold(run.case.opening, run.case.entries) == run.case


def following_up() -> CaseDriver:
    """The outcome was told; somebody is to ask how content the customer is."""
    run = CaseDriver(actor=SHOP)
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}), ("investigate", FINDING), ("propose", OFFER))
    return carried_out(run)


def carried_out(run: CaseDriver) -> CaseDriver:
    run.do(SHOP, ("accept_solution", {"offer": run.case.last.seq}))
    run.do(LIU, CARRIED_OUT)
    run.tell_customer()
    return run


def rating(run: CaseDriver) -> Rating | None:
    row = case_view(run.process, run.case)
    told = run.process.rating(run.case)
    expected = (told.satisfaction, told.nps, told.rated_at) if told else (None, None, None)
    assert (row.satisfaction, row.nps, row.rated_at) == expected
    return told


def test_what_the_customer_said_last_counts() -> None:
    run = following_up()
    assert rating(run) is None
    run.do(LIU, ("follow_up", NOBODY))
    assert rating(run) is None, "nobody said anything"
    run.do(LIU, ("follow_up", UNHAPPY))
    assert rating(run) == Rating(satisfaction="dissatisfied", nps=2, rated_at=run.now)
    run.do(LIU, ("propose", OFFER))
    carried_out(run)
    run.pass_time(2 * MINUTE)
    run.do(SHOP, ("confirm", {"solved": True, "nps": 8}))
    assert rating(run) == Rating(satisfaction=None, nps=8, rated_at=run.now)


def test_what_was_taken_back_was_not_said() -> None:
    run = following_up()
    before = run.case.last.seq
    run.do(LIU, ("follow_up", UNHAPPY))
    said = run.now
    run.do(LIU, ("propose", OFFER))
    rewind: dict[str, Any] = {"to": before, "reason": "It was another case.", "clocks": "go_on"}
    plan = [{"effect": 1, "how": "accept", "note": "The offer stands."}]
    run.do(ZHOU, ("rewind", {**rewind, "compensations": plan}))
    assert run.case.last.type is EntryType.REWOUND
    assert rating(run) is None
    run.do(LIU, ("follow_up", HAPPY))
    found = rating(run)
    assert found is not None
    assert (found.nps, found.rated_at > said) == (9, True)


def test_every_table_asks() -> None:
    assert {process.rating for process in KINDS.values()} == {tail.rating}
