"""A vendor's bill: stated by one, approved by another with authority, and never forgotten."""

from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import note
from hypothesis import strategies as st

from cases.common.authority import Pot, ceiling_of, ceilings_of
from cases.common.errors import AboveCeiling, NotContent
from cases.repair.bills import Bill, approved_bills, open_bill
from cases.repair.errors import BillApproved, BillOpen, NoBill, OwnBill, WrongVendor
from domain.engine.case import Case
from domain.engine.messages import Command
from domain.errors import Refusal, StepNotAllowed, StepNotOffered, WrongForm
from domain.language.clocks import ClockState
from domain.language.effects import Notify
from domain.language.roles import Actor
from domain.stories import person
from tests.domain.case_driver import DAY, HOUR, CaseDriver, StepForm
from tests.domain.return_case import rewind_to
from tests.support.cases import CHEN, LIU, SHOP, WANG, ZHAO, ZHOU
from tests.support.sampling import WALKS, walk_often

SHUNDA = person("shunda", "vendor")
ANJIE = person("anjie", "vendor", "lead")
"""Somebody who is both, which nobody should be."""
OTHER_LEAD = person("he.mei", "lead")
SHEN = person("shen.ke", "management")
DECIDERS = (WANG, OTHER_LEAD, ANJIE, ZHAO, ZHOU, SHEN)
NUMBERS = count(1)
APPROVE: StepForm = ("approve_bill", {})
REFUSE: StepForm = ("refuse_bill", {"reason": "x"})
CONTENT: StepForm = ("confirm", {"solved": True})


def yuan(amount: object, currency: str = "CNY") -> dict[str, str]:
    return {"amount": str(amount), "currency": currency}


def billed(*amounts: str, currency: str = "CNY", **more: Any) -> StepForm:
    lines = [{"cost": "labour", "work": "x", "price": yuan(each, currency)} for each in amounts]
    total = yuan(sum(map(Decimal, amounts), Decimal()), currency)
    form = {"total": total, "lines": lines, "reference": f"R-{next(NUMBERS)}", **more}
    return "state_bill", form


def returning() -> CaseDriver:
    """Mended by a vendor, and to be given back."""
    run = CaseDriver("repair", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "screen"}))
    run.do(LIU, ("assign", {"assignee": SHUNDA.id, "roles": ["vendor"]}))
    run.do(SHUNDA, ("take_job", {}), ("visit", {}))
    run.do(SHUNDA, ("diagnose", {"outcome": "covered", "finding": "x", "evidence": "Receipt."}))
    run.do(SHUNDA, ("repair", {"work": "x"}), ("test", {"passed": True}))
    return run


def following_up(*bill: StepForm) -> CaseDriver:
    """The customer was told, and is to say whether it works."""
    run = returning()
    for each in bill:
        run.do(SHUNDA, each)
    run.do(SHUNDA, ("hand_over", {}))
    run.tell_customer()
    return run


def follow_up(run: CaseDriver) -> ClockState:
    return run.case.clocks["follow_up"].state


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"total": yuan("99.99")}, "total_differs"),
        ({"total": yuan("100.00", "USD")}, "several_currencies"),
        ({"lines": []}, "too_short"),
        ({"total": yuan("-100.00")}, "greater_than_equal"),
        ({"total": yuan("100.000")}, "currency_decimals"),
        ({"total": yuan("1E+2")}, "amount_spelling"),
        ({"vendor": "two words"}, "string_pattern_mismatch"),
        ({"total": yuan("0.00"), "lines": billed("0.00")[1]["lines"]}, "nothing_billed"),
    ],
)
def test_a_bill_adds_up(change: dict[str, Any], fault: str) -> None:
    run = returning()
    step, form = billed("60.00", "40.00")
    refused = run.refuse(WrongForm, SHUNDA, (step, {**form, **change}))
    errors: Any = refused.params["errors"]
    assert [each["code"] for each in errors] == [fault]


