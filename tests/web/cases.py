"""Cases for tests of their page, and what a browser would post from it."""

from collections.abc import Mapping
from typing import Any

import httpx
from lxml import html

from tests.web.site import Site

HTMX = {"HX-Request": "true"}
WANG = {"name": "王女士", "contacts": [{"kind": "phone", "value": "13800001234"}]}
FINDING = {"/cause": "production", "/reasonable": "true", "/finding": "同批次屏幕有虚焊。"}


async def a_case(site: Site, *, upto: str = "received", by: str = "liu.yang", **more: Any) -> str:
    """Return the number of a complaint that the agent holds, once it is beyond being received."""
    callers = site.callers
    number = await callers.complaint(by="chen.min", channel="phone", **{"customer": WANG, **more})
    if upto != "received":
        await callers.step(number, "accept")
        sorts = {"category": "product_quality", "severity": "minor"}
        await callers.step(number, "classify", sorts)
        await callers.step(number, "assign", {"assignee": by})
    return number


def elements(text: str, path: str) -> list[Any]:
    """Return the elements of a page that an XPath finds."""
    page: Any = html.fromstring(text)
    return list(page.xpath(path))


def text_of(text: str, id: str = "") -> str:
    """Return what people read of a page, or of one of its elements."""
    [element] = elements(text, f"//*[@id='{id}']" if id else "/*")
    return str(element.text_content())


def typed_in(text: str, form: str) -> dict[str, str]:
    """Return the fields of a form as a browser would post them."""
    [element] = elements(text, f"//form[@id='{form}']")
    return {str(name): str(value or "").removeprefix("\n") for name, value in element.form_values()}


async def opened(site: Site, number: str, step: str, who: str = "liu.yang") -> dict[str, str]:
    """Return the fields of the form of a step, as they are when it opens."""
    answer = await site[who].get(f"/cases/{number}/steps/{step}", headers=HTMX)
    assert answer.status_code == 200, answer.text
    return typed_in(answer.text, "message-form" if step == "notify" else "step-form")


async def send(
    site: Site, number: str, step: str, form: Mapping[str, str], who: str = "liu.yang"
) -> httpx.Response:
    """Send the form of a step as the page does."""
    return await site[who].post(f"/cases/{number}/steps/{step}", data=form, headers=HTMX)


async def details(site: Site, number: str, who: str = "liu.yang") -> dict[str, Any]:
    answer: dict[str, Any] = (await site.callers[who].get(f"/v1/cases/{number}")).json()
    return answer
