"""A case in office hours: its page and the API say what counted, what was closed, what may move."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cases.common.policy import publish
from policies.documents import calendars, policies
from store.db.clock import utc_now
from tests.web.cases import a_case, elements, text_of
from tests.web.site import Site

pytestmark = pytest.mark.xdist_group("web")

ENDED = "test-ended"
"""A policy whose calendar knew the holidays of a year that is long over."""
publish(
    [
        replace(
            policies()["2026-2-office"],
            version=ENDED,
            calendar=replace(calendars()["office-cn@2026-2"], announced_until=date(2025, 12, 31)),
        )
    ]
)


async def test_closed_hours_are_listed_and_a_due_time_may_be_provisional(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.callers.app.state.services, "policy_version", ENDED)
    received = (utc_now() - timedelta(days=4)).isoformat()
    number = await a_case(site, received_at=received)
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    [why] = elements(page, "//*[@id='why-resolution-1']")
    said = why.text_content()
    for words in (
        f"策略 {ENDED}",
        "“中国办公时间”（office-cn@2026-2）",
        "每段时间（含非工作时间）",
    ):
        assert words in said, words
    assert "截止时间暂定为" in said
    assert "非工作时间" in said
    [mark, *_] = elements(page, "//*[@id='case-clocks']//*[@class='badge bg-secondary-lt'][@title]")
    assert mark.text == "暂定"
    assert "2025-12-31" in mark.get("title")
    answer = await site.callers["liu.yang"].get(
        f"/v1/cases/{number}/clocks", headers={"Accept-Language": "en"}
    )
    [clock] = [each for each in answer.json()["items"] if each["clock"] == "resolution"]
    assert (clock["policy"], clock["calendar_title"]) == (ENDED, "office hours in China")
    assert clock["provisional_after"] == "2025-12-31"
    assert {each["sort"] for each in clock["intervals"]} == {"counted", "closed"}
    assert clock["intervals"][0]["began"]["entry"] == 1
    assert clock["sentence"].startswith("Resolution: of 48 h, ")
    whole = (await site.callers["liu.yang"].get(f"/v1/cases/{number}")).json()
    assert {each["provisional_after"] for each in whole["clocks"] if each["due_at"]} == {
        "2025-12-31"
    }


async def test_around_the_clock_nothing_is_closed(site: Site) -> None:
    page = (await site["liu.yang"].get(f"/cases/{await a_case(site)}")).text
    assert "“全天计时”（always@1）" in text_of(page, "why-resolution-1")
    assert "暂定" not in text_of(page, "case-clocks")
    assert "含非工作时间" not in page
