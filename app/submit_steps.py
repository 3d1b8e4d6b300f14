"""Submit steps to a case: check what is known here, let the engine decide, wait for the record."""

import hashlib
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydantic import JsonValue

from app.authentication import Principal
from app.authorization import check_case
from app.errors import AppError, UnknownStaff, invalid, refused
from app.leavers import return_if_unfit
from app.outside import shown_params, shown_row
from app.read_cases import check_number, find_case_row
from app.related_cases import refuse_because_of_others
from app.services import Services
from app.step_forms import parse_form, processes_of
from cases import KINDS
from domain.canonical import canonical_json
from domain.engine.action_forms import AssignmentRequest
from domain.engine.messages import Command, Receipt, Request
from domain.errors import NotACandidate, Refusal
from domain.language.forms import Form
from domain.read_models.projection import CaseView
from store.db.clock import utc_now
from store.errors import CorruptRow, StoreDown
from temporal.results import Refused, SubmitResult

NO_ROLES: list[JsonValue] = ["-"]
"""The roles of an assignee who does not exist: no task takes them."""


@dataclass(frozen=True)
class SubmittedSteps:
    """What came of submitted steps, which are durable.

    `receipt` is None until they are recorded, `case` is the row that records them, unless the
    store cannot be read. `replayed`: an earlier request with the same key did it.
    """

    receipt: Receipt | None
    case: CaseView | None
    replayed: bool


async def submit_steps(
    services: Services,
    caller: Principal,
    number: str,
    commands: Sequence[Command],
    *,
    key: str | None = None,
    if_match: Sequence[int] | None = None,
    task: int | None = None,
    pointers: Sequence[str] = ("",),
) -> SubmittedSteps:
    """Submit steps to a case, all of them or none, and wait until they are recorded.

    Args:
        services: the store and the case client to use.
        caller: who takes the steps.
        number: the case's number.
        commands: the steps in their order, each with its form as the caller wrote it.
        key: the caller's idempotency key: with it the steps are taken once.
        if_match: the versions (ETags) of the case that the steps are for; None for any.
        task: the seq of the task that the steps are about.
        pointers: where in the caller's input the form of each step is.

    Raises:
        AppError: nothing happened.
        EngineDown: whether it happened is unknown; repeat with the same key.
    """
    check_number(number)
    case_row = await _find_visible_row(services, caller, number)
    processes = processes_of(number, case_row)
    forms = [parse_form(processes, *each) for each in zip(commands, pointers, strict=True)]
    request = Request(
        tenant=caller.tenant,
        id=f"{caller.client}:{key}" if key else uuid.uuid4().hex,
        actor=caller.actor(case_row.customer if case_row else None),
        commands=tuple(
            [
                await complete_command(services, caller, *each, repeatable=bool(key))
                for each in zip(commands, forms, pointers, strict=True)
            ]
        ),
        if_match=_seen(if_match),
        task=task,
        digest=_digest(commands, task),
        attempt=uuid.uuid4().hex,
    )
    try:
        await _refuse_because_of_others(services, number, request)
        result = await services.case_client.submit(number, request, services.record_timeout)
    except Refusal as error:
        raise refused(error, processes[0].kind, pointers[0]) from error
    except Refused as error:
        shown = Refused(error.code, shown_params(caller, error.params), str(error))
        raise _refusal(shown, request, processes[0].kind, pointers[0]) from error
    return await _submitted(services, caller, number, result)


def _seen(if_match: Sequence[int] | None) -> int | tuple[int, ...] | None:
    """Return the versions as a request has them; one is a number, which older workers can read."""
    if if_match is None:
        return None
    return if_match[0] if len(if_match) == 1 else tuple(if_match)


async def complete_command(
    services: Services,
    caller: Principal,
    command: Command,
    form: Form | None,
    pointer: str,
    *,
    repeatable: bool,
) -> Command:
    """Return the command for the engine: an assignment gets the assignee's roles from the store.

    A repeatable request may be a repetition, which only the engine knows. So an assignee who does
    not exist is given a role that no task takes: a repetition gets its answer, anything new is
    refused.

    Raises:
        UnknownStaff: nobody active has this id, and it cannot be a repetition.
        Unacceptable: there is no such team.
    """
    if not isinstance(form, AssignmentRequest):
        return command
    person = await services.authenticator.colleague(caller.tenant, form.assignee)
    if not repeatable and not (person and person.active):
        raise UnknownStaff(form.assignee)
    if form.team is not None:
        await _check_team(services, caller, form.team, pointer)
    roles: list[JsonValue] = [*person.roles] if person and person.active else NO_ROLES
    return Command(step=command.step, form={**form.model_dump(mode="json"), "roles": roles})


async def _find_visible_row(services: Services, caller: Principal, number: str) -> CaseView | None:
    """Return the case's row; None if it is not recorded yet or the store is down."""
    try:
        case_row = await find_case_row(services, caller.tenant, number)
    except StoreDown:
        return None
    return None if case_row is None else check_case(caller, case_row)


async def _refuse_because_of_others(services: Services, number: str, request: Request) -> None:
    """Hold the request against other cases; while the store is down nobody knows them."""
    with suppress(StoreDown, CorruptRow):
        await refuse_because_of_others(services.store, KINDS, number, request, utc_now())


async def _check_team(services: Services, caller: Principal, team: str, pointer: str) -> None:
    """Refuse a team that does not exist; while the store is down the caller is believed."""
    with suppress(StoreDown):
        teams = sorted(each.id for each in await services.store.people.teams(caller.tenant))
        if team not in teams:
            raise invalid(f"{pointer}/team", "unknown_team", "There is no such team.", teams=teams)


def _refusal(error: Refused, request: Request, kind: str, pointer: str) -> AppError:
    """Return the engine's refusal; an assignee who does not exist is called just that."""
    missing = {
        command.form["assignee"]
        for command in request.commands
        if command.form.get("roles") == NO_ROLES
    }
    who = error.params.get("who")
    if error.code == NotACandidate.code and who in missing:
        return UnknownStaff(str(who))
    return refused(error, kind, pointer)


async def _submitted(
    services: Services, caller: Principal, number: str, result: SubmitResult
) -> SubmittedSteps:
    case_row = None
    if result.recorded:
        with suppress(StoreDown):
            case_row = await find_case_row(services, caller.tenant, number)
        if case_row is not None:
            case_row = await return_if_unfit(services, caller, case_row)
    shown = shown_row(caller, case_row) if case_row else None
    return SubmittedSteps(result.receipt, shown, result.replayed)


def _digest(commands: Sequence[Command], task: int | None) -> str:
    """Return the hash that tells this request from another one with the same key."""
    steps: JsonValue = [{"step": command.step, "form": command.form} for command in commands]
    return hashlib.sha256(canonical_json({"steps": steps, "task": task}).encode()).hexdigest()
