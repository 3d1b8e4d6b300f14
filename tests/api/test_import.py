"""Cases of another system are taken over, each once, or it is said why not."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from domain.language.entries import EntryType
from store.db.clock import utc_now
from tests.api.callers import Callers

pytestmark = pytest.mark.xdist_group("api")

_refs = count()


def old_case(**more: Any) -> dict[str, Any]:
    """Return a line of a file: a complaint that is being looked into, received long ago."""
    given = {
        "kind": "complaint",
        "external_ref": f"OLD-{next(_refs)}",
        "received_at": ago(days=90),
        "channel": "phone",
        "words": "屏坏了",
        "state": "investigating",
        "category": "product_quality",
        "severity": "minor",
    }
    return {**given, **more}


def ago(**length: float) -> str:
    return (utc_now() - timedelta(**length)).isoformat()


async def send(
    callers: Callers,
    *lines: Any,
    dry_run: bool = False,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Import the lines, and return the report."""
    body = {"source": "oldsys", "dry_run": dry_run, "cases": lines}
    answer = await callers["root"].post("/v1/cases:import", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    assert [line["line"] for line in report["lines"]] == [*range(1, len(lines) + 1)]
    return report


def statuses(report: Mapping[str, Any]) -> list[str]:
    return [line["status"] for line in report["lines"]]


async def details(callers: Callers, number: str, by: str = "root") -> dict[str, Any]:
    answer = await callers[by].get(f"/v1/cases/{number}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return {**found["case"], "clocks": found["clocks"]}


async def entries_of(callers: Callers, number: str) -> list[dict[str, Any]]:
    history = (await callers["root"].get(f"/v1/cases/{number}/history")).json()
    entries: list[dict[str, Any]] = history["items"]
    return entries


async def test_a_dry_run_says_the_same_and_writes_nothing(callers: Callers) -> None:
    line, wrong = old_case(), old_case(kind="refund")
    for _ in range(2):
        tried = await send(callers, line, wrong, line, dry_run=True)
        assert statuses(tried) == ["would_start", "refused", "already_there"]
    assert (
        await callers.store.intake.known_refs("default", "oldsys", [line["external_ref"]])
    ) == {}
    done = await send(callers, line, wrong, line)
    assert statuses(done) == ["started", "refused", "already_there"]
    assert done["totals"] == {"started": 1, "refused": 1, "already_there": 1}
    again = await send(callers, line, dry_run=True)
    assert statuses(again) == ["already_there"]
    assert again["lines"][0]["number"] == done["lines"][0]["number"]


async def test_a_running_case_goes_on_where_it_was(callers: Callers) -> None:
    history = [
        {"at": ago(days=80), "by": "王小明", "text": "已致电客户"},
        {"at": ago(days=70), "text": "等检测报告"},
    ]
    customer = {"name": "李雷", "contacts": [{"kind": "phone", "value": "13812345678"}]}
    more = {"assignee": "liu.yang", "team": "complaints", "priority": "P1", "order": "O-1"}
    line = old_case(history=history, customer=customer, **more)
    report = await send(callers, line)
    number = report["lines"][0]["number"]
    case = await details(callers, number, "liu.yang")
    assert (case["state"], case["assignee"], case["priority"], case["source"]) == (
        "investigating", "liu.yang", "P1", "oldsys",
    )  # fmt: skip
    assert (case["external_ref"], case["order"]) == (line["external_ref"], "O-1")
    assert [clock["state"] for clock in case["clocks"] if clock["clock"] == "resolution"] == [
        "cancelled"
    ]
    assert await callers.store.outbox.of("default", number) == []
    [opened] = await entries_of(callers, number)
    assert (opened["type"], opened["led_to"]) == (EntryType.OPENED, "investigating")
    assert opened["form"]["imported"]["state"] == "investigating"
    notes = (await callers["liu.yang"].get(f"/v1/cases/{number}/comments")).json()["items"]
    assert [(note["body"], note["visibility"]) for note in notes] == [
        ("王小明: 已致电客户", "internal"), ("等检测报告", "internal"),
    ]  # fmt: skip
    assert notes[0]["at"].startswith(history[0]["at"][:19])
    assert statuses(await send(callers, line)) == ["already_there"]
    again = (await callers["liu.yang"].get(f"/v1/cases/{number}/comments")).json()["items"]
    assert again == notes
    form = {"cause": "design", "reasonable": True, "finding": "设计问题", "checked": [
        {"check": check} for check in
        ("customer_contacted", "product_identified", "evidence_seen", "safety_assessed")
    ]}  # fmt: skip
    assert (await callers.step(number, "investigate", form))["state"] == "proposing"


async def test_a_closed_case_is_there_as_it_was_closed(callers: Callers) -> None:
    line = old_case(state="closed", outcome="solved", closed_at=ago(days=60))
    report = await send(callers, line)
    number = report["lines"][0]["number"]
    case = await details(callers, number)
    assert (case["state"], case["outcome"]) == ("closed", "solved")
    assert case["closed_at"][:19] == line["closed_at"][:19]
    assert case["clocks"] == []
    late = await callers["liu.yang"].post(
        f"/v1/cases/{number}/steps/reopen", json={"reason": "又坏了"}
    )
    assert late.status_code == 409


async def test_a_file_may_say_open_with_a_stage(callers: Callers) -> None:
    wanted = {
        "accept": "received",
        "classify": "accepted",
        "assign": "classified",
        "resolve": "investigating",
        "follow_up": "following_up",
    }
    lines = [old_case(state="open", stage=stage) for stage in wanted]
    report = await send(callers, *lines)
    for line, state in zip(report["lines"], wanted.values(), strict=True):
        case = await details(callers, line["number"])
        assert case["state"] == state


WRONG: Mapping[str, tuple[dict[str, Any], str, str]] = {
    "not imported": ({"state": "paying"}, "/state", "not_imported"),
    "no such state": ({"state": "lost"}, "/state", "enum"),
    "no stage": ({"state": "open"}, "/stage", "enum"),
    "other stage": ({"stage": "accept"}, "/stage", "enum"),
    "no outcome": ({"state": "closed", "closed_at": ago(days=1)}, "/outcome", "enum"),
    "not when": ({"state": "closed", "outcome": "solved"}, "/closed_at", "missing"),
    "open and closed": ({"closed_at": ago(days=1)}, "/closed_at", "only_when_closed"),
    "before": (
        {"state": "withdrawn", "closed_at": ago(days=99)}, "/closed_at", "before_received",
    ),
    "future": ({"received_at": ago(days=-1)}, "/received_at", "in_the_future"),
    "note": ({"history": [{"at": ago(days=-1), "text": "x"}]}, "/history/0/at", "in_the_future"),
    "category": ({"category": "weather"}, "/category", "no_such_category"),
    "form": ({"form": {"colour": "red"}}, "/form/colour", "extra_forbidden"),
    "contact": (
        {"customer": {"contacts": [{"kind": "phone", "value": "打不通"}]}},
        "/customer/contacts/0", "wrong_contact",
    ),
    "team": ({"team": "nobodys"}, "/team", "unknown_team"),
    "assignee": ({"assignee": "no.body"}, "/assignee", "unknown_assignee"),
    "unfit": ({"assignee": "root"}, "/assignee", "assignee_unfit"),
    "channel": ({"channel": "pigeon"}, "/channel", "enum"),
    "kind": ({"kind": "refund"}, "/kind", "enum"),
    "field": ({"colour": "red"}, "/colour", "extra_forbidden"),
}  # fmt: skip


@pytest.mark.parametrize(("more", "pointer", "code"), WRONG.values(), ids=WRONG)
async def test_a_refused_line_says_what_is_wrong_in_both_languages(
    callers: Callers, more: dict[str, Any], pointer: str, code: str
) -> None:
    line, said = old_case(**more), []
    for dry_run, language in ((True, "zh"), (False, "en")):
        report = await send(callers, line, dry_run=dry_run, headers={"Accept-Language": language})
        [refused] = report["lines"]
        assert (refused["status"], refused["number"]) == ("refused", None)
        errors = {each["pointer"]: each for each in refused["problem"]["errors"]}
        assert errors[pointer]["code"] == code
        said.append(errors[pointer]["detail"])
    assert said[0] != said[1]
    assert "%(" not in "".join(said)


async def test_what_is_no_case_at_all_is_refused(callers: Callers) -> None:
    report = await send(callers, "no case", 7, None, {})
    assert statuses(report) == ["refused"] * 4


async def test_a_case_that_changed_there_is_not_imported_again(callers: Callers) -> None:
    line = old_case()
    number = (await send(callers, line))["lines"][0]["number"]
    for dry_run in (True, False):
        report = await send(callers, {**line, "state": "proposing"}, dry_run=dry_run)
        [refused] = report["lines"]
        assert (refused["status"], refused["number"]) == ("refused", number)
        assert refused["problem"]["errors"][0]["code"] == "imported_otherwise"


async def test_a_key_counts_for_each_in_its_place(callers: Callers) -> None:
    first, second = old_case(), old_case()
    key = {"Idempotency-Key": f"import-{first['external_ref']}"}
    assert statuses(await send(callers, first, second, headers=key)) == ["started", "started"]
    assert statuses(await send(callers, first, second, headers=key)) == ["already_there"] * 2
    other = await send(callers, old_case(), headers=key)
    assert other["lines"][0]["problem"]["code"] == "key_reused"


async def test_only_administrators_import(callers: Callers) -> None:
    body = {"cases": [old_case()]}
    for who in ("liu.yang", "zhou.hang", "shop"):
        refused = await callers[who].post("/v1/cases:import", json=body)
        assert refused.status_code == 403
    ours = await callers["root"].post("/v1/cases:import", json={**body, "source": "desk"})
    assert ours.json()["errors"][0]["code"] == "reserved"
    for n in (0, 101):
        many = await callers["root"].post("/v1/cases:import", json={"cases": [{}] * n})
        assert many.status_code == 422


async def test_an_ordinary_start_keeps_its_rule(callers: Callers) -> None:
    line = old_case()
    body = {
        "kind": "complaint", "channel": "phone", "form": {"words": "x"},
        "external_ref": line["external_ref"], "received_at": line["received_at"],
    }  # fmt: skip
    refused = await callers["shop"].post("/v1/cases", json=body)
    assert refused.json()["errors"][0]["code"] == "too_long_ago"


async def test_what_was_paid_back_there_comes_along(callers: Callers) -> None:
    paid = {"amount": "129.50", "currency": "CNY"}
    of_cell, of_json = old_case(paid_back="129.50"), old_case(paid_back=paid)
    for line in (of_cell, of_json):
        report = await send(callers, line)
        [opened] = await entries_of(callers, report["lines"][0]["number"])
        assert opened["form"]["imported"]["paid_back"] == paid
    inquiry = old_case(
        kind="inquiry", state="answering", category="invoice", severity=None, paid_back=paid
    )
    for wrong, pointer, code in (
        (inquiry, "/paid_back", "pays_nothing_back"),
        (old_case(paid_back="12,5"), "/paid_back/amount", "amount_spelling"),
        (old_case(paid_back="12 XXQ"), "/paid_back/currency", "no_such_currency"),
    ):
        [line] = (await send(callers, wrong))["lines"]
        assert line["status"] == "refused"
        faults = [(each["pointer"], each["code"]) for each in line["problem"]["errors"]]
        assert (pointer, code) in faults
