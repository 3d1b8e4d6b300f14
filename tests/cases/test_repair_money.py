"""No repair outside warranty without the customer's yes, whatever anybody tries."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from cases import CURRENT
from cases.common.offers import Answer, standing_offer
from domain.engine.action_forms import Assignment
from domain.engine.case import Case
from domain.engine.process import Process
from domain.engine.rewind.compensation import EFFECT_DONE
from domain.language.entries import Entry
from domain.language.roles import WORLD, Actor, the_world
from domain.language.table import Step
from domain.read_models.projection import pending_call
from tests.cases.form_strategies import shapes
from tests.cases.random_walks import EVERYTHING, HANDED, Walk, answer, rewinds
from tests.domain.case_driver import HOUR, NINE
from tests.support.cases import SHOP, opening, request

REPAIR: Process = CURRENT["repair"]
PRICES = ("10.00", "33.35", "0.01")
CENT = Decimal("0.01")
CONTENT = {"satisfied", "very_satisfied"}
STRAIGHT: tuple[tuple[str, Any], ...] = (
    ("accept", {}),
    ("classify", {"category": "screen"}),
    ("assign", HANDED.canonical()),
)
OWN = {
    *("diagnose", "quote", "appoint", "await_parts", "move_parts", "hand_over", "send_back"),
}
DIAGNOSES: tuple[dict[str, Any], ...] = (
    {"outcome": "covered", "evidence": "receipt"},
    *({"outcome": outcome} for outcome in ("chargeable", "hopeless")),
    {"outcome": "void", "cause": "fell", "evidence": "photo"},
    *({"outcome": "goodwill", "share": share} for share in (1, 50, 99)),
    {"outcome": "goodwill", "share": 100, "estimate": {"amount": "40.00"}},
)


def newest(entries: list[Entry], step: str) -> Entry | None:
    return next((entry for entry in reversed(entries) if entry.step == step), None)


def form_of(entry: Entry) -> dict[str, Any]:
    return dict(entry.form)


def share_of(diagnosis: Entry | None) -> int:
    """How much of the price we bear, read off the form itself."""
    if diagnosis is None:
        return 0
    form = form_of(diagnosis)
    return 100 if form["outcome"] == "covered" else form["share"] or 0


def price(lines: list[dict[str, Any]], share: int) -> Decimal:
    total = sum((Decimal(line["price"]["amount"]) for line in lines), Decimal())
    return (total * (100 - share) / 100).quantize(CENT, ROUND_HALF_UP)


def accepted(entries: list[Entry]) -> Decimal | None:
    """What the customer said yes to since the newest diagnosis; None if to nothing."""
    diagnosis = newest(entries, "diagnose")
    yes = newest(entries, "accept_quote")
    if diagnosis is None or yes is None or yes.seq < diagnosis.seq:
        return None
    quote = newest([entry for entry in entries if entry.seq < yes.seq], "quote")
    assert quote is not None
    chosen = {each["line"] for each in form_of(yes)["lines"]}
    quoted = enumerate(form_of(quote)["lines"], 1)
    lines = [each for n, each in quoted if not chosen or n in chosen]
    return price(lines, share_of(diagnosis))


class Repairs(RuleBasedStateMachine):
    """One repair, on which everybody tries everything, and managers go back in time."""

    @initialize()
    def taken(self) -> None:
        first = opening(
            "WX1", "repair", SHOP, received_at=NINE, customer="customer-1", form={"words": "x"}
        )
        self.walk = Walk(REPAIR, REPAIR.open(first, NINE))
        self.tried = 0
        self.attempt(EVERYTHING, *STRAIGHT, ("take_job", {}), ("visit", {}))

    def attempt(self, actor: Actor, *commands: tuple[str, Any]) -> None:
        self.tried += 1
        self.walk.now += timedelta(minutes=1)
        self.walk.attempt(request(f"r{self.tried}", *commands, actor=actor))

    @rule(data=st.data(), steps=st.integers(1, 5))
    def work(self, data: st.DataObject, steps: int) -> None:
        for _ in range(steps):
            self.take_a_step(data)

    def take_a_step(self, data: st.DataObject) -> None:
        steps = [s for s in REPAIR.steps(self.walk.case, self.walk.now) if s.after is None]
        gives_up = data.draw(st.integers(0, 15)) == 15
        if steps := [step for step in steps if gives_up or not step.abandons]:
            step = data.draw(st.sampled_from(steps), label="step")
            if (form := self.form(data, step)) is not None:
                self.attempt(self.actor(step), (step.name, form))

    @rule(hours=st.sampled_from([1, 30, 100]))
    def wait(self, hours: int) -> None:
        self.walk.now += hours * HOUR
        self.walk.settle()

    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        if data.draw(st.integers(0, 7)) == 7:
            form = data.draw(rewinds(self.walk))
            self.attempt(EVERYTHING, ("rewind", form.canonical()))
        answer(self.walk, EFFECT_DONE)

    def actor(self, step: Step) -> Actor:
        call = pending_call(REPAIR, self.walk.case)
        if step.by & WORLD and call:
            return the_world(call.port)
        return EVERYTHING if step.by & EVERYTHING.stands_for else SHOP

    def form(self, data: st.DataObject, step: Step) -> dict[str, Any] | None:
        """Return what is handed in; None where every plain form is refused."""
        if step.name in OWN:
            return self.own(data, step.name)
        if issubclass(step.form, Answer):
            wrong = data.draw(st.integers(0, 9)) == 9
            offer = (standing_offer(REPAIR, self.walk.case) or 1) - wrong
            places = data.draw(st.lists(st.integers(1, 3), max_size=2, unique=True))
            chosen = {"lines": [{"line": each} for each in places]}
            return {"offer": offer, **(chosen if step.name == "accept_quote" else {})}
        if step.form is Assignment:
            return HANDED.canonical()
        plain = shapes(step.form)
        return dict(data.draw(st.sampled_from(plain)).canonical()) if plain else None

    def own(self, data: st.DataObject, step: str) -> dict[str, Any]:
        if step == "diagnose":
            return {**data.draw(st.sampled_from(DIAGNOSES)), "finding": "x"}
        if step == "quote":
            return self.quote(data)
        if step == "appoint":
            starts = self.walk.now + HOUR
            return {"starts_at": starts.isoformat(), "ends_at": (starts + HOUR).isoformat()}
        if step.endswith("_parts"):
            return {"parts": "x", "expected_on": f"{self.walk.now + 24 * HOUR:%Y-%m-%d}"}
        amount = data.draw(st.sampled_from([None, "0", *PRICES, "500.00"]))
        return {"charged": amount and {"amount": amount}}

    def quote(self, data: st.DataObject) -> dict[str, Any]:
        costs = data.draw(st.lists(st.sampled_from(PRICES), min_size=1, max_size=3))
        lines = [{"cost": "part", "work": "x", "price": {"amount": each}} for each in costs]
        share = share_of(newest(self.walk.case.effective_entries(), "diagnose"))
        right = data.draw(st.integers(0, 9)) < 9
        amount = price(lines, share) if right else Decimal("1.00")
        return {"price": {"amount": str(amount)}, "work": "x", "lines": lines}

    @invariant()
    def nothing_is_repaired_or_charged_without_a_yes(self) -> None:
        if hasattr(self, "walk"):
            check(self.walk.case)


def check(case: Case) -> None:
    """Look at each repair and each charge as the case was then, by what was taken back by then."""
    for entry in case.entries:
        if entry.step not in ("repair", "hand_over", "send_back"):
            continue
        before = REPAIR.as_of(case, entry.seq).effective_entries()
        agreed = accepted(before)
        if entry.step == "repair":
            assert agreed is not None or share_of(newest(before, "diagnose")) == 100
        elif charged := form_of(entry)["charged"]:
            assert Decimal(charged["amount"]) <= (agreed or 0)
    state = REPAIR.state_of(case)
    if state.closed:
        assert not [each for each in case.clocks.values() if each.open]
    if state.outcome == "solved":
        word = form_of(case.effective_entries()[-1])
        assert word["solved"]
        assert word["satisfaction"] in CONTENT | {None}
        assert word["satisfaction"] or newest(case.entries, "confirm")
        assert newest(case.effective_entries(), "test")


def often(steps: int) -> settings:
    return settings(
        max_examples=steps // 40,
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


def test_nothing_is_repaired_or_charged_without_a_yes() -> None:
    run_state_machine_as_test(Repairs, settings=often(3_000))


@pytest.mark.nightly
def test_nothing_ever_is() -> None:
    run_state_machine_as_test(Repairs, settings=often(100_000))
