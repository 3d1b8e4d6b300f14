"""What we bear of a repair out of goodwill: no more than somebody may grant, however it is cut."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import note
from hypothesis import strategies as st

from cases.common.authority import Pot, ceiling_of, ceilings_of
from cases.common.errors import AboveCeiling
from cases.repair.errors import WarrantyContradicted, WarrantyUnproven
from cases.repair.money import borne
from domain.engine.action_forms import CompensationMethod
from domain.engine.side_forms import APPROVE_REQUEST, ASK_APPROVAL
from domain.errors import OwnRequest, Refusal, WrongForm
from domain.language.entries import Entry, EntryType
from domain.language.goods import Goods
from domain.language.roles import Actor, the_world
from domain.language.values import Money
from domain.read_models.projection import pending_call
from domain.stories import person
from tests.domain.case_driver import DAY, CaseDriver, StepForm
from tests.domain.return_case import rewind_to
from tests.support.cases import CHEN, LIU, SHOP, WANG, ZHAO, ZHOU
from tests.support.sampling import WALKS, walk_often

MA = person("ma.qiang", "repairer")
SHUNDA = person("shunda", "vendor")
SHEN = person("shen.ke", "management")
BOTH = person("zhao.fang", "repairer", "service_manager")
"""A manager who repairs as well."""
STAFF = (MA, SHUNDA, CHEN, LIU, WANG, ZHAO, ZHOU, SHEN, BOTH)
CENT = Decimal("0.01")
DONE: tuple[StepForm, ...] = (
    ("repair", {"work": "x"}),
    ("test", {"passed": True}),
    ("hand_over", {}),
)


def yuan(amount: object, currency: str = "CNY") -> dict[str, str]:
    return {"amount": str(amount), "currency": currency}


def shared(share: int, estimate: str | None = None, currency: str = "CNY") -> StepForm:
    named = {} if estimate is None else {"estimate": yuan(estimate, currency)}
    return "diagnose", {"outcome": "goodwill", "finding": "x", "share": share, **named}


def halved(ours: str, currency: str = "CNY") -> StepForm:
    """A quote of which we bear half: the customer pays as much."""
    lines = [{"cost": "part", "work": "x", "price": yuan(2 * Decimal(ours), currency)}]
    return "quote", {"price": yuan(ours, currency), "work": "x", "lines": lines}


def approved(amount: str, currency: str = "CNY") -> StepForm:
    return "approve_amount", {"amount": yuan(amount, currency), "reason": "x"}


def diagnosing(**opening: Any) -> CaseDriver:
    """The thing is before the repairer; whoever works on it takes it off 马强's hands first."""
    run = CaseDriver("repair", actor=SHOP, customer="customer-1", **opening)
    run.do(LIU, ("accept", {}), ("classify", {"category": "screen"}))
    run.do(LIU, ("assign", {"assignee": MA.id, "roles": ["repairer"]}))
    run.do(MA, ("take_job", {}), ("visit", {}), ("release", {}))
    return run


def quoting() -> CaseDriver:
    run = diagnosing()
    run.do(MA, shared(50))
    return run


@pytest.mark.parametrize(
    ("who", "most"),
    [(MA, 100), (CHEN, 50), (LIU, 100), (WANG, 500), (ZHAO, 1000), (ZHOU, 3000), (SHUNDA, 0)],
    ids=lambda value: getattr(value, "id", None),
)
def test_nobody_gives_away_more_than_they_may(who: Actor, most: int) -> None:
    run = quoting()
    refused = run.refuse(AboveCeiling, who, halved(f"{most}.01"))
    assert refused.params["ceiling"] == f"{most} CNY"
    if most:
        run.do(who, halved(f"{most}.00"))


@pytest.mark.parametrize("who", [MA, SHUNDA], ids=lambda who: who.id)
def test_what_we_bear_as_a_whole_is_estimated_and_held_against_the_same(who: Actor) -> None:
    run = diagnosing()
    most = ceiling_of(who, ceilings_of(run.case, Pot.GOODWILL))
    run.refuse(WrongForm, who, shared(100))
    run.refuse(AboveCeiling, who, shared(100, str(most + CENT)))
    run.do(who, shared(100, str(most)))
    assert run.case.state == "repairing"


