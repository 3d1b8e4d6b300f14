"""Signing in: by a password, or by a one-time link with which a person chooses one.

A way to sign in is a `Method`: it finds out who somebody is. What follows is the same for all: a
new session in place of the browser's old one. OIDC is another method; a second factor stands
between the two.
"""

import hashlib
import math
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from pydantic import TypeAdapter, ValidationError

from app.authentication import Principal
from app.authorization import Right, check_right, check_staff
from app.errors import (
    KeyReused,
    LinkNotValid,
    ShownOnce,
    TooManyAttempts,
    UnknownStaff,
    WrongSignIn,
    invalid,
)
from app.password_rules import normalised, read_new_password
from app.services import Services
from app.sessions import Browser
from domain.language.values import Code
from store import errors as store_errors
from store.db.request_keys import RequestKey
from store.errors import CredentialChanged, Taken, UnknownLink
from store.sign_in.records import Credential, Link, LinkHolder, Session

LINK_PAGE: Final = "/sign-in/link"

log = structlog.get_logger("banjie.sign_in")
_ID: TypeAdapter[str] = TypeAdapter(Code)


@dataclass(frozen=True)
class Identity:
    """Who somebody is, as a method found out.

    `password_hash` is set where a password showed it: it must still be theirs when the session is
    opened.
    """

    tenant: str
    staff: str
    password_hash: str | None = None


class Method(Protocol):
    """A way to show who one is."""

    @property
    def name(self) -> str:
        """What stands in the session."""
        ...

    async def identify(self, services: Services, browser: Browser) -> Identity:
        """Return who it is.

        Raises:
            WrongSignIn: it is nobody, or nobody active.
            TooManyAttempts: not now.
        """
        ...


@dataclass(frozen=True)
class SignedIn:
    """A new session: its token and the browser's, both for cookies, and whose it is."""

    token: str
    browser_token: str
    principal: Principal
    session: Session


@dataclass(frozen=True)
class ByPassword:
    """By the id of a person and their password."""

    tenant: str
    staff: str
    password: str
    name: str = "password"

    async def identify(self, services: Services, browser: Browser) -> Identity:
        """Return the person, if the password is theirs; the refusal does not say what was wrong.

        Raises:
            WrongSignIn, TooManyAttempts
            StoreDown
        """
        staff = _read_name(self.staff)
        credential = await services.store.passwords.find(self.tenant, staff, browser.known_as)
        who = _counted_as(staff, browser if credential and credential.known_browser else None)
        stored = credential.hash if credential else None
        if not await _is_right(services, self.tenant, who, stored, self.password):
            raise WrongSignIn
        if credential is None or stored is None or not credential.active:
            raise WrongSignIn
        await services.store.attempts.forget(self.tenant, who)
        stored = await _rehashed(services, self.tenant, credential, stored, self.password)
        return Identity(self.tenant, credential.staff, stored)


@dataclass(frozen=True)
class ByLink:
    """By a one-time link, with which the person chooses a password."""

    token: str
    password: str
    name: str = "link"

    async def identify(self, services: Services, browser: Browser) -> Identity:  # noqa: ARG002
        """Return whom the link is for, and make the password theirs; the link is good once.

        Raises:
            LinkNotValid, TooManyAttempts
            Unacceptable: the password is too weak.
            StoreDown
        """
        holder = await read_invite(services, self.token)
        password = read_new_password(self.password, holder.staff, "/password")
        services.passwords.check_free()
        hashed = await services.passwords.hash(password)
        try:
            await services.store.links.use(self.token, hashed, how=self.name)
        except UnknownLink:
            raise LinkNotValid from None
        await services.store.attempts.forget(holder.tenant, _counted_as(holder.staff, None))
        return Identity(holder.tenant, holder.staff, hashed)


async def sign_in(services: Services, method: Method, browser: Browser) -> SignedIn:
    """Sign somebody in: a new session, in place of the one that this browser had.

    Raises:
        WrongSignIn, LinkNotValid, TooManyAttempts, Unacceptable: as the method says.
        StoreDown
    """
    identity = await method.identify(services, browser)
    tenant, staff = identity.tenant, identity.staff
    try:
        token = await services.store.staff_sessions.open(
            tenant,
            staff,
            method=method.name,
            device=browser.device,
            limits=services.session_limits,
            replaces=browser.session,
            password_hash=identity.password_hash,
        )
    except CredentialChanged:
        raise WrongSignIn from None
    known_as = await services.store.known_browsers.remember(tenant, staff, browser.known_as)
    admitted = await services.authenticator.admit_session(token)
    if admitted is None:
        raise WrongSignIn
    log.info("signed_in", by=admitted[0].client, method=method.name)
    return SignedIn(token, known_as, *admitted)


