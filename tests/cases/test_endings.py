"""How a case ends: withdrawn with a reason, solved by the customer's word, given up after days."""

from typing import Any

import pytest

from cases import CURRENT, KINDS
from cases.common.errors import NotContent
from cases.common.parcels import Parcel
from cases.repair.errors import CustomerWithdrew
from domain.engine.process import Process
from domain.errors import ReasonMissing, StepNotOffered
from domain.language.effects import CUSTOMER, Notify
from domain.language.roles import the_world
from domain.read_models.projection import notice_views
from domain.stories import person
from i18n.labels import LOCALES
from i18n.notices import notice_sentence
from tests.domain.case_driver import DAY, HOUR, MINUTE, CaseDriver
from tests.domain.return_case import APPROVED, EXCHANGED, HE, return_refunded
from tests.support.cases import CHEN, LIU, SHOP, ZHAO, opening, request

MA = person("ma.qiang", "repairer")
EVERY_KIND = pytest.mark.parametrize("kind", CURRENT)


@EVERY_KIND
def test_staff_withdraw_with_a_reason_and_the_customer_hears_of_it(kind: str) -> None:
    run = CaseDriver(kind, actor=SHOP, customer="customer-1")
    for form in ({}, {"reason": ""}, {"reason": " \n"}):
        run.refuse(ReasonMissing, CHEN, ("withdraw", form))
    run.do(CHEN, ("withdraw", {"reason": "He rang."}))
    told = [e for e in run.process.effects(run.case, run.case.last) if isinstance(e, Notify)]
    assert [(each.template, each.to) for each in told] == [("withdrawn_by_us", CUSTOMER)]
    (notice,) = notice_views(run.process, run.case, run.case.last)
    assert notice.params == {"reason": "He rang."}


@EVERY_KIND
def test_a_customer_needs_no_reason_and_is_told_that_it_was_their_wish(kind: str) -> None:
    run = CaseDriver(kind, actor=SHOP, customer="customer-1")
    run.do(SHOP, ("withdraw", {"reason": "I keep it."}))
    (notice,) = notice_views(run.process, run.case, run.case.last)
    assert (notice.template, notice.params) == ("withdrawn", {})


@pytest.mark.parametrize("kind", CURRENT)
def test_cases_of_older_versions_tell_what_they_told(kind: str) -> None:
    run = CaseDriver(kind, actor=SHOP, customer="customer-1", version=2)
    run.do(CHEN, ("withdraw", {"reason": "He rang."}))
    (notice,) = notice_views(run.process, run.case, run.case.last)
    assert (notice.template, notice.params) == ("withdrawn", {})


def test_a_reason_says_what_it_says_in_every_language() -> None:
    params = {"reason": "%(number)s is twice"}
    for locale in LOCALES:
        text = notice_sentence("withdrawn_by_us", "TS1", params, kind="", locale=locale)
        assert text is not None
        assert "TS1" in text
        assert "%(number)s is twice" in text


@pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
def test_wherever_a_case_is_withdrawn_the_customer_is_told(process: Process) -> None:
    steps = [step for state in process.states for step in state.steps if step.name == "withdraw"]
    assert steps
    assert all(step.does for step in steps)


def following_up(kind: str = "repair") -> CaseDriver:
    if kind == "returns":
        return return_refunded()[0]
    run = CaseDriver("repair", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "screen"}))
    run.do(LIU, ("assign", {"assignee": MA.id, "roles": ["repairer"]}))
    run.do(MA, ("take_job", {}), ("visit", {}))
    diagnosis = {"outcome": "covered", "finding": "x", "evidence": "Receipt."}
    run.do(MA, ("diagnose", diagnosis), ("repair", {"work": "x"}))
    run.do(MA, ("test", {"passed": True}), ("hand_over", {}))
    run.tell_customer()
    return run


def ended(run: CaseDriver) -> str | None:
    return run.process.state_of(run.case).outcome


@pytest.mark.parametrize(
    ("step", "who", "satisfaction", "outcome"),
    [
        ("follow_up", LIU, "very_satisfied", "solved"),
        ("follow_up", LIU, "satisfied", "solved"),
        ("follow_up", LIU, "neutral", "unconfirmed"),
        ("follow_up", LIU, "dissatisfied", None),
        ("confirm", SHOP, "satisfied", "solved"),
        ("confirm", SHOP, "neutral", "unconfirmed"),
        ("confirm", SHOP, "dissatisfied", None),
        ("confirm", SHOP, None, "solved"),
    ],
)
def test_a_repair_is_solved_when_the_customer_is_content(
    step: str, who: Any, satisfaction: str | None, outcome: str | None
) -> None:
    run = following_up()
    form: dict[str, Any] = {"solved": True, "satisfaction": satisfaction}
    run.do(who, (step, form | ({"reached": True} if step == "follow_up" else {})))
    assert ended(run) == outcome
    assert outcome or run.case.state == "classified"