@pytest.mark.parametrize(
    "form",
    [
        {"outcome": "goodwill", "share": 99},
        {"outcome": "covered"},
        {"outcome": "chargeable"},
        {"outcome": "hopeless"},
    ],
)
def test_an_estimate_by_which_nothing_is_borne_is_refused(form: dict[str, Any]) -> None:
    run = diagnosing()
    refused = run.refuse(
        WrongForm, MA, ("diagnose", {**form, "finding": "x", "estimate": yuan("1.00")})
    )
    errors: Any = refused.params["errors"]
    assert [each["code"] for each in errors] == ["estimate_of_all"]


def test_in_warranty_nobody_is_asked() -> None:
    run = diagnosing()
    run.do(SHUNDA, ("diagnose", {"outcome": "covered", "finding": "x", "evidence": "Receipt."}))
    run.do(SHUNDA, *DONE[:2])
    assert borne(run.process, run.case) == []


@pytest.mark.parametrize("who", [MA, SHUNDA], ids=lambda who: who.id)
@pytest.mark.parametrize("evidence", ["", "  "])
def test_the_warranty_is_no_way_around_the_authority(who: Actor, evidence: str) -> None:
    run = diagnosing()
    run.refuse(AboveCeiling, who, shared(100, "5000"))
    covered = {"outcome": "covered", "finding": "x", "evidence": evidence}
    run.refuse(WarrantyUnproven, who, ("diagnose", covered))
    assert run.case.state == "diagnosing"


SOLD = {"line": "1", "product": "P", "serials": ["K-1"]}


@pytest.mark.parametrize(
    ("until", "outcome", "refusal"),
    [
        (date(2030, 1, 1), "covered", None),
        (date(2030, 1, 1), "chargeable", WarrantyContradicted),
        (date(2020, 1, 1), "covered", WarrantyContradicted),
        (date(2020, 1, 1), "chargeable", None),
        (None, "covered", WarrantyUnproven),
        (None, "chargeable", None),
    ],
)
def test_an_order_that_says_until_when_is_evidence(
    until: date | None, outcome: str, refusal: type[Refusal] | None
) -> None:
    goods = (Goods.model_validate({**SOLD, "warranty_until": until}),)
    run = diagnosing(goods=goods)
    said: StepForm = ("diagnose", {"outcome": outcome, "finding": "x"})
    if refusal:
        run.refuse(refusal, SHUNDA, said)
        said = ("diagnose", {"outcome": outcome, "finding": "x", "evidence": "Receipt."})
    run.do(SHUNDA, said)
    assert run.case.state == ("repairing" if outcome == "covered" else "quoting")


def test_another_persons_approval_covers_it_and_ones_own_does_not() -> None:
    run = quoting()
    for own in (ZHAO, BOTH):
        run.do(own, approved("1000.00"))
        run.refuse(AboveCeiling, own, halved("1000.01"))
    run.refuse(AboveCeiling, MA, halved("1000.01"))
    run.do(MA, halved("1000.00"))


def test_who_decided_on_the_share_approves_no_quote_by_it() -> None:
    run = diagnosing()
    run.do(BOTH, shared(50))
    run.refuse(OwnRequest, BOTH, approved("800.00"))
    run.refuse(AboveCeiling, MA, halved("800.00"))
    run.do(ZHOU, approved("800.00"))
    run.do(MA, halved("800.00"))


def test_an_approval_that_was_asked_for_holds_as_well() -> None:
    run = quoting()
    asked = run.do(MA, (ASK_APPROVAL, {"amount": yuan("700.00"), "reason": "x"})).last
    run.refuse(OwnRequest, MA, (APPROVE_REQUEST, {"request": asked}))
    run.do(ZHAO, (APPROVE_REQUEST, {"request": asked}))
    run.do(MA, halved("700.00"))


def test_a_manager_approves_within_the_authority_of_their_own() -> None:
    run = quoting()
    run.refuse(AboveCeiling, ZHAO, approved("1000.01"))
    run.do(ZHOU, approved("4000.00"))
    run.refuse(AboveCeiling, ZHOU, halved("4000.00"))
    run.do(SHEN, approved("4000.00"))
    run.do(ZHOU, halved("4000.00"))


