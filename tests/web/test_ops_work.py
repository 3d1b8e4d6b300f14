"""What operators do on their pages: incidents, dead letters, schedules, doctor, batches, flow."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html
from temporalio.worker import Worker

from activities.orders import OrderActivities
from activities.ports.http_ports import HttpPort
from domain.engine.messages import PendingCall
from store.db.clock import utc_now
from store.sign_in.records import SessionLimits
from temporal.schedules import list_schedules, schedule
from tests.api.callers import add_people
from tests.cli.system import run
from tests.store import sample_cases
from tests.store.sample_cases import pending_call
from tests.support.cases import new_number
from tests.support.receiver import Receiver, Reply, receiving
from tests.support.waiting import until
from tests.web.ops_site import PARTIAL, finished, operations_of, text_of
from tests.web.site import Site, site_client
from tests.workflows.calling_workflow import QUEUE, CallingWorkflow

pytestmark = pytest.mark.xdist_group("web")
_tenants = count(1)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as listening:
        yield listening


@pytest.fixture
async def failing(site: Site, receiver: Receiver) -> AsyncIterator[str]:
    """A case whose refund fails: its number."""
    client, number = site.callers.engine.client, new_number("TH")
    receiver.answers(Reply(500))
    port = HttpPort(receiver.url)
    call = PendingCall(
        tenant="default", number=number, seq=3, n=0, port="refund", template="refund",
        done="refunded", refused="refund_failed", customer=None,
    )  # fmt: skip
    refund = OrderActivities(port, port).refund
    async with Worker(
        client, task_queue=QUEUE, workflows=[CallingWorkflow], activities=[refund], build_id="x"
    ):
        case = await client.start_workflow(CallingWorkflow.run, call, id=number, task_queue=QUEUE)

        async def fails() -> bool:
            return bool(await operations_of(site).incidents_of(number))

        await until(fails)
        yield number
        receiver.answers(Reply(200, '{"reference": "pay_1"}'))
        await case.result()


async def test_an_incident_is_listed_with_its_cause_and_tried_at_once(
    site: Site, failing: str, receiver: Receiver
) -> None:
    client = site["root"]
    begun = await client.post("/ops/incidents", headers=PARTIAL)
    assert begun.status_code == 200
    panel = await finished(client, "/ops/incidents")
    row = next(row for row in panel.split("<tr ") if failing in row)
    assert "PortFailed" in row
    assert "退款" in text_of(row)
    assert re.search(r'class="num">[4-9]<', row), "attempts"
    receiver.answers(Reply(200, '{"reference": "pay_1"}'))
    tried = await client.post(f"/ops/incidents/{failing}/retry", headers=PARTIAL)
    assert "已立即重试 1 项" in text_of(tried.text)

    async def works() -> bool:
        return not await operations_of(site).incidents_of(failing)

    await until(works)
    again = await client.get(f"/ops/incidents/{failing}", headers=PARTIAL)
    assert "已没有失败的项" in text_of(again.text)
    (event,) = await site.callers.store.audit_log.events("default", 1, "case.retried")
    assert (event.actor.id, event.subject) == ("root", failing)


async def test_a_case_that_is_tried_by_command_is_written_down_as_well(
    site: Site, failing: str, tmp_path: Path
) -> None:
    engine = site.callers.engine
    where = ("--database-url", engine.url, "--temporal-target", engine.server.target)
    tried = await asyncio.to_thread(
        run, tmp_path, "ops", "retry", failing, *where, "--reason", "mended"
    )
    assert tried.returncode == 0, tried.stderr
    (event,) = await site.callers.store.audit_log.events("default", 1, "case.retried")
    assert (event.subject, event.reason) == (failing, "mended")
    assert event.actor.id.startswith("account:")


async def test_a_case_that_nobody_has_cannot_be_tried(site: Site) -> None:
    number = new_number()
    answer = await site["root"].post(f"/ops/incidents/{number}/retry", headers=PARTIAL)
    assert "引擎中没有这张仍在运行的工单。" in text_of(answer.text)
    events = await site.callers.store.audit_log.events("default", 10, "case.retried")
    assert number not in {event.subject for event in events}


@dataclass(frozen=True)
class Brand:
    """A tenant whose messages nobody else's dispatcher sends, and its administrator's client."""

    site: Site
    tenant: str
    client: httpx.AsyncClient

    async def dead_letter(self) -> str:
        """Give up one message about a new case; return the case's number."""
        store, case = self.site.callers.store, sample_cases.opened(self.tenant)
        await store.recorder.write(sample_cases.update_after(case))
        soon = utc_now() + timedelta(minutes=1)
        (letter,) = await store.outbox_queue.lease(self.tenant, 10, soon)
        await store.outbox_queue.mark_failed(letter, "http_503", None)
        return case.opening.number

    async def page(self, path: str = "/ops/dead-letters") -> str:
        """Return what a page says."""
        return text_of((await self.client.get(path)).text)