def test_an_agents_word_is_not_the_customers() -> None:
    run = following_up()
    run.refuse(NotContent, LIU, ("follow_up", {"reached": True, "solved": True}))
    run.refuse(NotContent, ZHAO, ("follow_up", {"reached": True, "solved": True}))


@pytest.mark.parametrize("satisfaction", [None, "neutral", "dissatisfied"])
def test_cases_that_run_under_the_older_table_close_no_otherwise(satisfaction: str | None) -> None:
    """There the step would lead to solved, so it is refused."""
    run = following_up()
    old = KINDS["repair", 1]
    case = old.fold(run.case.opening, run.case.entries)
    form = {"reached": True, "solved": True, "satisfaction": satisfaction}
    with pytest.raises(NotContent):
        old.check_request(case, request("r", ("follow_up", form), actor=LIU), run.now + HOUR)


@pytest.mark.parametrize("kind", ["repair", "returns"])
def test_attempts_that_reach_nobody_count_by_the_day(kind: str) -> None:
    run = following_up(kind)
    nobody = ("follow_up", {"reached": False})
    for _ in range(5):
        run.do(LIU, nobody)
    run.pass_time(DAY)
    run.do(LIU, nobody)
    run.do(LIU, nobody)
    assert ended(run) is None
    run.pass_time(DAY)
    run.do(LIU, nobody)
    assert ended(run) == "unconfirmed"


def test_a_day_is_one_on_the_shops_calendar() -> None:
    """14:00 and 17:00 in UTC are on two days in Shanghai; 17:00 and the next 14:00 on one."""
    run = following_up()
    at = run.now.replace(hour=14, minute=0)
    for hours, outcome in ((0, None), (3, None), (24, None), (27, "unconfirmed")):
        run.now = at + hours * HOUR
        run.do(LIU, ("follow_up", {"reached": False}))
        assert ended(run) == outcome