def test_a_vendor_states_its_own_bill_and_a_colleague_says_whose_it_is() -> None:
    run = returning()
    assert run.refuse(WrongVendor, SHUNDA, billed("1", vendor="anjie")).params["why"] == "other"
    run.refuse(WrongVendor, LIU, billed("1"))
    run.refuse(StepNotAllowed, person("ma.qiang", "repairer"), billed("1"))
    run.do(LIU, billed("1", vendor="shunda"))
    run.refuse(BillOpen, SHUNDA, billed("1"))
    run.do(WANG, REFUSE)
    run.do(SHUNDA, billed("1", vendor="shunda"))


def test_one_number_of_a_vendor_is_approved_once() -> None:
    run = returning()
    run.do(SHUNDA, billed("800", reference="B-7"))
    approval = run.do(WANG, APPROVE).last
    for reference in ("B-7", "b-7", "Ｂ-7"):
        again = billed("800", reference=reference)
        assert run.refuse(BillApproved, SHUNDA, again).params["entry"] == approval
        step, form = again
        run.refuse(BillApproved, LIU, (step, {**form, "vendor": "shunda"}))
    run.do(SHUNDA, billed("800", reference="B-8"))
    run.do(WANG, REFUSE)
    run.do(SHUNDA, billed("700", reference="B-8"))
    run.do(WANG, APPROVE)
    run.do(LIU, billed("800", reference="B-7", vendor="anjie"))


def test_going_back_pays_no_bill_twice() -> None:
    run = returning()
    run.do(SHUNDA, billed("800", reference="B-7"))
    there = run.case.last.seq
    run.do(WANG, APPROVE)
    run.do(ZHAO, rewind_to(run, there))
    run.refuse(BillApproved, WANG, APPROVE)
    run.do(WANG, REFUSE)
    run.refuse(BillApproved, SHUNDA, billed("800", reference="B-7"))


def test_a_lead_hears_of_it_and_the_case_goes_on_meanwhile() -> None:
    run = returning()
    run.do(SHUNDA, billed("100.00"))
    assert run.process.effects(run.case, run.case.last) == [Notify("bill_stated", "lead")]
    assert run.case.state == "returning"
    run.do(SHUNDA, ("hand_over", {}))


@pytest.mark.parametrize(
    ("who", "most"), [(WANG, 3000), (ZHAO, 10_000), (ZHOU, 50_000)], ids=lambda v: str(v)[-20:]
)
def test_each_approves_up_to_the_ceiling(who: Actor, most: int) -> None:
    run = returning()
    run.do(SHUNDA, billed(f"{most}.01"))
    if who is ZHOU:  # above all ceilings it is for management
        run.do(who, APPROVE)
        return
    refused = run.refuse(AboveCeiling, who, APPROVE)
    assert refused.params["step"] == "approve_bill"
    run.do(who, REFUSE)
    run.do(SHUNDA, billed(f"{most}.00"))
    run.do(who, APPROVE)


@pytest.mark.parametrize("who", [CHEN, LIU, SHUNDA], ids=lambda who: who.id)
@pytest.mark.parametrize("word", [APPROVE, REFUSE], ids=["yes", "no"])
def test_leads_and_managers_decide(who: Actor, word: StepForm) -> None:
    run = returning()
    run.do(SHUNDA, billed("1.00"))
    run.refuse(StepNotAllowed, who, word)


def test_nobody_approves_a_bill_of_their_own() -> None:
    run = returning()
    run.refuse(NoBill, WANG, APPROVE)
    run.do(WANG, billed("1.00", vendor="anjie"))
    for own in (WANG, ANJIE):
        run.refuse(OwnBill, own, APPROVE)
    run.do(OTHER_LEAD, APPROVE)
    run.refuse(NoBill, OTHER_LEAD, APPROVE)
    run.do(ANJIE, billed("1.00"))
    run.refuse(OwnBill, ANJIE, APPROVE)
    run.do(ANJIE, REFUSE)


def test_bills_of_a_case_are_one_amount_also_after_going_back() -> None:
    run = returning()
    run.do(SHUNDA, billed("2000.00"))
    there = run.case.last.seq
    run.do(WANG, APPROVE)
    run.do(ZHAO, rewind_to(run, there))
    assert [str(money) for _, money in approved_bills(run.process, run.case)] == ["2000.00 CNY"]
    run.do(WANG, REFUSE)
    run.do(SHUNDA, billed("1000.01"))
    assert run.refuse(AboveCeiling, WANG, APPROVE).params["paid"] == "2000.00"
    run.do(ZHAO, APPROVE)