@pytest.fixture
async def brand(site: Site) -> AsyncIterator[Brand]:
    tenant = f"letters-{next(_tenants)}"
    await add_people(site.callers.store, tenant)
    token = await site.callers.store.staff_sessions.open(
        tenant, "root", method="password", device="x", limits=SessionLimits()
    )
    client = site_client(site.app, token)
    yield Brand(site, tenant, client)
    await client.aclose()


async def test_dead_letters_are_sent_again(brand: Brand) -> None:
    number, other, client = await brand.dead_letter(), await brand.dead_letter(), brand.client
    page = await brand.page()
    for told in (number, other, "http_503", "我们已经收到"):
        assert told in page
    assert "2 条消息已放弃发送" in await brand.page("/ops")
    sent = await client.post("/ops/dead-letters", data={"number": number}, headers=PARTIAL)
    assert "已重新发送 1 条" in text_of(sent.text)
    assert number not in await brand.page()
    unknown = {"number": new_number()}
    refused = await client.post("/ops/dead-letters", data=unknown, headers=PARTIAL)
    assert refused.status_code == 404
    everything = await client.post("/ops/dead-letters")
    assert (everything.status_code, everything.headers["location"]) == (303, "/ops/dead-letters")
    assert other not in await brand.page()
    events = await brand.site.callers.store.audit_log.events(brand.tenant, 2, "message.")
    assert [(each.actor.id, each.subject) for each in events] == [("root", "all"), ("root", number)]


async def test_a_dead_letter_is_set_aside_for_a_reason_and_seen_again(brand: Brand) -> None:
    number, client = await brand.dead_letter(), brand.client
    page: Any = html.fromstring((await client.get("/ops/dead-letters")).text)
    (form,) = page.xpath("//form[@action='/ops/dead-letters/aside']")
    posted = {each.get("name"): each.get("value") or "" for each in form.xpath(".//input")}
    path = "/ops/dead-letters/aside"
    for wrong in ({"reason": " "}, {"seq": "x"}, {"n": "9" * 30}, {"nothing": "1"}):
        answer = await client.post(path, data={**posted, "reason": "x", **wrong})
        assert answer.status_code == 422, wrong
    done = await client.post(path, data={**posted, "reason": "已致电 <b>"}, headers=PARTIAL)
    assert "已搁置" in text_of(done.text)
    again = await client.post(path, data={**posted, "reason": "x"}, headers=PARTIAL)
    assert "他人已先处理" in text_of(again.text)
    assert number not in await brand.page()
    assert "0 条消息已放弃发送" in await brand.page("/ops")
    aside = await brand.page("/ops/dead-letters?aside=yes")
    assert number in aside
    assert "已致电 <b>" in aside
    assert (await client.get("/ops/dead-letters?aside=no")).status_code == 404
    key = {name: posted[name] for name in ("number", "seq", "n")}
    back = await client.post("/ops/dead-letters/back", data=key)
    assert back.headers["location"] == "/ops/dead-letters?aside=yes"
    assert number in await brand.page()


