"""Passwords: how they are hashed, which are refused, and how a person chooses theirs."""

import asyncio
from datetime import timedelta

import pytest

from app.errors import (
    Forbidden,
    KeyReused,
    LinkNotValid,
    ShownOnce,
    TooManyAttempts,
    Unacceptable,
    UnknownStaff,
    WrongSignIn,
)
from app.password_hashing import AT_ONCE, MOST_WAITING, PARAMETERS, PasswordHashing
from app.password_rules import COMMON, SHORTEST, read_new_password
from app.sessions import Browser
from app.sign_in import accept_invite, change_password, invite, read_invite
from domain.engine.messages import DEFAULT_TENANT
from store.sign_in.throttle import FREE
from tests.app.sign_ins import CHEN, FIREFOX, LIU, OTHER, QUICK, ROOT, SECRET, SignIns, refused


async def test_the_hash_that_is_stored_is_strong() -> None:
    """Of Argon2id, with what RFC 9106 recommends for machines with little memory."""
    hashed = await PasswordHashing().hash(SECRET)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_what_stands_in_for_a_hash_is_as_much_work_and_never_right() -> None:
    for parameters in (PARAMETERS, QUICK):
        hashing = PasswordHashing(parameters)
        assert not hashing.is_outdated(hashing._dummy)
        assert not await hashing.verify(None, SECRET)


async def test_a_hash_of_old_parameters_is_made_anew(signing: SignIns) -> None:
    passwords = signing.services.store.passwords
    signing.services.passwords = PasswordHashing()
    await signing.sign_in()
    credential = await passwords.find(DEFAULT_TENANT, LIU, None)
    assert credential is not None
    assert credential.hash is not None
    assert not signing.services.passwords.is_outdated(credential.hash)
    await signing.sign_in()


async def test_what_is_no_hash_lets_nobody_in(signing: SignIns) -> None:
    passwords = signing.services.store.passwords
    for spoilt in ("", "x", "$argon2id$v=19$m=65536,t=3,p=4$AA$AA"):
        await passwords.set(DEFAULT_TENANT, LIU, spoilt, how="sample")
        assert (await refused(signing.sign_in())).code == "wrong_sign_in"


async def test_more_than_can_be_hashed_soon_is_refused() -> None:
    hashing, limit = PasswordHashing(), AT_ONCE + MOST_WAITING
    hashing.check_free()
    under_way = [asyncio.create_task(hashing.verify(None, "x")) for _ in range(limit)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyAttempts):
        hashing.check_free()
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
    hashing.check_free()


async def test_a_link_lets_a_person_choose_a_password_once(signing: SignIns) -> None:
    services = signing.services
    await signing.fail(FREE)
    assert await signing.wait() == 2
    link = await invite(services, signing.root, LIU, "They forgot it.")
    holder = await read_invite(services, link.token)
    assert (holder.staff, holder.tenant) == (LIU, DEFAULT_TENANT)
    weak = await refused(accept_invite(services, link.token, "short", Browser()))
    assert [(f.pointer, f.code) for f in weak.faults] == [("/password", "password_short")]
    signed_in = await accept_invite(services, link.token, OTHER, Browser(FIREFOX))
    assert (signed_in.principal.id, signed_in.session.method) == (LIU, "link")
    assert await signing.admits(signed_in.token)
    for call in (
        read_invite(services, link.token),
        accept_invite(services, link.token, "a third horse", Browser()),
    ):
        assert isinstance(await refused(call), LinkNotValid)
    await signing.sign_in(LIU, OTHER)
    assert isinstance(await refused(signing.sign_in()), WrongSignIn)
    events = await services.store.audit_log.events(DEFAULT_TENANT, 10, "staff.invited")
    assert [(e.actor.id, e.subject, e.reason) for e in events] == [(ROOT, LIU, "They forgot it.")]


async def test_only_an_administrator_makes_links_and_each_once(signing: SignIns) -> None:
    services = signing.services
    agent = (await signing.sign_in()).principal
    with pytest.raises(Forbidden):
        await invite(services, agent, LIU, "")
    with pytest.raises(UnknownStaff):
        await invite(services, signing.root, "nobody", "")
    first = await invite(services, signing.root, LIU, "", "key-1")
    again = await refused(invite(services, signing.root, LIU, "", "key-1"))
    assert isinstance(again, ShownOnce)
    assert again.params == {"id": first.id}
    with pytest.raises(KeyReused):
        await invite(services, signing.root, CHEN, "", "key-1")
    second = await invite(services, signing.root, LIU, "", "key-2")
    assert isinstance(await refused(read_invite(services, first.token)), LinkNotValid)
    signing.clock.go(timedelta(hours=24))
    assert isinstance(await refused(read_invite(services, second.token)), LinkNotValid)


async def test_a_person_changes_their_own_password(signing: SignIns) -> None:
    services = signing.services
    here, there = await signing.sign_in(), await signing.sign_in()
    caller, session = here.principal, here.session
    wrong = await refused(change_password(services, caller, session, "wrong", OTHER))
    assert [(f.pointer, f.code) for f in wrong.faults] == [("/old", "wrong_password")]
    weak = await refused(change_password(services, caller, session, SECRET, LIU * 2))
    assert [(f.pointer, f.code) for f in weak.faults] == [("/new", "password_is_id")]
    await change_password(services, caller, session, SECRET, OTHER)
    assert [await signing.admits(each.token) for each in (here, there)] == [True, False]
    assert isinstance(await refused(signing.sign_in()), WrongSignIn)
    await signing.sign_in(LIU, OTHER)
    for _ in range(FREE):
        await refused(change_password(services, caller, session, "wrong", "another horse!"))
    throttled = await refused(change_password(services, caller, session, "wrong", "a third horse"))
    assert isinstance(throttled, TooManyAttempts)
    assert await signing.wait(password=OTHER) == 0, "who fails there may sign in all the same"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("x" * (SHORTEST - 1), "password_short"),
        ("e\u0301" * (SHORTEST - 1), "password_short"),
        ("ab1c" * 51, "password_long"),
        ("liu.yang12", "password_is_id"),
        ("LIU.YANG-2026", "password_is_id"),
        ("password123", "password_common"),
        ("PASSWORD123", "password_common"),
        ("ｐａｓｓｗｏｒｄ１２３", "password_common"),
        ("woaini1314", "password_common"),
        ("1234567890", "password_common"),
        ("klmnopqrstuv", "password_common"),
        ("zyxwvutsrqpo", "password_common"),
        ("abcabcabcabc", "password_common"),
        ("好好学习好好学习", "password_short"),
        ("好好学习好好学习好好学习", "password_common"),
        (" " * 12, "password_common"),
        ("aabbaabbab", "password_common"),
    ],
)
def test_a_weak_password_is_refused(password: str, code: str) -> None:
    with pytest.raises(Unacceptable) as error:
        read_new_password(password, LIU, "/new")
    (fault,) = error.value.faults
    assert (fault.pointer, fault.code) == ("/new", code)
    assert password not in f"{fault}{error.value}"


@pytest.mark.parametrize(
    "password",
    ["correct horse", "电池 正确 马 订书机 十", "🐎🔋📎✅🐎🔋 ok yes", "liu.yang likes tea"],
)
def test_any_script_will_do(password: str) -> None:
    assert read_new_password(password, LIU, "/new") == password


def test_the_list_of_common_ones_has_only_what_would_pass_else() -> None:
    assert len(COMMON) > 100
    assert all(len(each) >= SHORTEST and each == each.casefold() for each in COMMON)