async def accept_invite(
    services: Services, token: str, password: str, browser: Browser
) -> SignedIn:
    """Choose a password by a one-time link, and be signed in with it; other sessions end.

    Raises:
        LinkNotValid, TooManyAttempts
        Unacceptable: the password is too weak.
        StoreDown
    """
    return await sign_in(services, ByLink(token, password), browser)


async def read_invite(services: Services, token: str) -> LinkHolder:
    """Return whom a one-time link is for.

    Raises:
        LinkNotValid
        StoreDown
    """
    try:
        return await services.store.links.find(token)
    except UnknownLink:
        raise LinkNotValid from None


async def invite(
    services: Services, admin: Principal, staff: str, reason: str, key: str | None = None
) -> Link:
    """Make a one-time link by which a person chooses a password; it is not kept.

    Their password so far stays good until then; an earlier link does not.

    Raises:
        Forbidden: only an administrator may.
        UnknownStaff: nobody who is active has this id.
        ShownOnce: the same request made it before.
        KeyReused: the request's key came before, for somebody else.
        StoreDown
    """
    check_right(admin, Right.ADMINISTER)
    request_key = RequestKey(admin.client, key) if key else None
    try:
        return await services.store.links.add(admin.tenant, staff, admin.by(reason), request_key)
    except Taken as error:
        raise ShownOnce(str(error)) from None
    except store_errors.KeyReused:
        raise KeyReused from None
    except store_errors.UnknownStaff:
        raise UnknownStaff(staff) from None


def path_of(link: Link) -> str:
    """Return the path of the page that a one-time link opens.

    The token is behind the `#`, so that no server, proxy or log on the way is sent it.
    """
    return f"{LINK_PAGE}#{link.token}"


async def change_password(
    services: Services, caller: Principal, current: Session, old: str, new: str
) -> None:
    """Change the caller's own password; all sessions but the current one end.

    Raises:
        Unacceptable: the old one is wrong (`/old`), or the new one too weak (`/new`).
        TooManyAttempts
        Forbidden: systems have none.
        StoreDown
    """
    check_staff(caller)
    tenant = caller.tenant
    password = read_new_password(new, caller.id, "/new")
    credential = await services.store.passwords.find(tenant, caller.id, None)
    stored = credential.hash if credential else None
    # Counted by itself: whoever fails elsewhere keeps nobody from it.
    who = _digest("change", caller.id)
    if not await _is_right(services, tenant, who, stored, old):
        raise invalid("/old", "wrong_password", "This is not your password.")
    await services.store.attempts.forget(tenant, who)
    hashed = await services.passwords.hash(password)
    await services.store.passwords.set(
        tenant, caller.id, hashed, caller.by(), how="own", keep_session=current.id
    )


async def _is_right(
    services: Services, tenant: str, who: bytes, stored: str | None, password: str
) -> bool:
    """Say whether a password is right; the attempt counts as failed until it is forgotten.

    Raises:
        TooManyAttempts
    """
    services.passwords.check_free()
    wait = await services.store.attempts.count(tenant, who)
    if wait:
        raise TooManyAttempts(math.ceil(wait.total_seconds()))
    return await services.passwords.verify(stored, normalised(password))


async def _rehashed(
    services: Services, tenant: str, credential: Credential, stored: str, password: str
) -> str:
    """Return the stored hash, made anew if that is due."""
    if not services.passwords.is_outdated(stored):
        return stored
    hashed = await services.passwords.hash(normalised(password))
    is_new = await services.store.passwords.rehash(tenant, credential.staff, stored, hashed)
    return hashed if is_new else stored


def _read_name(text: str) -> str:
    """Return the id that somebody typed; nothing if nobody can have it, and nothing is nobody's."""
    try:
        return _ID.validate_python(text.strip())
    except ValidationError:
        return ""


def _counted_as(staff: str, known: Browser | None) -> bytes:
    """Return under what attempts at a name are counted together.

    A browser in which the person signed in before has a count of its own, so that nobody who fails
    elsewhere makes them wait there.
    """
    return _digest("sign in", staff.casefold(), (known and known.known_as) or "")


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()
