"""Batches: one step for many cases. Who may, which cases, and the form are settled at the start."""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from app.authentication import Principal
from app.authorization import Right, check_right
from app.errors import KeyReused, NoCaseFits, NoSuchBatch, TooManyCases, invalid
from app.filters import refuse_unknown_names, unknown_kind
from app.results import Listed
from app.services import Services
from app.step_forms import form_of, parse_form
from app.submit_steps import complete_command
from cases import CURRENT
from domain.batches import NOT_IN_BATCHES, Batch, BatchOutcome
from domain.canonical import canonical_json
from domain.engine.action_forms import request_form
from domain.engine.messages import Command
from domain.errors import WrongForm
from domain.language.values import Code, Text
from store.batches.records import BatchItem, BatchProgress
from store.cases.records import CaseFilter, CaseWhere
from store.db.clock import utc_now
from store.db.pages import Cursor
from store.db.request_keys import RequestKey, derived_id

MAX_CASES = 10_000
PAGE = 500


class NewBatch(BaseModel):
    """A step, or an act on the task, for every case of a kind that fits the filter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Code
    where: CaseWhere = CaseWhere()
    step: Code
    form: Annotated[dict[str, JsonValue], Field(description="The form of the step.")] = {}
    reason: Text
    dry_run: bool = False

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        refuse_unknown_names(self.where, self.kind, "where")
        return self


async def start_batch(
    services: Services, caller: Principal, new: NewBatch, key: str | None
) -> tuple[BatchProgress, bool]:
    """Write the batch down and have it begun; return whether it was, under this key, before.

    Raises:
        Forbidden: only managers and administrators may.
        AppError: it cannot be, and nothing was begun.
        EngineDown: it is written down; the same request with the same key begins it.
    """
    check_right(caller, Right.ACT_ON_MANY_CASES)
    digest, id = _digest(new), _id(caller, key)
    counted, replayed = await services.store.batches.get(caller.tenant, id), True
    if counted is None:
        batch, numbers = await _prepare(services, caller, new, id, digest)
        # Another request with the same key may have been quicker: its batch is the one.
        counted = BatchProgress(await services.store.batches.add(batch, numbers), len(numbers), {})
        replayed = False
    if counted.batch.digest != digest:
        raise KeyReused
    if counted.batch.ended_at is None:
        await services.case_client.start_batch(caller.tenant, id)
    return counted, replayed


async def list_batches(
    services: Services, caller: Principal, after: Cursor | None, limit: int
) -> Listed[BatchProgress]:
    """List the batches, the newest first.

    Raises:
        Forbidden: only managers and administrators may.
        StoreDown
    """
    check_right(caller, Right.ACT_ON_MANY_CASES)
    page = await services.store.batches.page(caller.tenant, after, limit)
    return Listed(page.items, page.next, services.corrupt_rows.note("batches", page.corrupt))


async def get_batch(services: Services, caller: Principal, id: str) -> BatchProgress:
    """Return the batch and how far it is.

    Raises:
        Forbidden: only managers and administrators may.
        NoSuchBatch
        StoreDown
    """
    check_right(caller, Right.ACT_ON_MANY_CASES)
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
        Forbidden: only managers and administrators may.
        NoSuchBatch
        StoreDown
    """
    await get_batch(services, caller, id)
    page = await services.store.batch_items.page(caller.tenant, id, came, after, limit)
    return Listed(page.items, page.next, services.corrupt_rows.note("batch_items", page.corrupt))


async def cancel_batch(services: Services, caller: Principal, id: str) -> BatchProgress:
    """Stop a batch after what is under way; one that is over stays as it is.

    Raises:
        Forbidden: only managers and administrators may.
        NoSuchBatch
        StoreDown, EngineDown: repeat.
    """
    counted = await get_batch(services, caller, id)
    if counted.batch.ended_at is None:
        await services.store.batches.record_cancellation(caller.tenant, id, caller.by())
        await services.case_client.cancel_batch(id)
    return counted


async def _prepare(
    services: Services, caller: Principal, new: NewBatch, id: str, digest: str
) -> tuple[Batch, list[str]]:
    if new.kind not in CURRENT:
        raise unknown_kind("/kind")
    if new.step in NOT_IN_BATCHES:
        raise invalid("/step", "not_in_batches", "This act is for one case at a time.")
    command = _with_reason(new)
    form = parse_form([CURRENT[new.kind]], command, "/form")
    command = await complete_command(services, caller, command, form, "/form", repeatable=False)
    numbers = await _numbers(services, caller, new)
    batch = Batch(
        tenant=caller.tenant,
        id=id,
        at=utc_now(),
        actor=caller.actor(),
        kind=new.kind,
        command=command,
        reason=new.reason,
        dry_run=new.dry_run,
        which=new.where.model_dump(mode="json", exclude_none=True),
        digest=digest,
        size=len(numbers),
    )
    return batch, numbers


def _with_reason(new: NewBatch) -> Command:
    """Return the command; a form that takes a reason and has none gets the batch's."""
    form = form_of(CURRENT[new.kind], new.step)
    command = Command(step=new.step, form=new.form)
    if form is None or "reason" in new.form or "reason" not in form.model_fields:
        return command
    with_reason = {**new.form, "reason": new.reason}
    try:
        request_form(form).strict(with_reason, utc_now())
    except WrongForm as error:
        # The batch's reason is no reason of this form; what else is wrong is refused as it is.
        faults: Sequence[Any] = error.params["errors"]  # type: ignore[assignment]
        if any(fault["pointer"] == "/reason" for fault in faults):
            return command
    return Command(step=new.step, form=with_reason)


async def _numbers(services: Services, caller: Principal, new: NewBatch) -> list[str]:
    """Return the numbers of all cases that fit, as the list stands now."""
    case_filter = CaseFilter(kind=new.kind, **new.where.model_dump())
    numbers: list[str] = []
    after: Cursor | None = None
    while True:
        page = await services.store.cases.page(caller.tenant, case_filter, after, PAGE)
        # The engine judges each case by itself, whatever became of its row.
        numbers += [*(case_row.number for case_row in page.items), *page.corrupt]
        if len(numbers) > MAX_CASES:
            raise TooManyCases(MAX_CASES)
        if page.next is None:
            break
        after = page.next
    if not numbers:
        raise NoCaseFits
    return numbers


def _id(caller: Principal, key: str | None) -> str:
    if key is None:
        return secrets.token_hex(8)
    return derived_id(caller.tenant, RequestKey(caller.client, key), 8)


def _digest(new: NewBatch) -> str:
    return hashlib.sha256(canonical_json(new.model_dump(mode="json")).encode()).hexdigest()
