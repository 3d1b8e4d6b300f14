"""A return that tests take back: goods received, money refunded, effects compensated."""

from typing import Any

from domain.engine.messages import Outcome
from domain.engine.rewind.compensation import irreversible_effects
from domain.language.roles import the_world
from domain.read_models.projection import pending_call
from domain.stories import person
from tests.domain.case_driver import CaseDriver
from tests.support.cases import LIU, SHOP

HE = person("he.tao", "logistics")
YUAN = {"amount": "299.00", "currency": "CNY"}
APPROVED = {
    "ground": "personal",
    "ruling": "refund",
    "delivered_on": "2026-02-27",
    "freight": "customer",
    "amount": YUAN,
    "paid": YUAN,
    "reason": "as the rules have it",
}
UNPRICED = {name: value for name, value in APPROVED.items() if name != "paid"}
"""A review of before units, which need not say what the customer paid."""
EXCHANGED = {**APPROVED, "ruling": "exchange", "amount": None}


def return_received(version: int | None = None) -> tuple[CaseDriver, int]:
    """Return a case whose goods are received, and the entry after which it was to be reviewed."""
    run = CaseDriver("returns", actor=SHOP, customer="customer-1", version=version)
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    review = run.case.last.seq
    run.do(LIU, ("review", UNPRICED if version else APPROVED))
    run.do(HE, ("receive", {}))
    return run, review


def return_refunded(version: int | None = None) -> tuple[CaseDriver, int]:
    """Return a case whose money was refunded, and the customer told, and the entry as above."""
    run, review = return_received(version)
    run.do(HE, ("inspect", {"grade": "A", "passed": True}))
    run.do(the_world("refund"), ("refunded", {"reference": "refund-7"}))
    run.tell_customer()
    return run, review


def reverse_pending(run: CaseDriver) -> None:
    """Let the world reverse what it is asked to."""
    call = pending_call(run.process, run.case)
    assert call is not None
    done = Outcome(step=call.done, form={"reference": "refund-8"})
    run.process.apply_outcome(run.case, call, done, run.now)


def listed_effects(run: CaseDriver, to: int) -> list[tuple[str, str, bool]]:
    effects = irreversible_effects(run.process, run.case, to)
    return [(each.port, each.template, each.reversible) for each in effects]


def rewind_to(
    run: CaseDriver, to: int, clocks: str = "go_on", **how: str
) -> tuple[str, dict[str, Any]]:
    """Return a rewind that makes up for every effect: by the method named for it, or accepted."""
    compensations = [
        {
            "effect": each.effect,
            "how": how.get(each.template, how.get(each.port, "accept")),
            "note": "as agreed with the customer",
        }
        for each in irreversible_effects(run.process, run.case, to)
    ]
    form = {"to": to, "reason": "the wrong case", "clocks": clocks, "compensations": compensations}
    return "rewind", form
