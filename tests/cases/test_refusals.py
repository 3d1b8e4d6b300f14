"""What a kind refuses has a code, a category and sentences, all of them in its own folder."""

from importlib import import_module
from importlib.util import find_spec
from zoneinfo import ZoneInfo

import pytest

from api.http.problems import problem
from app.texts import Texts
from cases import CURRENT
from cases.returns.errors import RefundTooHigh
from domain.errors import Refusal, category_of, refusals
from i18n.labels import LOCALES, refusal_text
from tests.cases.needed_labels import refusals_of

TEXTS = Texts(ZoneInfo("Asia/Shanghai"))
WHOLE = {"amount": "2 CNY", "paid": "0", "worth": "1 CNY", "takes": ["management"], "why": "paid"}


@pytest.mark.parametrize("kind", CURRENT)
def test_every_refusal_has_a_code_and_a_category(kind: str) -> None:
    if not find_spec(f"cases.{kind}.errors"):
        return
    module = import_module(f"cases.{kind}.errors")
    defined = {
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, Refusal)
        and each.__module__ == module.__name__
    }
    assert defined == set(refusals_of(kind))
    assert all(refusals()[each.code] is each for each in defined)


def test_its_status_is_that_of_its_category() -> None:
    assert category_of(RefundTooHigh.code) is RefundTooHigh.category
    assert problem(RefundTooHigh.code, kind="returns").status == 409


@pytest.mark.parametrize("locale", LOCALES)
def test_its_sentences_are_those_of_the_kind(locale: str) -> None:
    assert refusal_text("refund_too_high", locale, "complaint") is None
    assert refusal_text("refund_too_high", locale) == refusal_text(
        "refund_too_high", locale, "returns"
    )
    paid, approved = (
        TEXTS.say(
            RefundTooHigh.code, {**WHOLE, "why": why}, locale, kind="returns", otherwise="none"
        )
        for why in ("paid", "approved")
    )
    assert "2 CNY" in paid
    assert "none" not in {paid, approved}
    assert paid != approved
    assert TEXTS.title(RefundTooHigh.code, locale, "returns") != RefundTooHigh.code
