"""Makes the store ready before the first start: tables, the first keys, the sample staff."""

from collections.abc import Iterable

from cli.clientfile import ClientFile
from cli.running.people import (
    ADMINISTRATOR,
    DEFAULTS,
    DEFAULTS_WITHOUT_SAMPLE,
    SAMPLE_STAFF,
    SAMPLE_SYSTEMS,
    TEAMS,
    Person,
)
from cli.running.plan import Plan
from domain.messages import DEFAULT_TENANT
from ops.audit.keyfiles import make_key
from store import Store
from store.records import KeyOwner, OwnerKind


async def prepare(plan: Plan, *, sample: bool) -> ClientFile:
    """Migrate the store and see to it that every name of client.json has a key that works.

    Doing it again changes nothing; a start that was killed half-way is mended by the next.
    """
    folder = plan.folder
    if plan.own_key and not folder.audit_key.exists():
        make_key(folder.audit_key)
    client = ClientFile.read(folder.path) or ClientFile(plan.url)
    client.url, client.temporal = plan.url, plan.engine_address
    store = await Store.open(folder.database_url, migrate=True)
    try:
        await _staff(store, client, [ADMINISTRATOR])
        if sample:
            for id, name in TEAMS.items():
                await _team(store, id, name)
            await _staff(store, client, SAMPLE_STAFF)
            for system in SAMPLE_SYSTEMS:
                await _key(store, client, KeyOwner(OwnerKind.SYSTEM, system))
    finally:
        await store.close()
    known = DEFAULTS if DEFAULTS["work"] in client.keys else DEFAULTS_WITHOUT_SAMPLE
    client.defaults = dict(known)
    client.write(folder.path)
    return client


async def _staff(store: Store, client: ClientFile, people: Iterable[Person]) -> None:
    for person in people:
        if await store.people.get(DEFAULT_TENANT, person.id) is None:
            await store.people.add_staff(
                DEFAULT_TENANT, person.id, person.name, (person.role,), person.teams
            )
        await _key(store, client, KeyOwner(OwnerKind.STAFF, person.id))


async def _team(store: Store, id: str, name: str) -> None:
    if id not in {team.id for team in await store.people.teams(DEFAULT_TENANT)}:
        await store.people.add_team(DEFAULT_TENANT, id, name)


async def _key(store: Store, client: ClientFile, owner: KeyOwner) -> None:
    had = client.keys.get(owner.id)
    if had is None or await store.keys.find(had) is None:
        _, client.keys[owner.id] = await store.keys.add(DEFAULT_TENANT, owner)
