"""Taking a case back: the plan, what it asks for, what becomes of the clocks, the saga after it."""

from datetime import timedelta

import pytest

from domain.engine.messages import Outcome
from domain.engine.rewind.compensation import irreversible_effects
from domain.errors import NothingToRewind, StepNotAllowed, Uncompensated, WrongForm
from domain.language.clocks import ClockState
from domain.language.entries import EntryType
from domain.read_models.projection import pending_call, projection_update
from tests.domain.case_driver import DAY, HOUR
from tests.domain.return_case import EXCHANGED, YUAN, return_received, return_refunded, rewind_to
from tests.support.cases import LIU, SHOP, ZHAO


def test_the_plan_lists_what_cannot_be_undone() -> None:
    run, review = return_refunded()
    effects = [
        (each.port, each.template) for each in irreversible_effects(run.process, run.case, review)
    ]
    notices = [("notice", "approved"), ("notice", "goods_here")]
    assert effects == [*notices, ("refund", "refund"), ("tell", "outcome")]
    paid = irreversible_effects(run.process, run.case, review)[2]
    assert (paid.reference, paid.params) == ("refund-7", YUAN)
    assert run.case.entries[paid.entry - 1].step == "refunded"


def test_each_effect_needs_something_that_makes_up_for_it() -> None:
    run, review = return_refunded()
    name, form = rewind_to(run, review)
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
    run, review = return_refunded()
    run.refuse(StepNotAllowed, LIU, rewind_to(run, review))
    run.refuse(StepNotAllowed, SHOP, rewind_to(run, review))


def test_it_goes_back_only_to_where_people_were_to_act() -> None:
    run, review = return_refunded()
    waiting = next(e.seq for e in run.case.entries if e.led_to == "refunding")
    run.refuse(NothingToRewind, ZHAO, rewind_to(run, waiting))
    name, form = rewind_to(run, review)
    for nowhere in (run.case.last.seq, run.case.last.seq + 5):
        run.refuse(NothingToRewind, ZHAO, (name, form | {"to": nowhere}))


def test_nothing_is_erased_and_the_case_is_as_it_was() -> None:
    run, review = return_refunded()
    before, then = list(run.case.entries), run.process.as_of(run.case, review)
    run.do(ZHAO, rewind_to(run, review))
    assert run.case.entries[: len(before)] == before
    rewound = run.case.entries[len(before)]
    assert (rewound.type, rewound.led_to, rewound.actor.id) == (
        EntryType.REWOUND, then.state, ZHAO.id,
    )  # fmt: skip
    assert run.case.state == "reviewing"
    assert run.case.latest_forms == then.latest_forms
    assert run.holder == LIU.id
    open_tasks = [t for t in projection_update(run.process, run.case, 0).tasks if t.done_at is None]
    assert [task.seq for task in open_tasks] == [rewound.seq]
    assert run.process.fold(run.case.opening, run.case.entries) == run.case
    run.do(LIU, ("review", EXCHANGED))
    assert run.case.state == "awaiting_goods"


def test_the_money_is_taken_back_through_its_port_once_and_the_customer_is_told() -> None:
    run, review = return_refunded()
    run.do(ZHAO, rewind_to(run, review, refund="reverse", goods_here="reverse"))
    rewound = run.case.last.seq
    call = pending_call(run.process, run.case)
    assert call is not None
    assert (call.port, call.template, call.seq) == ("refund", "refund_reversal", rewound)
    assert call.params == {**YUAN, "reverses": "refund-7"}
    told = [
        n
        for n in projection_update(run.process, run.case, rewound - 1).notices
        if n.to == "customer"
    ]
    assert [(n.template, n.seq) for n in told] == [("correction", rewound)]
    done = Outcome(step=call.done, form={"reference": "refund-8"})
    run.process.apply_outcome(run.case, call, done, run.now)
    assert (run.case.last.type, run.case.state) == (EntryType.EFFECT_DONE, "reviewing")
    assert pending_call(run.process, run.case) is None


def test_a_compensation_that_is_refused_is_told_to_a_manager() -> None:
    run, review = return_refunded()
    run.do(ZHAO, rewind_to(run, review, refund="reverse"))
    call = pending_call(run.process, run.case)
    assert call is not None
    no = Outcome(step=call.refused, form={"reason": "account_closed"})
    run.process.apply_outcome(run.case, call, no, run.now)
    assert run.case.last.type is EntryType.EFFECT_FAILED
    (notice,) = projection_update(run.process, run.case, run.case.last.seq - 1).notices
    assert (notice.template, notice.to) == ("compensation_refused", "service_manager")
    assert pending_call(run.process, run.case) is None


def test_what_was_made_up_for_once_is_not_asked_for_again() -> None:
    run, review = return_refunded()
    run.do(ZHAO, rewind_to(run, review))
    run.do(LIU, ("review", EXCHANGED))
    effects = [
        (each.port, each.template) for each in irreversible_effects(run.process, run.case, review)
    ]
    assert effects == [("notice", "approved")]


@pytest.mark.parametrize(
    ("clocks", "due_after", "instance"),
    [("go_on", 2 * DAY, 1), ("as_then", 2 * DAY, 1), ("restart", None, 2)],
)
def test_what_happens_to_a_clock_that_runs_still(
    clocks: str, due_after: timedelta | None, instance: int
) -> None:
    run, review = return_received()
    started = run.case.clocks["resolution"].started_at
    paused = run.case.clocks["resolution"].pauses
    still = sum((until - since for since, until in paused), timedelta())
    run.do(ZHAO, rewind_to(run, review, clocks))
    reading = run.case.clocks["resolution"]
    expected = started + due_after + still if due_after else run.now + 2 * DAY
    assert (reading.due, reading.number) == (expected, instance)


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
    run, review = return_refunded()
    run.do(ZHAO, rewind_to(run, review, clocks))
    instance = run.case.clocks["resolution"]
    assert (instance.state, instance.number) == (ClockState.RUNNING, 2)
    since = run.case.opening.received_at if counts_from_then else run.now
    assert instance.started_at == since
    verdicts = [r.state for r in run.case.past if r.clock.name == "resolution"]
    assert verdicts == [ClockState.MET]
    assert run.case.clocks["follow_up"].state is follow_up


def test_a_breach_stays_whatever_is_taken_back() -> None:
    run, review = return_received()
    run.pass_time(60 * HOUR)
    run.process.settle(run.case, run.now)
    assert run.case.clocks["resolution"].state is ClockState.BREACHED
    run.do(ZHAO, rewind_to(run, review, "restart"))
    verdicts = [r.state for r in run.case.past if r.clock.name == "resolution"]
    assert verdicts == [ClockState.BREACHED]