def test_no_approval_of_goodwill_is_one_of_a_bill() -> None:
    run = CaseDriver("repair", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "screen"}))
    run.do(LIU, ("assign", {"assignee": SHUNDA.id, "roles": ["vendor"]}))
    run.do(SHUNDA, ("take_job", {}), ("visit", {}))
    run.do(ZHOU, ("approve_amount", {"amount": yuan("3500.00"), "reason": "x"}))
    estimate = {"share": 100, "estimate": yuan("3500.00")}
    run.do(SHUNDA, ("diagnose", {"outcome": "goodwill", "finding": "x", **estimate}))
    run.do(SHUNDA, billed("3500.00"))
    run.refuse(AboveCeiling, WANG, APPROVE)


def test_no_case_closes_over_an_open_bill() -> None:
    run = following_up(billed("1.00"))
    run.do(SHOP, CONTENT)
    state = run.process.state_of(run.case)
    assert (state.name, state.closed, run.holder) == ("billed", False, None)
    assert "lead" in state.staff.names
    assert not state.staff.names & {"vendor", "repairer", "agent"}
    assert follow_up(run) is ClockState.PAUSED
    run.pass_time(4 * DAY)
    run.process.settle(run.case, run.now)
    run.do(WANG, APPROVE)
    assert run.process.state_of(run.case).outcome == "solved"
    assert follow_up(run) is ClockState.MET


def test_an_agents_word_is_not_the_customers_also_while_a_bill_is_open() -> None:
    run = following_up(billed("1.00"))
    run.refuse(NotContent, LIU, ("follow_up", {"reached": True, "solved": True}))
    unhappy = {"reached": True, "solved": True, "satisfaction": "dissatisfied"}
    run.do(LIU, ("follow_up", unhappy))
    assert run.case.state == "classified"


@pytest.mark.parametrize("word", [APPROVE, REFUSE], ids=["yes", "no"])
@pytest.mark.parametrize(
    ("satisfaction", "outcome"), [("neutral", "unconfirmed"), ("satisfied", "solved")]
)
def test_it_closes_as_the_customer_said(word: StepForm, satisfaction: str, outcome: str) -> None:
    run = following_up(billed("1.00"))
    run.do(SHOP, ("confirm", {"solved": True, "satisfaction": satisfaction}))
    run.do(WANG, word)
    assert run.process.state_of(run.case).outcome == outcome


def test_who_finds_it_broken_after_all_does_not_wait_for_the_bill() -> None:
    run = following_up(billed("1.00"))
    run.do(SHOP, CONTENT)
    run.do(SHOP, ("reopen", {"reason": "It stopped again."}))
    assert run.case.state == "classified"
    assert not run.case.clocks["follow_up"].open
    assert open_bill(run.case)


def test_what_goes_on_as_another_case_leaves_no_bill_behind() -> None:
    run = returning()
    there = next(entry.seq for entry in run.case.entries if entry.step == "diagnose")
    run.do(ZHAO, rewind_to(run, there))
    run.do(SHUNDA, billed("1.00"), ("give_up", {"reason": "x"}))
    convert = ("convert", {"kind": "returns"})
    assert run.refuse(BillOpen, LIU, convert).params["why"] == "converting"
    run.do(WANG, REFUSE)
    run.do(LIU, convert)


def test_for_a_week_after_the_end_a_colleague_states_a_bill() -> None:
    run = following_up()
    run.do(SHOP, CONTENT)
    run.do(LIU, billed("1.00", vendor="shunda"))
    run.do(WANG, APPROVE)
    assert run.process.state_of(run.case).outcome == "solved"
    run.pass_time(7 * DAY)
    run.refuse(StepNotOffered, LIU, billed("1.00", vendor="shunda"))


