"""Passwords, one-time links, sessions and the throttle: what the store keeps of signing in."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from store import Store
from store.db.request_keys import RequestKey
from store.errors import (
    CredentialChanged,
    KeyReused,
    StoreError,
    Taken,
    UnknownLink,
    UnknownStaff,
)
from store.sign_in.credentials import LINK_LIFETIME, Links, Passwords
from store.sign_in.records import Session, SessionLimits
from store.sign_in.sessions import SEEN_EVERY, StaffSessions
from store.sign_in.tables import EPHEMERAL, sign_in_attempts, staff_sessions
from store.sign_in.throttle import (
    BROWSER_LIFETIME,
    FREE,
    LONGEST,
    SHORTEST,
    WINDOW,
    Attempts,
    KnownBrowsers,
    wait_after,
)
from tests.store.sample_cases import DAWN

LIMITS = SessionLimits(idle=timedelta(hours=2), lifetime=timedelta(hours=12))
WHO = b"somebody"


class Hands:
    """A clock that is set by hand, and the repositories that read it."""

    def __init__(self, store: Store) -> None:
        self.now = DAWN
        own = store._sessions
        self.sessions = StaffSessions(own, self.read)
        self.passwords, self.links = Passwords(own, self.read), Links(own, self.read)
        self.attempts, self.browsers = Attempts(own, self.read), KnownBrowsers(own, self.read)

    def read(self) -> datetime:
        return self.now

    async def open(self, tenant: str, id: str = "liu", **more: Any) -> str:
        more = {"method": "password", "device": "Firefox · Linux", "limits": LIMITS, **more}
        return await self.sessions.open(tenant, id, **more)

    async def is_good(self, token: str, *, in_use: bool = True) -> bool:
        return await self.sessions.find(token, LIMITS, in_use=in_use) is not None

    async def id_of(self, token: str) -> str:
        holder = await self.sessions.find(token, LIMITS, in_use=False)
        assert holder is not None
        return holder.session.id


@pytest.fixture
async def at(store: Store, tenant: str) -> Hands:
    """The clock, with two people on the staff."""
    for team in ("north", "south"):
        await store.people.add_team(tenant, team, team)
    await store.people.add_staff(tenant, "liu", "刘洋", ["seat", "agent"], ["south", "north"])
    await store.people.add_staff(tenant, "chen", "陈敏", ["lead"])
    return Hands(store)


async def rows(store: Store, tenant: str, table: Any) -> int:
    query = select(func.count()).select_from(table).where(table.c.tenant == tenant)
    async with store._sessions.reading() as connection:
        return int(await connection.scalar(query) or 0)


async def test_a_session_says_who_it_is_today(store: Store, tenant: str, at: Hands) -> None:
    token = await at.open(tenant)
    holder = await at.sessions.find(token, LIMITS)
    assert holder is not None
    assert (holder.tenant, holder.name) == (tenant, "刘洋")
    assert (holder.roles, holder.teams) == (("agent", "seat"), ("north", "south"))
    times = (DAWN, DAWN, DAWN + LIMITS.lifetime)
    own = holder.session
    assert own == Session(own.id, "liu", "password", "Firefox · Linux", *times)
    await store.people.change(tenant, "liu", roles=["lead"], team_ids=[])
    holder = await at.sessions.find(token, LIMITS)
    assert holder is not None
    assert (holder.roles, holder.teams) == (("lead",), ())
    await store.people.change(tenant, "liu", active=False)
    assert not await at.is_good(token)
    for wrong in ("", "x", token[:-1], f"{token}x", "\udcff", "\0", "好"):
        assert not await at.is_good(wrong)


async def test_many_sessions_are_found_at_once(store: Store, tenant: str, at: Hands) -> None:
    mine, also_mine = await at.open(tenant), await at.open(tenant)
    theirs = await at.open(tenant, "chen")
    found = await at.sessions.find_all([mine, also_mine, theirs, "x"], LIMITS)
    assert {token: each.session.staff for token, each in found.items()} == {
        mine: "liu",
        also_mine: "liu",
        theirs: "chen",
    }
    assert found[mine].teams == found[also_mine].teams == ("north", "south")
    assert found[mine].session.id != found[also_mine].session.id
    await store.people.change(tenant, "liu", active=False)
    assert {*await at.sessions.find_all([mine, also_mine, theirs], LIMITS)} == {theirs}


async def test_the_token_is_not_kept(store: Store, tenant: str, at: Hands) -> None:
    token = await at.open(tenant)
    async with store._sessions.reading() as connection:
        query = select(staff_sessions).where(staff_sessions.c.tenant == tenant)
        (row,) = (await connection.execute(query)).all()
    assert token not in repr(row)
    assert len(row.token_hash) == 32


async def test_a_session_ends_when_nobody_uses_it_and_at_last(tenant: str, at: Hands) -> None:
    unused, used = await at.open(tenant), await at.open(tenant, "chen")
    at.now += LIMITS.idle - timedelta(seconds=1)
    assert await at.is_good(used)
    assert await at.is_good(unused, in_use=False)
    at.now += timedelta(seconds=1)
    assert not await at.is_good(unused), "what looks on by itself is no use"
    while at.now < DAWN + LIMITS.lifetime - timedelta(hours=1):
        assert await at.is_good(used)
        at.now += timedelta(hours=1)
    assert await at.is_good(used)
    at.now = DAWN + LIMITS.lifetime
    assert not await at.is_good(used)
    assert await at.sessions.of(tenant, "chen", LIMITS) == []


async def test_use_is_written_down_once_a_minute(tenant: str, at: Hands) -> None:
    token = await at.open(tenant)
    for seconds, seen in ((1, 0), (59, 0), (60, 60), (119, 60), (120, 120)):
        at.now = DAWN + timedelta(seconds=seconds)
        assert await at.is_good(token)
        (own,) = await at.sessions.of(tenant, "liu", LIMITS)
        assert own.last_seen == DAWN + timedelta(seconds=seen)
    at.now += SEEN_EVERY
    assert all(await asyncio.gather(*(at.is_good(token) for _ in range(5))))


async def test_a_browser_has_one_session(store: Store, tenant: str, at: Hands) -> None:
    first = await at.open(tenant)
    other = await at.open(tenant, "chen", replaces=first)
    assert not await at.is_good(first)
    again = await at.open(tenant, replaces=other)
    assert [await at.is_good(token) for token in (other, again)] == [False, True]
    assert await rows(store, tenant, staff_sessions) == 1
    at.now += LIMITS.lifetime
    await at.open(tenant)
    assert await rows(store, tenant, staff_sessions) == 1, "what is over is removed"


async def test_sessions_are_listed_and_ended(tenant: str, at: Hands) -> None:
    tokens = []
    for minutes in range(4):
        at.now = DAWN + timedelta(minutes=minutes)
        tokens.append(await at.open(tenant))
    others = await at.open(tenant, "chen")
    ids = [await at.id_of(token) for token in tokens]
    assert [each.id for each in await at.sessions.of(tenant, "liu", LIMITS)] == ids[::-1]
    assert not await at.sessions.end(tenant, "chen", ids[0]), "it is another's"
    assert await at.sessions.end(tenant, "liu", ids[0])
    assert not await at.sessions.end(tenant, "liu", ids[0])
    assert await at.sessions.end_all(tenant, "liu", but=ids[3]) == 2
    assert [await at.is_good(token) for token in tokens] == [False, False, False, True]
    assert await at.sessions.end_all(tenant, "liu") == 1
    assert await at.is_good(others)


async def test_a_password_is_found_by_the_name(store: Store, tenant: str, at: Hands) -> None:
    assert await at.passwords.find(tenant, "nobody", None) is None
    bare = await at.passwords.find(tenant, "liu", None)
    assert bare is not None
    assert (bare.staff, bare.active, bare.hash, bare.known_browser) == ("liu", True, None, False)
    await at.passwords.set(tenant, "liu", "h1", how="sample")
    for name in ("liu", "Liu", "LIU"):
        found = await at.passwords.find(tenant, name, None)
        assert found is not None
        assert (found.staff, found.hash) == ("liu", "h1")
    assert await at.passwords.find(f"not-{tenant}", "liu", None) is None
    await store.people.add_staff(tenant, "Liu", "另一个", [])
    for name, id in (("liu", "liu"), ("Liu", "Liu"), ("LIU", None)):
        found = await at.passwords.find(tenant, name, None)
        assert (found and found.staff) == id
    with pytest.raises(UnknownStaff):
        await at.passwords.set(tenant, "nobody", "h", how="sample")


async def test_a_new_password_ends_sessions_and_links(store: Store, tenant: str, at: Hands) -> None:
    await at.passwords.set(tenant, "liu", "h1", how="sample")
    mine, stolen, others = (
        await at.open(tenant),
        await at.open(tenant),
        await at.open(tenant, "chen"),
    )
    link = await at.links.add(tenant, "liu")
    await at.passwords.set(tenant, "liu", "h2", how="own", keep_session=await at.id_of(mine))
    assert [await at.is_good(t) for t in (mine, stolen, others)] == [True, False, True]
    with pytest.raises(UnknownLink):
        await at.links.find(link.token)
    await at.passwords.set(tenant, "liu", "h3", how="own")
    assert not await at.is_good(mine)
    events = await store.audit_log.events(tenant, 100, "password.changed")
    assert {(event.subject, str(event.details["how"])) for event in events} == {
        ("liu", "sample"),
        ("liu", "own"),
    }
    assert len(events) == 3
    logged = repr(await store.audit_log.events(tenant, 100))
    assert not [secret for secret in ("h2", link.token) if secret in logged]


async def test_a_session_opens_by_the_password_of_now(tenant: str, at: Hands) -> None:
    await at.passwords.set(tenant, "liu", "h1", how="sample")
    await at.open(tenant, password_hash="h1")
    await at.passwords.set(tenant, "liu", "h2", how="own")
    with pytest.raises(CredentialChanged):
        await at.open(tenant, password_hash="h1")
    assert await at.sessions.of(tenant, "liu", LIMITS) == []
    assert await at.passwords.rehash(tenant, "liu", "h2", "h2'")
    assert not await at.passwords.rehash(tenant, "liu", "h2", "h2''")
    await at.open(tenant, password_hash="h2'")


async def test_no_session_of_the_old_password_outlives_a_change(tenant: str, at: Hands) -> None:
    """Sign-ins that are under way while the password changes leave none behind."""
    for n in range(5):
        await at.passwords.set(tenant, "liu", f"old{n}", how="own")

        async def sign_in(n: int = n) -> str | None:
            try:
                return await at.open(tenant, password_hash=f"old{n}")
            except CredentialChanged:
                return None

        tokens = asyncio.gather(*(sign_in() for _ in range(4)))
        await asyncio.gather(tokens, at.passwords.set(tenant, "liu", f"new{n}", how="own"))
        assert await at.sessions.of(tenant, "liu", LIMITS) == []


async def test_a_link_is_good_once(store: Store, tenant: str, at: Hands) -> None:
    session = await at.open(tenant)
    link = await at.links.add(tenant, "liu")
    assert link.expires_at == DAWN + LINK_LIFETIME
    holder = await at.links.find(link.token)
    assert (holder.tenant, holder.staff, holder.name) == (tenant, "liu", "刘洋")

    async def use(hash_: str) -> str:
        try:
            await at.links.use(link.token, hash_, how="link")
        except UnknownLink:
            return "unknown"
        return hash_

    outcomes = await asyncio.gather(*(use(f"h{n}") for n in range(4)))
    (used,) = [each for each in outcomes if each != "unknown"]
    kept = await at.passwords.find(tenant, "liu", None)
    assert kept is not None
    assert kept.hash == used
    assert not await at.is_good(session)
    with pytest.raises(UnknownLink):
        await at.links.find(link.token)
    (event,) = await store.audit_log.events(tenant, 100, "password.changed")
    assert (event.what, event.actor.id, event.details) == (
        "password.changed",
        "liu",
        {"how": "link"},
    )


async def test_a_link_is_replaced_ages_and_needs_somebody(
    store: Store, tenant: str, at: Hands
) -> None:
    first, second = await at.links.add(tenant, "liu"), await at.links.add(tenant, "liu")
    for wrong in (first.token, "", "x", second.token[:-1]):
        with pytest.raises(UnknownLink):
            await at.links.find(wrong)
    at.now += LINK_LIFETIME - timedelta(seconds=1)
    assert (await at.links.find(second.token)).staff == "liu"
    at.now += timedelta(seconds=1)
    for use in (at.links.find(second.token), at.links.use(second.token, "h", how="link")):
        with pytest.raises(UnknownLink):
            await use
    third = await at.links.add(tenant, "liu")
    await store.people.change(tenant, "liu", active=False)
    for use in (at.links.find(third.token), at.links.use(third.token, "h", how="link")):
        with pytest.raises(UnknownLink):
            await use
    for id in ("liu", "nobody"):
        with pytest.raises(UnknownStaff):
            await at.links.add(tenant, id)


async def test_a_request_makes_a_link_once(store: Store, tenant: str, at: Hands) -> None:
    key = RequestKey("staff:root", "k1")

    async def add(id: str = "liu") -> str:
        try:
            return (await at.links.add(tenant, id, request_key=key)).token
        except StoreError as error:
            return f"{type(error).__name__} {error}"

    made = await asyncio.gather(*(add() for _ in range(4)))
    (token,) = [each for each in made if not each.startswith("Taken")]
    again = await add()
    assert again.startswith("Taken")
    assert (await at.links.find(token)).staff == "liu"
    assert (await add("chen")).startswith("KeyReused")
    await at.links.use(token, "h", how="link")
    with pytest.raises(Taken):
        await at.links.add(tenant, "liu", request_key=key)
    with pytest.raises(KeyReused):
        await at.links.add(tenant, "chen", request_key=key)
    invited = await store.audit_log.events(tenant, 100, "staff.invited")
    assert [event.subject for event in invited] == ["liu"]


def test_who_fails_waits_longer_and_longer_and_never_for_long() -> None:
    waits = [wait_after(n).total_seconds() for n in range(1, 12)]
    assert waits == [0] * (FREE - 1) + [2, 4, 8, 16, 32, 60, 60]
    assert (wait_after(FREE), wait_after(10**6)) == (SHORTEST, LONGEST)


async def test_failures_are_counted_and_forgotten(store: Store, tenant: str, at: Hands) -> None:
    for _ in range(FREE):
        assert not await at.attempts.count(tenant, WHO)
    assert await at.attempts.count(tenant, WHO) == SHORTEST
    assert await at.attempts.count(tenant, WHO) == SHORTEST, "an attempt too early does not count"
    assert not await at.attempts.count(tenant, b"another")
    at.now += SHORTEST
    assert not await at.attempts.count(tenant, WHO)
    assert await at.attempts.count(tenant, WHO) == 2 * SHORTEST
    await at.attempts.forget(tenant, WHO)
    assert not await at.attempts.count(tenant, WHO)
    for _ in range(FREE):
        await at.attempts.count(tenant, WHO)
    at.now += WINDOW
    assert not await at.attempts.count(tenant, WHO)
    assert not await at.attempts.count(tenant, WHO)
    assert await rows(store, tenant, sign_in_attempts) == 1, "the other's is too old"


async def test_many_attempts_at_once_are_no_more_than_one_by_one(tenant: str, at: Hands) -> None:
    waits = await asyncio.gather(*(at.attempts.count(tenant, WHO) for _ in range(20)))
    assert sum(not wait for wait in waits) == FREE


async def test_a_browser_is_known_to_those_who_signed_in_there(tenant: str, at: Hands) -> None:
    async def is_known(id: str, token: str | None) -> bool:
        found = await at.passwords.find(tenant, id, token)
        assert found is not None
        return found.known_browser

    token = await at.browsers.remember(tenant, "liu", None)
    assert [await is_known(id, token) for id in ("liu", "chen")] == [True, False]
    assert not await is_known("liu", None)
    assert not await is_known("liu", "")
    at.now += BROWSER_LIFETIME / 2
    assert await at.browsers.remember(tenant, "chen", token) == token
    assert [await is_known(id, token) for id in ("liu", "chen")] == [True, True]
    foisted = await at.browsers.remember(tenant, "liu", "a token that an attacker knows")
    assert not await is_known("liu", "a token that an attacker knows")
    assert await is_known("liu", foisted)
    at.now += BROWSER_LIFETIME / 2
    await at.browsers.remember(tenant, "chen", None)
    assert [await is_known(id, token) for id in ("liu", "chen")] == [False, True]


def test_no_other_store_goes_on_with_what_is_ephemeral() -> None:
    from store.record_copy import RECORDS

    assert not set(EPHEMERAL) & set(RECORDS)
    assert "staff_passwords" in {table.name for table in RECORDS}
