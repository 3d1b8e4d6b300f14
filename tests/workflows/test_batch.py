"""A batch in which something goes wrong: with one case, or with a whole part again and again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from temporalio.testing import ActivityEnvironment

from activities.batch import FAILED, BatchActivities
from domain.batches import Batch, BatchOutcome, BatchResult, BatchRun, BatchState
from domain.engine.messages import Command
from store import Store
from store.batches.records import BatchItem
from store.errors import StoreDown
from temporal.names import BATCH, CANCEL
from tests.support.cases import ZHOU, new_number
from tests.support.corrupted_rows import corrupted_rows
from tests.support.time_skipping import skipping
from workflows.batch import CANCEL_TIMEOUT


def of_size(size: int) -> Batch:
    return Batch(
        tenant="default", id="b1", at=datetime.now(UTC), actor=ZHOU, kind="complaint",
        command=Command(step="withdraw", form={"reason": "Over."}), reason="Over.", dry_run=False,
        which={},
        digest="d", size=size,
    )  # fmt: skip


async def test_what_goes_wrong_with_one_stops_none_of_the_others(tmp_path: Path) -> None:
    """But a store that is down is tried again, and nothing is said of the case till then."""
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}", migrate=True)
    bad, good = numbers = [new_number(), new_number()]
    await store.people.add_staff("default", ZHOU.id, "周航", ZHOU.roles)
    await store.batches.add(of_size(2), numbers)

    async def down(batch: Batch, item: BatchItem) -> BatchResult:
        raise StoreDown(f"No {item.number} of {batch.id}.")

    async def attempt(batch: Batch, item: BatchItem) -> BatchResult:
        if item.number == bad:
            raise IndexError(batch.id)
        return BatchResult(came=BatchOutcome.DONE)

    part = ActivityEnvironment().run
    with pytest.raises(StoreDown):
        await part(BatchActivities(store, down).batch_part, BatchRun(id="b1"))
    assert await store.batch_items.count_waiting("default", "b1") == 2
    with capture_logs() as logged:
        assert await part(BatchActivities(store, attempt).batch_part, BatchRun(id="b1")) == 0
    page = await store.batch_items.page("default", "b1", None, 0, 9)
    await store.close()
    assert [(each.number, each.came, each.code) for each in page.items] == [
        (bad, BatchOutcome.REFUSED, FAILED),
        (good, BatchOutcome.DONE, None),
    ]
    failed = [each for each in logged if each["event"] == "batch_case_failed"]
    assert [each["number"] for each in failed] == [bad]


async def test_one_that_only_fails_can_be_stopped(tmp_path: Path) -> None:
    async with skipping(tmp_path) as engine:
        await engine.store.batches.add(of_size(1), [new_number()])
        with corrupted_rows(tmp_path / "banjie.db", "b1", "batches", "which = '{'", key="id"):
            handle = await engine.client.start_workflow(
                BATCH, BatchRun(id="b1"), id="batch-b1", task_queue="cases"
            )
            await handle.signal(CANCEL)
            for _ in range(2):
                await engine.skip(CANCEL_TIMEOUT)
            await handle.result(rpc_timeout=timedelta(seconds=30))
        stored = await engine.store.batches.get("default", "b1")
    assert stored is not None
    assert (stored.batch.state, stored.counts) == (BatchState.CANCELLED, {"cancelled": 1})
