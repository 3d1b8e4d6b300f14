"""What a customer is told has what the form said: the price, the day, the offer and its number."""

import pytest

from tests.api.callers import Callers, all_pages

pytestmark = pytest.mark.xdist_group("api")

OFFER = {"solution": "换一台新机。", "cost": {"amount": "0.00"}}


async def test_an_offer_is_told_with_its_words_and_its_number(callers: Callers) -> None:
    number = await callers.complaint()
    await callers.step(number, "accept")
    await callers.step(number, "classify", {"category": "price", "severity": "minor"})
    await callers.step(number, "assign", {"assignee": "liu.yang"})
    finding = {"cause": "service", "reasonable": True, "finding": "是。"}
    await callers.step(number, "investigate", finding)
    await callers.step(number, "propose", OFFER)
    await callers.store.outbox_queue.mark_due_delivered("default")
    entries = (await callers["liu.yang"].get(f"/v1/cases/{number}/history")).json()["items"]
    [seq] = [entry["seq"] for entry in entries if entry["step"] == "propose"]
    for locale, said in (
        ("zh-CN", f"方案：换一台新机。；答复时请注明方案编号 {seq}"),
        ("en", f"The offer: 换一台新机。; Name the offer {seq} in your answer"),
    ):
        # All that other tests left is delivered as well, so it may be on any page.
        messages = await all_pages(callers["liu.yang"], "/v1/mailbox", locale, limit=100)
        of_case = [each for each in messages if each["number"] == number]
        [told] = [each["text"] for each in of_case if each["template"] == "offer"]
        assert told.endswith(f"\n{said}")
