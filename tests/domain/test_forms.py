"""Forms: strict where they come in, lenient where history is read."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.errors import WrongForm
from domain.language.forms import Empty, Form
from domain.language.values import Code, Instant, Money, Note, Text


class Offer(Form):
    """A form with all sorts of fields."""

    words: Text
    cost: Money
    note: Note = ""


OFFER: dict[str, Any] = {"words": "An apology.", "cost": {"amount": "20.00"}}


def errors(**fields: Any) -> dict[str, str]:
    """Of each field in the wrong, by its pointer, the code."""
    with pytest.raises(WrongForm) as refused:
        Offer.strict(OFFER | fields)
    faults = refused.value.params["errors"]
    assert isinstance(faults, list)
    return {str(item["pointer"]): str(item["code"]) for item in faults if isinstance(item, dict)}


def test_a_form_comes_back_from_json() -> None:
    offer = Offer.strict(OFFER)
    assert offer.canonical()["cost"] == {"amount": "20.00", "currency": "CNY"}
    assert Offer.lenient(offer.canonical()) == offer


def test_every_wrong_field_is_named() -> None:
    wrong = errors(words=" ", cost={"amount": "-1"}, colour="red")
    assert set(wrong) == {"/words", "/cost/amount", "/colour"}
    assert wrong["/colour"] == "extra_forbidden"


def test_the_message_says_the_first() -> None:
    with pytest.raises(WrongForm, match="Offer does not fit: words: Field required"):
        Offer.strict({"cost": {"amount": 1}})


def test_history_may_know_more_than_we_do() -> None:
    old = {**OFFER, "colour": "red", "cost": {"amount": "20", "tax": "1"}}
    assert Offer.lenient(old).cost == Money(amount=Decimal(20))


@pytest.mark.parametrize("amount", ["0.001", "1e20", "NaN", "Infinity", "-0.01", "many", None])
def test_amounts_that_are_none(amount: object) -> None:
    assert set(errors(cost={"amount": amount})) == {"/cost/amount"}


@pytest.mark.parametrize("currency", ["cny", "RMB¥", "", "CNYX"])
def test_currencies_that_are_none(currency: str) -> None:
    assert set(errors(cost={"amount": 1, "currency": currency})) == {"/cost/currency"}


def test_money_is_never_a_float() -> None:
    assert Money.model_validate({"amount": 0.1}).amount == Decimal("0.1")


@pytest.mark.parametrize("words", ["", "  \n", "a\x00b", "x" * 4001, "\ud800", 7, None])
def test_words_that_are_none(words: object) -> None:
    assert set(errors(words=words)) == {"/words"}


@pytest.mark.parametrize("words", ["好", "a\nb", "  x  ", "\n\nx\n", "😀", "x" * 4000])
def test_words(words: str) -> None:
    assert Offer.strict(OFFER | {"words": words}).words == words


def test_a_note_may_be_empty_but_never_holds_a_nul() -> None:
    assert Offer.strict(OFFER | {"note": ""}).note == ""
    assert set(errors(note="\x00")) == {"/note"}


@pytest.mark.parametrize("code", ["", "two words", "a\n", "x" * 65, "<b>"])
def test_codes_that_are_none(code: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Code).validate_python(code)


def test_an_instant_has_a_zone_and_is_kept_in_utc() -> None:
    instant = TypeAdapter(Instant)
    with pytest.raises(ValidationError):
        instant.validate_python("2026-03-02T10:00:00")
    at = instant.validate_python("2026-03-02T10:00:00+08:00")
    assert (at, at.tzinfo) == (datetime(2026, 3, 2, 2, tzinfo=UTC), UTC)


def test_nothing_needs_nothing() -> None:
    assert Empty.strict({}).canonical() == {}
    with pytest.raises(WrongForm):
        Empty.strict({"x": 1})
