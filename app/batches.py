"""Batches: one step for many cases. Who may, which cases, and the form are settled at the start."""

import secrets
from collections.abc import Awaitable, Callable

from app.authentication import Principal
from app.authorization import Right, check_right
from app.errors import KeyReused, NoSuchBatch
from app.new_batch import NewBatch, PreparedBatch, digest_of, prepare, prepare_real, prepare_retry
from app.results import Listed
from app.services import Services
from domain.batches import Batch, BatchOutcome
from store.batches.records import BatchItem, BatchProgress
from store.db.pages import Cursor
from store.db.request_keys import RequestKey, derived_id


async def start_batch(
    services: Services, caller: Principal, new: NewBatch, key: str | None
) -> tuple[BatchProgress, bool]:
    """Write the batch down and have it begun; return whether it was, under this key, before.

    Raises:
        Forbidden: only leads, managers and administrators may.
        AppError: it cannot be, and nothing was begun.
        EngineDown: it is written down; the same request with the same key begins it.
    """
    check_right(caller, Right.ACT_ON_MANY_CASES)
    digest = digest_of(new)
    return await start_prepared(
        services, caller, digest, key, lambda id: prepare(services, caller, new, id, digest)
    )


async def start_prepared(
    services: Services,
    caller: Principal,
    digest: str,
    key: str | None,
    prepare: Callable[[str], Awaitable[PreparedBatch]],
) -> tuple[BatchProgress, bool]:
    """Begin a batch that `prepare` makes, given its id; return as `start_batch`.

    The caller has checked who may.

    Raises:
        KeyReused: another request had the key; `digest` tells them apart.
        AppError: it cannot be, and nothing was begun.
        EngineDown: it is written down; the same request with the same key begins it.
    """
    id = _id(caller, key)

    def is_same(batch: Batch) -> bool:
        return batch.digest == digest and batch.retries is None

    return await _begin_once(services, caller, id, is_same, lambda: prepare(id))


async def retry_failed(
    services: Services, caller: Principal, id: str, key: str | None
) -> tuple[BatchProgress, bool]:
    """Begin a batch that tries the failed cases of another one again; return as `start_batch`.

    It does the same, for the same reason, in the name of whoever retries. A case that did not
    answer is sent the same request once more, so that it does it once.

    Raises:
        Forbidden: only leads, managers and administrators may.
        NoSuchBatch
        BatchRuns: it is not over yet.
        NothingFailed
        AppError: it cannot be, and nothing was begun.
        EngineDown: it is written down; the same request with the same key begins it.
    """
    check_right(caller, Right.ACT_ON_MANY_CASES)
    failed = (await get_batch(services, caller, id)).batch
    new_id = _id(caller, key)

    def is_same(batch: Batch) -> bool:
        return batch.retries == id and batch.dry_run == failed.dry_run

    return await _begin_once(
        services, caller, new_id, is_same, lambda: prepare_retry(services, caller, failed, new_id)
    )


async def do_as_tried(
    services: Services, caller: Principal, id: str, key: str | None
) -> tuple[BatchProgress, bool]:
    """Begin a batch that does what a dry run found could be done; return as `start_batch`.

    Raises:
        Forbidden: only leads, managers and administrators may.
        NoSuchBatch
        BatchRuns: the dry run is not over yet.
        NothingToDo
        AppError: it cannot be, and nothing was begun.
        EngineDown: it is written down; the same request with the same key begins it.
    """
    check_right(caller, Right.ACT_ON_MANY_CASES)
    trial = (await get_batch(services, caller, id)).batch
    new_id = _id(caller, key)

    def is_same(batch: Batch) -> bool:
        return batch.retries == id and not batch.dry_run

    return await _begin_once(
        services, caller, new_id, is_same, lambda: prepare_real(services, caller, trial, new_id)
    )


async def _begin_once(
    services: Services,
    caller: Principal,
    id: str,
    is_same: Callable[[Batch], bool],
    prepare: Callable[[], Awaitable[PreparedBatch]],
) -> tuple[BatchProgress, bool]:
    """Write a batch down, unless it is, and have it begun; return whether it was written before.

    Raises:
        KeyReused: the id is that of another request.
    """
    counted, replayed = await services.store.batches.get(caller.tenant, id), True
    if counted is None:
        new = await prepare()
        # Another request with the same key may have been quicker: its batch is the one.
        batch = await services.store.batches.add(new.batch, new.numbers, new.origins)
        counted, replayed = BatchProgress(batch, len(new.numbers), {}), False
    if not is_same(counted.batch):
        raise KeyReused
    if counted.batch.ended_at is None:
        await services.case_client.start_batch(caller.tenant, id)
    return counted, replayed


async def list_batches(
    services: Services, caller: Principal, after: Cursor | None, limit: int
) -> Listed[BatchProgress]:
    """List the batches, the newest first.

    Raises:
        Forbidden: only who may make them, operators and auditors may.
        StoreDown
    """
    check_right(caller, Right.READ_BATCHES)
    page = await services.store.batches.page(caller.tenant, after, limit)
    return Listed(page.items, page.next, services.corrupt_rows.note("batches", page.corrupt))


async def count_running_batches(services: Services, caller: Principal) -> int:
    """Count the batches that are under way.

    Raises:
        Forbidden: only who may make them, operators and auditors may.
        StoreDown
    """
    check_right(caller, Right.READ_BATCHES)
    return await services.store.batches.count_running(caller.tenant)


async def get_batch(services: Services, caller: Principal, id: str) -> BatchProgress:
    """Return the batch and how far it is.

    Raises:
        Forbidden: only who may make them, operators and auditors may.
        NoSuchBatch
        StoreDown
    """
    check_right(caller, Right.READ_BATCHES)
    counted = await services.store.batches.get(caller.tenant, id)
    if counted is None:
        raise NoSuchBatch
    return counted


async def list_batch_items(
    services: Services,
    caller: Principal,
    id: str,
    came: BatchOutcome | None,
    after: int,
    limit: int,
) -> Listed[BatchItem]:
    """List what became of each case of a batch, in the order of the batch.

    Raises:
        Forbidden: only who may make them, operators and auditors may.
        NoSuchBatch
        StoreDown
    """
    await get_batch(services, caller, id)
    page = await services.store.batch_items.page(caller.tenant, id, came, after, limit)
    return Listed(page.items, page.next, services.corrupt_rows.note("batch_items", page.corrupt))


async def cancel_batch(services: Services, caller: Principal, id: str) -> BatchProgress:
    """Stop a batch after what is under way; one that is over stays as it is.

    Raises:
        Forbidden: only leads, managers and administrators may.
        NoSuchBatch
        StoreDown, EngineDown: repeat.
    """
    check_right(caller, Right.ACT_ON_MANY_CASES)
    counted = await get_batch(services, caller, id)
    if counted.batch.ended_at is None:
        await services.store.batches.record_cancellation(caller.tenant, id, caller.by())
        await services.case_client.cancel_batch(id)
    return counted


def _id(caller: Principal, key: str | None) -> str:
    if key is None:
        return secrets.token_hex(8)
    return derived_id(caller.tenant, RequestKey(caller.client, key), 8)
