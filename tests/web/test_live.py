"""The stream of an open page over HTTP: what it carries, for whom, how it ends and goes on."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app import subscription
from app.live import LiveFeed
from app.subscription import Subscription
from store.errors import StoreDown
from store.sign_in.tables import staff_sessions
from tests.api.callers import new_case
from tests.api.colleagues import one_of_each_role
from tests.web.cases import HTMX, a_case, elements, opened, text_of
from tests.web.site import Site, sign_in, sign_in_all, site_client
from tests.web.streams import streaming
from web.http.session import UNATTENDED

pytestmark = pytest.mark.xdist_group("web")

BY_ITSELF = {**HTMX, UNATTENDED: "1"}


@pytest.fixture(scope="module")
async def tokens(site: Site) -> dict[str, str]:
    return dict(await sign_in_all(site.callers))


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    return iter([f"looker.{n}" for n in range(100)])


@pytest.fixture
async def person(site: Site, names: Iterator[str]) -> str:
    """An agent of the test's own."""
    id = next(names)
    await site.callers.store.people.add_staff("default", id, "王小明", ("agent",))
    return id


@pytest.fixture
async def own_feed(site: Site) -> AsyncIterator[LiveFeed]:
    """A feed that the site uses during one test, which may end it."""
    before, feed = site.app.state.services, LiveFeed(site.callers.store)
    site.app.state.services = replace(before, live=feed)
    yield feed
    await feed.close()
    site.app.state.services = before


async def test_a_page_is_told_names_numbers_and_versions_of_its_cases(
    site: Site, address: str, tokens: dict[str, str]
) -> None:
    number = await a_case(site)
    async with streaming(address, tokens["liu.yang"], number) as stream:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        assert stream.answer.headers["cache-control"] == "no-store"
        assert "content-encoding" not in stream.answer.headers
        await site.callers.step(number, "accept", {"note": "客户很着急"})
        case = await stream.hears("case", number)
        await stream.hears("inbox")
        page = (await site["liu.yang"].get(f"/cases/{number}")).text
        (version,) = elements(page, "//*[@id='case-head']/@data-version")
        assert case.data == {"number": number, "version": int(version)}
        assert all(each.data.keys() == {"number", "version"} for each in stream.told)
        assert "着急" not in stream.text


async def test_of_other_cases_a_page_hears_that_lists_may_have_changed(
    site: Site, address: str, tokens: dict[str, str]
) -> None:
    async with streaming(address, tokens["liu.yang"]) as stream:
        await a_case(site)
        await stream.hears("inbox")
        assert {*stream.names()} == {"open", "inbox"}


async def test_who_does_not_see_a_case_hears_nothing_of_it(
    site: Site, address: str, tokens: dict[str, str], person: str
) -> None:
    await site.callers.store.people.change("default", person, roles=["vendor"])
    number = await a_case(site)
    async with (
        streaming(address, await sign_in(site.callers, person), number) as outside,
        streaming(address, tokens["liu.yang"], number) as inside,
    ):
        await site.callers.step(number, "accept")
        await inside.hears("case", number)
        await inside.hears("inbox")
        assert outside.names() == ["open"]


async def test_a_vendor_hears_of_a_case_from_when_it_is_given_to_them(
    site: Site, address: str
) -> None:
    """Also after their work is done: they still see it, since bills are stated after the work."""
    case = new_case(kind="repair", form={"words": "屏坏了", "serial": "SN-LIVE-1"})
    async with one_of_each_role(site.callers, "live") as everybody:
        number = (await everybody["shop"].post("/v1/cases", json=case)).json()["number"]
        token = await sign_in(site.callers, "live.vendor")
        async with streaming(address, token) as inbox, streaming(address, token, number) as page:

            async def step(name: str, form: dict[str, Any], by: str = "live.vendor") -> None:
                before = len(page.those("case", number))
                answer = await everybody[by].post(f"/v1/cases/{number}/steps/{name}", json=form)
                assert answer.status_code == 200, answer.text
                await page.until(lambda: len(page.those("case", number)) > before)

            for name, form in (
                ("accept", {}), ("classify", {"category": "screen", "mode": "carried_in"}),
            ):  # fmt: skip
                await everybody.step(number, name, form, by="chen.min")
            await step("assign", {"assignee": "live.vendor"}, "chen.min")
            await inbox.hears("inbox")
            await step("take_job", {})
            await step("receive", {})
            await step("diagnose", {"outcome": "covered", "finding": "屏", "evidence": "发票"})
            await step("repair", {"work": "换屏"})
            await step("test", {"passed": True})
            await step("hand_over", {})
            assert page.those("gone", number) == []


