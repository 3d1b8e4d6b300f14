"""What a new batch is made of, its cases and its command; what is wrong with it is refused."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from app.authentication import Principal
from app.authorization import Right, check_right, reach_of
from app.errors import (
    AppError,
    BatchRuns,
    FieldFault,
    NoCaseFits,
    NothingFailed,
    NothingToDo,
    TooManyCases,
    Unacceptable,
    invalid,
)
from app.filters import refuse_unknown_names, unknown_kind
from app.policy import check_policy_change
from app.services import Services
from app.step_forms import form_of, parse_form
from app.submit_steps import complete_command
from cases import CURRENT
from domain.batches import FAILED_OUTCOMES, NOT_IN_BATCHES, Batch, BatchOutcome, BatchState
from domain.canonical import canonical_json
from domain.engine.action_forms import request_form
from domain.engine.messages import Command
from domain.engine.process import Process
from domain.engine.task_actions import OFFERED_ACTIONS
from domain.errors import WrongForm
from domain.language.values import Code, Text
from store.cases.records import CaseFilter, CaseWhere
from store.db.clock import utc_now

MAX_CASES = 10_000
MAX_FAULTS = 20
"""Of so many wrong numbers the first are named."""
ANY_PROCESS = next(iter(CURRENT.values()))
"""Acts on tasks have the same forms in all kinds."""


class NewBatch(BaseModel):
    """A step, or an act on the task, for every case of a kind that fits the filter.

    Or for cases that are named one by one; then the kind may be left out for an act on the task,
    and the cases may be of several kinds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Code | None = None
    where: CaseWhere = CaseWhere()
    numbers: Annotated[
        tuple[Code, ...] | None,
        Field(
            min_length=1,
            max_length=MAX_CASES,
            description="The cases, in place of `where`; each counts once.",
        ),
    ] = None
    step: Code
    form: Annotated[dict[str, JsonValue], Field(description="The form of the step.")] = {}
    reason: Text
    dry_run: bool = False

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        refuse_unknown_names(self.where, self.kind, "where")
        return self


@dataclass(frozen=True)
class PreparedBatch:
    """A batch that is not written down yet, with its cases.

    `origins` names, by case, the batch whose request is sent again.
    """

    batch: Batch
    numbers: Sequence[str]
    origins: Mapping[str, str] = field(default_factory=dict)


async def prepare(
    services: Services, caller: Principal, new: NewBatch, id: str, digest: str
) -> PreparedBatch:
    """Return the batch that was asked for.

    Raises:
        AppError: it cannot be.
    """
    process = _process(new)
    if new.step in NOT_IN_BATCHES:
        raise invalid("/step", "not_in_batches", "This act is for one case at a time.")
    command = _with_reason(new, process)
    form = parse_form([process], command, "/form")
    command = await complete_command(services, caller, command, form, "/form", repeatable=False)
    numbers = await _numbers(services, caller, new)
    batch = Batch(
        tenant=caller.tenant,
        id=id,
        at=utc_now(),
        actor=caller.actor(),
        kind=new.kind or "",
        command=command,
        reason=new.reason,
        dry_run=new.dry_run,
        which=new.where.model_dump(mode="json", exclude_none=True),
        digest=digest,
        size=len(numbers),
    )
    return PreparedBatch(batch, numbers)


async def prepare_retry(
    services: Services, caller: Principal, failed: Batch, id: str
) -> PreparedBatch:
    """Return the batch that tries the failed cases of another one again.

    Raises:
        BatchRuns: that one is not over yet.
        NothingFailed
        AppError: it cannot be.
    """
    return await _prepare_again(services, caller, failed, id, FAILED_OUTCOMES, NothingFailed)


async def prepare_real(
    services: Services, caller: Principal, trial: Batch, id: str
) -> PreparedBatch:
    """Return the batch that does what a dry run found could be done.

    Raises:
        BatchRuns: the dry run is not over yet.
        NothingToDo: it found nothing that could be done, or was none.
        AppError: it cannot be.
    """
    outcomes = (BatchOutcome.WOULD,)
    prepared = await _prepare_again(services, caller, trial, id, outcomes, NothingToDo)
    return replace(prepared, batch=prepared.batch.model_copy(update={"dry_run": False}))


