"""A return to be taken back: goods here, money paid, and a rewind that makes up for all."""

from typing import Any

from domain.engine.messages import Outcome
from domain.engine.rewind.compensation import irreversible_effects
from domain.language.roles import the_world
from domain.read_models.projection import pending_call
from domain.stories import person
from tests.domain.run import Run
from tests.support.cases import LIU, SHOP

HE = person("he.tao", "logistics")
YUAN = {"amount": "299.00", "currency": "CNY"}
APPROVED = {
    "ground": "personal",
    "ruling": "refund",
    "delivered_on": "2026-02-27",
    "freight": "customer",
    "amount": YUAN,
}
EXCHANGED = {**APPROVED, "ruling": "exchange", "amount": None}


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
    asked = pending_call(run.process, run.case)
    assert asked is not None
    done = Outcome(step=asked.done, form={"reference": "refund-8"})
    run.process.apply_outcome(run.case, asked, done, run.now)


def listed(run: Run, to: int) -> list[tuple[str, str, bool]]:
    found = irreversible_effects(run.process, run.case, to)
    return [(each.port, each.template, each.reversible) for each in found]


def back(run: Run, to: int, clocks: str = "go_on", **how: str) -> tuple[str, dict[str, Any]]:
    """A rewind that makes up for every effect: each in its own way, or by accepting it."""
    made_up = [
        {
            "effect": each.effect,
            "how": how.get(each.template, how.get(each.port, "accept")),
            "note": "as agreed with the customer",
        }
        for each in irreversible_effects(run.process, run.case, to)
    ]
    form = {"to": to, "reason": "the wrong case", "clocks": clocks, "compensations": made_up}
    return "rewind", form
