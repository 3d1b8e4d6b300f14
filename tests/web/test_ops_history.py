"""A case step by step on its page: as it was, replayed on this code, proved by a checkpoint."""

import json
import re
from typing import Any

import pytest

from ops.audit.keys import public_path, read_public_keys
from ops.audit.proof_check import check_proof, read_proof
from tests.support.cases import FINDING, SORTED, new_number
from tests.web.ops_site import PARTIAL, finished, seal, text_of
from tests.web.site import Site

pytestmark = pytest.mark.xdist_group("web")
WORDS = "<b>店员</b>态度不好 & 不给退"


@pytest.fixture(scope="module")
async def number(site: Site) -> str:
    """A complaint with six entries: opened, accepted, classified, claimed, looked into, held."""
    callers = site.callers
    number = await callers.complaint(form={"words": WORDS})
    await callers.step(number, "accept")
    await callers.step(number, "classify", SORTED)
    task = f"{number}-3"
    assert (await callers["liu.yang"].post(f"/v1/tasks/{task}/claim")).status_code == 200
    await callers.step(number, "investigate", FINDING)
    return number


async def in_english(site: Site, path: str, **headers: str) -> str:
    session = "; ".join(f"{n}={v}" for n, v in site["root"].cookies.items())
    cookie = {"Cookie": f"lang=en; {session}"}
    answer = await site["root"].get(path, headers={**cookie, **headers})
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_each_step_is_the_case_as_it_was(site: Site, number: str) -> None:
    entries = (await site.callers["root"].get(f"/v1/cases/{number}/history")).json()["items"]
    assert len(entries) == 5
    states = []
    for seq in range(1, len(entries) + 1):
        past = (await site.callers["root"].get(f"/v1/cases/{number}", params={"seq": seq})).json()
        page = text_of(await in_english(site, f"/ops/cases/{number}?seq={seq}"))
        assert f"Entry {seq} of 5" in page
        holder = past["case"]["assignee"] or "nobody"
        assert f"Assignee {holder}" in page
        states.append(past["case"]["state"])
    assert len(set(states)) > 2


async def test_a_step_shows_who_why_the_form_and_what_it_changed(site: Site, number: str) -> None:
    page = text_of(await in_english(site, f"/ops/cases/{number}?seq=3"))
    assert "liu.yang (Agent)" in page
    assert "Category Service attitude" in page, "the form"
    assert "State Accepted → To be assigned" in page, "the difference"
    assert "Priority – → Medium" in page
    assert "Resolution" in page, "the clocks"
    opening = await in_english(site, f"/ops/cases/{number}?seq=1")
    assert "shop for Customer" in text_of(opening)
    assert "<b>店员</b>" not in opening
    assert WORDS in text_of(opening)


async def test_without_a_step_it_is_the_last_one(site: Site, number: str) -> None:
    page = await in_english(site, f"/ops/cases/{number}")
    assert "Entry 5 of 5" in page
    slider = re.search(r"<input[^>]*type=\"range\"[^>]*>", page)
    assert slider
    assert 'min="1" max="5" value="5"' in slider[0]
    assert 'aria-valuetext="Entry 5 of 5: ' in slider[0]


async def test_a_script_gets_the_moment_alone(site: Site, number: str) -> None:
    part = await in_english(site, f"/ops/cases/{number}?seq=2", **PARTIAL)
    assert "<html" not in part
    assert "Entry 2 of 5" in part
    assert f'href="/ops/cases/{number}?seq=1"' in part
    assert f'href="/ops/cases/{number}?seq=3"' in part


@pytest.mark.parametrize(
    ("seq", "status"), [("0", 422), ("6", 422), ("-1", 422), ("x", 422), ("99999999999", 422)]
)
async def test_a_step_that_there_is_not_is_refused(
    site: Site, number: str, seq: str, status: int
) -> None:
    assert (await site["root"].get(f"/ops/cases/{number}?seq={seq}")).status_code == status


async def test_a_case_that_there_is_not_has_no_history(site: Site) -> None:
    for unknown in (new_number(), "TS0", "x'%20OR%20'1'='1"):
        for what in ("", "/replay", "/proof"):
            answer = await site["root"].get(f"/ops/cases/{unknown}{what}")
            assert answer.status_code == 404
        assert (await site["root"].post(f"/ops/cases/{unknown}/replay")).status_code == 404


async def test_a_number_that_is_typed_leads_to_its_history(site: Site, number: str) -> None:
    answer = await site["root"].get("/ops/cases", params={"number": f" {number.lower()} "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/ops/cases/{number}")
    assert (await site["root"].get("/ops/cases?number=TS1")).status_code == 404


async def test_a_case_is_replayed_on_this_code(site: Site, number: str) -> None:
    path = f"/ops/cases/{number}/replay"
    begun = await site["root"].post(path, headers=PARTIAL)
    assert begun.status_code == 200
    assert 'hx-trigger="every 1s"' in begun.text
    panel = text_of(await finished(site["root"], path))
    assert "当前代码的结果相同" in panel
    assert re.search(r"1 次运行，\d+ 个事件", panel)


async def test_a_case_is_proved_by_the_checkpoint_that_seals_it(site: Site, number: str) -> None:
    client, path = site["root"], f"/ops/cases/{number}/proof"
    n = await seal(site)
    before = text_of((await client.get(path, headers=PARTIAL)).text)
    assert f"5 条记录已由检查点 {n} 覆盖" in before
    assert "校验通过" not in before
    assert (await client.get(f"{path}.json")).status_code == 303, "nobody has proved it yet"
    assert (await client.post(path, headers=PARTIAL)).status_code == 200
    panel = text_of(await finished(client, path))
    assert f"校验通过（检查点 {n}）" in panel
    file = await client.get(f"{path}.json")
    assert file.headers["content-disposition"] == f'attachment; filename="{number}.proof.json"'
    proof = read_proof(file.content)
    keys = read_public_keys([public_path(site.callers.engine.audit_key)])
    assert check_proof(proof, keys) == []
    assert (proof.number, len(proof.entries)) == (number, 5)
    assert WORDS not in json.dumps(proof.model_dump(mode="json"), ensure_ascii=False)


async def test_a_history_that_is_changed_is_not_proved(site: Site) -> None:
    """Somebody edits an entry behind everybody's back."""
    number = await site.callers.complaint()
    await seal(site)
    store: Any = site.callers.store
    from sqlalchemy import update

    from store.cases.tables import entries

    this = (entries.c.tenant == "default", entries.c.number == number)
    async with store.recorder._sessions.writing() as connection:
        await connection.execute(update(entries).where(*this).values(led_to="closed"))
    path = f"/ops/cases/{number}/proof"
    await site["root"].post(path, headers=PARTIAL)
    panel = text_of(await finished(site["root"], path))
    assert "未能证明" in panel
    assert "不是记录时的内容" in panel or "第 1 条" in panel
    async with store.recorder._sessions.writing() as connection:
        await connection.execute(update(entries).where(*this).values(led_to="received"))
