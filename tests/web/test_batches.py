"""One act for many cases: the way from the list to what became of each, and back."""

from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from lxml import html

from tests.support.waiting import until
from tests.web.site import Site

pytestmark = pytest.mark.xdist_group("web")


@pytest.mark.parametrize("act", ["retry", "do", "cancel"])
async def test_the_list_that_cases_were_chosen_from_stays_with_what_follows(
    site: Site, act: str
) -> None:
    lead, number = site["zhou.hang"], await site.callers.complaint()
    fits = {"step": "prioritise", "form": {"priority": "P1"}, "dry_run": True}
    fails = {"kind": "complaint", "step": "carry_out", "form": {"done": "x"}}
    body = {"numbers": [number], "reason": "急", **(fails if act == "retry" else fits)}
    batch = (await site.callers["zhou.hang"].post("/v1/batches", json=body)).json()["id"]
    chosen_from = "/inbox?view=all&kind=complaint"
    here = f"/ops/batches/{batch}?{urlencode({'back': chosen_from})}"

    async def shown() -> Any:
        return html.fromstring((await lead.get(here)).text)

    async def over() -> bool:
        return "every 1s" not in (await lead.get(here)).text

    await until(over)
    forms = {each.action.partition("?")[0]: each.action for each in (await shown()).forms}
    path = f"/ops/batches/{batch}/{act}"
    # One that is over cannot be stopped any more: its form is gone, its address is not.
    action = forms[path] if act != "cancel" else here.replace("?", "/cancel?")
    answer = await lead.post(action, data={"key": f"keeps-{act}"})
    there = answer.headers["location"]
    assert there.startswith("/ops/batches/")
    next_page: Any = html.fromstring((await lead.get(there)).text)
    assert next_page.xpath("//section[@id='batch']//a[@rel='up']/@href") == [chosen_from]
    earlier = next_page.xpath(f"//a[starts-with(@href, '/ops/batches/{batch}?')]/@href")
    assert act == "cancel" or unquote(here) in map(unquote, earlier)
    foreign = await lead.post(f"{path}?back=//evil.test", data={"key": f"keeps-{act}"})
    assert "evil" not in foreign.headers["location"]
