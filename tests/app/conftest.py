"""The services of the use cases on a real engine and a real store, and who calls them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.authentication import Principal
from app.services import Services, build_services
from domain.engine.messages import DEFAULT_TENANT
from domain.language.roles import ActorKind
from policies.documents import DEFAULT
from store.archive import Archive, default_archive_url
from store.people.records import KeyOwner, OwnerKind
from temporal.case_client import CaseClient
from tests.app.sign_ins import SignIns, make_staff, sign_ins
from tests.support.engine import running

RECORD_TIMEOUT = timedelta(seconds=20)


@pytest.fixture(scope="session")
async def services(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    """The services of a process that has no API."""
    async with running(tmp_path_factory.mktemp("app")) as engine:
        yield build_services(
            engine.store,
            CaseClient(engine.client),
            Archive(default_archive_url(engine.url)),
            business_zone=ZoneInfo("Asia/Shanghai"),
            policy_version=DEFAULT,
            record_timeout=RECORD_TIMEOUT,
        )


@pytest.fixture(scope="session")
async def agent(services: Services) -> Principal:
    """One who works on cases."""
    return await colleague(services, "liu.yang", "agent")


@pytest.fixture(scope="session")
async def manager(services: Services) -> Principal:
    """One who may act on many cases at once."""
    return await colleague(services, "zhou.hang", "management")


async def colleague(services: Services, id: str, role: str) -> Principal:
    """One of the staff, as the key makes them known."""
    await services.store.people.add_staff(DEFAULT_TENANT, id, id, (role,), ())
    _, key = await services.store.keys.add(DEFAULT_TENANT, KeyOwner(OwnerKind.STAFF, id))
    principal = await services.authenticator.admit(key)
    assert principal is not None
    return principal


@pytest.fixture
def shop() -> Principal:
    """A system that brings in cases."""
    return Principal(DEFAULT_TENANT, ActorKind.SYSTEM, "shop")


@pytest.fixture
def other_shop() -> Principal:
    """Another system of the same tenant."""
    return Principal(DEFAULT_TENANT, ActorKind.SYSTEM, "app")


@pytest.fixture(scope="session")
async def staff_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with staff, to be copied."""
    return await make_staff(tmp_path_factory.mktemp("staff") / "banjie.db")


@pytest.fixture
async def signing(staff_store: Path, tmp_path: Path) -> AsyncIterator[SignIns]:
    """Staff who sign in, on a store and a clock of the test's own."""
    async with sign_ins(staff_store, tmp_path) as ready:
        yield ready
