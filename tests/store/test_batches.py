"""Batches: made once, worked off in order, each case's outcome written once, with its act."""

from datetime import UTC, datetime

from domain.batches import Batch, BatchOutcome, BatchResult, BatchState
from domain.engine.messages import Command
from store import Store
from store.audit.records import By
from tests.support.cases import ZHOU, new_number


def batch(tenant: str, size: int, id: str = "b1") -> Batch:
    return Batch(
        tenant=tenant, id=id, at=datetime.now(UTC), actor=ZHOU, kind="complaint",
        command=Command(step="withdraw"), reason="Over.", dry_run=False,
        which={"state": "received"}, digest="d", size=size,
    )  # fmt: skip


async def test_one_is_worked_off(store: Store, tenant: str) -> None:
    numbers = [new_number() for _ in range(3)]
    made = await store.batches.add(batch(tenant, 3), numbers)
    assert made == batch(tenant, 3).model_copy(update={"at": made.at})
    again = await store.batches.add(batch(tenant, 1), numbers[:1])
    assert (again.size, await store.batch_items.count_waiting(tenant, "b1")) == (3, 3)

    first, second, third = await store.batch_items.waiting(tenant, "b1", 10)
    assert [each.number for each in (first, second, third)] == numbers
    assert await store.batches.count_running(tenant) == 1
    await store.batch_items.count_attempt(made, first.place)
    assert [i.number for i in await store.batch_items.waiting(tenant, "b1", 2)] == numbers[1:]
    done = BatchResult(came=BatchOutcome.DONE)
    refused = BatchResult(came=BatchOutcome.REFUSED, code="no_task", detail="There is none.")
    await store.batch_items.record_result(made, second, refused)
    await store.batch_items.record_result(made, second, done)
    await store.batch_items.record_result(made, third, done)
    await store.batch_items.record_result(made, third, done)
    await store.batches.end(tenant, "b1", cancelled=True)
    assert await store.batches.count_running(tenant) == 0
    found = await store.batches.get(tenant, "b1")
    assert found is not None
    assert (found.batch.state, found.left) == (BatchState.CANCELLED, 0)
    assert found.counts == {"cancelled": 1, "refused": 1, "done": 1}
    await store.batches.record_cancellation(tenant, "b1", By(ZHOU))
    acts = await store.audit_log.events(tenant, 10, "batch.")
    assert sorted((act.what, act.subject) for act in acts) == sorted(
        [("batch.made", "b1"), ("batch.applied", numbers[2]), ("batch.cancelled", "b1")]
    )


async def test_pages_go_on_where_they_ended(store: Store, tenant: str) -> None:
    for id in ("b1", "b2", "b3"):
        await store.batches.add(batch(tenant, 2, id), [new_number(), new_number()])
    first = await store.batches.page(tenant, None, 2)
    rest = await store.batches.page(tenant, first.next, 2)
    assert [each.batch.id for each in (*first.items, *rest.items)] == ["b3", "b2", "b1"]
    assert rest.next is None
    items = await store.batch_items.page(tenant, "b1", None, 0, 1)
    assert (items.items[0].place, items.next) == (1, ("1",))
    assert (await store.batch_items.page(tenant, "b1", None, 1, 1)).next is None
    assert (await store.batch_items.page(tenant, "b1", BatchOutcome.DONE, 0, 1)).items == ()
    assert await store.batches.get("another", "b1") is None
