"""Prepares the store before the first start: tables, teams, keys, sample staff, passwords."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.password_hashing import PasswordHashing
from cli.core.client_file import ClientFile
from cli.up.plan import Plan
from domain.engine.messages import DEFAULT_TENANT
from ops.audit.keys import make_key
from ops.organisation import add_needed_teams, needed_teams
from store import Store
from store.people.records import KeyOwner, OwnerKind
from store.sign_in.records import Link


@dataclass(frozen=True)
class Person:
    """One of the sample staff."""

    id: str
    name: str
    role: str
    teams: tuple[str, ...] = ()


ALL = tuple(needed_teams())

ADMINISTRATOR = Person("admin", "管理员", "administrator")

SAMPLE_STAFF = (
    Person("chen.min", "陈敏", "seat", ALL),
    Person("liu.yang", "刘洋", "agent", ("complaints", "returns")),
    Person("zhang.qian", "张倩", "agent", ("inquiries", "repairs")),
    Person("wang.fang", "王芳", "lead", ALL),
    Person("zhao.fang", "赵芳", "service_manager", ALL),
    Person("xu.lei", "徐蕾", "account_manager", ALL),
    Person("zhou.hang", "周航", "management", ("serious_complaints",)),
    Person("he.jing", "何静", "store_manager", ("inquiries",)),
    Person("ma.qiang", "马强", "repairer", ("repairs",)),
    Person("lu.wei", "陆伟", "logistics", ("returns", "repairs")),
    Person("shun.da", "顺达维修", "vendor", ("repairs",)),
    Person("ops", "运维", "ops"),
)

SAMPLE_SYSTEMS = ("shop-app", "feedback")
"""The shop's app speaks for the customers who use it; feedback passes on what they wrote."""

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Those that nobody takes for one another."""

DEFAULTS = {
    "work": "wang.fang",
    "manage": "zhao.fang",
    "admin": ADMINISTRATOR.id,
    "feed": "feedback",
}
DEFAULTS_WITHOUT_SAMPLE = dict.fromkeys(DEFAULTS, ADMINISTRATOR.id)


@dataclass(frozen=True)
class Prepared:
    """The keys by name, and the link for an administrator who has no password yet."""

    client: ClientFile
    link: Link | None


async def prepare(plan: Plan, *, sample: bool) -> Prepared:
    """Migrate the store, give every name of client.json a key that works, and let people sign in.

    Preparing again changes nothing but the link; the next start completes one that was killed
    half-way.
    """
    folder = plan.folder
    if plan.own_key and not folder.audit_key.exists():
        make_key(folder.audit_key)
    client = ClientFile.read(folder.path) or ClientFile(plan.url)
    client.url, client.temporal = plan.url, plan.engine_address
    store = await Store.open(folder.database_url, migrate=True)
    try:
        await _add_staff(store, client, [ADMINISTRATOR])
        await add_needed_teams(store, DEFAULT_TENANT)
        if sample:
            await _add_staff(store, client, SAMPLE_STAFF)
            for system in SAMPLE_SYSTEMS:
                await _add_key(store, client, KeyOwner(OwnerKind.SYSTEM, system))
            await _set_sample_passwords(store, client)
        link = await _administrators_link(store)
    finally:
        await store.close()
    defaults = DEFAULTS if DEFAULTS["work"] in client.keys else DEFAULTS_WITHOUT_SAMPLE
    client.defaults = dict(defaults)
    client.write(folder.path)
    return Prepared(client, link)


async def _add_staff(store: Store, client: ClientFile, people: Iterable[Person]) -> None:
    for person in people:
        staff = await store.people.get(DEFAULT_TENANT, person.id)
        if staff is None:
            await store.people.add_staff(
                DEFAULT_TENANT, person.id, person.name, (person.role,), person.teams
            )
        if staff is None or staff.active:
            await _add_key(store, client, KeyOwner(OwnerKind.STAFF, person.id))


async def _add_key(store: Store, client: ClientFile, owner: KeyOwner) -> None:
    key = client.keys.get(owner.id)
    if key is None or await store.keys.find(key) is None:
        _, client.keys[owner.id] = await store.keys.add(DEFAULT_TENANT, owner)


async def _set_sample_passwords(store: Store, client: ClientFile) -> None:
    """Give the sample staff one password; who has another of their own keeps it.

    If the file of keys was lost, nobody knows the password any more, and all get a new one.
    """
    was_lost = not client.sample_password
    client.sample_password = client.sample_password or _draw_password()
    hashed = None
    for person in SAMPLE_STAFF:
        credential = await store.passwords.find(DEFAULT_TENANT, person.id, None)
        if was_lost or credential is None or credential.hash is None:
            hashed = hashed or await PasswordHashing().hash(client.sample_password)
            await store.passwords.set(DEFAULT_TENANT, person.id, hashed, how="sample")


async def _administrators_link(store: Store) -> Link | None:
    """Return a new one-time link for the administrator; None if they need none."""
    credential = await store.passwords.find(DEFAULT_TENANT, ADMINISTRATOR.id, None)
    if credential is None or credential.hash or not credential.active:
        return None
    return await store.links.add(DEFAULT_TENANT, ADMINISTRATOR.id)


def _draw_password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
