"""What `banjie up` prepares so that people can sign in: passwords for samples, a link for admin."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.password_hashing import PasswordHashing
from app.password_rules import read_new_password
from cli.core.client_file import ClientFile
from cli.core.data_folder import DataFolder
from cli.up.plan import Plan
from cli.up.prepare import ADMINISTRATOR, SAMPLE_STAFF, Prepared, prepare
from domain.engine.messages import DEFAULT_TENANT
from store import Store
from store.errors import UnknownLink

LIU, CHEN = "liu.yang", "chen.min"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(DataFolder(tmp_path), 1, 2, 3)


@asynccontextmanager
async def opened(plan: Plan) -> AsyncIterator[Store]:
    store = await Store.open(plan.folder.database_url)
    try:
        yield store
    finally:
        await store.close()


async def lets_in(plan: Plan, password: str) -> set[str]:
    """Return who of the sample staff signs in with the password; those with one hash at once."""
    async with opened(plan) as store:
        found = [await store.passwords.find(DEFAULT_TENANT, p.id, None) for p in SAMPLE_STAFF]
    of = {each.staff: each.hash for each in found if each}
    right = {it for it in set(of.values()) if await PasswordHashing().verify(it, password)}
    return {id for id, stored in of.items() if stored in right}


async def is_good(plan: Plan, prepared: Prepared) -> bool:
    assert prepared.link is not None
    async with opened(plan) as store:
        try:
            return (await store.links.find(prepared.link.token)).staff == ADMINISTRATOR.id
        except UnknownLink:
            return False


EVERYBODY = {person.id for person in SAMPLE_STAFF}


async def test_samples_sign_in_with_one_password_that_stays(plan: Plan) -> None:
    password = (await prepare(plan, sample=True)).client.sample_password
    assert read_new_password(password, LIU, "") == password
    assert await lets_in(plan, password) == EVERYBODY
    own = await PasswordHashing().hash("their own one")
    async with opened(plan) as store:
        await store.passwords.set(DEFAULT_TENANT, LIU, own, how="own")
    again = await prepare(plan, sample=True)
    assert again.client.sample_password == password
    assert await lets_in(plan, password) == EVERYBODY - {LIU}
    written = ClientFile.read(plan.folder.path)
    assert written is not None
    assert written.sample_password == password


async def test_a_password_that_nobody_knows_any_more_is_replaced(plan: Plan) -> None:
    first = await prepare(plan, sample=True)
    (plan.folder.path / "client.json").unlink()
    second = (await prepare(plan, sample=True)).client.sample_password
    assert second != first.client.sample_password
    assert await lets_in(plan, second) == EVERYBODY


async def test_the_administrator_gets_a_link_until_there_is_a_password(plan: Plan) -> None:
    first = await prepare(plan, sample=False)
    assert first.client.sample_password == ""
    assert await is_good(plan, first)
    second = await prepare(plan, sample=False)
    assert [await is_good(plan, each) for each in (first, second)] == [False, True]
    assert second.link is not None
    async with opened(plan) as store:
        assert [person.id for person in await store.people.list(DEFAULT_TENANT)] == ["admin"]
        await store.links.use(second.link.token, "hash", how="link")
    assert (await prepare(plan, sample=False)).link is None


async def test_nobody_who_left_gets_a_link(plan: Plan) -> None:
    await prepare(plan, sample=False)
    async with opened(plan) as store:
        await store.people.change(DEFAULT_TENANT, ADMINISTRATOR.id, active=False)
    assert (await prepare(plan, sample=False)).link is None


async def test_a_file_of_an_earlier_release_is_read(plan: Plan) -> None:
    (await prepare(plan, sample=True)).client.write(plan.folder.path)
    path = plan.folder.path / "client.json"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if "sample_password" not in line]
    path.write_text("\n".join(kept).replace('"sampled": false,', '"sampled": false'))
    read = ClientFile.read(plan.folder.path)
    assert read is not None
    assert (read.sample_password, CHEN in read.keys) == ("", True)
