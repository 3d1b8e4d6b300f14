"""Signing in at the pages: cookies, refusals, one-time links, sessions, passwords."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http.cookies import SimpleCookie

import httpx
import pytest
from sqlalchemy import update

from app.password_hashing import PasswordHashing
from store.sign_in.tables import staff_sessions
from store.sign_in.throttle import FREE
from tests.app.sign_ins import QUICK
from tests.web.site import Site, site_client
from tests.web.site import sign_in as open_session
from web.http.session import BROWSER_COOKIE, COOKIE, UNATTENDED

pytestmark = pytest.mark.xdist_group("web")

SECRET, OTHER = "correct horse 电池", "another horse"


@pytest.fixture(autouse=True)
def quick(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes take no time here; how strong they are is another test's."""
    monkeypatch.setattr(site.app.state.services, "passwords", PasswordHashing(QUICK))


@pytest.fixture
async def person(site: Site, names: Iterator[str]) -> str:
    """Somebody of the test's own, who has the password."""
    id = next(names)
    await site.callers.store.people.add_staff("default", id, "王小明", ("agent",))
    hashed = await site.app.state.services.passwords.hash(SECRET)
    await site.callers.store.passwords.set("default", id, hashed, how="sample")
    return id


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    return iter([f"signer.{n}" for n in range(100)])