def test_a_bill_has_a_number_and_those_from_before_count_by_their_amount() -> None:
    run = returning()
    unnumbered = billed("800", reference=None)
    run.refuse(WrongForm, SHUNDA, unnumbered)
    command = Command(step=unnumbered[0], form=dict(unnumbered[1]))
    run.process.take(run.case, command, SHUNDA, run.now, strict=False)
    run.do(ZHAO, APPROVE)
    run.process.take(run.case, command, SHUNDA, run.now, strict=False)
    assert run.refuse(BillApproved, ZHAO, APPROVE).params["reference"] == "800 CNY"
    run.do(ZHAO, REFUSE)
    run.do(SHUNDA, billed("800"))
    run.do(ZHAO, APPROVE)


STEPS = ("state_bill", "approve_bill", "refuse_bill")
AMOUNTS = ("0.00", "0.01", "900.00", "2999.99", "9000.00", "60000.00")


@WALKS
def test_whatever_is_done_no_bill_is_approved_by_whom_it_may_not(walks: int) -> None:
    """About 20 steps a walk: two thousand in every run, 100,000 and more in the nightly one."""

    def walk(data: st.DataObject) -> None:
        run = data.draw(st.sampled_from((returning, following_up)))()
        for _ in range(data.draw(st.integers(10, 30))):
            take_a_step(run, data)
        check(run)

    walk_often(walks, walk)


def take_a_step(run: CaseDriver, data: st.DataObject) -> None:
    odd = data.draw(st.integers(0, 19))
    if odd == 0:
        attempt(run, SHEN, rewind_to(run, data.draw(st.integers(9, run.case.last.seq))))
    elif odd == 1:
        run.pass_time(HOUR)
    elif run.case.state == "telling":
        run.tell_customer()
    elif odd < 5:
        solved = {"solved": data.draw(st.booleans())}
        later = {"following_up": ("confirm", solved), "returning": ("hand_over", {})}
        attempt(run, SHOP if run.case.state != "returning" else SHUNDA,
                later.get(run.case.state, ("reopen", {"reason": "x"})))  # fmt: skip
    else:
        step = data.draw(st.sampled_from(STEPS))
        who = data.draw(st.sampled_from((SHUNDA, LIU, *DECIDERS)))
        vendor = data.draw(st.sampled_from([None, "shunda", "anjie"]))
        reference = data.draw(st.sampled_from([None, "B-7", "b-7", "B-8"]))
        amounts = data.draw(st.lists(st.sampled_from(AMOUNTS), min_size=1, max_size=3))
        form = {
            "state_bill": billed(*amounts, vendor=vendor, reference=reference)[1],
            "refuse_bill": REFUSE[1],
        }
        attempt(run, who, (step, form.get(step, {})))
        note(f"{step} by {who.id}: {run.case.state}")


def attempt(run: CaseDriver, who: Actor, command: StepForm) -> None:
    try:
        run.do(who, command)
    except Refusal:
        return


def check(run: CaseDriver) -> None:
    """Each approval was of one bill of somebody else's, and all together within the authority."""
    approved, ceilings = Decimal(), ceilings_of(run.case, Pot.PAYMENT)
    paid: list[tuple[str, str]] = []
    for entry in run.case.entries:
        if entry.step not in STEPS or entry.step == "refuse_bill":
            continue
        before = run.process.as_of(run.case, entry.seq - 1)
        stated = last_of(before)
        if entry.step == "state_bill":
            assert stated is None
            continue
        assert stated is not None
        bill = Bill.lenient(stated.form)
        assert entry.actor.id not in {stated.actor.id, bill.vendor}
        assert bill.total.amount > 0
        approved += bill.total.amount
        if bill.reference:
            paid.append((bill.vendor or stated.actor.id, bill.reference.casefold()))
        most = ceiling_of(entry.actor, ceilings)
        assert approved <= most or (most == max(ceilings.values()) < approved)
    assert len(paid) == len(set(paid))
    if run.process.state_of(run.case).closed:
        came = run.case.entries[run.case.entered - 1]
        assert came.step not in STEPS[:1]
        assert last_of(run.process.as_of(run.case, came.seq)) is None
        assert not [each for each in run.case.clock_instances() if each.open]


def last_of(case: Case) -> Any:
    """The statement that nobody decided on, read straight off the history."""
    of_bills = [entry for entry in case.effective_entries() if entry.step in STEPS]
    return of_bills[-1] if of_bills and of_bills[-1].step == "state_bill" else None