async def test_nothing_to_send_again_says_why(brand: Brand) -> None:
    def button(text: str) -> Any:
        document: Any = html.fromstring(text)
        return document.xpath("//*[@id='outcome-all']//button")[0]

    none = button((await brand.client.get("/ops/dead-letters")).text)
    assert none.get("disabled") is not None
    assert none.get("aria-describedby") == "why-none"
    await brand.dead_letter()
    assert button((await brand.client.get("/ops/dead-letters")).text).get("disabled") is None


async def test_what_the_customer_was_not_told_is_shown_in_words(brand: Brand) -> None:
    call = pending_call(brand.tenant, None, new_number())
    await brand.site.callers.store.outbox.deliver(call)
    assert "outcome" not in await brand.page()


async def test_dead_letters_go_on_where_a_page_ended(brand: Brand) -> None:
    numbers = {await brand.dead_letter() for _ in range(52)}
    first = (await brand.client.get("/ops/dead-letters")).text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = (await brand.client.get(following[1].replace("&amp;", "&"))).text
    shown = [{n for n in numbers if f"/ops/cases/{n}" in page} for page in (first, second)]
    assert (len(shown[0]), len(shown[1])) == (50, 2)
    assert shown[0] | shown[1] == numbers
    assert (await brand.client.get("/ops/dead-letters?after=x")).status_code == 400


async def test_a_schedule_is_paused_and_goes_on(site: Site) -> None:
    client, engine = site["root"], site.callers.engine.client
    await schedule(engine, "reconcile", timedelta(days=1))

    async def listed() -> bool:
        return "reconcile" in {each.chore for each in await list_schedules(engine)}

    await until(listed)
    for change, paused, told in (("pause", True, "已暂停"), ("resume", False, "已恢复定时执行")):
        done = await client.post(f"/ops/schedules/reconcile/{change}", headers=PARTIAL)
        assert f"数据库核对{told}" in text_of(done.text)
        (known,) = [each for each in await list_schedules(engine) if each.chore == "reconcile"]
        assert (known.paused, known.note) == (paused, "root")
        (event,) = await site.callers.store.audit_log.events("default", 1, f"schedule.{change}")
        assert (event.actor.id, event.subject) == ("root", "reconcile")
    assert (await client.post("/ops/schedules/reconcile/delete")).status_code == 404


async def test_a_chore_is_done_at_once(site: Site) -> None:
    client, engine = site["root"], site.callers.engine.client
    await schedule(engine, "reconcile", timedelta(days=1))
    done = await client.post("/ops/schedules/reconcile/trigger", headers=PARTIAL)
    assert "数据库核对已开始执行" in text_of(done.text)

    async def begun() -> bool:
        (known,) = [each for each in await list_schedules(engine) if each.chore == "reconcile"]
        return bool(known.runs)

    await until(begun)


async def test_the_doctor_says_what_is_wrong_and_what_to_do(site: Site) -> None:
    client = site["root"]
    first, second = await asyncio.gather(
        *(client.post("/ops/doctor", headers=PARTIAL) for _ in range(2))
    )
    assert 'hx-trigger="every 1s"' in first.text + second.text
    panel = text_of(await finished(client, "/ops/doctor"))
    assert "没有团队 repairs" in panel, "found wrong"
    assert "banjie setup" in panel, "and what to do"
    assert re.search(r"\d+ 项需修复", panel)
    assert "已签封" in panel, "without the private key"
    overview = text_of((await client.get("/ops")).text)
    assert "有问题" in overview


