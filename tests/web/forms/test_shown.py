"""What was handed in, as people read it; whatever a history holds is shown somehow."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from cases.returns.forms import Review
from i18n.labels import LOCALES
from web.forms.schema import read_schema
from web.forms.shown import Shower, aliases_of
from web.forms.words import Words
from web.rendering.amounts import money

from .every_form import FORMS, ZONE

REVIEW: dict[str, JsonValue] = {
    "ground": "quality",
    "ruling": "refund",
    "faulty": True,
    "differs": None,
    "delivered_on": "2026-03-04",
    "reason": "",
    "amount": {"amount": "129.50", "currency": "CNY"},
    "beyond": "老客户\n多年",
}
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda parts: st.lists(parts, max_size=2) | st.dictionaries(st.text(max_size=4), parts),
)


def shower(kind: str, locale: str) -> Shower:
    return Shower(Words(kind, locale), ZONE, lambda id: f"<{id}>", lambda id: f"[{id}]")


def test_a_review_is_read_in_both_languages() -> None:
    form, aliases = read_schema(Review.model_json_schema()), aliases_of(Review)
    chinese, english = (
        {f.name: f.text for f in shower("returns", locale).fields(form, REVIEW, aliases)}
        for locale in LOCALES
    )
    assert chinese == {
        "ground": "质量问题",
        "ruling": "退款",
        "faulty": "是",
        "delivered_on": "2026年3月4日",
        "amount": "¥129.50",
        "override_reason": "老客户\n多年",
    }
    assert english["faulty"] == "Yes"
    assert english["delivered_on"] == "2026-03-04"
    assert english["amount"] == "CN¥129.50"
    long = [f.name for f in shower("returns", "en").fields(form, REVIEW, aliases) if f.is_long]
    assert long == ["override_reason"]


def test_moments_people_and_rows() -> None:
    assign = shower("complaint", "zh_CN").fields(
        FORMS["complaint - assign"],
        {"assignee": "liu.yang", "roles": ["agent"], "limit": "2026-03-04T02:00:00Z"},
        {},
    )
    assert [each.text for each in assign] == ["<liu.yang>", "2026年3月4日 10:00"]
    made_up: JsonValue = [{"effect": 1, "how": "accept", "note": "说过"}]
    [rows] = shower("complaint", "zh_CN").fields(
        FORMS["complaint - rewind"], {"compensations": made_up}, {}
    )
    assert rows.text == "事项序号 1、处理办法 保留不变、备注 说过"


@pytest.mark.parametrize("name", ["returns 2 decide", "complaint - rewind", "complaint - hold"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_an_older_release_wrote_is_shown(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    said = {each.name: data.draw(ANY) for each in form.fields}
    for field in shower("returns", "zh_CN").fields(form, said, {}):
        assert isinstance(field.text, str)


def test_an_amount_that_is_none_is_shown_as_it_is() -> None:
    assert money("12.5", "CNY", "zh_CN") == "¥12.50"
    assert money("a lot", "CNY", "en") == "a lot CNY"
    assert money(None, None, "en") == "None None"
