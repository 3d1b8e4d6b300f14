"""Services for signing in, with a store and no engine, on a clock that is set by hand."""

import shutil
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from argon2 import Parameters, Type

from app.authentication import Principal
from app.errors import AppError, TooManyAttempts, WrongSignIn
from app.password_hashing import PasswordHashing
from app.services import Services, build_services
from app.sessions import Browser
from app.sign_in import ByPassword, SignedIn, sign_in
from domain.engine.messages import DEFAULT_TENANT
from domain.language.roles import ActorKind
from policies.documents import DEFAULT
from store import Store
from store.archive import Archive
from store.sign_in.records import SessionLimits
from temporal.case_client import CaseClient

LIU, CHEN, ROOT = "liu.yang", "chen.min", "root"
SECRET, OTHER = "correct horse 电池", "another horse"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
QUICK = Parameters(Type.ID, 19, 16, 32, 1, 8, 1)
"""Parameters with which a hash takes no time, for tests that are not about that."""
LIMITS = SessionLimits(idle=timedelta(hours=2), lifetime=timedelta(hours=12))


@dataclass
class HandClock:
    """A clock that stands still until a test sets it."""

    now: datetime = datetime(2026, 3, 4, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go(self, by: timedelta) -> None:
        """Set it later by this much."""
        self.now += by


@dataclass
class SignIns:
    """Signs staff in; `LIU` has the password `SECRET`."""

    services: Services
    clock: HandClock

    async def sign_in(self, staff: str = LIU, password: str = SECRET, **browser: Any) -> SignedIn:
        """Sign in with a browser that may have tokens of ours."""
        method = ByPassword(DEFAULT_TENANT, staff, password)
        return await sign_in(self.services, method, Browser(FIREFOX, **browser))

    async def admits(self, token: str) -> bool:
        """Return whether a session is good."""
        return await self.services.authenticator.admit_session(token) is not None

    async def fail(self, times: int, staff: str = LIU, **browser: Any) -> None:
        """Try a wrong password so many times."""
        for _ in range(times):
            with pytest.raises(WrongSignIn):
                await self.sign_in(staff, "wrong", **browser)

    async def wait(self, staff: str = LIU, password: str = SECRET, **browser: Any) -> int:
        """Return for how many seconds a sign-in is refused; 0 if it is tried."""
        try:
            await self.sign_in(staff, password, **browser)
        except TooManyAttempts as error:
            return int(str(error.params["seconds"]))
        except WrongSignIn:
            pass
        return 0

    async def give_password(self, staff: str, password: str = SECRET) -> None:
        """Give somebody a password, as `banjie up` does."""
        hashed = await self.services.passwords.hash(password)
        await self.services.store.passwords.set(DEFAULT_TENANT, staff, hashed, how="sample")

    @property
    def root(self) -> Principal:
        """An administrator."""
        return Principal(DEFAULT_TENANT, ActorKind.STAFF, ROOT, ("administrator",))


async def make_staff(database: Path) -> Path:
    """Make a store with three people."""
    store = await Store.open(f"sqlite+aiosqlite:///{database}", migrate=True)
    try:
        for id, role in ((LIU, "agent"), (CHEN, "seat"), (ROOT, "administrator")):
            await store.people.add_staff(DEFAULT_TENANT, id, id, (role,))
    finally:
        await store.close()
    return database


@asynccontextmanager
async def sign_ins(template: Path, folder: Path) -> AsyncIterator[SignIns]:
    """Open a copy of a store in the folder."""
    clock, copy = HandClock(), shutil.copy(template, folder / "banjie.db")
    store = await Store.open(f"sqlite+aiosqlite:///{copy}", clock=clock)
    try:
        services = build_services(
            store,
            cast("CaseClient", None),
            Archive(folder.as_uri()),
            business_zone=ZoneInfo("Asia/Shanghai"),
            policy_version=DEFAULT,
            record_timeout=timedelta(seconds=1),
            session_limits=LIMITS,
        )
        services.passwords = PasswordHashing(QUICK)
        ready = SignIns(services, clock)
        await ready.give_password(LIU)
        yield ready
    finally:
        await store.close()


async def refused(call: Awaitable[object]) -> AppError:
    """Return the error with which a call is refused."""
    with pytest.raises(AppError) as error:
        await call
    return error.value