def test_another_currency_is_above_all_authority() -> None:
    run = quoting()
    run.refuse(AboveCeiling, ZHOU, halved("1.00", "USD"))
    run.do(ZHOU, approved("1.00", "USD"))
    run.do(MA, halved("1.00", "USD"))


def test_to_quote_again_lifts_nothing() -> None:
    run = quoting()
    run.do(ZHAO, approved("300.00"))
    run.do(MA, halved("300.00"))
    run.do(MA, ("recall_quote", {"reason": "x"}))
    run.refuse(AboveCeiling, MA, halved("300.01"))
    run.do(MA, halved("200.00"))
    run.do(SHOP, ("decline_quote", {"offer": run.case.last.seq}))
    run.refuse(AboveCeiling, MA, halved("300.01"))
    run.do(MA, halved("300.00"))


def test_what_was_repaired_out_of_goodwill_is_spent() -> None:
    run = quoting()
    offer = run.do(MA, halved("60.00")).last
    run.do(SHOP, ("accept_quote", {"offer": offer}))
    run.do(MA, *DONE)
    assert [str(money) for _, money in borne(run.process, run.case)] == ["60.00 CNY"]
    again(run)
    refused = run.refuse(AboveCeiling, MA, shared(100, "40.01"))
    assert refused.params["paid"] == "60.00"
    run.do(MA, shared(100, "40.00"))


def test_only_the_lines_that_were_accepted_are_spent() -> None:
    run = quoting()
    lines = [{"cost": "part", "work": "x", "price": yuan(each)} for each in ("120.00", "60.00")]
    run.do(MA, ("quote", {"price": yuan("90.00"), "work": "x", "lines": lines}))
    run.do(SHOP, ("accept_quote", {"lines": [{"line": 2}]}))
    run.do(MA, *DONE)
    assert [str(money) for _, money in borne(run.process, run.case)] == ["30.00 CNY"]


def test_what_was_done_is_spent_though_a_manager_went_back() -> None:
    run = diagnosing()
    there = run.case.last.seq
    run.do(MA, shared(100, "60.00"), *DONE[:1])
    run.do(ZHAO, rewind_to(run, there))
    run.refuse(AboveCeiling, MA, shared(100, "40.01"))
    run.do(MA, shared(100, "40.00"))


def test_what_was_given_up_before_anything_was_done_cost_nothing() -> None:
    run = diagnosing()
    run.do(MA, shared(100, "60.00"), ("give_up", {"reason": "x"}))
    assert borne(run.process, run.case) == []


def again(run: CaseDriver) -> None:
    """It does not hold: the case comes back to the repairer."""
    run.tell_customer()
    run.do(SHOP, ("confirm", {"solved": False}))
    run.do(LIU, ("assign", {"assignee": MA.id, "roles": ["repairer"]}))
    run.do(MA, ("take_job", {}), ("visit", {}), ("release", {}))


AMOUNTS = ("0.00", "0.01", "20.00", "60.00", "400.00", "900.00", "2500.00", "5000.00")


@st.composite
def forms(draw: st.DrawFn, run: CaseDriver, step: str) -> dict[str, Any]:
    """A form for a step that may be taken now, mostly one that fits."""
    amount = draw(st.sampled_from(AMOUNTS))
    if step == "diagnose":
        share = draw(st.sampled_from([1, 50, 99, 100]))
        return dict(shared(share, amount if share == 100 else None)[1])
    if step == "quote":
        lines = [Decimal(each) for each in draw(st.lists(st.sampled_from(AMOUNTS), min_size=1))]
        price = customers(sum(lines, Decimal()), newest(run, "diagnose").form["share"])
        parts = [{"cost": "part", "work": "x", "price": yuan(each)} for each in lines]
        return {"price": yuan(price), "work": "x", "lines": parts}
    offers = [e.seq for e in run.case.effective_entries() if e.step == "quote"]
    simple: dict[str, dict[str, Any]] = {
        "approve_amount": {"amount": yuan(amount), "reason": "x"},
        "test": {"passed": draw(st.booleans())},
        "repair": {"work": "x"},
        "confirm": {"solved": False},
        "follow_up": {"reached": True, "solved": False},
        "told": {"message": "m", "channel": "sms"},
        "tell_failed": {"reason": "no_contact"},
        "told_by_hand": {"how": "rang"},
        "assign": {"assignee": MA.id, "roles": ["repairer"]},
        "decline_job": {"reason": "x"},
        "recall_quote": {"reason": "x"},
        "give_up": {"reason": "x"},
        "give_back": {"reason": "x"},
    }
    answer = {"offer": offers[-1]} if offers and step in ("accept_quote", "decline_quote") else {}
    return simple.get(step, answer)


