"""Services for reports: a store with two teams and their people, no engine, and a clock by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from app.authentication import Principal
from app.services import Services, build_services
from domain.engine.messages import DEFAULT_TENANT
from domain.language.roles import ActorKind
from policies.documents import DEFAULT
from store import Store
from store.archive import Archive
from temporal.case_client import CaseClient

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 4, 4, 30, tzinfo=UTC)
"""Half past twelve in Shanghai, on a Wednesday."""
DAY = datetime(2026, 3, 3, 16, tzinfo=UTC)
"""When that day began there."""
PEOPLE = {
    "liu.yang": ("刘洋", "agent", "complaints"),
    "zhang.qian": ("张倩", "agent", "complaints"),
    "sun.li": ("孙丽", "agent", "north"),
    "wang.fang": ("王芳", "lead", "complaints"),
}


def staff(*roles: str) -> Principal:
    """Return one of the staff with these roles."""
    return Principal(DEFAULT_TENANT, ActorKind.STAFF, "somebody", roles)


LEAD = staff("lead")


@asynccontextmanager
async def reporting(folder: Path, zone: ZoneInfo = SHANGHAI) -> AsyncIterator[Services]:
    """Open the services of a process that reads reports."""
    store = await Store.open(f"sqlite+aiosqlite:///{folder / 'banjie.db'}", migrate=True)
    for team, name in (("complaints", "投诉组"), ("north", "北区")):
        await store.people.add_team(DEFAULT_TENANT, team, name)
    for id, (name, role, team) in PEOPLE.items():
        await store.people.add_staff(DEFAULT_TENANT, id, name, (role,), (team,))
    try:
        yield build_services(
            store,
            cast(CaseClient, None),
            cast(Archive, None),
            business_zone=zone,
            policy_version=DEFAULT,
            record_timeout=timedelta(seconds=1),
        )
    finally:
        await store.close()
