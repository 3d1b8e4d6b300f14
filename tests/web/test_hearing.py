"""A customer who writes while we wait for them: the page says that it is our turn."""

from tests.support.cases import FINDING, OFFER
from tests.web.cases import details, elements, opened, send, text_of
from tests.web.site import Site

OURS = {"order": "HEARD-1"}


async def test_the_page_says_that_it_is_our_turn_until_somebody_answers(site: Site) -> None:
    callers = site.callers
    number = await callers.complaint(**OURS)
    await callers.step(number, "accept", by="chen.min")
    sorts = {"category": "service_attitude", "severity": "minor"}
    await callers.step(number, "classify", sorts, by="chen.min")
    await callers.step(number, "claim")
    await callers.step(number, "investigate", FINDING)
    await callers.step(number, "propose", OFFER)
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    assert "客户已来信" not in text_of(page)
    assert not elements(page, f"//*[contains(@href, '/cases/{number}/steps/await')]")

    said = {"body": "能再多一点吗？", "visibility": "public"}
    answer = await callers["shop"].post(f"/v1/cases/{number}/comments", json=said)
    assert answer.status_code == 201, answer.text
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    assert "客户已来信" in text_of(page, "case-head")
    assert "客户来信" in text_of(page, "timeline")
    assert (await details(site, number))["case"]["waits_on"] == "staff"
    listed = (await site["liu.yang"].get("/inbox", params={"view": "mine", **OURS})).text
    assert "客户已来信" in text_of(listed, f"row-{number}")

    form = await opened(site, number, "await")
    assert (await send(site, number, "await", {**form, "/note": "已电话答复"})).status_code == 200
    listed = (await site["liu.yang"].get("/inbox", params={"view": "waiting", **OURS})).text
    assert "客户已来信" not in text_of(listed, f"row-{number}")
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    assert "客户已来信" not in text_of(page)
    assert "再次等待客户" in text_of(page, "timeline")
