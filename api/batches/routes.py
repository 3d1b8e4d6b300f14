"""`/v1/batches`: start one step for many cases, see how far it is, stop it, retry it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status

from api.batches.schemas import (
    Batch,
    BatchItem,
    BatchItemList,
    BatchList,
    batch_of,
    in_language,
)
from api.http.dependencies import CursorsDep, LocaleDep, ServicesDep, TextsDep
from api.http.headers import IdempotencyKey, mark_replayed, read_key
from api.http.paging import PageQuery
from api.http.security import Caller
from app import batches
from app.new_batch import NewBatch
from domain.batches import BatchOutcome

router = APIRouter(prefix="/v1/batches", tags=["batches"])

SCOPE = {"batches": True}
"""What the cursors of the list are valid for."""

Id = Annotated[str, Path(max_length=64, pattern=r"^[0-9a-f]+$")]


@router.post(
    "",
    operation_id="start_batch",
    summary="Act on many cases",
    status_code=status.HTTP_201_CREATED,
)
async def start_batch(
    response: Response,
    services: ServicesDep,
    caller: Caller,
    new: NewBatch,
    idempotency_key: IdempotencyKey,
) -> Batch:
    """Take a step in each case that fits the filter now, up to 10,000, or only look with `dry_run`.

    Or in each of the cases that `numbers` names; an act on their tasks needs no kind then. The
    batch goes on by itself until all are done. The engine decides on every case as if the caller
    had taken the step by hand; a refusal is shown with the case. For leads, managers and
    administrators.
    """
    key = read_key(idempotency_key)
    batch, replayed = await batches.start_batch(services, caller, new, key)
    mark_replayed(response, replayed)
    return batch_of(batch)


@router.get("", operation_id="list_batches", summary="List batches")
async def list_batches(
    services: ServicesDep,
    cursors: CursorsDep,
    caller: Caller,
    query: Annotated[PageQuery, Query()],
) -> BatchList:
    """Return batches, the newest first."""
    after = cursors.read(caller, SCOPE, query.cursor)
    page = await batches.list_batches(services, caller, after, query.limit)
    return BatchList(
        items=[batch_of(each) for each in page.items],
        next=cursors.write(caller, SCOPE, page.next),
        left_out=page.left_out,
    )


@router.get("/{id}", operation_id="get_batch", summary="Read a batch")
async def get_batch(services: ServicesDep, caller: Caller, id: Id) -> Batch:
    """Return what is done, and how far it is."""
    return batch_of(await batches.get_batch(services, caller, id))


@router.get("/{id}/items", operation_id="list_batch_items", summary="List a batch's cases")
async def list_items(
    services: ServicesDep,
    texts: TextsDep,
    locale: LocaleDep,
    caller: Caller,
    id: Id,
    result: Annotated[
        BatchOutcome | None, Query(description="Only those with this result.")
    ] = None,
    after: Annotated[int, Query(ge=0, le=1_000_000, description="Only after this position.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> BatchItemList:
    """Return what became of each case, in the order of the list."""
    page = await batches.list_batch_items(services, caller, id, result, after, limit)
    return BatchItemList(
        items=[in_language(BatchItem.model_validate(e), texts, locale) for e in page.items],
        next=int(page.next[0]) if page.next else None,
        left_out=page.left_out,
    )


@router.post(
    "/{id}/retry",
    operation_id="retry_batch",
    summary="Try the failed cases again",
    status_code=status.HTTP_201_CREATED,
)
async def retry_batch(
    response: Response,
    services: ServicesDep,
    caller: Caller,
    id: Id,
    idempotency_key: IdempotencyKey,
) -> Batch:
    """Begin a batch that does the same in the cases that were refused or did not answer.

    For a batch that is over. The new one names it in `retries`.
    """
    key = read_key(idempotency_key)
    batch, replayed = await batches.retry_failed(services, caller, id, key)
    mark_replayed(response, replayed)
    return batch_of(batch)


@router.post("/{id}/cancel", operation_id="cancel_batch", summary="Stop a batch")
async def cancel_batch(services: ServicesDep, caller: Caller, id: Id) -> Batch:
    """Stop after the cases under way; what is done stays done. One that is over stays as it is."""
    return batch_of(await batches.cancel_batch(services, caller, id))
