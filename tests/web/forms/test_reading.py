"""What is typed comes out as the JSON that a caller of the API would send, whatever is typed."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from app.errors import Malformed, Unacceptable
from app.start_case import NewCase
from tests.support.sampling import by_day
from web.forms.fields import DecimalField, Field, GroupField, walk
from web.forms.filled import fill
from web.forms.filled import walk as walk_filled
from web.forms.schema import read_schema
from web.forms.typed import (
    default_pairs,
    pairs_of,
    read_form,
    with_changed_rows,
    with_row,
    without_row,
)

from .every_form import FORMS, SCHEMAS, ZONE, is_newest, values

DIFFERENT = {repr(form): name for name, form in reversed(FORMS.items())}
EVERY_FORM = pytest.mark.parametrize(
    "form",
    by_day(
        [FORMS[n] for n in DIFFERENT.values()], lambda at, _: is_newest([*DIFFERENT.values()][at])
    ),
    ids=DIFFERENT.values(),
)
SOME = settings(max_examples=40)
NEW_CASE = FORMS["complaint 2 start"]
PLAIN = {"/kind": "complaint", "/channel": "phone", "/form/words": "坏了"}
GARBAGE = st.text(max_size=8) | st.sampled_from(
    ["-0", "1e400", "9" * 400, "2026-02-30", "2026-02-30T10:00", "0000-00-00T00:00", "true", "null"]
)


def names_in(form: GroupField) -> list[str]:
    """Return names that a form may be posted with, right ones and wrong ones."""
    places = ["", "/0", "/1", "/00", "/-1", "/999999", "/٣"]
    paths = ["".join(f"/{name}" for name in each.path) for each in walk(form)]
    return [f"{path}{place}" for path in paths for place in places] + ["", "/", "words", "/~2"]


@EVERY_FORM
@SOME
@given(data=st.data())
def test_a_value_comes_back_from_what_is_typed_for_it(form: GroupField, data: Any) -> None:
    value = data.draw(values(form))
    pairs = pairs_of(form, value, ZONE)
    assert read_form(form, pairs, ZONE) == value
    shown = fill(form, pairs, ZONE)
    typed = {part.pointer: part.text for part in walk_filled(shown)}
    assert {name: typed[name] for name, _ in pairs} == dict(pairs)


@EVERY_FORM
@SOME
@given(data=st.data())
def test_nothing_that_is_posted_breaks(form: GroupField, data: Any) -> None:
    names = st.sampled_from(names_in(form)) | st.text(max_size=6)
    pairs = data.draw(st.lists(st.tuples(names, GARBAGE), max_size=6))
    with suppress(Unacceptable, Malformed):
        assert set(read_form(form, pairs, ZONE)) <= {each.name for each in form.fields}
    shown = fill(form, pairs, ZONE)
    known = {part.pointer: part for part in walk_filled(shown)}
    for name, text in dict(pairs).items():
        if name in known and not known[name].parts:
            assert known[name].text == text


@EVERY_FORM
def test_a_new_form_says_only_its_defaults(form: GroupField) -> None:
    value = read_form(form, default_pairs(form, ZONE), ZONE)
    for field in form.fields:
        if not field.required and field.default not in (None, "", []):
            assert value.pop(field.name) == field.default
    assert all(not _says(field, value.get(field.name)) for field in form.fields)


def _says(field: Field, value: Any) -> bool:
    """Whether anything is said for a field but an empty group or empty text."""
    if isinstance(field, GroupField) and isinstance(value, dict):
        parts = ((field.field(name), part) for name, part in value.items())
        return any(f is None or (_says(f, part) and part != f.default) for f, part in parts)
    return value not in (None, "", [])


def test_nothing_is_repaired_and_nothing_is_guessed() -> None:
    """What is no value of its field is handed on, for the engine to refuse in its own words."""
    form = FORMS["inquiry 2 answer"]
    for text in ("5.0", " 5", "+5", "05", "five", "٥", "5e0", "0x5"):
        assert read_form(form, [("/answer", "x"), ("/minutes", text)], ZONE)["minutes"] == text
    assert read_form(form, [("/answer", "x"), ("/minutes", "5")], ZONE)["minutes"] == 5
    assert read_form(form, [("/answer", "x"), ("/minutes", "")], ZONE)["minutes"] == ""
    assert read_form(form, [("/answer", " x\n ")], ZONE) == {"answer": " x\n "}
    assert read_form(form, [("/answer", "")], ZONE) == {}


def test_an_amount_stays_as_it_is_written() -> None:
    form = FORMS["complaint 2 propose"]
    written = [("/solution", "退款"), ("/cost/amount", "0129.50"), ("/cost/currency", "CNY")]
    cost = {"amount": "0129.50", "currency": "CNY"}
    assert read_form(form, written, ZONE) == {"solution": "退款", "cost": cost}
    # A currency that was deleted is not the usual one again.
    deleted = [("/solution", "退款"), ("/cost/amount", "1"), ("/cost/currency", "")]
    assert read_form(form, deleted, ZONE)["cost"] == {"amount": "1", "currency": ""}


@pytest.mark.parametrize(
    ("typed", "read"),
    [("１２８．５０", "128.50"), ("－１", "-1"), ("１２。５", "１２。５"), ("九", "九")],
)
def test_digits_of_a_chinese_input_method_are_digits(typed: str, read: str) -> None:
    assert DecimalField(("amount",), required=True).read(typed) == read


def test_an_optional_amount_is_left_out_with_its_usual_currency() -> None:
    form = FORMS["returns 2 review"]
    pairs = dict(default_pairs(form, ZONE))
    assert pairs["/amount/currency"] == "CNY"
    pairs |= {"/ground": "quality", "/ruling": "exchange"}
    value = read_form(form, [*pairs.items()], ZONE)
    assert value == {"ground": "quality", "ruling": "exchange"}
    other = read_form(form, [*{**pairs, "/amount/currency": "USD"}.items()], ZONE)
    assert other["amount"] == {"currency": "USD"}


def test_yes_no_and_left_open_are_three_answers() -> None:
    form = FORMS["returns 2 review"]
    answers = {
        text: read_form(form, [("/faulty", text)], ZONE) for text in ("true", "false", "", "on")
    }
    assert answers == {
        "true": {"faulty": True},
        "false": {"faulty": False},
        "": {},
        "on": {"faulty": "on"},
    }


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-03-03T10:00", "2026-03-03T02:00:00Z"),
        ("2026-03-03T10:00:30", "2026-03-03T02:00:30Z"),
        ("2026-01-01T00:00", "2025-12-31T16:00:00Z"),
        ("2026-03-03T10:00:00+08:00", "2026-03-03T10:00:00+08:00"),
        ("2026-02-30T10:00", "2026-02-30T10:00"),
        ("2026-03-03 10:00", "2026-03-03 10:00"),
        # Clocks in China were set forward in this hour: it was not there.
        ("1986-05-04T02:30", "1986-05-04T02:30"),
        ("tomorrow", "tomorrow"),
    ],
)
def test_times_are_of_the_business_zone(typed: str, read: str) -> None:
    form = FORMS["complaint - hold"]
    assert read_form(form, [("/reason", "x"), ("/until", typed)], ZONE)["until"] == read


def test_a_name_that_is_no_field_is_refused() -> None:
    form = FORMS["complaint 2 propose"]
    for name in ("/solutions", "/cost", "/cost/amount/0", "/solution/", "solution", "", "/cost/x"):
        with pytest.raises(Unacceptable) as refused:
            read_form(form, [("/solution", "x"), (name, "y")], ZONE)
        assert [(each.pointer, each.code) for each in refused.value.faults] == [
            (name, "extra_forbidden")
        ]


def test_a_name_that_comes_twice_is_refused() -> None:
    with pytest.raises(Unacceptable) as refused:
        read_form(NEW_CASE, [("/channel", "phone"), ("/channel", "email")], ZONE)
    assert [each.code for each in refused.value.faults] == ["given_twice"]


def test_a_nul_is_refused_as_in_every_body() -> None:
    with pytest.raises(Malformed):
        read_form(NEW_CASE, [("/form/words", "a\0b")], ZONE)


def test_rows_come_and_go_and_nothing_typed_is_lost() -> None:
    pairs = [*default_pairs(NEW_CASE, ZONE)]
    typed = dict(pairs) | PLAIN | {"/customer/name": "王女士"}
    at = "/customer/contacts"
    changed = with_changed_rows(NEW_CASE, {"_add": at}, [*typed.items()], ZONE)
    assert changed is not None
    one, focus = changed
    assert focus == f"{at}/0"
    two, _ = with_row(NEW_CASE, one, at, ZONE)
    rows = dict(two) | {f"{at}/1/kind": "phone", f"{at}/1/value": "13800000000"}
    three, focus = with_row(NEW_CASE, [*rows.items()], at, ZONE)
    assert focus == f"{at}/2"
    three = [*(dict(three) | {f"{at}/2/kind": "email", f"{at}/2/value": "a@b.cn"}).items()]
    # The first row was left blank: it is no contact point.
    customer = {
        "name": "王女士",
        "contacts": [
            {"kind": "phone", "value": "13800000000"},
            {"kind": "email", "value": "a@b.cn"},
        ],
    }
    value = read_form(NEW_CASE, three, ZONE)
    assert value["customer"] == customer
    read = NewCase.model_validate(value).customer
    assert read is not None
    assert [each.value for each in read.contacts] == ["13800000000", "a@b.cn"]
    removed = with_changed_rows(NEW_CASE, {"_remove": f"{at}/1"}, three, ZONE)
    assert removed is not None
    rest, focus = removed
    assert focus == at
    assert read_form(NEW_CASE, rest, ZONE)["customer"] == {
        "name": "王女士",
        "contacts": [{"kind": "email", "value": "a@b.cn"}],
    }
    assert with_changed_rows(NEW_CASE, {"/kind": "x"}, rest, ZONE) is None
    assert with_row(NEW_CASE, rest, "/customer/name", ZONE) == (rest, "/customer/name")
    assert without_row(rest, "/customer/contacts/7") == rest


def test_a_start_is_the_body_that_the_api_takes() -> None:
    typed = {**PLAIN, "/received_at": "2026-03-03T10:00", "/order": "A-1", "/customer/name": " "}
    value = read_form(NEW_CASE, [*typed.items()], ZONE)
    assert value == {
        "kind": "complaint",
        "channel": "phone",
        "form": {"words": "坏了"},
        "received_at": "2026-03-03T02:00:00Z",
        "order": "A-1",
        "customer": {"name": " "},
    }


TREE = {
    "type": "object",
    "properties": {
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "size": {"enum": [1, 2, "other"]},
        "only": {"const": "x"},
        "child": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}], "default": None},
        "weight": {"type": "number"},
        "either": {"anyOf": [{"type": "string"}, {"type": "boolean"}]},
        "a/b~c": {"type": "string", "default": "d"},
        "cost": {
            "type": "object",
            "properties": {"n": {"type": "integer"}},
            "default": {"n": 5},
        },
    },
    "required": ["tags"],
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
        }
    },
}


def test_a_schema_of_another_shape_is_a_form_too() -> None:
    """No kind has these parts yet; a new one may."""
    form = read_schema(TREE)
    pairs = dict(default_pairs(form, ZONE))
    assert pairs["/tags/0"] == ""
    assert pairs["/cost/n"] == "5"
    assert pairs["/a~1b~0c"] == "d"
    value: JsonValue = {
        "tags": ["红", "a/b"],
        "size": 2,
        "only": "x",
        "child": {"next": {"next": None, "more": [1, "2"]}},
        "weight": 1.5,
        "either": True,
        "a/b~c": "",
        "cost": {"n": 0},
    }
    assert read_form(form, pairs_of(form, value, ZONE), ZONE) == value
    # Deleting the default is no way to get it.
    assert read_form(form, [("/cost/n", ""), ("/tags/0", "x")], ZONE) == {"tags": ["x"], "cost": {}}
    assert read_form(form, [("/tags/0", "")], ZONE) == {"tags": []}


def test_every_part_of_every_form_is_described() -> None:
    """A field that is written as raw JSON is one that nobody thought of."""
    from web.forms.fields import JsonField

    raw = [
        (name, field.path)
        for name, form in FORMS.items()
        for field in walk(form)
        if isinstance(field, JsonField)
    ]
    assert not raw
    assert all(FORMS[name].fields or not SCHEMAS[name]["properties"] for name in FORMS)