async def test_a_page_goes_on_behind_what_it_heard_last(
    site: Site, address: str, tokens: dict[str, str]
) -> None:
    number = await a_case(site)
    async with streaming(address, tokens["liu.yang"], number) as stream:
        begin = stream.told[0].id
        await site.callers.step(number, "accept")
        accepted = (await stream.hears("case", number)).data["version"]
    last = str(await site.callers.store.changes.newest())
    for query in ({"after": begin}, {"last": begin}, {"last": begin, "after": "999999999"}):
        async with streaming(address, tokens["liu.yang"], number, **query) as stream:
            await stream.hears("case", number)
    async with streaming(address, tokens["liu.yang"], number, last=last, after="1") as stream:
        await site.callers.step(
            number, "prioritise", {"priority": "P1", "reason": "急"}, "zhou.hang"
        )
        await stream.hears("case", number)
        heard = [each.data["version"] for each in stream.those("case", number)]
        assert accepted not in heard, "what was heard before is not told again"


@pytest.mark.parametrize("last", ["-1", "1.5", "x", "9" * 30])
async def test_what_no_page_of_ours_sends_means_from_now_on(
    address: str, tokens: dict[str, str], last: str
) -> None:
    async with streaming(address, tokens["liu.yang"], last=last) as stream:
        assert stream.names() == ["open"]


async def test_the_page_of_a_deactivated_person_is_told_to_end(
    site: Site, address: str, person: str
) -> None:
    token = await sign_in(site.callers, person)
    async with streaming(address, token) as stream:
        await site.callers.store.people.change("default", person, active=False)
        await stream.ends()
        assert stream.names() == ["open", "bye"]
    async with site_client(site.app, token) as client:
        answer = await client.get("/live", headers=HTMX)
    assert answer.status_code == 401
    assert elements(answer.text, "//dialog")


async def test_a_session_that_is_ended_elsewhere_ends_its_page(
    site: Site, address: str, person: str
) -> None:
    token, other = [await sign_in(site.callers, person) for _ in range(2)]
    async with streaming(address, token) as stream, streaming(address, other) as kept:
        async with site_client(site.app, token) as client:
            await client.post("/sign-out")
        await stream.ends()
        assert stream.names()[-1] == "bye"
        assert not kept.ended


async def test_a_page_that_is_only_open_is_no_use_of_the_session(
    site: Site, address: str, person: str
) -> None:
    token, sessions = await sign_in(site.callers, person), site.callers.store.staff_sessions
    limits = site.app.state.services.session_limits
    (opened,) = await sessions.of("default", person, limits)
    earlier = opened.last_seen - timedelta(hours=1)
    this = (staff_sessions.c.tenant == "default", staff_sessions.c.id == opened.id)
    async with site.callers.store._sessions.writing() as connection:
        await connection.execute(update(staff_sessions).where(*this).values(last_seen=earlier))
    async with streaming(address, token):
        (session,) = await sessions.of("default", person, limits)
        assert session.last_seen == earlier


async def test_no_error_ever_stands_on_the_stream(
    site: Site, address: str, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with streaming(address, tokens["liu.yang"]) as stream:

        def fail(_: Subscription) -> None:
            raise RuntimeError("王女士 13800001234")

        monkeypatch.setattr(Subscription, "_take", fail)
        await a_case(site)
        await stream.ends()
    assert stream.names() == ["open"]
    assert "13800001234" not in stream.text
    assert "Error" not in stream.text


async def test_without_the_store_there_is_no_stream_and_nobody_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object, **__: object) -> None:
        raise StoreDown("postgresql://banjie:geheim@db")

    for name in ("admit_session", "read_session"):
        monkeypatch.setattr(site.app.state.services.authenticator, name, down)
    answer = await site["liu.yang"].get("/live", headers=BY_ITSELF)
    assert (answer.status_code, answer.text) == (503, "")
    answer = await site["liu.yang"].get("/inbox", headers=BY_ITSELF)
    assert (answer.status_code, answer.text) == (503, "")


async def test_nobody_signed_in_hears_nothing(site: Site) -> None:
    assert (await site["nobody"].get("/live", headers=HTMX)).status_code == 401
    assert (await site["nobody"].get("/live")).status_code == 303


async def test_a_quiet_stream_is_kept_alive(
    address: str, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "QUIET_SECONDS", 0.05)
    async with streaming(address, tokens["liu.yang"]) as stream:
        await stream.until(lambda: stream.text.count(": ping\n\n") > 2)
        assert stream.names() == ["open"]


async def test_a_process_that_stops_ends_streams_without_goodbye(
    site: Site, address: str, tokens: dict[str, str], own_feed: LiveFeed
) -> None:
    async with streaming(address, tokens["liu.yang"]) as stream:
        await own_feed.close()
        await stream.ends()
        assert stream.names() == ["open"]
    assert (await site["liu.yang"].get("/live", headers=BY_ITSELF)).status_code == 503


async def test_a_page_that_is_closed_is_forgotten(
    address: str, tokens: dict[str, str], own_feed: LiveFeed
) -> None:
    async with (
        streaming(address, tokens["liu.yang"]),
        streaming(address, tokens["wang.fang"]) as other,
    ):
        pass
    async with streaming(address, tokens["liu.yang"]) as stream:
        await stream.until(lambda: len(own_feed._subscriptions) == 1)
    assert other.names() == ["open"]


