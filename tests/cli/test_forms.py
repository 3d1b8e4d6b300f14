"""A form filled in from the command line, led by the schemas that the API gives out."""

import io
from typing import Any

import pytest

from app.step_forms import form_schema
from cases.common.forms import FollowUp
from cases.complaint.forms import Classification, Finding, Solution
from cli.core.exits import WrongUsage
from cli.core.forms import fill_form, parse_filters, parse_pairs, prompt_missing

SOLUTION = Solution.model_json_schema()
FINDING = Finding.model_json_schema()


def test_values_get_the_type_that_the_schema_wants() -> None:
    sets = ["solution=12", "cost.amount=30.50", "cost.currency=CNY"]
    assert fill_form(SOLUTION, None, sets) == {
        "solution": "12",
        "cost": {"amount": "30.50", "currency": "CNY"},
    }
    Solution.strict(fill_form(SOLUTION, None, sets))
    assert fill_form(FINDING, None, ["reasonable=true"]) == {"reasonable": True}
    follow_up = fill_form(FollowUp.model_json_schema(), None, ["reached=true", "nps=9", "note=1"])
    assert follow_up == {"reached": True, "nps": 9, "note": "1"}


def test_a_filter_by_time_is_of_the_business_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BANJIE_ZONE", raising=False)
    where = ["received_from=2026-11-22T16:31:20", "received_to=2026-11-22T10:00:00Z", "state=x"]
    assert parse_filters(where, excluded={"kind"}) == {
        "received_from": "2026-11-22T16:31:20+08:00",
        "received_to": "2026-11-22T10:00:00+00:00",
        "state": "x",
    }
    with pytest.raises(WrongUsage, match="'now' is no time"):
        parse_filters(["received_from=now"], excluded=())
    with pytest.raises(WrongUsage, match=r"--where knows .*state, team, not mood"):
        parse_filters(["mood=x"], excluded=())


def test_a_set_goes_over_the_form() -> None:
    form = '{"cause": "design", "finding": "一"}'
    assert fill_form(FINDING, form, ["finding=a=b"]) == {"cause": "design", "finding": "a=b"}


@pytest.mark.parametrize(
    ("form", "sets"),
    [
        ("[1]", []),
        ("{", []),
        (None, ["finding"]),
        (None, ["=x"]),
        ('{"cost": 3}', ["cost.amount=1"]),
    ],
)
def test_what_fits_nowhere_is_wrong_usage(form: str | None, sets: list[str]) -> None:
    with pytest.raises(WrongUsage):
        fill_form(SOLUTION, form, sets)


def test_what_is_missing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = typed(monkeypatch, SOLUTION, {"cost": {"currency": "CNY"}}, "补发一台", "89.00")
    assert Solution.strict(asked).cost.amount == 89


def test_a_choice_is_asked_until_it_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = form_schema("complaint", Classification)
    asked = typed(monkeypatch, schema, {}, "colour", "price", "minor")
    assert asked == {"category": "price", "severity": "minor"}
    assert (
        typed(monkeypatch, FINDING, {"cause": "design", "finding": "一"}, "n")["reasonable"]
        is False
    )


def test_pairs_are_split_at_the_first_sign() -> None:
    assert list(parse_pairs(["a=b=c", "d="])) == [("a", "b=c"), ("d", "")]


def typed(
    monkeypatch: pytest.MonkeyPatch, schema: dict[str, Any], handed: dict[str, Any], *lines: str
) -> dict[str, Any]:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    return prompt_missing(schema, handed)
