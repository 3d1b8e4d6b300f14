"""Signing in: one refusal for all that is wrong, and a throttle that locks nobody out."""

import asyncio
import time
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.errors import WrongSignIn
from app.password_hashing import PasswordHashing
from app.sessions import sessions_of, sign_out
from app.sign_in import invite
from domain.engine.messages import DEFAULT_TENANT
from store.sign_in.throttle import FREE, LONGEST, WINDOW
from tests.app.sign_ins import CHEN, LIMITS, LIU, SECRET, SignIns, refused


async def test_a_person_signs_in_and_out(signing: SignIns) -> None:
    signed_in = await signing.sign_in()
    caller, session = signed_in.principal, signed_in.session
    assert (caller.client, caller.roles) == (f"staff:{LIU}", ("agent",))
    assert (session.method, session.device) == ("password", "Firefox · Linux")
    assert session.expires_at == signing.clock.now + LIMITS.lifetime
    admitted = await signing.services.authenticator.admit_session(signed_in.token)
    assert admitted == (caller, session)
    assert await sessions_of(signing.services, caller) == [session]
    for _ in range(2):
        await sign_out(signing.services, caller, session)
        assert not await signing.admits(signed_in.token)
    assert await sessions_of(signing.services, caller) == []


async def test_the_name_and_the_password_are_read_as_people_type_them(signing: SignIns) -> None:
    decomposed, composed = "cafe\u0301 au lait", "caf\u00e9 au lait"
    await signing.give_password(LIU, composed)
    for name in (LIU, " liu.yang ", "Liu.Yang"):
        assert (await signing.sign_in(name, decomposed)).principal.id == LIU
    await refused(signing.sign_in(LIU, composed.upper()))


@pytest.mark.parametrize(
    ("staff", "password"),
    [
        (LIU, "wrong"),
        (LIU, ""),
        (LIU, "\0"),
        (LIU, "\udcff"),
        (LIU, f"{SECRET} "),
        (LIU, "x" * 100_000),
        (CHEN, SECRET),
        ("nobody", SECRET),
        ("", SECRET),
        ("\0", SECRET),
        ("liu\udcff", SECRET),
        ("' OR 1=1 --", SECRET),
        ("%", SECRET),
        ("x" * 100_000, SECRET),
    ],
)
async def test_the_refusal_does_not_say_what_was_wrong(
    signing: SignIns, staff: str, password: str
) -> None:
    error = await refused(signing.sign_in(staff, password))
    assert (error.code, str(error), dict(error.params)) == ("wrong_sign_in", "wrong_sign_in", {})


async def test_whoever_is_not_active_is_refused_alike(signing: SignIns) -> None:
    signed_in = await signing.sign_in()
    await signing.services.store.people.change(DEFAULT_TENANT, LIU, active=False)
    assert (await refused(signing.sign_in())).code == "wrong_sign_in"
    assert not await signing.admits(signed_in.token)


async def test_nobody_and_a_wrong_password_take_the_same_time(signing: SignIns) -> None:
    """Within what a loaded machine varies: whoever skips the hash is a hundred times as fast."""
    signing.services.passwords = PasswordHashing()
    await signing.give_password(LIU)
    taken: dict[str, list[float]] = {LIU: [], "nobody": []}
    for _ in range(3):
        for staff, times in taken.items():
            began = time.perf_counter()
            await refused(signing.sign_in(staff, "wrong"))
            times.append(time.perf_counter() - began)
    fastest = [min(times) for times in taken.values()]
    assert max(fastest) < 3 * min(fastest)


async def test_who_fails_waits_and_is_let_in_again(signing: SignIns) -> None:
    await signing.fail(FREE)
    assert await signing.wait() == 2
    signing.clock.go(timedelta(seconds=1))
    assert await signing.wait() == 1
    assert await signing.wait("LIU.YANG ") == 1, "capitals and blanks are no other name"
    signing.clock.go(timedelta(seconds=1))
    assert await signing.wait() == 0
    await signing.fail(FREE - 1)
    assert await signing.wait() == 0, "what was right has cleared the count"
    await signing.fail(FREE)
    signing.clock.go(WINDOW)
    await signing.fail(FREE)


async def test_an_unknown_name_waits_alike(signing: SignIns) -> None:
    for name in (CHEN, "nobody"):
        await signing.fail(FREE, name)
        assert await signing.wait(name) == 2


async def test_a_wait_is_never_long(signing: SignIns) -> None:
    for _ in range(12):
        signing.clock.go(timedelta(seconds=await signing.wait(password="wrong")))
    assert await signing.wait(password="wrong") <= LONGEST.total_seconds()


async def test_a_stranger_who_fails_does_not_make_the_person_wait(signing: SignIns) -> None:
    """In a browser in which they signed in before; nor does the stranger gain by another's."""
    mine = await signing.sign_in()
    await signing.fail(FREE)
    assert await signing.wait() == 2
    assert await signing.wait(known_as=mine.browser_token) == 0
    assert await signing.wait(known_as="a browser that nobody gave out") == 2
    await signing.give_password(CHEN)
    theirs = await signing.sign_in(CHEN)
    assert await signing.wait(known_as=theirs.browser_token) == 2
    await signing.fail(FREE, known_as=mine.browser_token)
    assert await signing.wait(known_as=mine.browser_token) == 2


async def test_many_at_once_try_no_more_than_one_by_one(signing: SignIns) -> None:
    errors = await asyncio.gather(
        *(refused(signing.sign_in(password=f"guess {n}")) for n in range(15))
    )
    assert sum(isinstance(error, WrongSignIn) for error in errors) == FREE


async def test_nothing_secret_is_written_down(signing: SignIns) -> None:
    with capture_logs() as lines:
        signed_in = await signing.sign_in()
        link = await invite(signing.services, signing.root, LIU, "")
        await refused(signing.sign_in(password="a wrong secret"))
    written = f"{lines}{await signing.services.store.audit_log.events(DEFAULT_TENANT, 100)}"
    assert "signed_in" in written
    assert "staff.invited" in written
    for secret in (SECRET, "a wrong secret", link.token, signed_in.token):
        assert secret not in written
