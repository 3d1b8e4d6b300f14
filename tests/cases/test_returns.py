"""Returns: the four grounds, and where reviews and inspections lead."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import CURRENT, stories_of
from cases.returns.forms import Ground, Review, Ruling
from cases.returns.rules import (
    Verdict,
    in_time,
    not_as_described,
    personal,
    quality,
    transport_damage,
    verdict,
)
from domain.errors import NotACandidate, WrongForm
from domain.language.entries import EntryType
from domain.language.roles import the_world
from domain.read_models.projection import pending_call, projection_update
from domain.stories import person, play
from tests.domain.case_driver import DAY, HOUR, CaseDriver, StepForm
from tests.support.cases import LIU, SHOP, ZHAO

SHANGHAI = timezone(timedelta(hours=8))
DELIVERED = date(2026, 3, 3)
LAST_MOMENT = datetime(2026, 3, 10, 23, 59, 59, tzinfo=SHANGHAI)
ELIGIBLE, NOT, PERSON = Verdict.ELIGIBLE, Verdict.NOT_ELIGIBLE, Verdict.NEEDS_A_PERSON
HE = person("he.tao", "logistics")
YUAN = {"amount": "299.00", "currency": "CNY"}
SORTED: StepForm = ("classify", {"category": "personal"})
APPROVED = {
    "ground": "personal",
    "ruling": "refund",
    "delivered_on": "2026-02-27",
    "freight": "customer",
    "amount": YUAN,
    "paid": YUAN,
}


@pytest.mark.parametrize(
    ("applied_at", "expected"),
    [
        (datetime(2026, 3, 3, 15, tzinfo=SHANGHAI), ELIGIBLE),
        (datetime(2026, 3, 10, 20, tzinfo=SHANGHAI), ELIGIBLE),
        (LAST_MOMENT, ELIGIBLE),
        (LAST_MOMENT + timedelta(seconds=1), NOT),
        (datetime(2026, 3, 11, 0, 1, tzinfo=SHANGHAI), NOT),
        (datetime(2026, 3, 10, 15, 59, tzinfo=UTC), ELIGIBLE),
        (datetime(2026, 3, 10, 16, 0, tzinfo=UTC), NOT),
    ],
)
def test_seven_calendar_days_end_at_midnight_in_shanghai(
    applied_at: datetime, expected: Verdict
) -> None:
    assert personal(DELIVERED, applied_at) is expected
    assert personal(None, applied_at) is PERSON


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(-48, 48))
def test_the_hour_of_the_last_day_does_not_matter(delivered: date, hours: int) -> None:
    midnight = datetime(delivered.year, delivered.month, delivered.day, tzinfo=SHANGHAI) + 8 * DAY
    assert in_time(delivered, midnight + hours * HOUR, days=7) == (hours < 0)


@pytest.mark.parametrize("differs", [True, False, None])
@pytest.mark.parametrize("impaired", [True, False, None])
def test_not_as_described_takes_both_tests(differs: bool | None, impaired: bool | None) -> None:
    expected = ELIGIBLE if differs and impaired else NOT if False in (differs, impaired) else PERSON
    assert not_as_described(differs, impaired) is expected


def test_a_fault_is_enough_while_it_is_new() -> None:
    late = LAST_MOMENT + 40 * DAY
    verdicts = [
        quality(*each) for each in product((True, False, None), (DELIVERED,), [LAST_MOMENT])
    ]
    assert verdicts == [ELIGIBLE, NOT, PERSON]
    assert [quality(fault, DELIVERED, late) for fault in (True, False)] == [PERSON, NOT]
    assert quality(True, None, LAST_MOMENT) is PERSON


def test_damage_on_the_way_is_seen_or_not() -> None:
    assert [transport_damage(each) for each in (True, False, None)] == [ELIGIBLE, NOT, PERSON]


def test_each_ground_has_its_rule() -> None:
    """What nobody found out is left to a person, whatever the ground."""
    for ground in Ground:
        open_review = Review(ground=ground, ruling=Ruling.REFUSED, reason="x")
        assert verdict(open_review, LAST_MOMENT) is PERSON
    for more, ground in (
        ({"faulty": True, "delivered_on": DELIVERED}, Ground.QUALITY),
        ({"differs": True, "impaired": True}, Ground.NOT_AS_DESCRIBED),
        ({"damaged": True}, Ground.TRANSPORT_DAMAGE),
        ({"delivered_on": DELIVERED}, Ground.PERSONAL),
    ):
        full = Review.strict({"ground": ground, "ruling": "refused", "reason": "x", **more})
        assert verdict(full, LAST_MOMENT) is ELIGIBLE
        assert verdict(full.model_copy(update={"ground": Ground.OTHER}), LAST_MOMENT) is PERSON


@pytest.mark.parametrize(
    "fields",
    [
        {"ruling": "refused"},
        {"ruling": "refused", "reason": "  "},
        {"ruling": "refund", "ground": "other", "amount": YUAN},
        {"ruling": "exchange", "ground": "other"},
        {"ruling": "refund", "lines": [{"line": "1", "ground": "quality", "ruling": "refused"}]},
    ],
)
def test_a_review_says_all_that_follows_from_it(fields: dict[str, object]) -> None:
    with pytest.raises(WrongForm):
        Review.strict({"ground": "quality", **fields})


def reviewed(**more: object) -> CaseDriver:
    run = CaseDriver("returns", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), SORTED, ("claim", {}))
    run.do(LIU, ("review", {**APPROVED, **more}))
    return run


def test_the_refund_is_what_was_decided_last() -> None:
    run = reviewed()
    run.do(SHOP, ("ship", {"tracking": "SF1"}))
    less = {"amount": "250.00", "currency": "CNY"}
    run.do(
        HE,
        ("receive", {}),
        ("inspect", {"grade": "B", "passed": True, "amount": less, "finding": "worn"}),
    )
    call = pending_call(run.process, run.case)
    assert call is not None
    assert (call.port, call.done, call.refused) == ("refund", "refunded", "refund_refused")
    assert call.params == less
    run.do(the_world("refund"), ("refund_refused", {"reason": "account_closed"}))
    run.do(LIU, ("refund", {"amount": YUAN}))
    again = pending_call(run.process, run.case)
    assert again is not None
    assert again.params == YUAN
    assert again.key != call.key


def test_what_no_rule_covers_goes_to_a_manager() -> None:
    run = reviewed(delivered_on="2026-02-01")
    assert run.case.state == "exception"
    (task,) = [
        task for task in projection_update(run.process, run.case, 0).tasks if task.done_at is None
    ]
    assert "agent" not in task.candidates
    assert task.assignee is None
    run.refuse(NotACandidate, LIU, ("claim", {}))
    run.do(ZHAO, ("decide", APPROVED))
    assert run.case.state == "awaiting_goods"


def test_the_customer_hears_that_it_is_approved_and_that_the_goods_are_here() -> None:
    run = reviewed()
    run.do(HE, ("receive", {}))
    notices = [notice.template for notice in projection_update(run.process, run.case, 0).notices]
    assert notices == ["received", "approved", "goods_here"]


def test_the_clock_stands_still_by_exactly_the_way_of_the_goods() -> None:
    run = reviewed()
    before = run.case.clocks["resolution"].at_share(1.0)
    left = run.now
    run.pass_time(50 * HOUR)
    run.do(HE, ("receive", {}))
    assert run.case.clocks["resolution"].due == before + (run.now - left)


def test_who_withdraws_gets_goods_back_that_are_here() -> None:
    run = reviewed()
    run.do(HE, ("receive", {}))
    run.do(SHOP, ("withdraw", {}))
    call = pending_call(run.process, run.case)
    assert call is not None
    assert call.port == "shipment"
    run.do(the_world("shipment"), ("shipment_refused", {"reason": "no_address"}))
    run.do(HE, ("send_by_hand", {"reference": "counter"}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": True}))
    assert run.process.state_of(run.case).outcome == "not_returned"


def test_goods_that_are_lost_on_the_way_are_looked_at_again() -> None:
    run = reviewed()
    run.do(SHOP, ("ship", {"tracking": "SF1"}))
    run.pass_time(14 * DAY)
    run.process.settle(run.case, run.now)
    assert run.case.state == "reviewing"
    assert run.case.clocks["resolution"].paused_at is None


def test_r1_hears_from_us_after_48_hours_although_the_clock_stands_still() -> None:
    (r1, *_) = stories_of("returns")
    case = play(CURRENT["returns"], r1, "TH1").case
    (news,) = [entry for entry in case.entries if entry.type is EntryType.INFORMED]
    assert news.at == r1.acts[2].at + 48 * HOUR
    assert news.led_to == "on_the_way"
