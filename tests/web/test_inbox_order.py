"""A case that stands sooner in the list than it is due says so, on its line and in the API."""

import pytest

from cases.common.policy import publish
from tests.cases.test_ordering import POLICY
from tests.web.cases import a_case, elements
from tests.web.site import Site

pytestmark = pytest.mark.xdist_group("web")


async def test_a_line_says_by_how_much_sooner_it_stands_in_the_list(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish([POLICY])
    monkeypatch.setattr(site.callers.app.state.services, "policy_version", POLICY.version)
    product = "HEAD-START-1"
    plain, urgent = await a_case(site, product=product), await a_case(site, product=product)
    press = {"priority": "P1", "reason": "press"}
    told = await site.callers["wang.fang"].post(f"/v1/tasks/{urgent}-1/prioritise", json=press)
    assert told.status_code == 200
    page = (await site["liu.yang"].get(f"/inbox?view=all&product={product}")).text
    said = {
        number: [each.text for each in elements(page, f"//*[@id='row-{number}']//small[@title]")]
        for number in (plain, urgent)
    }
    assert said == {plain: [], urgent: ["列表中提前 8小时"]}
    numbers = [
        row.get("id").removeprefix("row-")
        for row in elements(page, "//li[starts-with(@id,'row-')]")
    ]
    assert numbers.index(urgent) < numbers.index(plain)
    listed = (
        await site.callers["liu.yang"].get("/v1/tasks?scope=all&priority=P1&limit=100")
    ).json()
    assert listed["ordered_by"] == "due_at - head_start"
    assert {each["number"]: each["head_start"] for each in listed["items"]}[urgent] == "PT8H"
