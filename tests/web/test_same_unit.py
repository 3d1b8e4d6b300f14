"""Repeat repairs of one unit: its earlier cases are on the page of the new one."""

from itertools import count

from tests.web.cases import elements, text_of
from tests.web.site import Site

KEYS = count()


async def a_repair(site: Site, serial: str | None) -> str:
    form = {"words": "又不开机了。", **({"serial": serial} if serial else {})}
    body = {"kind": "repair", "channel": "phone", "product": "P-100", "form": form}
    answer = await site.callers["chen.min"].post(
        "/v1/cases", json=body, headers={"Idempotency-Key": f"unit-{next(KEYS)}"}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"]["number"])


async def test_earlier_cases_of_the_same_unit_are_seen(site: Site) -> None:
    first = await a_repair(site, "SN-９９-a")
    await a_repair(site, "SN-100")
    await a_repair(site, None)
    await site.callers.step(first, "withdraw", {"reason": "It works again."}, by="chen.min")
    second = await a_repair(site, "sn-99-A")
    page = (await site["liu.yang"].get(f"/cases/{second}")).text
    linked = elements(page, "//*[@id='case-linked']//a/@href")
    assert linked == [f"/cases/{first}"]
    assert "同一序列号" in text_of(page, "case-linked")
    found = await site.callers["liu.yang"].get("/v1/cases", params={"serial": "SN-99-A"})
    assert {each["number"] for each in found.json()["items"]} == {first, second}
