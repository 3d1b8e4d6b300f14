"""A return that goes on for a case which has the goods waits for no parcel."""

from typing import Any

import pytest

from cases.repair.rules import handed_over
from domain.engine.messages import HandedOver
from domain.language.goods import Settlement, Whereabouts
from domain.language.roles import the_world
from domain.read_models.projection import pending_call
from domain.stories import person
from tests.domain.case_driver import CaseDriver, StepForm
from tests.domain.return_case import APPROVED, HE, YUAN
from tests.support.cases import CHEN, LIU, SHOP, ZHAO

SUN = person("sun.wei", "repairer")
GOOD = {"grade": "A", "passed": True}
HERE = HandedOver(received=True, serial="SN-7")


def returning(known: HandedOver | None) -> CaseDriver:
    return CaseDriver("returns", actor=SHOP, customer="customer-1", handed_over=known)


def reviewed(form: dict[str, object], known: HandedOver | None = HERE) -> CaseDriver:
    run = returning(known)
    run.do(LIU, ("accept", {}), ("classify", {"category": "quality"}), ("claim", {}))
    run.do(LIU, ("review", {**APPROVED, **form}))
    return run


def repairing(*steps: StepForm, **opening: Any) -> CaseDriver:
    run = CaseDriver("repair", actor=SHOP, customer="customer-1", **opening)
    run.do(CHEN, ("accept", {}), ("classify", {"category": "screen"}))
    run.do(LIU, ("assign", {"assignee": SUN.id, "roles": [*SUN.roles]}))
    run.do(SUN, ("take_job", {}))
    for step in steps:
        run.do(SUN, step)
    return run


def params(run: CaseDriver) -> dict[str, object]:
    """Convert a repair that is beyond it, and return what the new case is told."""
    run.do(SUN, ("diagnose", {"outcome": "hopeless", "finding": "The board is broken."}))
    run.do(LIU, ("convert", {"kind": "returns"}))
    call = pending_call(run.process, run.case)
    assert call is not None
    return dict(call.params)


def test_a_repair_hands_over_what_it_has() -> None:
    run = repairing(("receive", {"serial": "SN-7"}))
    assert params(run)["handed_over"] == {"received": True, "serial": "SN-7"}


def test_what_stayed_with_the_customer_is_not_here() -> None:
    assert "handed_over" not in params(repairing(("visit", {})))
    form = {"words": "坏了", "serial": "SN-8"}
    run = repairing(("receive", {}), form=form)
    assert handed_over(run.case) == HandedOver(received=True, serial="SN-8")
    run = repairing(("visit", {"serial": "SN-9", "note": "The label was wrong."}), form=form)
    assert handed_over(run.case) == HandedOver(received=False, serial="SN-9")


def test_what_is_here_is_inspected_next() -> None:
    run = reviewed({})
    assert run.case.state == "inspecting"
    (unit,) = run.process.units(run.case)
    assert (unit.goods, unit.serial) == (Whereabouts.RECEIVED, "SN-7")
    run.do(HE, ("inspect", GOOD))
    assert run.case.state == "refunding"


def test_new_goods_go_out_for_what_is_here() -> None:
    run = reviewed({"ruling": "exchange", "amount": None})
    run.do(HE, ("inspect", GOOD))
    assert run.case.state == "replacing"


def test_without_the_goods_the_customer_sends_them() -> None:
    for known in (None, HandedOver(serial="SN-7")):
        assert reviewed({}, known).case.state == "awaiting_goods"


def test_what_is_refused_goes_back() -> None:
    run = reviewed({"ruling": "refused", "amount": None, "reason": "It was dropped."})
    assert run.case.state == "sending_back"
    run.do(the_world("shipment"), ("sent", {"reference": "p-1"}))
    (unit,) = run.process.units(run.case)
    assert unit.settlement is Settlement.RETURNED


@pytest.mark.parametrize("until", ["received", "accepted", "classified", "reviewing"])
def test_a_withdrawal_gives_back_what_is_here(until: str) -> None:
    for known, state in ((HERE, "sending_back"), (None, "withdrawn")):
        run = returning(known)
        for step in (
            ("accept", {}),
            ("classify", {"category": "quality"}),
            ("claim", {}),
        ):
            if run.case.state != until:
                run.do(LIU, step)
        assert run.case.state == until
        run.do(SHOP, ("withdraw", {}))
        assert run.case.state == state


def test_a_managers_word_is_followed_with_what_is_here() -> None:
    run = reviewed({"ground": "other"})
    assert run.case.state == "exception"
    run.do(ZHAO, ("claim", {}), ("decide", {**APPROVED, "ground": "other", "amount": YUAN}))
    assert run.case.state == "inspecting"
