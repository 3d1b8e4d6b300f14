"""Sessions: whose they are, when they end, and who ends them."""

from typing import Any

import pytest
from sqlalchemy import text

from app.authentication import Principal
from app.errors import Forbidden, NotFound
from app.people import change_staff
from app.sessions import (
    Browser,
    end_other_sessions,
    end_session,
    sessions_of,
    sign_out,
    sign_out_everywhere,
)
from app.sign_in import change_password
from domain.engine.messages import DEFAULT_TENANT
from domain.language.roles import ActorKind
from store.errors import StoreDown
from store.people.records import KeyOwner, OwnerKind
from store.sign_in.records import token_hash
from tests.app.sign_ins import CHEN, FIREFOX, LIMITS, LIU, OTHER, ROOT, SECRET, SignIns, refused


async def test_a_new_sign_in_takes_the_place_of_the_old_one(signing: SignIns) -> None:
    foisted = "a session's token that an attacker put there"
    first = await signing.sign_in(session=foisted)
    assert first.token != foisted
    assert not await signing.admits(foisted)
    second = await signing.sign_in(session=first.token, known_as=first.browser_token)
    assert second.token != first.token
    assert second.browser_token == first.browser_token
    assert [await signing.admits(each.token) for each in (first, second)] == [False, True]


async def test_sessions_are_ended_by_their_owner_alone(signing: SignIns) -> None:
    services = signing.services
    await signing.give_password(CHEN)
    here, there, elsewhere = [await signing.sign_in() for _ in range(3)]
    other = await signing.sign_in(CHEN)
    with pytest.raises(NotFound):
        await end_session(services, other.principal, here.session.id)
    await end_session(services, here.principal, there.session.id)
    with pytest.raises(NotFound):
        await end_session(services, here.principal, there.session.id)
    assert await end_other_sessions(services, here.principal, here.session) == 1
    signed_in = [await signing.admits(each.token) for each in (here, there, elsewhere, other)]
    assert signed_in == [True, False, False, True]
    assert await sign_out_everywhere(services, here.principal) == 1
    assert not await signing.admits(here.token)
    shop = Principal(DEFAULT_TENANT, ActorKind.SYSTEM, "shop")
    for call in (
        sessions_of(services, shop),
        end_session(services, shop, "x"),
        sign_out(services, shop, here.session),
        sign_out_everywhere(services, shop),
        end_other_sessions(services, shop, here.session),
        change_password(services, shop, here.session, SECRET, OTHER),
    ):
        assert isinstance(await refused(call), Forbidden)


async def test_roles_are_those_of_today_and_leaving_ends_sessions(signing: SignIns) -> None:
    services, people = signing.services, signing.services.store.people
    signed_in = await signing.sign_in()
    await people.change(DEFAULT_TENANT, LIU, roles=["lead"])
    admitted = await services.authenticator.admit_session(signed_in.token)
    assert admitted is not None
    assert admitted[0].roles == ("lead",)
    await services.store.keys.add(DEFAULT_TENANT, KeyOwner(OwnerKind.STAFF, ROOT))
    same: Any = {"roles": None, "teams": None, "reason": ""}
    for active in (False, True):
        await change_staff(services, signing.root, LIU, active=active, **same)
        assert not await signing.admits(signed_in.token)
    signed_in = await signing.sign_in()
    await people.change(DEFAULT_TENANT, LIU, active=False)
    await change_staff(services, signing.root, LIU, active=True, **same)
    assert not await signing.admits(signed_in.token), "though nobody ended it when they left"
    assert await signing.admits((await signing.sign_in()).token)


async def test_a_session_is_over_when_idle_and_at_last(signing: SignIns) -> None:
    signed_in = await signing.sign_in()
    signing.clock.go(LIMITS.idle)
    assert not await signing.admits(signed_in.token)
    signed_in, began = await signing.sign_in(), signing.clock.now
    while signing.clock.now < began + LIMITS.lifetime:
        assert await signing.admits(signed_in.token)
        signing.clock.go(LIMITS.idle / 2)
    assert not await signing.admits(signed_in.token)


async def test_while_the_store_is_down_a_session_takes_steps(
    signing: SignIns,
) -> None:
    known, unknown = await signing.sign_in(), await signing.sign_in()
    authenticator = signing.services.authenticator
    authenticator._sessions.drop(token_hash(unknown.token))

    async with signing.services.store._sessions.writing() as connection:
        await connection.execute(text("ALTER TABLE staff_sessions RENAME TO away"))
    admitted = await authenticator.admit_session(known.token, although_down=True)
    assert admitted == (known.principal, known.session)
    for token, although_down in ((known.token, False), (unknown.token, True)):
        with pytest.raises(StoreDown):
            await authenticator.admit_session(token, although_down=although_down)


CHROME = "AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox · Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME} Edg/140.0", "Edge · Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME}", "Chrome · Windows"),
        ("Mozilla/5.0 (Macintosh; Mac OS X 10_15) Version/18.0 Safari/605.1", "Safari · macOS"),
        (f"{IPHONE} Safari/604.1 MicroMessenger/8.0.50", "WeChat · iOS"),
        (f"Mozilla/5.0 (Linux; Android 15) {CHROME}", "Chrome · Android"),
        ("", "? · ?"),
        ("<script>alert(1)</script>" * 100, "? · ?"),
    ],
)
def test_a_device_is_told_roughly(agent: str, device: str) -> None:
    assert Browser(agent).device == device
