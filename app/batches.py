"""Making batches: who may, which cases, what the step takes; all settled before one begins."""

import hashlib
import secrets
from typing import cast

from api.batches.schemas import NewBatch
from api.http.headers import read_key
from api.http.paging import DUE
from api.http.problems import invalid, problem
from api.steps.schemas import StepBody
from app.authentication import Principal
from app.services import Services
from app.step_forms import asked_form, check_form, form_in
from app.submit_steps import deed_of
from cases import CURRENT
from cases.common.roles import ADMINISTRATOR, MANAGERS
from domain.batches import NOT_IN_BATCHES, Batch
from domain.canonical import canonical_json
from domain.errors import WrongForm
from store.batches.batches import BatchCounted
from store.cases.records import CaseFilter, Cursor
from store.db.clock import utc_now

MOST = 10_000
PART = 500
MAKERS = MANAGERS | ADMINISTRATOR

_Wrong = list[dict[str, str]]


async def make(
    services: Services, caller: Principal, new: NewBatch, header: str | None
) -> BatchCounted:
    """Write the batch down and have it begun; under the same key it is the same batch.

    Raises:
        Problem: it cannot be, and nothing was begun.
        EngineDown: it is written down; the same request with the same key begins it.
    """
    key, digest = read_key(header), _digest(new)
    id = _id(caller, key)
    found = await services.store.batches.get(caller.tenant, id)
    if found is None:
        batch, numbers = await _batch(services, caller, new, id, digest)
        await services.store.batches.add(batch, numbers)
        found = BatchCounted(batch, len(numbers), {})
    elif found.batch.digest != digest:
        raise problem("key_reused")
    if found.batch.ended_at is None:
        await services.case_client.start_batch(caller.tenant, id)
    return found


async def _batch(
    services: Services, caller: Principal, new: NewBatch, id: str, digest: str
) -> tuple[Batch, list[str]]:
    if new.kind not in CURRENT:
        raise invalid("/kind", "unknown_kind", f"There are {', '.join(sorted(CURRENT))}.")
    if new.step in NOT_IN_BATCHES:
        raise invalid("/step", "not_in_batches", "This act is for one case at a time.")
    step = _with_reason(new)
    check_form([CURRENT[new.kind]], step, "/form")
    command = await deed_of(services, caller, step, "/form", None)
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


def _with_reason(new: NewBatch) -> StepBody:
    """The step; if its form has a reason in words and none is given, the batch's."""
    shape = form_in(CURRENT[new.kind], new.step)
    plain = StepBody(step=new.step, form=new.form)
    if shape is None or "reason" in new.form or "reason" not in shape.model_fields:
        return plain
    form = {**new.form, "reason": new.reason}
    try:
        asked_form(shape).strict(form)
    except WrongForm as error:
        # What else is wrong with the form is told as it is; a reason that fits is not asked for.
        if any(each["pointer"] == "/reason" for each in cast("_Wrong", error.params["errors"])):
            return plain
    return StepBody(step=new.step, form=form)


async def _numbers(services: Services, caller: Principal, new: NewBatch) -> list[str]:
    """All that fit, as the list stands now."""
    which = CaseFilter(
        kind=new.kind, due_by=new.where.due_by(utc_now()), **new.where.model_dump(exclude=DUE)
    )
    numbers: list[str] = []
    after: Cursor | None = None
    while True:
        page = await services.store.cases.page(caller.tenant, which, after, PART)
        # The engine judges each case by itself, whatever became of its row.
        numbers += [*(case.number for case in page.items), *page.corrupt]
        if len(numbers) > MOST:
            raise problem("too_many_cases", most=MOST)
        if page.next is None:
            break
        after = page.next
    if not numbers:
        raise problem("no_case_fits")
    return numbers


def _id(caller: Principal, key: str | None) -> str:
    if key is None:
        return secrets.token_hex(8)
    told = f"{caller.tenant}\n{caller.client}\n{key}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _digest(new: NewBatch) -> str:
    return hashlib.sha256(canonical_json(new.model_dump(mode="json")).encode()).hexdigest()