async def test_a_batch_shows_what_became_of_each_case(site: Site) -> None:
    number, lead = await site.callers.complaint(), site["zhou.hang"]
    body = {
        "kind": "complaint",
        "numbers": [number],
        "step": "hold",
        "reason": "盘点",
        "form": {"until": (utc_now() + timedelta(days=1)).isoformat(), "reason": "盘点"},
    }
    batch = (await site.callers["zhou.hang"].post("/v1/batches", json=body)).json()["id"]

    async def over() -> bool:
        return "every 1s" not in (await lead.get(f"/ops/batches/{batch}", headers=PARTIAL)).text

    await until(over)
    page = (await lead.get(f"/ops/batches/{batch}")).text
    assert "盘点" in text_of(page)
    assert f'id="batch-{batch}"' in (await lead.get("/ops/batches")).text
    came = "refused" if "重试失败的" in page else "done"
    assert number in (await lead.get(f"/ops/batches/{batch}?came={came}")).text
    assert number not in (await lead.get(f"/ops/batches/{batch}?came=cancelled")).text
    for wrong in ("?came=eaten", "?after=x"):
        assert (await lead.get(f"/ops/batches/{batch}{wrong}")).status_code in {400, 404}
    assert (await lead.get("/ops/batches/nothing")).status_code == 404


async def test_the_failed_cases_of_a_batch_are_tried_again_once(site: Site) -> None:
    number, lead = await site.callers.complaint(), site["zhou.hang"]
    body = {
        "kind": "complaint",
        "numbers": [number],
        "step": "carry_out",
        "reason": "x",
        "form": {"done": "x"},
    }
    batch = (await site.callers["zhou.hang"].post("/v1/batches", json=body)).json()["id"]

    async def over() -> bool:
        return "/retry" in (await lead.get(f"/ops/batches/{batch}")).text

    await until(over)
    key = {"key": "0123456789abcdef"}
    answers = [
        await lead.post(f"/ops/batches/{batch}/retry", data=key, headers=PARTIAL) for _ in range(2)
    ]
    places = {answer.headers["hx-redirect"] for answer in answers}
    assert len(places) == 1, "sent twice, it is one batch"
    page = text_of((await lead.get(places.pop())).text)
    assert "承接之前的批量操作" in page


async def test_the_flow_of_a_kind_is_a_picture_and_a_table(site: Site) -> None:
    number = await site.callers.complaint()
    await site.callers.step(number, "accept")
    flow = (await site.callers["root"].get("/v1/kinds/complaint/flow")).json()
    accepted = next(each for each in flow["arrows"] if each["step"] == "accept")
    page = (await site["root"].get("/ops/flow/complaint")).text
    assert "<svg" in page
    row = next(row for row in page.split("<tr>") if "<td>受理</td>" in row)
    assert f'<td class="num">{accepted["count"]}</td>' in row
    pictured = set(re.findall(r"(\d+)× ([^/<]+) / ([^<]+?)</", page))
    tabled = re.findall(
        r'<td class="num">(\d+)</td><td class="num"><span[^>]*></span> ([^<]+)</td>'
        r'<td class="num">([^<]+)</td>',
        page,
    )
    # Merged cases and those of another system go ways that are in the table alone.
    assert set() != pictured <= {each for each in tabled if each[0] != "0"}
    assert (await site["root"].get("/ops/flow/complaint?days=30")).status_code == 200
    for wrong in ("nothing", "complaint?days=31", "complaint?version=99"):
        assert (await site["root"].get(f"/ops/flow/{wrong}")).status_code == 404
    assert (await site["root"].get("/ops/flow")).status_code == 303


async def test_what_a_trial_found_is_done_from_its_page(site: Site) -> None:
    number, lead = await site.callers.complaint(), site["zhou.hang"]
    body = {"numbers": [number], "step": "prioritise", "form": {"priority": "P1"}, "reason": "急"}
    trial = {**body, "dry_run": True}
    batch = (await site.callers["zhou.hang"].post("/v1/batches", json=trial)).json()["id"]

    async def offered() -> bool:
        return f"/ops/batches/{batch}/do" in (await lead.get(f"/ops/batches/{batch}")).text

    await until(offered)
    key = {"key": "fedcba9876543210"}
    answer = await lead.post(f"/ops/batches/{batch}/do", data=key, headers=PARTIAL)
    there = answer.headers["hx-redirect"]

    async def done() -> bool:
        case = await site.callers.store.cases.get("default", number)
        return case is not None and case.priority == "P1"

    await until(done)
    assert "/do" not in (await lead.get(there)).text
