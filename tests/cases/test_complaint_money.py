"""What a complaint pays: what was accepted or agreed, once, within somebody's authority."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import note
from hypothesis import strategies as st

from cases.common.authority import Pot, ceiling_of, ceilings_of
from cases.common.errors import AboveCeiling, PaidAlready
from cases.complaint.money import payouts
from domain.engine.action_forms import CompensationMethod
from domain.engine.messages import Outcome
from domain.engine.rewind.compensation import EFFECT_DONE, unanswered_compensation
from domain.errors import Refusal, StepNotAllowed, WrongForm
from domain.language.entries import Entry
from domain.language.roles import Actor, the_world
from domain.language.values import Money
from domain.read_models.projection import pending_call
from domain.stories import person
from tests.domain.case_driver import DAY, CaseDriver, StepForm
from tests.domain.return_case import rewind_to
from tests.support.cases import CHEN, FINDING, LIU, SHOP, SORTED, WANG, ZHAO, ZHOU
from tests.support.sampling import WALKS, walk_often

SHEN = person("shen.ke", "management")
STAFF = (CHEN, LIU, WANG, ZHAO, ZHOU, SHEN)
PAID = the_world("refund")
REFUSED = ("payout_refused", {"reason": "account_closed"})


def yuan(amount: str, currency: str = "CNY") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def granted(amount: str, remedy: str = "goodwill") -> StepForm:
    return "propose", {"solution": "Money.", "cost": yuan(amount), "remedy": remedy}


def proposing() -> CaseDriver:
    run = CaseDriver("complaint", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", SORTED), ("claim", {}), ("investigate", FINDING))
    run.do(LIU, ("release", {}))
    return run


def accepted(amount: str, by: Actor = LIU) -> CaseDriver:
    run = proposing()
    seq = run.do(by, granted(amount)).last
    run.do(SHOP, ("accept_solution", {"offer": seq}))
    return run


def paying(amount: str, by: Actor = LIU) -> CaseDriver:
    run = accepted(amount, by)
    run.do(by, ("carry_out", {"done": "Ordered."}))
    return run


def settling() -> CaseDriver:
    run = proposing()
    for amount in ("1.00", "2.00"):
        seq = run.do(LIU, granted(amount)).last
        run.do(SHOP, ("reject_solution", {"offer": seq}))
    run.do(LIU, ("choose_way", {"way": "mediation", "customers_word": "at the 消协"}))
    return run


def agreed(amount: str) -> StepForm:
    form = {"outcome": "agreed", "dated": "2026-03-01", "agreed": "Money.", "paper": "X-1"}
    return "record_result", {**form, "amount": yuan(amount)}


def paid(run: CaseDriver) -> list[str]:
    return [str(money) for _, money in payouts(run.process, run.case)]


@pytest.mark.parametrize("step", ["propose", "record_result"])
@pytest.mark.parametrize(
    ("who", "most"), [(CHEN, "50"), (LIU, "100"), (WANG, "500"), (ZHAO, "1000"), (ZHOU, "3000")]
)
def test_nobody_promises_more_than_their_authority(step: str, who: Actor, most: str) -> None:
    promise = granted if step == "propose" else agreed
    start = proposing if step == "propose" else settling
    run = start()
    run.refuse(AboveCeiling, who, promise(f"{most}.01"))
    run.do(who, promise(f"{most}.00"))


def test_nobody_approves_what_they_promise_themselves() -> None:
    run = proposing()
    approval = ("approve_amount", {"amount": yuan("5000.00"), "reason": "in warranty"})
    run.refuse(AboveCeiling, ZHAO, approval)
    run.do(ZHOU, approval)
    run.refuse(AboveCeiling, ZHOU, granted("5000.00"))
    run.do(SHEN, approval)
    run.refuse(AboveCeiling, ZHOU, granted("5000.01"))
    run.do(ZHOU, granted("5000.00"))


def test_another_currency_is_above_all_authority() -> None:
    run = proposing()
    form = {"solution": "Money.", "cost": yuan("1.00", "USD"), "remedy": "goodwill"}
    run.refuse(AboveCeiling, ZHOU, ("propose", form))


def test_what_is_paid_out_names_its_amount() -> None:
    proposing().refuse(WrongForm, LIU, granted("0.00"))


def test_what_is_paid_is_what_was_accepted() -> None:
    run = paying("20.00")
    call = pending_call(run.process, run.case)
    assert call is not None
    assert (call.port, call.template) == ("refund", "payout")
    assert call.params == {"amount": "20.00", "currency": "CNY", "account": "goodwill"}
    run.do(PAID, ("paid_out", {"reference": "r"}))
    assert paid(run) == ["20.00 CNY"]
    run.tell_customer()
    assert run.case.state == "following_up"


def test_an_agreement_is_paid_like_a_liability() -> None:
    run = settling()
    run.do(ZHAO, agreed("800.00"))
    run.do(ZHAO, ("carry_out", {"done": "Ordered."}))
    call = pending_call(run.process, run.case)
    assert call is not None
    assert (call.params["amount"], call.params["account"]) == (
        "800.00",
        "quality_cost.compensation",
    )


def test_an_apology_pays_nothing() -> None:
    run = proposing()
    run.do(LIU, ("propose", {"solution": "Sorry.", "cost": yuan("5.00"), "remedy": "apology"}))
    run.do(SHOP, ("accept_solution", {}))
    run.do(LIU, ("carry_out", {"done": "Said so."}))
    assert run.case.state == "telling"
    assert not paid(run)


def test_parts_are_no_way_round_the_ceiling() -> None:
    run = paying("60.00")
    run.do(PAID, ("paid_out", {"reference": "r"}))
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    refused = run.refuse(AboveCeiling, LIU, granted("40.01"))
    assert refused.params["paid"] == "60.00"
    run.do(LIU, granted("40.00"))


def test_after_two_attempts_more_a_manager_goes_on() -> None:
    run = paying("20.00")
    for _ in range(2):
        run.do(PAID, REFUSED)
        run.do(LIU, ("pay", {}))
    run.do(PAID, REFUSED)
    run.refuse(StepNotAllowed, LIU, ("pay", {}))
    run.do(ZHAO, ("pay", {}))
    run.do(PAID, REFUSED)
    run.do(LIU, ("pay_by_hand", {"reference": "cash"}))
    assert paid(run) == ["20.00 CNY"]


def test_a_payment_that_stands_is_not_made_again() -> None:
    """A rewind that accepts the payment leaves it paid; one that reverses it lets it be paid."""
    run = accepted("60.00")
    there = run.case.last.seq
    run.do(LIU, ("carry_out", {"done": "Ordered."}))
    run.do(PAID, ("paid_out", {"reference": "r"}))
    run.tell_customer()
    run.do(ZHAO, rewind_to(run, there, refund="accept"))
    run.refuse(PaidAlready, ZHOU, ("carry_out", {"done": "Again."}))
    run.do(ZHAO, ("propose", {"solution": "Sorry.", "cost": yuan("0.00"), "remedy": "apology"}))
    assert paid(run) == ["60.00 CNY"]


def test_a_payment_that_was_reversed_is_made_again() -> None:
    run = accepted("60.00")
    there = run.case.last.seq
    run.do(LIU, ("carry_out", {"done": "Ordered."}))
    run.do(PAID, ("paid_out", {"reference": "r"}))
    run.tell_customer()
    run.do(ZHAO, rewind_to(run, there, refund="reverse"))
    call = pending_call(run.process, run.case)
    assert call is not None
    assert call.template == "payout_reversal"
    run.process.apply_outcome(
        run.case, call, Outcome(step=EFFECT_DONE, form={"reference": "x"}), run.now
    )
    assert not paid(run)
    run.do(LIU, ("carry_out", {"done": "Again."}))
    run.do(PAID, ("paid_out", {"reference": "r2"}))
    assert paid(run) == ["60.00 CNY"]


def test_what_somebody_says_was_given_back_still_counts_for_authority() -> None:
    run = accepted("60.00")
    there = run.case.last.seq
    run.do(LIU, ("carry_out", {"done": "Ordered."}))
    run.do(PAID, ("paid_out", {"reference": "r"}))
    run.tell_customer()
    run.do(ZHAO, rewind_to(run, there, refund="by_hand"))
    run.refuse(AboveCeiling, LIU, ("carry_out", {"done": "Again."}))
    run.do(ZHAO, ("carry_out", {"done": "Again."}))


AMOUNTS = ("0.00", "20.00", "60.00", "400.00", "2000.00", "5000.00")
REMEDIES = ("apology", "exchange", "refund", "goodwill", "liability", "other")


@st.composite
def forms(draw: st.DrawFn, run: CaseDriver, step: str) -> dict[str, Any]:
    """A form for a step that may be taken now."""
    amount = draw(st.sampled_from(AMOUNTS))
    remedy = draw(st.sampled_from(REMEDIES))
    offers = [e.seq for e in run.case.effective_entries() if e.step == "propose"]
    if step == "record_result":
        outcome = draw(st.sampled_from(["agreed", "agreed", "failed", "withdrawn"]))
        plain = {"outcome": outcome, "dated": "2026-03-01", "agreed": "so", "paper": "X-1"}
        return plain | ({"amount": yuan(amount)} if outcome == "agreed" else {})
    if step in ("follow_up", "confirm"):
        solved = draw(st.booleans())
        return {"solved": solved} | ({"reached": True} if step == "follow_up" else {})
    simple: dict[str, dict[str, Any]] = {
        "propose": {"solution": "x", "cost": yuan(amount), "remedy": remedy},
        "approve_amount": {"amount": yuan(amount), "reason": "so"},
        "choose_way": {"way": draw(st.sampled_from(["negotiation", "lawsuit"])),
                       "customers_word": "so"},
        "carry_out": {"done": "so"},
        "pay_by_hand": {"reference": "cash"},
        "paid_out": {"reference": "r"},
        "payout_refused": {"reason": "closed"},
        "told": {"message": "m", "channel": "sms"},
        "tell_failed": {"reason": "no_contact"},
        "told_by_hand": {"how": "rang"},
        "withdraw": {"reason": "so"},
        "reopen": {"reason": "so"},
        "reclassify": SORTED,
        "record_measure": {"measure": "x", "owner": "y", "due": "2027-01-01"},
        "check_measure": {"of": run.case.last.seq, "effective": True, "effect": "x"},
        "keep_lesson": {"problem": "x", "advice": "y"},
    }  # fmt: skip
    return simple.get(step, {"offer": offers[-1]} if offers and "solution" in step else {})


@WALKS
def test_whatever_is_done_no_money_leaves_that_nobody_may_give(walks: int) -> None:
    """About 16 steps a walk: over a thousand in every run, 100,000 in the nightly one."""

    def walk(data: st.DataObject) -> None:
        run = data.draw(st.sampled_from((proposing, settling)))()
        for _ in range(data.draw(st.integers(8, 24))):
            answer_reversals(run)
            take_a_step(run, data)
            check(run)

    walk_often(walks, walk)


def take_a_step(run: CaseDriver, data: st.DataObject) -> None:
    steps = [s for s in run.process.steps(run.case, run.now) if s.after is None]
    onwards = [s for s in steps if s.name not in ("withdraw", "reclassify")] or steps
    if not steps or data.draw(st.integers(0, 9)) == 0:
        run.pass_time(8 * DAY)
        run.process.settle(run.case, run.now)
        return
    if data.draw(st.integers(0, 9)) == 0:
        how = data.draw(st.sampled_from([*CompensationMethod])).value
        attempt(run, SHEN, rewind_to(run, data.draw(st.integers(5, run.case.last.seq)), refund=how))
        return
    step = data.draw(st.sampled_from(onwards))
    form = data.draw(forms(run, step.name))
    call = pending_call(run.process, run.case)
    who = the_world(call.port) if call else data.draw(st.sampled_from((*STAFF, SHOP)))
    if step.name == "paid_out":
        assert call is not None
        assert Money.stored({k: call.params[k] for k in ("amount", "currency")}) == taken(run)
    attempt(run, who, (step.name, form))
    note(f"{step.name} by {who.id}: {run.case.state}")


def attempt(run: CaseDriver, who: Actor, command: StepForm) -> None:
    try:
        run.do(who, command)
    except Refusal:
        return


def answer_reversals(run: CaseDriver) -> None:
    while unanswered_compensation(run.process, run.case):
        call = pending_call(run.process, run.case)
        assert call is not None
        outcome = Outcome(step=EFFECT_DONE, form={"reference": "x"})
        run.process.apply_outcome(run.case, call, outcome, run.now)


def taken(run: CaseDriver) -> Money:
    """Return what the customer accepted or agreed to last, read straight off the history."""
    offered, last = None, None
    for entry in run.case.effective_entries():
        if entry.step == "propose":
            offered = entry.form["cost"]
        elif entry.step == "accept_solution":
            last = offered
        elif entry.step == "record_result" and entry.form["outcome"] == "agreed":
            last = entry.form["amount"]
    return Money.stored(last)


def check(run: CaseDriver) -> None:
    """Whoever promised it might; it is paid once; all clocks are settled when it is over."""
    grants = ceilings_of(run.case, Pot.GOODWILL)
    for entry, money in promises(run):
        if money.amount > ceiling_of(entry.actor, grants):
            assert any(
                e.step == "approve_amount"
                and e.seq < entry.seq
                and e.actor.id != entry.actor.id
                and Money.stored(e.form["amount"]).amount >= money.amount
                for e in run.case.entries
            )
    standing = [money.amount for _, money in payouts(run.process, run.case)]
    promised = [money.amount for _, money in promises(run)]
    assert sum(standing) <= sum(promised, Decimal())
    for entry in run.case.entries:
        if entry.step == "approve_amount":
            amount = Money.stored(entry.form["amount"]).amount
            most = ceiling_of(entry.actor, grants)
            assert amount <= most or (most == max(grants.values()) < amount)
    if run.process.state_of(run.case).closed:
        assert not [each for each in run.case.clock_instances() if each.open]


def promises(run: CaseDriver) -> Iterator[tuple[Entry, Money]]:
    for entry in run.case.entries:
        name = {"propose": "cost", "record_result": "amount"}.get(entry.step or "")
        if name and entry.form.get(name):
            yield entry, Money.stored(entry.form[name])
