"""What an organisation must have before cases start: the kinds' teams, and an administrator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from shlex import quote

from cases import CURRENT
from cases.common.roles import ADMINISTRATOR
from i18n.labels import label
from runtime.message import Message
from store import Store
from store.audit.records import BY_SYSTEM, By
from store.errors import Taken
from store.people.records import KeyOwner, OwnerKind, Staff

SETUP = "banjie setup"
FIRST_ID = "admin"
"""The id of the first administrator, unless another is given."""
LOCALE = "zh_CN"
"""Names of teams are data, in the language of the business."""


class NotAdministrator(Exception):
    """The person who is named cannot be the first administrator; the message says why."""


@dataclass
class SetupReport:
    """What was made; nothing of it if all was there. `key` is shown once and not kept."""

    teams: list[str] = field(default_factory=list)
    administrator: str | None = None
    key: str | None = None

    @property
    def nothing(self) -> bool:
        """Whether everything was there already."""
        return not self.teams and self.key is None


def needed_teams() -> Mapping[str, str]:
    """Return the teams that new cases are given to, with their names."""
    return {
        team: label(f"team.{team}", LOCALE, kind)
        for kind, process in CURRENT.items()
        for team in process.teams
    }


def kinds_of_team(team: str) -> Sequence[str]:
    """Return the kinds whose cases a team is given."""
    return sorted(kind for kind, process in CURRENT.items() if team in process.teams)


async def set_up(store: Store, tenant: str, id: str, name: str, by: By = BY_SYSTEM) -> SetupReport:
    """Make what is missing of teams and administrator; what is there stays as it is.

    Args:
        store: migrated.
        tenant: whose.
        id: the administrator's id, if there is none yet.
        name: their name.
        by: who does it, and why.

    Raises:
        NotAdministrator: this id is somebody else's.
    """
    report = SetupReport(teams=await add_needed_teams(store, tenant, by))
    report.key = await add_first_administrator(store, tenant, id, name, by)
    report.administrator = id if report.key else None
    return report


async def add_needed_teams(store: Store, tenant: str, by: By = BY_SYSTEM) -> list[str]:
    """Make the teams that are missing, and return them."""
    existing = {team.id for team in await store.people.teams(tenant)}
    added = []
    for id, name in needed_teams().items():
        if id not in existing:
            try:
                await store.people.add_team(tenant, id, name, by)
            except Taken:  # another process was quicker
                continue
            added.append(id)
    return added


async def add_first_administrator(
    store: Store, tenant: str, id: str, name: str, by: By = BY_SYSTEM
) -> str | None:
    """Make an administrator and return the key; None if there is one with a key that works.

    Raises:
        NotAdministrator: this id is of somebody who is not active, or has not the role.
    """
    if await has_administrator(store, tenant):
        return None
    person = await store.people.get(tenant, id)
    if person is None:
        await store.people.add_staff(tenant, id, name, tuple(ADMINISTRATOR), by=by)
    else:
        _require_administrator(person)
    _, key = await store.keys.add(tenant, KeyOwner(OwnerKind.STAFF, id), by=by)
    return key


async def has_administrator(store: Store, tenant: str) -> bool:
    """Return whether somebody can add staff, teams and keys: active, with the role and a key."""
    (role,) = ADMINISTRATOR
    return await store.people.somebody_has(tenant, role)


async def setup_command(store: Store, tenant: str) -> str:
    """Return the command that makes what is missing, as it stands.

    Where nobody can administer it names an administrator whom only a key is missing, or else an
    id that is free.
    """
    if await has_administrator(store, tenant):
        return SETUP
    staff = {each.id: each for each in await store.people.list(tenant)}
    keyless = [id for id, each in staff.items() if each.active and _is_administrator(each)]
    new = (f"{FIRST_ID}-{n}" if n > 1 else FIRST_ID for n in count(1))
    id = next((id for id in (FIRST_ID, *keyless) if id in keyless), None)
    id = id or next(id for id in new if id not in staff)
    return SETUP if id == FIRST_ID else f"{SETUP} --staff {quote(id)}"


def _is_administrator(person: Staff) -> bool:
    return bool(ADMINISTRATOR.names & {*person.roles})


def _require_administrator(person: Staff) -> None:
    if not person.active:
        raise NotAdministrator(
            Message(
                "%(id)s is not active any more, so a key would open nothing. Name "
                "another id with --staff; the new administrator can let them in again.",
                id=person.id,
            )
        )
    if not _is_administrator(person):
        raise NotAdministrator(
            Message(
                "%(id)s is on the staff, and no administrator. Name another id with "
                "--staff; the new administrator can give them the role.",
                id=person.id,
            )
        )