async def test_a_page_carries_where_the_feed_ended_before_it_was_read(site: Site) -> None:
    before = await site.app.state.services.live.newest()
    number = await a_case(site)
    page = (await site["liu.yang"].get(f"/cases/{number}")).text
    (live,) = elements(page, "//*[@id='live']")
    path, _, query = live.get("hx-sse:connect").partition("?after=")
    position, _, cases = query.partition("&")
    assert (path, cases) == ("/live", f"cases={number}")
    assert before < int(position) <= await site.app.state.services.live.newest()
    assert not elements((await site["nobody"].get("/sign-in")).text, "//*[@id='live']")


async def test_who_has_a_case_open_is_shown_to_the_others(site: Site) -> None:
    number = await a_case(site)
    path = f"/cases/{number}/presence"
    alone = await site["liu.yang"].post(path, data={"writing": "true"}, headers=BY_ITSELF)
    assert (alone.status_code, alone.text.strip()) == (200, "")
    seen = text_of((await site["wang.fang"].post(path, headers=BY_ITSELF)).text)
    assert "liu.yang" in seen
    assert "正在此处填写" in seen
    seen = text_of((await site["liu.yang"].post(path, headers=BY_ITSELF)).text)
    assert "正在查看此工单" in seen
    assert (await site["wang.fang"].delete(path)).status_code == 204
    gone = await site["liu.yang"].post(path, headers=BY_ITSELF)
    assert gone.text.strip() == ""


async def test_what_others_did_is_told_beside_an_open_form(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    page = (await site["liu.yang"].get(f"/cases/{number}?step=investigate")).text
    (seen,) = elements(page, "//form[@id='step-form']//input[@name='seen']/@value")
    path = f"/cases/{number}/parts"
    await site.callers.step(number, "prioritise", {"priority": "P2", "reason": "自己改的"})
    answer = await site["liu.yang"].get(path, params={"seen": seen}, headers=BY_ITSELF)
    assert "data-changed" not in answer.text
    await site.callers.step(number, "prioritise", {"priority": "P1", "reason": "急"}, "wang.fang")
    answer = await site["liu.yang"].get(path, params={"seen": seen}, headers=BY_ITSELF)
    (strip,) = elements(answer.text, "//*[@data-changed]")
    assert "wang.fang" in strip.text_content()
    assert "liu.yang" not in strip.text_content()
    after = {"seen": strip.get("data-changed")}
    assert "data-changed" not in (await site["liu.yang"].get(path, params=after)).text
    assert (await site["liu.yang"].get(path, params={"seen": "x"})).status_code == 422


async def test_over_an_open_form_it_says_that_its_step_was_taken(site: Site) -> None:
    number = await a_case(site, upto="investigating")
    form = await opened(site, number, "investigate")
    hold = await opened(site, number, "hold")
    path = f"/cases/{number}/parts"

    async def strips(form: dict[str, str], **more: str) -> list[str]:
        params = {name: form[name] for name in ("seen", "draft", "request")} | more
        answer = await site["liu.yang"].get(path, params=params, headers=BY_ITSELF)
        assert answer.status_code == 200, answer.text
        places = elements(answer.text, f"//*[@hx-target='#taken-{form['request']}']")
        assert len(places) == len(elements(answer.text, "//*[@data-taken]"))
        return [" ".join(each.text_content().split()) for each in places]

    assert await strips(form) == []
    # What one did oneself, and leaves the step open, is no news.
    await site.callers.step(number, "prioritise", {"priority": "P2", "reason": "自己改的"})
    assert await strips(form) == []
    finding = {"cause": "production", "reasonable": True, "finding": "虚焊"}
    await site.callers.step(number, "investigate", finding)
    [said] = await strips(form)
    assert "此步骤已被办理" in said
    assert "liu.yang 查明原因" in said
    assert "可复制" in said
    assert await strips(hold) == [], "it can still be put on hold"
    for odd in ({"draft": "x"}, {"draft": f"{number}/none"}, {"request": "#x y"}, {"request": ""}):
        assert await strips(form, **odd) == []
    await site.callers.step(number, "withdraw", {"reason": "客户撤诉"}, by="wang.fang")
    [said] = await strips(hold)
    assert "此步骤已不能办理" in said
    assert "wang.fang" in said


async def test_a_longer_timeline_stays_as_long(site: Site) -> None:
    number = await a_case(site)
    for place in range(25):
        body = {"body": f"第 {place} 条", "visibility": "internal"}
        await site.callers["liu.yang"].post(f"/v1/cases/{number}/comments", json=body)

    async def shown(count: str) -> int:
        answer = await site["liu.yang"].get(f"/cases/{number}/parts", params={"shown": count})
        return answer.text.count('<li class="timeline-item')

    assert await shown("") == await shown("3") == await shown("x") == 20
    assert await shown("26") == 26
