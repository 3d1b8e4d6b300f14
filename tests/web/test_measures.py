"""The page of improvement measures, and how the inbox reminds their owners."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.web.cases import a_case, elements, text_of
from tests.web.site import Site

pytestmark = pytest.mark.xdist_group("web")

FINDING = {"cause": "production", "reasonable": True, "finding": "同批次。"}
OFFER = {"solution": "道歉。", "cost": {"amount": "0.00"}}


async def a_measure(site: Site, owner: str, days: int) -> str:
    """Return the number of a case with a measure that is due so many days from today."""
    callers, number = site.callers, await a_case(site, upto="investigating")
    await callers.step(number, "investigate", FINDING)
    await callers.step(number, "propose", OFFER)
    await callers.step(number, "accept_solution", {})
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
    due = (today + timedelta(days=days)).isoformat()
    measure = {"measure": f"培训{owner}", "owner": owner, "due": due}
    await callers.step(number, "record_measure", measure)
    return number


async def test_the_owner_is_reminded_in_the_inbox_until_the_effect_is_checked(site: Site) -> None:
    assert not elements((await site["wang.fang"].get("/inbox")).text, "//*[@id='view-measures']")
    late, soon = await a_measure(site, "wang.fang", 9), await a_measure(site, "wang.fang", 0)
    inbox = (await site["wang.fang"].get("/inbox?view=all")).text
    assert text_of(inbox, "view-measures") == "改进措施1"
    refreshed = (await site["wang.fang"].get("/inbox/list?view=all")).text
    assert text_of(refreshed, "view-measures") == "改进措施1"
    own = text_of((await site["wang.fang"].get("/measures?own=true")).text, "measures")
    assert own.index(soon) < own.index(late)
    assert "即将超时" in own
    assert "培训wang.fang" in own
    theirs = text_of((await site["liu.yang"].get("/measures?own=true")).text, "measures")
    assert soon not in theirs
    assert soon in text_of((await site["liu.yang"].get("/measures")).text, "measures")
    entries = (await site.callers["liu.yang"].get(f"/v1/cases/{soon}/history")).json()["items"]
    [seq] = [each["seq"] for each in entries if each["step"] == "record_measure"]
    effect = {"of": seq, "effective": True, "effect": "不再发生。"}
    await site.callers.step(soon, "check_measure", effect)
    inbox = (await site["wang.fang"].get("/inbox?view=all")).text
    assert not elements(inbox, "//*[@id='view-measures']")
    assert soon not in text_of((await site["liu.yang"].get("/measures")).text, "measures")
    listed = (await site.callers["wang.fang"].get("/v1/measures?own=true")).json()
    assert [(each["number"], each["standing"]) for each in listed["items"]] == [(late, "later")]
    wrong = await site.callers["wang.fang"].get("/v1/measures?mine=true")
    assert wrong.status_code == 422


async def test_the_owner_is_a_person_or_a_team_and_is_called_by_name(site: Site) -> None:
    number = await a_measure(site, "wang.fang", 0)
    form = (await site["liu.yang"].get(f"/cases/{number}?step=record_measure")).text
    assert "wang.fang" in form
    assert 'value="complaints"' in form
    due = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    measure = {"measure": "培训。", "due": due}
    path = f"/v1/cases/{number}/steps/record_measure"
    for nobody in ("门店", "no.body"):
        answer = await site.callers["liu.yang"].post(path, json={**measure, "owner": nobody})
        assert answer.status_code == 422
        (fault,) = answer.json()["errors"]
        assert (fault["pointer"], fault["code"]) == ("/owner", "unknown_owner")
    team = await site.callers["liu.yang"].post(path, json={**measure, "owner": "complaints"})
    assert team.status_code == 200, team.text
