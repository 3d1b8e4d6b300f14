"""Every refusal has a code of its own and a category."""

import pytest

from cases import KINDS
from domain.errors import Category, Conflict, Invalid, Refusal, WrongTable, category_of, refusals


@pytest.mark.parametrize("base", [Conflict, Invalid])
@pytest.mark.parametrize("code", ["stale", "refund_too_high"])
def test_a_code_means_one_refusal(base: type[Refusal], code: str) -> None:
    """A kind's folder may be copied with its `errors.py`, and the codes in it forgotten."""
    assert KINDS
    before = refusals()[code]
    names = {"code": code, "__module__": "cases.lease.errors"}
    with pytest.raises(WrongTable, match=rf"the code {code} \({before.__module__}.*cases.lease"):
        type("Copied", (base,), names)
    assert refusals()[code] is before


def test_every_category_has_one_base() -> None:
    assert [base.category for base in Refusal.__subclasses__()] == list(Category)


def test_a_code_leads_to_its_category() -> None:
    assert category_of("step_not_allowed") is Category.FORBIDDEN
    assert category_of("stale") is Category.OUTDATED