@pytest.mark.parametrize("who", [MA, LIU, ZHAO])
def test_nothing_is_quoted_to_a_customer_who_withdrew(who: Any) -> None:
    run = CaseDriver("repair", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "screen"}))
    run.do(LIU, ("assign", {"assignee": MA.id, "roles": ["repairer"]}))
    run.do(MA, ("take_job", {}), ("visit", {}))
    run.do(MA, ("diagnose", {"outcome": "chargeable", "finding": "x"}))
    cost = {"price": {"amount": "300.00"}, "work": "x"}
    price = ("quote", {**cost, "lines": [{**cost, "cost": "part"}]})
    run.do(MA, price)
    run.do(SHOP, ("withdraw", {}))
    run.refuse(CustomerWithdrew, who, price)
    run.do(MA, ("hand_over", {}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": True}))
    run.do(SHOP, ("reopen", {"reason": "repair it after all"}))
    run.do(LIU, ("assign", {"assignee": MA.id, "roles": ["repairer"]}))
    run.do(MA, ("take_job", {}), ("visit", {}))
    run.do(MA, ("diagnose", {"outcome": "chargeable", "finding": "x"}), price)


def a_return() -> CaseDriver:
    run = CaseDriver("returns", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    return run


GOOD = {"grade": "A", "passed": True}
REFUSED = {"ground": "personal", "ruling": "refused", "reason": "worn"}


def lapsed() -> CaseDriver:
    run = a_return()
    run.do(LIU, ("review", APPROVED))
    run.pass_time(14 * DAY)
    run.process.settle(run.case, run.now)
    run.tell_customer()
    return run


def missing() -> CaseDriver:
    run = a_return()
    run.do(LIU, ("review", APPROVED))
    run.do(SHOP, ("ship", {"tracking": "SF1"}))
    run.pass_time(14 * DAY)
    run.process.settle(run.case, run.now)
    return run


def not_returned() -> CaseDriver:
    run = lapsed()
    run.do(SHOP, ("confirm", {"solved": True}))
    return run


def refused() -> CaseDriver:
    run = a_return()
    run.do(LIU, ("review", REFUSED))
    run.tell_customer()
    return run


def excepted() -> CaseDriver:
    run = missing()
    run.do(LIU, ("review", {**APPROVED, "ground": "other"}))
    return run


def unconfirmed() -> CaseDriver:
    run = lapsed()
    for _ in range(3):
        run.do(LIU, ("follow_up", {"reached": False}))
        run.pass_time(DAY)
    return run


def withdrawn_early() -> CaseDriver:
    run = a_return()
    run.do(SHOP, ("withdraw", {}))
    return run


def withdrawn_excepted() -> CaseDriver:
    run = excepted()
    run.do(SHOP, ("withdraw", {}))
    return run


def withdrawn_unsent() -> CaseDriver:
    """The goods may be on their way although nobody said so."""
    run = a_return()
    run.do(LIU, ("review", APPROVED))
    run.do(SHOP, ("withdraw", {}))
    return run


WITHDRAWN = (withdrawn_early, withdrawn_unsent, withdrawn_excepted)
LATE = (lapsed, missing, not_returned, refused, excepted, unconfirmed, *WITHDRAWN)


@pytest.mark.parametrize("case", LATE, ids=lambda case: case.__name__)
@pytest.mark.parametrize("way", ["taken", "refused", "withdrawn", "manager"])
def test_a_parcel_that_nobody_waits_for_is_a_task(case: Any, way: str) -> None:
    run = case()
    holder = run.holder
    run.do(HE, ("receive", {}))
    assert run.case.state == "goods_here"
    assert run.holder is None, f"{holder} does not keep what nobody decided yet"
    if way == "taken":
        run.do(LIU, ("claim", {}), ("review", APPROVED))
        assert run.case.state == "inspecting"
    elif way == "refused":
        run.do(LIU, ("claim", {}), ("review", REFUSED))
        assert run.case.state == Parcel.SENDING_BACK
    elif way == "withdrawn":
        run.do(SHOP, ("withdraw", {}))
        assert run.case.state == Parcel.SENDING_BACK
    else:
        run.do(LIU, ("claim", {}), ("review", {**APPROVED, "ground": "other"}))
        again = run.case.copy()
        run.do(ZHAO, ("decide", APPROVED))
        assert run.case.state == "inspecting"
        run.case = again
        run.do(ZHAO, ("decide", REFUSED))
        assert run.case.state == Parcel.SENDING_BACK


@pytest.mark.parametrize("case", WITHDRAWN, ids=lambda case: case.__name__)
def test_goods_of_a_withdrawn_return_are_taken_in_for_a_week(case: Any) -> None:
    run = case()
    assert ended(run) == "withdrawn"
    over = run.process.steps_end_at(run.case)
    assert over == run.case.since + 7 * DAY
    run.refuse(StepNotOffered, SHOP, ("reopen", {"reason": "after all"}))
    run.now = over - 2 * MINUTE
    run.do(HE, ("receive", {}))
    run.do(SHOP, ("withdraw", {}))
    call = run.process.state_of(run.case).call
    assert call is not None
    run.do(the_world(call.port), (call.done, {"reference": "x"}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": True}))
    assert ended(run) == "not_returned"


def test_whoever_takes_goods_in_is_no_candidate_for_the_review() -> None:
    run = a_return()
    candidates = run.process.candidate_rules(run.case).candidates(run.process.state_of(run.case))
    assert not candidates.names & {"logistics", "store_manager"}


def test_goods_that_come_after_a_withdrawal_go_back() -> None:
    run = a_return()
    run.do(LIU, ("review", APPROVED))
    run.do(SHOP, ("ship", {"tracking": "SF1"}), ("withdraw", {}))
    assert run.case.state == "recalled"
    lost = run.case.copy()
    run.do(HE, ("receive", {}))
    assert run.case.state == Parcel.SENDING_BACK
    run.case = lost
    run.pass_time(14 * DAY)
    run.process.settle(run.case, run.now)
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": True}))
    assert ended(run) == "not_returned"


def test_an_exchange_of_an_exchange_is_for_a_manager() -> None:
    run = a_return()
    for _ in range(3):
        run.do(LIU, ("review", EXCHANGED))
        if run.case.state == "exception":
            run.do(ZHAO, ("decide", EXCHANGED))
        elif "replacing" in {e.led_to for e in run.case.entries}:
            pytest.fail("another exchange without a manager")
        run.do(HE, ("receive", {}), ("inspect", GOOD))
        call = run.process.state_of(run.case).call
        assert call is not None
        run.do(the_world(call.port), (call.done, {"reference": "x"}))
        run.tell_customer()
        run.do(SHOP, ("confirm", {"solved": False}))
        if run.holder is None:
            run.do(LIU, ("claim", {}))


def test_the_older_tables_know_nothing_of_it() -> None:
    old = KINDS["returns", 1]
    case = old.open(opening("TH1", "returns", SHOP), CaseDriver().now)
    with pytest.raises(StepNotOffered):
        old.check_request(case, request("r", ("receive", {}), actor=HE), CaseDriver().now)
