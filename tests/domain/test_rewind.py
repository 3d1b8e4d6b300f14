"""Taking a case back: the plan, what it asks for, what becomes of the clocks, the saga after it."""

from datetime import timedelta
from typing import Any

import pytest

from domain.clocks import ClockState
from domain.effects import Outcome
from domain.entries import EntryType
from domain.errors import (
    NothingToRewind,
    StepJustDone,
    StepNotAllowed,
    Uncompensated,
    WrongForm,
)
from domain.people import the_world
from domain.rewinding import lasting
from domain.stories import person
from domain.views import batch, errand
from tests.domain.run import DAY, HOUR, PUT_IN, Run
from tests.support.cases import FINDING, LIU, OFFER, SHOP, ZHAO

HE = person("he.tao", "logistics")
YUAN = {"amount": "299.00", "currency": "CNY"}
APPROVED = {
    "ground": "personal",
    "ruling": "refund",
    "delivered_on": "2026-02-27",
    "freight": "customer",
    "amount": YUAN,
}


def received() -> tuple[Run, int]:
    """A return whose goods are here, and the entry after which it was to be reviewed."""
    run = Run("returns", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    review = run.case.last.seq
    run.do(LIU, ("review", APPROVED))
    run.do(HE, ("receive", {}))
    return run, review


def refunded() -> tuple[Run, int]:
    """A return whose money was paid back, of which the customer was told."""
    run, review = received()
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.told()
    return run, review


def compensated(run: Run) -> None:
    """The world takes back what it is asked to."""
    asked = errand(run.process, run.case)
    assert asked is not None
    done = Outcome(step=asked.done, form={"reference": "refund-8"})
    run.process.answer(run.case, asked, done, run.now)


def listed(run: Run, to: int) -> list[tuple[str, str, bool]]:
    found = lasting(run.process, run.case, to)
    return [(each.port, each.template, each.reversible) for each in found]


def back(run: Run, to: int, clocks: str = "go_on", **how: str) -> tuple[str, dict[str, Any]]:
    """A rewind that makes up for every effect: each in its own way, or by accepting it."""
    made_up = [
        {
            "effect": each.effect,
            "how": how.get(each.template, how.get(each.port, "accept")),
            "note": "as agreed with the customer",
        }
        for each in lasting(run.process, run.case, to)
    ]
    form = {"to": to, "reason": "the wrong case", "clocks": clocks, "compensations": made_up}
    return "rewind", form


def test_the_plan_lists_what_cannot_be_undone() -> None:
    run, review = refunded()
    found = [(each.port, each.template) for each in lasting(run.process, run.case, review)]
    notices = [("notice", "approved"), ("notice", "goods_here")]
    assert found == [*notices, ("refund", "refund"), ("tell", "outcome")]
    paid = lasting(run.process, run.case, review)[2]
    assert (paid.reference, paid.params) == ("refund-7", YUAN)
    assert run.case.entries[paid.entry - 1].step == "refunded"


def test_each_effect_needs_something_that_makes_up_for_it() -> None:
    run, review = refunded()
    name, form = back(run, review)
    one_less = form | {"compensations": form["compensations"][:-1]}
    refused = run.refuse(Uncompensated, ZHAO, (name, one_less))
    assert refused.params["effects"] == [4]
    assert "tell" in str(refused)
    unsaid = [{**each, "note": ""} for each in form["compensations"]]
    run.refuse(Uncompensated, ZHAO, (name, form | {"compensations": unsaid}))
    unknown = [*form["compensations"], {"effect": 9, "how": "accept", "note": "x"}]
    run.refuse(NothingToRewind, ZHAO, (name, form | {"compensations": unknown}))
    run.refuse(WrongForm, ZHAO, (name, {"to": review, "clocks": "go_on"}))


def test_only_a_manager_takes_a_case_back() -> None:
    run, review = refunded()
    run.refuse(StepNotAllowed, LIU, back(run, review))
    run.refuse(StepNotAllowed, SHOP, back(run, review))


def test_it_goes_back_only_to_where_people_were_to_act() -> None:
    run, review = refunded()
    waiting = next(e.seq for e in run.case.entries if e.led_to == "refunding")
    run.refuse(NothingToRewind, ZHAO, back(run, waiting))
    name, form = back(run, review)
    for nowhere in (run.case.last.seq, run.case.last.seq + 5):
        run.refuse(NothingToRewind, ZHAO, (name, form | {"to": nowhere}))


def test_nothing_is_erased_and_the_case_is_as_it_was() -> None:
    run, review = refunded()
    before, then = list(run.case.entries), run.process.as_of(run.case, review)
    run.do(ZHAO, back(run, review))
    assert run.case.entries[: len(before)] == before
    rewound = run.case.entries[len(before)]
    assert (rewound.type, rewound.led_to, rewound.actor.id) == (
        EntryType.REWOUND, then.state, ZHAO.id,
    )  # fmt: skip
    assert run.case.state == "reviewing"
    assert run.case.papers == then.papers
    assert run.holder == LIU.id
    open_tasks = [t for t in batch(run.process, run.case, 0).tasks if t.done_at is None]
    assert [task.seq for task in open_tasks] == [rewound.seq]
    assert run.process.fold(run.case.opening, run.case.entries) == run.case
    run.do(LIU, ("review", APPROVED))
    assert run.case.state == "awaiting_goods"


def test_the_money_is_taken_back_through_its_port_once_and_the_customer_is_told() -> None:
    run, review = refunded()
    run.do(ZHAO, back(run, review, refund="reverse", goods_here="reverse"))
    rewound = run.case.last.seq
    asked = errand(run.process, run.case)
    assert asked is not None
    assert (asked.port, asked.template, asked.seq) == ("refund", "refund_reversal", rewound)
    assert asked.params == {**YUAN, "reverses": "refund-7"}
    told = [n for n in batch(run.process, run.case, rewound - 1).notices if n.to == "customer"]
    assert [(n.template, n.seq) for n in told] == [("correction", rewound)]
    done = Outcome(step=asked.done, form={"reference": "refund-8"})
    run.process.answer(run.case, asked, done, run.now)
    assert (run.case.last.type, run.case.state) == (EntryType.EFFECT_DONE, "reviewing")
    assert errand(run.process, run.case) is None


def test_a_compensation_that_is_refused_is_told_to_a_manager() -> None:
    run, review = refunded()
    run.do(ZHAO, back(run, review, refund="reverse"))
    asked = errand(run.process, run.case)
    assert asked is not None
    no = Outcome(step=asked.refused, form={"reason": "account_closed"})
    run.process.answer(run.case, asked, no, run.now)
    assert run.case.last.type is EntryType.EFFECT_FAILED
    (notice,) = batch(run.process, run.case, run.case.last.seq - 1).notices
    assert (notice.template, notice.to) == ("compensation_refused", "service_manager")
    assert errand(run.process, run.case) is None


def test_what_was_made_up_for_once_is_not_asked_for_again() -> None:
    run, review = refunded()
    run.do(ZHAO, back(run, review))
    run.do(LIU, ("review", APPROVED))
    found = [(each.port, each.template) for each in lasting(run.process, run.case, review)]
    assert found == [("notice", "approved")]


@pytest.mark.parametrize(
    ("clocks", "due_after", "instance"),
    [("go_on", 2 * DAY, 1), ("as_then", 2 * DAY, 1), ("restart", None, 2)],
)
def test_what_happens_to_a_clock_that_runs_still(
    clocks: str, due_after: timedelta | None, instance: int
) -> None:
    run, review = received()
    started = run.case.clocks["resolution"].started_at
    paused = run.case.clocks["resolution"].pauses
    still = sum((until - since for since, until in paused), timedelta())
    run.do(ZHAO, back(run, review, clocks))
    reading = run.case.clocks["resolution"]
    wanted = started + due_after + still if due_after else run.now + 2 * DAY
    assert (reading.due, reading.instance) == (wanted, instance)


@pytest.mark.parametrize(
    ("clocks", "counts_from_then", "follow_up"),
    [
        ("go_on", False, ClockState.MET),
        ("as_then", True, ClockState.CANCELLED),
        ("restart", False, ClockState.CANCELLED),
    ],
)
def test_what_happens_to_clocks_that_were_met_or_began_since(
    clocks: str, counts_from_then: bool, follow_up: ClockState
) -> None:
    """The state it goes back to starts its own clocks, as it does for whoever comes there."""
    run, review = refunded()
    run.do(ZHAO, back(run, review, clocks))
    reading = run.case.clocks["resolution"]
    assert (reading.state, reading.instance) == (ClockState.RUNNING, 2)
    since = run.case.opening.received_at if counts_from_then else run.now
    assert reading.started_at == since
    verdicts = [r.state for r in run.case.past if r.clock.name == "resolution"]
    assert verdicts == [ClockState.MET]
    assert run.case.clocks["follow_up"].state is follow_up


def test_a_breach_stays_whatever_is_taken_back() -> None:
    run, review = received()
    run.pass_time(60 * HOUR)
    run.process.settle(run.case, run.now)
    assert run.case.clocks["resolution"].state is ClockState.BREACHED
    run.do(ZHAO, back(run, review, "restart"))
    verdicts = [r.state for r in run.case.past if r.clock.name == "resolution"]
    assert verdicts == [ClockState.BREACHED]


def test_while_the_world_is_asked_nothing_is_taken_back() -> None:
    """Its answer would come to a case that has forgotten the question: money paid twice."""
    run, review = received()
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    assert run.case.state == "refunding"
    run.refuse(NothingToRewind, ZHAO, back(run, review))


def test_a_case_does_not_end_while_a_compensation_is_under_way() -> None:
    run, review = refunded()
    run.do(ZHAO, back(run, review, refund="reverse"), ("withdraw", {}))
    assert run.process.here(run.case).closed
    assert run.process.over_at(run.case) is None
    compensated(run)
    assert run.process.over_at(run.case) == run.case.since


def test_the_money_is_what_is_decided_anew_not_what_was_taken_back() -> None:
    run, _ = received()
    inspecting = run.case.last.seq
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    run.do(the_world("refund"), ("refund_refused", {"reason": "account_closed"}))
    run.do(LIU, ("refund", {"amount": {"amount": "9990.00", "currency": "CNY"}}))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.told()
    run.do(ZHAO, back(run, inspecting, refund="reverse"))
    compensated(run)
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    asked = errand(run.process, run.case)
    assert asked is not None
    assert asked.params == YUAN


def test_going_back_to_where_money_was_paid_asks_what_becomes_of_its_return() -> None:
    run, review = refunded()
    following_up = run.case.last.seq
    run.do(ZHAO, back(run, review, refund="reverse"))
    compensated(run)
    assert ("refund", "refund_reversal", False) in listed(run, following_up)
    run.refuse(Uncompensated, ZHAO, back(run, following_up, refund_reversal="reverse"))
    assert listed(run, review) == []


def test_what_people_did_by_hand_is_in_the_plan() -> None:
    run, review = received()
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    run.do(the_world("refund"), ("refund_refused", {"reason": "account_closed"}))
    run.do(LIU, ("settle_by_hand", {"reference": "cash"}))
    run.told()
    assert ("by_hand", "settle_by_hand", False) in listed(run, review)


def test_as_then_counts_with_the_pauses_since_and_breaches_nothing_twice() -> None:
    run, review = received()
    run.pass_time(60 * HOUR)
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.told()
    before = run.case.clocks["resolution"]
    assert before.state is ClockState.MET_LATE
    run.do(ZHAO, back(run, review, "as_then"))
    again = run.case.clocks["resolution"]
    assert (again.state, again.pauses) == (ClockState.BREACHED, before.pauses)
    run.pass_time(DAY)
    run.process.settle(run.case, run.now)
    breaches = [e for e in run.case.entries if e.form.get("breach")]
    assert [e.form["clock"] for e in breaches].count("resolution") == 1


def test_a_clock_stands_still_where_the_case_waits_for_the_customer() -> None:
    run = Run(actor=SHOP)
    run.do(LIU, *PUT_IN, ("claim", {}), ("investigate", FINDING), ("propose", OFFER))
    proposed = run.case.last.seq
    run.pass_time(49 * HOUR)
    run.process.settle(run.case, run.now)
    run.do(ZHAO, back(run, proposed, "restart"))
    assert run.case.state == "proposed"
    assert run.case.clocks["resolution"].state is ClockState.PAUSED


def test_the_same_rewind_at_once_is_done_once() -> None:
    run, review = refunded()
    asked = back(run, review)
    run.do(ZHAO, asked)
    run.now -= timedelta(minutes=1)
    again = ("rewind", {**asked[1], "compensations": []})
    assert lasting(run.process, run.case, review) == []
    run.do(ZHAO, again)
    run.now -= timedelta(minutes=1)
    run.refuse(StepJustDone, ZHAO, again)
