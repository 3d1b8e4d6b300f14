"""Every field of every form against awkward values: refused by name, or taken as it is written."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from app.step_forms import steps_of
from cases import KINDS
from cases.common.policy import ZONE
from domain.engine.action_forms import request_form
from domain.engine.task_actions import TASK_ACTIONS
from domain.errors import WrongForm
from domain.language.forms import Form
from domain.language.values import is_visible
from store.db.clock import utc_now
from tests.support import awkward

FORMS = dict.fromkeys(
    [request_form(form) for form, _ in TASK_ACTIONS.values()]
    + [form for process in KINDS.values() for form in steps_of(process).values()]
    + [process.opens_with for process in KINDS.values()]
)
FIELDS = [(form, name) for form in FORMS for name in form.model_fields]


def field_name(form: type[Form], name: str) -> str:
    """Return how a field is handed in."""
    alias = form.model_fields[name].validation_alias
    choices = getattr(alias, "choices", None)
    return str(choices[0] if choices else alias or name)


def schema_of(form: type[Form], name: str) -> awkward.Schema:
    schema = form.model_json_schema(by_alias=True)
    return awkward.resolved(schema["properties"][field_name(form, name)], schema)


def faults(form: type[Form], data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the faults that are found in a form."""
    try:
        form.strict(data, utc_now())
    except WrongForm as error:
        found = error.params["errors"]
        assert isinstance(found, list)
        yield from (each for each in found if isinstance(each, dict))


def fault_at(form: type[Form], name: str, value: Any) -> dict[str, Any] | None:
    """Return what is found wrong with one field, in it or at a part of it."""
    handed = field_name(form, name)
    found = faults(form, {handed: value})
    return next((each for each in found if str(each["pointer"]).startswith(f"/{handed}")), None)


@pytest.mark.parametrize(("form", "name"), FIELDS, ids=lambda part: getattr(part, "__name__", part))
def test_no_field_takes_what_it_cannot_mean(form: type[Form], name: str) -> None:
    schema = schema_of(form, name)
    for value in awkward.wrong_values(schema):
        fault = fault_at(form, name, value)
        assert fault, (value, "was taken")
        if fault["code"] == "enum":
            enums = (each.get("enum") for each in awkward.variants_of(schema))
            assert fault["params"]["expected"] == next(each for each in enums if each)


@pytest.mark.parametrize(("form", "name"), FIELDS, ids=lambda part: getattr(part, "__name__", part))
def test_no_field_breaks(form: type[Form], name: str) -> None:
    values: tuple[Any, ...] = (*awkward.HARMLESS, *awkward.INVISIBLE, None, [], {}, -1, 10**400)
    for value in values:
        fault = fault_at(form, name, value)
        if isinstance(value, str) and value and not is_visible(value) and value.strip():
            assert fault, (value, "was taken as a text")


OLD: dict[str, tuple[Any, ...]] = {
    "'currency'": (
        {"amount": "1E+2", "currency": "CNY"}, {"amount": "-0.00", "currency": "CNY"},
        {"amount": "129.55", "currency": "JPY"}, {"amount": "1.00", "currency": "ABC"},
    ),
    "'maxLength': 4000": ("\u200b\u200b", "\ufeff", "\u3164"),
    "'maxLength': 64": ("\u3164",),
    "'date-time'": ("20261201", "1796083200"),
    "'date'": ("9999-12-31", "2099-01-01"),
}  # fmt: skip
"""What earlier releases took, by what the schema of such a field has in it."""

MONEY = [(form, name) for form, name in FIELDS if awkward.is_money(schema_of(form, name))]


@pytest.mark.parametrize(("form", "name"), MONEY, ids=lambda part: getattr(part, "__name__", part))
def test_amounts_are_written_plainly_in_a_currency_that_is_paid_in(
    form: type[Form], name: str
) -> None:
    for amount in awkward.AMOUNTS:
        assert fault_at(form, name, {"amount": amount}), (amount, "was taken")
    for currency in awkward.CURRENCIES:
        assert fault_at(form, name, {"amount": "1", "currency": currency}), (currency, "was taken")
    for amount, currency in (
        ("129.55", "JPY"),
        ("0.1", "KRW"),
        ("1.2345", "KWD"),
        ("1.001", "CNY"),
    ):
        assert fault_at(form, name, {"amount": amount, "currency": currency}), (amount, currency)
    for amount, currency in (("129", "JPY"), ("1.234", "KWD"), ("129.50", "CNY"), ("7", "EUR")):
        assert not fault_at(form, name, {"amount": amount, "currency": currency})


def test_no_day_of_delivery_is_in_the_future() -> None:
    reviews = [form for form, name in FIELDS if name == "delivered_on"]
    today = utc_now().astimezone(ZONE).date()
    later = (today.replace(year=today.year + 1, day=1).isoformat(), "9999-12-31", "9999-12-25")
    assert reviews
    for review, day in product(reviews, later):
        assert not fault_at(review, "delivered_on", today.isoformat())
        fault = fault_at(review, "delivered_on", day)
        assert fault, day
        assert fault["code"] == "day_in_the_future"


@pytest.mark.parametrize(("form", "name"), FIELDS, ids=lambda part: getattr(part, "__name__", part))
def test_what_history_holds_is_read_as_it_was(form: type[Form], name: str) -> None:
    """Values that earlier releases took: a case that holds one must still replay."""
    handed, schema = field_name(form, name), str(schema_of(form, name))
    for value in next((old for part, old in OLD.items() if part in schema), ()):
        assert handed not in lenient_faults(form, {handed: value}), value


def lenient_faults(form: type[Form], data: dict[str, Any]) -> set[str]:
    try:
        form.lenient(data)
    except ValidationError as error:
        return {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
    return set()