@asynccontextmanager
async def visiting(site: Site, token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    client = site_client(site.app, token)
    try:
        yield client
    finally:
        await client.aclose()


async def enter(client: httpx.AsyncClient, person: str, password: str = SECRET) -> httpx.Response:
    return await client.post("/sign-in", data={"staff": person, "password": password})


def cookies_of(answer: httpx.Response) -> SimpleCookie:
    cookies = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        cookies.load(header)
    return cookies


async def test_a_sign_in_leads_on_with_cookies_that_nobody_else_sets(
    site: Site, person: str
) -> None:
    async with visiting(site) as client:
        asked = await client.get("/sign-in?next=/cases/new")
        assert 'name="next" value="/cases/new"' in asked.text
        data = {"staff": person, "password": SECRET, "next": "/cases/new"}
        answer = await client.post("/sign-in", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/new")
    cookies = cookies_of(answer)
    assert set(cookies) == {COOKIE, BROWSER_COOKIE}
    for name, cookie in cookies.items():
        assert name.startswith("__Host-")
        assert (cookie["secure"], cookie["httponly"], cookie["path"]) == (True, True, "/")
        assert (cookie["samesite"], cookie["domain"]) == ("lax", "")
    assert (cookies[COOKIE]["max-age"], cookies[COOKIE]["expires"]) == ("", "")
    async with visiting(site, cookies[COOKIE].value) as signed_in:
        inbox = await signed_in.get("/inbox")
        assert inbox.status_code == 200
        assert f'data-person="{person}"' in inbox.text
        assert "王小明" in inbox.text
        assert (await signed_in.get("/sign-in")).headers["location"] == "/inbox"


@pytest.mark.parametrize("target", ["//evil.test", "https://evil.test", "/\\evil.test"])
async def test_it_leads_nowhere_else(site: Site, person: str, target: str) -> None:
    async with visiting(site) as client:
        data = {"staff": person, "password": SECRET, "next": target}
        assert (await client.post("/sign-in", data=data)).headers["location"] == "/inbox"


async def test_a_session_that_was_foisted_on_the_browser_is_not_taken(
    site: Site, person: str
) -> None:
    attackers = await open_session(site.callers, "chen.min")
    for foisted in ("a token of the attacker's", attackers):
        async with visiting(site, foisted) as client:
            if foisted == attackers:
                await client.post("/sign-out")
                client.cookies.set(COOKIE, foisted)
            answer = await enter(client, person)
        assert cookies_of(answer)[COOKIE].value != foisted
        async with visiting(site, foisted) as client:
            assert (await client.get("/inbox")).status_code == 303


async def test_the_refusal_is_one_sentence_and_keeps_the_name(site: Site, person: str) -> None:
    told = set()
    for name, password in ((person, "wrong"), ("nobody.here", SECRET), ("<b>x</b>", SECRET)):
        async with visiting(site) as client:
            answer = await enter(client, name, password)
        assert answer.status_code == 422
        assert "set-cookie" not in answer.headers
        assert SECRET not in answer.text
        assert "<b>" not in answer.text
        told |= {re.sub(r"\s*value=\"[^\"]*\"", "", answer.text)}
    assert len(told) == 1
    assert "用户名与密码不匹配" in told.pop()


async def test_too_many_failures_wait(site: Site, person: str) -> None:
    async with visiting(site) as client:
        for _ in range(FREE):
            assert (await enter(client, person, "wrong")).status_code == 422
        answer = await enter(client, person)
    assert answer.status_code == 429
    assert re.search(r"请在 [12] 秒后重试", answer.text)


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/again", "/sign-in/link", "/sign-out"])
async def test_no_other_site_signs_anybody_in_or_out(site: Site, person: str, path: str) -> None:
    async with visiting(site) as client:
        data = {"staff": person, "password": SECRET}
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert (await client.post(path, data=data, headers=headers)).status_code == 403


async def test_over_a_page_the_session_is_renewed_and_the_page_is_told(
    site: Site, person: str
) -> None:
    async with visiting(site) as client:
        wrong = await client.post("/sign-in/again", data={"staff": person, "password": "wrong"})
        assert wrong.status_code == 422
        assert wrong.text.lstrip().startswith('<form id="again-form"')
        data = {"staff": person, "password": SECRET}
        right = await client.post("/sign-in/again", data=data)
    assert (right.status_code, right.text) == (204, "")
    assert right.headers["hx-trigger"] == f'{{"signed-in": {{"person": "{person}"}}}}'
    assert COOKIE in cookies_of(right)


async def test_signing_out_ends_the_session_and_the_cookie(site: Site, person: str) -> None:
    token = await open_session(site.callers, person)
    async with visiting(site, token) as client:
        answer = await client.post("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert cookies_of(answer)[COOKIE]["max-age"] == "0"
    async with visiting(site, token) as client:
        assert (await client.get("/inbox")).status_code == 303


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "bj_a_b", "\x00", "x" * 5000])
async def test_a_forged_cookie_signs_nobody_in(site: Site, token: str) -> None:
    async with visiting(site) as client:
        answer = await client.get("/inbox", headers={"Cookie": f"{COOKIE}={token}"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


async def test_a_key_is_no_session(site: Site) -> None:
    async with visiting(site, site.callers.keys["liu.yang"]) as client:
        assert (await client.get("/inbox")).status_code == 303


async def test_what_a_page_asks_for_by_itself_is_no_use(site: Site, person: str) -> None:
    token, sessions = await open_session(site.callers, person), site.callers.store.staff_sessions
    limits = site.app.state.services.session_limits
    (opened,) = await sessions.of("default", person, limits)
    earlier = opened.last_seen - timedelta(hours=1)
    this = (staff_sessions.c.tenant == "default", staff_sessions.c.id == opened.id)
    async with site.callers.store._sessions.writing() as connection:
        await connection.execute(update(staff_sessions).where(*this).values(last_seen=earlier))
    async with visiting(site, token) as client:
        for headers, is_use in (({UNATTENDED: "1"}, False), ({}, True)):
            assert (await client.get("/me/sessions", headers=headers)).status_code == 200
            (session,) = await sessions.of("default", person, limits)
            assert (session.last_seen != earlier) is is_use


async def test_sessions_are_listed_and_ended(site: Site, person: str) -> None:
    here, there, elsewhere = [await open_session(site.callers, person) for _ in range(3)]
    foreign = await open_session(site.callers, "chen.min")
    async with visiting(site, foreign) as client:
        foreign_page = (await client.get("/me/sessions")).text
    (foreign_id,) = re.findall(r"/me/sessions/(\w{12})/end", foreign_page)[:1]
    async with visiting(site, here) as client:
        page = (await client.get("/me/sessions")).text
        ids = re.findall(r"/me/sessions/(\w{12})/end", page)
        assert len(ids) == 3
        assert page.count("Chrome · Linux") >= 3
        assert page.count("当前</strong>") == 1
        assert foreign_id not in ids
        assert (await client.post(f"/me/sessions/{foreign_id}/end")).status_code == 303
        assert (await client.post("/me/sessions/end-others")).status_code == 303
        for token, status in ((there, 303), (elsewhere, 303), (foreign, 200)):
            async with visiting(site, token) as other:
                assert (await other.get("/inbox")).status_code == status
        ended = await client.post("/me/sessions/end-all")
        assert ended.headers["location"] == "/sign-in"
    async with visiting(site, here) as client:
        assert (await client.get("/inbox")).status_code == 303


async def test_ending_the_present_one_is_signing_out(site: Site, person: str) -> None:
    token = await open_session(site.callers, person)
    async with visiting(site, token) as client:
        page = (await client.get("/me/sessions")).text
        (id,) = re.findall(r"/me/sessions/(\w{12})/end", page)
        answer = await client.post(f"/me/sessions/{id}/end")
        assert answer.headers["location"] == "/sign-in"
        assert (await client.get("/inbox")).status_code == 303


async def test_a_password_is_changed_with_the_old_one(site: Site, person: str) -> None:
    here, there = [await open_session(site.callers, person) for _ in range(2)]
    async with visiting(site, here) as client:
        wrong = await client.post("/me/password", data={"old": "wrong", "new": OTHER})
        assert wrong.status_code == 422
        assert "当前密码不正确" in wrong.text
        weak = await client.post("/me/password", data={"old": SECRET, "new": "short"})
        assert "至少需要 10 个字符" in weak.text
        assert not [text for text in (wrong.text, weak.text) if SECRET in text or OTHER in text]
        done = await client.post("/me/password", data={"old": SECRET, "new": OTHER})
        assert done.headers["location"] == "/me/password?changed=1"
        assert "密码已修改" in (await client.get("/me/password?changed=1")).text
    async with visiting(site, there) as client:
        assert (await client.get("/inbox")).status_code == 303
    async with visiting(site) as client:
        assert (await enter(client, person, OTHER)).status_code == 303


async def test_a_link_leads_to_a_password_and_in(site: Site, person: str) -> None:
    link = await site.callers.store.links.add("default", person)
    async with visiting(site) as client:
        assert link.token not in (await client.get("/sign-in/link")).text
        opened = await client.post("/sign-in/link/opened", data={"token": link.token})
        assert "王小明" in opened.text
        weak = await client.post(
            "/sign-in/link", data={"token": link.token, "password": "password123"}
        )
        assert weak.status_code == 422
        assert "最常被尝试" in weak.text
        assert "password123" not in weak.text
        done = await client.post("/sign-in/link", data={"token": link.token, "password": OTHER})
        assert (done.status_code, done.headers["location"]) == (303, "/inbox")
        token = cookies_of(done)[COOKIE].value
        for path in ("/sign-in/link/opened", "/sign-in/link"):
            again = await client.post(path, data={"token": link.token, "password": OTHER})
            assert again.status_code == 404
            assert "此链接已使用" in again.text
    async with visiting(site, token) as client:
        assert (await client.get("/inbox")).status_code == 200


async def test_nothing_secret_is_in_the_log(
    site: Site, person: str, capsys: pytest.CaptureFixture[str]
) -> None:
    link = await site.callers.store.links.add("default", person)
    async with visiting(site) as client:
        await enter(client, person, "a wrong secret")
        await client.post("/sign-in/link", data={"token": link.token, "password": OTHER})
    logged = "".join(capsys.readouterr())
    assert "/sign-in/link" in logged
    assert not [secret for secret in (link.token, OTHER, "a wrong secret") if secret in logged]
