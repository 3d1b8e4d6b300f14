"""The peer that we are measured against writes as many rows as we do, with the same columns."""

from collections import Counter
from pathlib import Path
from typing import Any

from bench.customer import reserve
from bench.peer.driver import start, take, worker_of
from bench.peer.steps import rows_of
from store import Store
from temporal.case_client import CaseClient
from tests.support.cases import WHOLE_COMPLAINT, opening, request
from tests.support.engine import running
from tests.support.waiting import until

LAST = len(WHOLE_COMPLAINT) - 1
Written = dict[str, list[dict[str, Any]]]


async def ours(folder: Path) -> Written:
    async with running(folder) as engine:
        case_client, reserved = CaseClient(engine.client), await reserve(engine.store)
        number = reserved.number
        await case_client.start(opening(number, customer=reserved.customer))
        for at, commands in enumerate(WHOLE_COMPLAINT):
            if at == LAST:
                await follows_up(engine.store, number)
            await case_client.submit(number, request(f"{number}-{at}", *commands))
        return rows_of(folder / "banjie.db", number)


async def peers(folder: Path) -> Written:
    async with running(folder) as engine:
        worker = await worker_of(folder, engine.server)
        store = await Store.open(f"sqlite+aiosqlite:///{folder / 'peer.db'}", migrate=True)
        worker.start()
        try:
            number = await start(engine.client)
            for at in range(len(WHOLE_COMPLAINT)):
                if at == LAST:
                    await follows_up(store, number)
                await take(engine.client, number, at)
            return rows_of(folder / "peer.db", number)
        finally:
            worker.kill()
            await store.close()


async def follows_up(store: Store, number: str) -> None:
    async def there() -> bool:
        row = await store.cases.get("default", number)
        return row is not None and row.state == "following_up"

    await until(there)


def shape(written: Written) -> dict[str, Counter[tuple[str, ...]]]:
    """By table, how many rows fill which columns."""
    return {
        table: Counter(tuple(name for name, v in row.items() if v is not None) for row in rows)
        for table, rows in written.items()
    }


async def test_the_peer_writes_the_same_rows(tmp_path: Path) -> None:
    for name in ("ours", "peers"):
        (tmp_path / name).mkdir()
    mine, theirs = await ours(tmp_path / "ours"), await peers(tmp_path / "peers")
    assert shape(theirs) == shape(mine)
    assert all(rows for table, rows in mine.items() if table != "task_roles")
    assert (
        [r["state"] for r in theirs["cases"]] == [r["state"] for r in mine["cases"]] == ["closed"]
    )
