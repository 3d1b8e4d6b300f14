"""Batches: one step for many cases. Who may, which cases, and the form are settled at the start."""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.authentication import Principal
from app.errors import Forbidden, KeyReused, NoCaseFits, NoSuchBatch, TooManyCases, invalid
from app.results import Listed
from app.services import Services
from app.step_forms import form_of, parse_form, request_form
from app.submit_steps import complete_command
from cases import CURRENT
from cases.common.roles import ADMINISTRATOR, MANAGERS
from domain.batches import NOT_IN_BATCHES, Batch, BatchOutcome
from domain.canonical import canonical_json
from domain.engine.messages import Command
from domain.errors import WrongForm
from domain.language.forms import Code, Note
from store.batches.records import BatchItem, BatchProgress
from store.cases.records import CaseFilter, CaseWhere
from store.db.clock import utc_now
from store.db.pages import Cursor

MAX_CASES = 10_000
PAGE = 500
BATCH_ROLES = MANAGERS | ADMINISTRATOR


class NewBatch(BaseModel):
    """A step, or an act on the task, for every case of a kind that fits the filter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Code
    where: CaseWhere = CaseWhere()
    step: Code
    form: Annotated[dict[str, JsonValue], Field(description="The form of the step.")] = {}
    reason: Annotated[Note, Field(min_length=1, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
    dry_run: bool = False


def check_batch_role(caller: Principal) -> None:
    """Check that the caller may act on many cases at once.

    Raises:
        Forbidden
    """
    if not caller.actor().stands_for & BATCH_ROLES:
        raise Forbidden(list(BATCH_ROLES))


async def start_batch(
    services: Services, caller: Principal, new: NewBatch, key: str | None
) -> BatchProgress:
    """Write the batch down and have it begun; under the same key it is the same batch.

    Raises:
        AppError: it cannot be, and nothing was begun.
        EngineDown: it is written down; the same request with the same key begins it.
    """
    check_batch_role(caller)
    digest, id = _digest(new), _id(caller, key)
    counted = await services.store.batches.get(caller.tenant, id)
    if counted is None:
        batch, numbers = await _prepare(services, caller, new, id, digest)
        await services.store.batches.add(batch, numbers)
        counted = BatchProgress(batch, len(numbers), {})
    elif counted.batch.digest != digest:
        raise KeyReused
    if counted.batch.ended_at is None:
        await services.case_client.start_batch(caller.tenant, id)
    return counted


async def list_batches(
    services: Services, caller: Principal, after: Cursor | None, limit: int
) -> Listed[BatchProgress]:
    """List the batches, the newest first.

    Raises:
        StoreDown
    """
    check_batch_role(caller)
    page = await services.store.batches.page(caller.tenant, after, limit)
    return Listed(page.items, page.next, services.corrupt_rows.note("batches", page.corrupt))


async def get_batch(services: Services, caller: Principal, id: str) -> BatchProgress:
    """Return the batch and how far it is.

    Raises:
        NoSuchBatch
        StoreDown
    """
    check_batch_role(caller)
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
        NoSuchBatch
        StoreDown
    """
    await get_batch(services, caller, id)
    page = await services.store.batch_items.page(caller.tenant, id, came, after, limit)
    return Listed(page.items, page.next, services.corrupt_rows.note("batch_items", page.corrupt))


async def cancel_batch(services: Services, caller: Principal, id: str) -> BatchProgress:
    """Stop a batch after what is under way; one that is over stays as it is.

    Raises:
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
        raise invalid("/kind", "unknown_kind", f"There are {', '.join(sorted(CURRENT))}.")
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
        request_form(form).strict(with_reason)
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
    scope = f"{caller.tenant}\n{caller.client}\n{key}"
    return hashlib.sha256(scope.encode()).hexdigest()[:16]


def _digest(new: NewBatch) -> str:
    return hashlib.sha256(canonical_json(new.model_dump(mode="json")).encode()).hexdigest()
