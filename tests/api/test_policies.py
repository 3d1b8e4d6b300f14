"""Policies are published while everything runs, and cases carry them."""

from typing import Any

import pytest

from cases import KINDS
from cases.common.policy import policy_of
from domain.engine.messages import DEFAULT_TENANT, opening_of
from policies.documents import policies
from tests.api.callers import Callers
from tests.cases.test_policy_documents import TEXT
from tests.support.categories import POLICY_TEXT
from tests.support.categories import VERSION as CATEGORIES_OF

pytestmark = pytest.mark.xdist_group("api")
AUTHOR, OTHER = "root", "zhou.hang"
DOCUMENT = TEXT.replace("serious_complaints", "complaints")


def document(version: str, *changes: tuple[str, str]) -> str:
    text = DOCUMENT.replace("2027-1", version)
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


async def publish(callers: Callers, text: str, by: str = AUTHOR) -> Any:
    body = {"document": text, "reason": "Decided on Monday."}
    return await callers[by].post("/v1/policies", json=body)


async def release(callers: Callers, version: str, by: str = OTHER) -> Any:
    body = {"reason": "Agreed."}
    return await callers[by].post(f"/v1/policies/{version}/release", json=body)


async def in_force(callers: Callers, text: str, version: str) -> None:
    published = await publish(callers, text)
    assert published.status_code == 201, published.text
    released = await release(callers, version)
    assert released.status_code == 200, released.text


async def test_a_new_case_carries_what_another_person_put_in_force(callers: Callers) -> None:
    before = await callers.complaint()
    published = await publish(callers, document("t-1", ("budget: PT15M", "budget: PT10M")))
    assert published.status_code == 201, published.text
    assert [each["code"] for each in published.json()["warnings"]] == []
    waiting = await callers.complaint()
    own = await release(callers, "t-1", AUTHOR)
    assert (own.status_code, own.json()["code"]) == (403, "own_policy")
    assert (await release(callers, "t-1")).status_code == 200
    after = await callers.complaint()
    budgets = {}
    for number in (before, waiting, after):
        row = await callers.store.cases.get(DEFAULT_TENANT, number)
        assert row is not None
        clocks = (await callers["liu.yang"].get(f"/v1/cases/{number}/clocks")).json()["items"]
        budgets[number] = (row.policy_version, clocks[0]["budget"])
    assert budgets[before] == budgets[waiting] == ("2026-1", "PT15M")
    assert budgets[after] == ("t-1", "PT10M")
    assert (await release(callers, "2026-1")).status_code == 200
    assert (await callers.store.policies.in_force(DEFAULT_TENANT)) == ("2026-1", None)


async def test_a_case_is_folded_without_any_table(callers: Callers) -> None:
    await in_force(callers, document("t-fold"), "t-fold")
    number = await callers.complaint()
    await release(callers, "2026-1")
    entries = await callers.store.entries.of(DEFAULT_TENANT, number)
    opening = opening_of(entries[0])
    case = KINDS[opening.kind, opening.process_version].fold(opening, entries)
    assert (case.policy.version, policy_of(case).version) == ("t-fold", "t-fold")
    assert "t-fold" not in policies()


async def test_what_is_published_never_changes(callers: Callers) -> None:
    assert (await publish(callers, document("t-2"))).status_code == 201
    again = await publish(callers, "# a remark\n" + document("t-2"), OTHER)
    assert (again.status_code, again.json()["by"]) == (201, AUTHOR)
    assert again.headers["Idempotent-Replayed"] == "true"
    for version in ("t-2", "2026-1"):
        other = await publish(callers, document(version, ("PT15M", "PT20M")))
        assert (other.status_code, other.json()["code"]) == (409, "policy_taken")


async def test_a_bad_one_is_refused_with_its_lines(callers: Callers) -> None:
    faults = (("budget: PT15M", "budget: soon"), ("share: 0.5", "share: 2"))
    refused = await publish(callers, document("t-3", *faults))
    assert refused.status_code == 422
    told = {each["pointer"]: each["params"]["line"] for each in refused.json()["errors"]}
    assert told == {"/document/clocks/response/budget": 6, "/document/ladders/steps/0/share": 24}
    team = await publish(callers, document("t-3", ("team: complaints", "team: compliants")))
    (fault,) = team.json()["errors"]
    assert (fault["code"], fault["params"]["line"]) == ("no_such_team", 34)
    assert fault["detail"].startswith("Line 34: there is no team compliants")
    slash = await publish(callers, document("t/3"))
    assert [each["pointer"] for each in slash.json()["errors"]] == ["/document/version"]
    assert (await release(callers, "t-3")).status_code == 404


async def test_a_category_is_added_while_cases_run(callers: Callers) -> None:
    """Cases that run keep what they have; a new one is offered the new category, by its name."""
    before = await callers.complaint()
    text = POLICY_TEXT.replace(CATEGORIES_OF, "t-battery")
    await in_force(callers, text.replace("serious_complaints", "complaints"), "t-battery")
    after = await callers.complaint()
    await release(callers, "2026-1")
    chosen = {"category": "battery", "severity": "minor"}
    offered = {}
    for number in (before, after):
        await callers.step(number, "accept")
        steps = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()["offers"]
        [classify] = [each for each in steps if each["name"] == "classify"]
        offered[number] = classify["form"]["properties"]["category"]["enum"]
    assert ("battery" in offered[before], "battery" in offered[after]) == (False, True)
    path = f"/v1/cases/{before}/steps/classify"
    refused = await callers["liu.yang"].post(path, json=chosen)
    assert [each["code"] for each in refused.json()["errors"]] == ["no_such_category"]
    await callers.step(after, "classify", chosen)
    row = await callers.store.cases.get(DEFAULT_TENANT, after)
    assert row is not None
    assert (row.policy_version, row.category) == ("t-battery", "battery")
    headers = {"Accept-Language": "zh-CN"}
    record = await callers["liu.yang"].get(f"/v1/cases/{after}/record?format=html", headers=headers)
    assert "电池问题" in record.text


async def test_only_management_and_administrators_may(callers: Callers) -> None:
    for by in ("wang.fang", "chen.min", "shop"):
        assert (await publish(callers, document("t-5"), by)).status_code == 403
        assert (await release(callers, "2026-1", by)).status_code == 403
    listed = (await callers["chen.min"].get("/v1/policies")).json()
    assert listed["in_force"] == "2026-1"
    assert {each["standing"] for each in listed["items"]} >= {"in_force", "built_in"}
    assert (await callers["shop"].get("/v1/policies")).status_code == 403


async def test_it_is_written_down_who_did_what_and_why(callers: Callers) -> None:
    await in_force(callers, document("t-6"), "t-6")
    await release(callers, "2026-1", AUTHOR)
    history = (await callers["chen.min"].get("/v1/policies")).json()["history"]
    newest = [(each["version"], each["by"], each["reason"]) for each in history[:2]]
    assert newest == [("2026-1", AUTHOR, "Agreed."), ("t-6", OTHER, "Agreed.")]
    events = await callers.store.audit_log.events(DEFAULT_TENANT, 3, "policy.")
    assert [(each.what, each.subject) for each in events] == [
        ("policy.released", "2026-1"),
        ("policy.released", "t-6"),
        ("policy.published", "t-6"),
    ]
    text = (await callers["chen.min"].get("/v1/policies/t-6")).json()
    assert text["document"]["clocks"]["response"]["budget"] == "PT15M"