async def _prepare_again(
    services: Services,
    caller: Principal,
    earlier: Batch,
    id: str,
    outcomes: Collection[BatchOutcome],
    if_none: type[AppError],
) -> PreparedBatch:
    """Return the batch that does the same in those cases of another one of which this became."""
    await check_policy_change(services, caller, earlier.command)
    if earlier.ended_at is None:
        raise BatchRuns
    items = await services.store.batch_items.with_outcomes(caller.tenant, earlier.id, outcomes)
    if not items:
        raise if_none
    batch = earlier.model_copy(
        update={
            "id": id,
            "at": utc_now(),
            "actor": caller.actor(),
            "command": await _command_of_today(services, caller, earlier),
            "size": len(items),
            "state": BatchState.RUNNING,
            "ended_at": None,
            "retries": earlier.id,
        }
    )
    origins = {
        item.number: item.origin or earlier.id
        for item in items
        if item.came == BatchOutcome.UNANSWERED
    }
    return PreparedBatch(batch, [item.number for item in items], origins)


async def _command_of_today(services: Services, caller: Principal, batch: Batch) -> Command:
    """Return the command of a batch; an assignment with the roles that the assignee has now."""
    command, process = batch.command, CURRENT.get(batch.kind, ANY_PROCESS)
    form_type = form_of(process, command.step)
    if form_type is None or request_form(form_type) is form_type:
        return command
    sent = {name: value for name, value in command.form.items() if name != "roles"}
    form = request_form(form_type).lenient(sent)
    return await complete_command(services, caller, command, form, "", repeatable=False)


def _process(new: NewBatch) -> Process:
    """Return the process whose forms the step is read by.

    Raises:
        Unacceptable: there is no such kind, or the kind is needed.
    """
    if new.kind is not None:
        if new.kind not in CURRENT:
            raise unknown_kind("/kind")
        return CURRENT[new.kind]
    if new.numbers is None or new.step not in OFFERED_ACTIONS:
        raise invalid(
            "/kind",
            "kind_needed",
            "Say of which kind; only an act on the tasks of cases that are named needs none.",
        )
    return ANY_PROCESS


def _with_reason(new: NewBatch, process: Process) -> Command:
    """Return the command; a form that takes a reason and has none gets the batch's."""
    form = form_of(process, new.step)
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
    """Return the numbers of the cases that are named, or of all that fit as the list stands now."""
    if new.numbers is None:
        case_filter = CaseFilter(kind=new.kind, **new.where.model_dump())
        # The engine judges each case by itself, whatever became of its row.
        most = MAX_CASES + 1
        return checked_numbers(await services.store.cases.numbers(caller.tenant, case_filter, most))
    if new.where != CaseWhere():
        raise invalid("/where", "where_with_numbers", "Name cases or say which fit, not both.")
    numbers = [*dict.fromkeys(new.numbers)]
    kinds = await services.store.cases.kinds(caller.tenant, numbers)
    faults = _faults(new, kinds)
    if faults:
        raise Unacceptable(*faults)
    return numbers


def _faults(new: NewBatch, kinds: Mapping[str, str]) -> list[FieldFault]:
    """Return what is wrong with the first of the numbers that are."""
    faults = (
        FieldFault(f"/numbers/{place}", code, detail, {"number": number})
        for place, number in enumerate(new.numbers or ())
        if (wrong := _fault_of(new, kinds.get(number)))
        for code, detail in [wrong]
    )
    return [*islice(faults, MAX_FAULTS)]


def _fault_of(new: NewBatch, kind: str | None) -> tuple[str, str] | None:
    if kind is None:
        return "unknown_case", "There is no such case."
    if new.kind not in (None, kind):
        return "other_kind", "This case is of another kind."
    return None


async def select_cases(
    services: Services, caller: Principal, where: Sequence[CaseFilter]
) -> list[str]:
    """Return the numbers of all cases of a list, which a batch can name: "all 214 of this view".

    `where` are the filters that must all be matched, as `InboxQuery.where` has them.

    Raises:
        Forbidden: only leads, managers and administrators may.
        TooManyCases: there are more than a batch may have.
        NoCaseFits
        StoreDown
    """
    check_right(caller, Right.ACT_ON_MANY_CASES)
    most, reach = MAX_CASES + 1, reach_of(caller)
    return checked_numbers(await services.store.inbox.numbers(caller.tenant, where, most, reach))


def checked_numbers(numbers: list[str]) -> list[str]:
    """Return the numbers of cases, if a batch can have them.

    Raises:
        TooManyCases, NoCaseFits
    """
    if len(numbers) > MAX_CASES:
        raise TooManyCases(MAX_CASES)
    if not numbers:
        raise NoCaseFits
    return numbers


def digest_of(new: NewBatch) -> str:
    """Return the hash that tells this request from another one with the same key."""
    # Without numbers it is what it was before cases could be named.
    unsaid = {"numbers"} if new.numbers is None else None
    body = new.model_dump(mode="json", exclude=unsaid)
    return hashlib.sha256(canonical_json(body).encode()).hexdigest()