def customers(total: Decimal, share: Any) -> Decimal:
    """What the customer pays, in cents, half a cent rounded up: counted in whole hundredths."""
    hundredths = int(total * 100) * (100 - int(share))
    return Decimal((hundredths + 50) // 100) / 100


def newest(run: CaseDriver, step: str) -> Entry:
    return next(e for e in reversed(run.case.effective_entries()) if e.step == step)


@WALKS
def test_whatever_is_done_nobody_gives_away_what_they_may_not(walks: int) -> None:
    """About 20 steps a walk: two thousand in every run, 100,000 and more in the nightly one."""

    def walk(data: st.DataObject) -> None:
        run = data.draw(st.sampled_from((diagnosing, quoting)))()
        for _ in range(data.draw(st.integers(10, 30))):
            take_a_step(run, data)
        check(run)

    walk_often(walks, walk)


def take_a_step(run: CaseDriver, data: st.DataObject) -> None:
    odd = data.draw(st.integers(0, 19))
    if odd == 0:
        run.pass_time(3 * DAY)
        run.process.settle(run.case, run.now)
    elif odd == 1:
        how = data.draw(st.sampled_from([*CompensationMethod])).value
        there = data.draw(st.integers(6, run.case.last.seq))
        attempt(run, SHEN, rewind_to(run, there, refund=how))
    else:
        steps = [s for s in run.process.steps(run.case, run.now) if s.after is None]
        known = [s for s in steps if s.name not in ("withdraw", "reopen", "convert", "miss")]
        step = data.draw(st.sampled_from(known or steps))
        call = pending_call(run.process, run.case)
        who = the_world(call.port) if call else data.draw(st.sampled_from((*STAFF, SHOP)))
        attempt(run, who, (step.name, data.draw(forms(run, step.name))))
        note(f"{step.name} by {who.id}: {run.case.state}")


def attempt(run: CaseDriver, who: Actor, command: StepForm) -> None:
    try:
        run.do(who, command)
    except Refusal:
        return


def check(run: CaseDriver) -> None:
    """Each grant was within the word of whoever gave it, or of others who had no part in it."""
    goodwill = ceilings_of(run.case, Pot.GOODWILL)
    for entry in run.case.entries:
        before = (
            run.process.as_of(run.case, entry.seq - 1).effective_entries() if entry.seq > 1 else []
        )
        ours, own = granted(entry, before)
        most = ceiling_of(entry.actor, goodwill)
        words = [
            Money.stored(e.form["amount"]).amount
            for e in before
            if e.step == "approve_amount" and e.actor.id not in own
        ]
        assert ours <= max([most, *words]), f"entry {entry.seq}"
        if entry.step == "approve_amount":
            amount = Money.stored(entry.form["amount"]).amount
            assert amount <= most or (most == max(goodwill.values()) < amount)
    assert all(e.type is not EntryType.REQUEST_APPROVED for e in run.case.entries)


def granted(entry: Entry, before: list[Entry]) -> tuple[Decimal, set[str]]:
    """What we bear by an entry, read off its form, and the people who have a part in it."""
    form: Any = entry.form
    if entry.step == "diagnose":
        return Decimal(form["estimate"]["amount"] if form.get("estimate") else 0), {entry.actor.id}
    if entry.step != "quote":
        return Decimal(), set()
    diagnosis = next(e for e in reversed(before) if e.step == "diagnose")
    total = sum((Decimal(line["price"]["amount"]) for line in form["lines"]), Decimal())
    return total - customers(total, diagnosis.form["share"]), {entry.actor.id, diagnosis.actor.id}
