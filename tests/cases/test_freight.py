"""Who bears the freight is shown of each unit, also where nobody said it and the ground does."""

from typing import Any

import pytest

from cases import record_of
from cases.common.record import shown_form
from tests.domain.case_driver import CaseDriver
from tests.domain.return_case import APPROVED
from tests.support.cases import LIU, SHOP, ZHAO

SAID = {**APPROVED, "keeps_goods": True}


def reviewed(**form: Any) -> CaseDriver:
    run = CaseDriver("returns", actor=SHOP, customer="customer-1")
    run.do(LIU, ("accept", {}), ("classify", {"category": "personal"}), ("claim", {}))
    run.do(LIU, ("review", {**SAID, **form}))
    return run


def shown(run: CaseDriver) -> tuple[str | None, object]:
    """Return the freight of the unit, and what the customer may read of it."""
    (unit,) = run.process.units(run.case)
    entry = next(e for e in reversed(run.case.entries) if e.step in {"review", "decide"})
    return unit.freight, shown_form(record_of("returns"), entry).get("freight")


@pytest.mark.parametrize(
    ("form", "freight"),
    [
        ({"ground": "personal", "freight": None}, "customer"),
        ({"ground": "personal", "freight": "merchant"}, "merchant"),
        ({"ground": "transport_damage", "damaged": True, "freight": None}, "merchant"),
        ({"ground": "transport_damage", "damaged": True, "freight": "customer"}, "customer"),
    ],
)
def test_it_is_what_was_said_or_what_follows(form: dict[str, Any], freight: str) -> None:
    assert shown(reviewed(**form)) == (freight, freight)


def test_nobody_bears_any_for_what_is_refused() -> None:
    run = reviewed(ruling="refused", amount=None, freight=None, keeps_goods=False)
    assert shown(run) == (None, None)


def test_a_managers_word_is_shown_as_it_is_said() -> None:
    run = reviewed(ground="other", freight="customer")
    assert shown(run) == (None, None)
    run.do(ZHAO, ("claim", {}), ("decide", {**SAID, "ground": "quality", "freight": None}))
    assert shown(run) == ("merchant", "merchant")


def test_each_line_has_its_own() -> None:
    line = {"line": "1", "ground": "transport_damage", "damaged": True, "ruling": "exchange"}
    run = reviewed(ruling="refused", amount=None, freight=None, lines=[line])
    (unit,) = run.process.units(run.case)
    assert unit.freight == "merchant"
