"""Submit steps to a case: check what is known here, let the engine decide, wait for the record."""

import hashlib
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from pydantic import JsonValue

from app.authentication import Principal
from app.authorization import reads_inside
from app.colleagues import is_vendor
from app.errors import AppError, UnknownStaff, invalid
from app.expected_errors import refused
from app.leavers import return_if_unfit
from app.merging import check_merge, refuse_unmerged
from app.order_turns import order_turn
from app.outside import shown_params, shown_row
from app.policy import kept_under
from app.read_cases import check_number, check_shown, find_case_row
from app.related_cases import refuse_because_of_others, with_given_elsewhere
from app.services import Services
from app.side_tasks import as_on_request, check_asking
from app.step_forms import parse_form, processes_of, references
from app.unit_claims import as_shown, claim_again
from cases import KINDS
from domain.canonical import canonical_json
from domain.engine.action_forms import AssignmentRequest
from domain.engine.kept_policy import KeptPolicy
from domain.engine.messages import Command, Receipt, Request
from domain.engine.process import Process
from domain.engine.side_forms import AssistanceAnswerInput, AssistanceRequest, RequestClaimInput
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
    if case_row is not None:
        check_asking(caller, commands)
    digest = _digest(commands, task)
    commands, task = await as_on_request(services, caller, number, commands, task)
    processes = processes_of(number, case_row)
    parsed = _parse(processes, await _policy(services, case_row), commands, pointers)
    complete = partial(complete_command, services, caller, repeatable=bool(key))
    request = Request(
        tenant=caller.tenant,
        id=request_id(caller, key) if key else uuid.uuid4().hex,
        actor=caller.actor(case_row.customer if case_row else None),
        commands=tuple([await complete(*each) for each in parsed]),
        if_match=_seen(if_match),
        task=task,
        digest=digest,
        attempt=uuid.uuid4().hex,
    )
    try:
        result = await _submit_checked(services, caller, number, request, pointers[0])
    except Refusal as error:
        shown_refusal = await as_shown(services, caller, error)
        raise refused(shown_refusal, processes[0].kind, pointers[0]) from error
    except Refused as error:
        shown = Refused(error.code, shown_params(caller, error.params), str(error))
        raise _refusal(shown, request, processes[0].kind, pointers[0]) from error
    return await _submitted(services, caller, number, result)


def request_id(caller: Principal, key: str) -> str:
    """Return the id that a request with this key has in the engine and in the entries."""
    return f"{caller.client}:{key}"


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

    What the members of a team do with a request gets the caller's teams.

    A repeatable request may be a repetition, which only the engine knows. So an assignee who does
    not exist is given a role that no task takes: a repetition gets its answer, anything new is
    refused.

    Raises:
        UnknownStaff: nobody active has this id, and it cannot be a repetition.
        Unacceptable: there is no such team, vendor or owner.
    """
    if form is not None and reads_inside(caller):
        await _check_vendors(services, caller, form, pointer)
        await _check_owners(services, caller, form, pointer)
    if isinstance(form, RequestClaimInput | AssistanceAnswerInput):
        teams: list[JsonValue] = [*caller.teams]
        return Command(step=command.step, form={**form.model_dump(mode="json"), "teams": teams})
    if isinstance(form, AssistanceRequest):
        await _check_team(services, caller, form.team, pointer)
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
        return None if case_row is None else await check_shown(services, caller, case_row)
    except StoreDown:
        return None


async def _policy(services: Services, case_row: CaseView | None) -> KeptPolicy | None:
    """Return the policy of a case; None while that is not known."""
    with suppress(StoreDown):
        if case_row is not None:
            return await kept_under(services, case_row.tenant, case_row.policy_version)
    return None


def _parse(
    processes: Sequence[Process],
    policy: KeptPolicy | None,
    commands: Sequence[Command],
    pointers: Sequence[str],
) -> list[tuple[Command, Form | None, str]]:
    """Return the commands, each with its form and where that is in what was sent.

    Raises:
        NoSuchStep, FormRefused, CannotConvert
    """
    return [
        (command, parse_form(processes, command, pointer, policy), pointer)
        for command, pointer in zip(commands, pointers, strict=True)
    ]


async def _submit_checked(
    services: Services, caller: Principal, number: str, request: Request, pointer: str
) -> SubmitResult:
    """Submit a request in its turn; of a merge hold what else is known against it, and its end."""
    await check_merge(services, caller, number, request, pointer)
    result = await _submit_in_turn(services, number, request)
    await refuse_unmerged(services, caller, request, result.receipt)
    return result


async def _submit_in_turn(services: Services, number: str, request: Request) -> SubmitResult:
    async with order_turn(services.store, KINDS, number, request) as turn:
        await _refuse_because_of_others(services, number, request)
        with suppress(StoreDown, CorruptRow):
            request = await with_given_elsewhere(services.store, KINDS, number, request)
        result = await _submit(services, number, request)
        turn.settled = result.recorded
        return result


async def _refuse_because_of_others(services: Services, number: str, request: Request) -> None:
    """Hold the request against other cases; while the store is down nobody knows them."""
    with suppress(StoreDown, CorruptRow):
        await refuse_because_of_others(services.store, KINDS, number, request, utc_now())


async def _submit(services: Services, number: str, request: Request) -> SubmitResult:
    """Submit a request; if it opens a case again, its units are claimed before.

    What was claimed for a request that the engine refuses all the same is free again in a minute:
    another request may just have opened the case.
    """
    with suppress(StoreDown, CorruptRow):
        await claim_again(services.store, KINDS, number, request, utc_now())
    return await services.case_client.submit(number, request, services.record_timeout)


async def _check_team(services: Services, caller: Principal, team: str, pointer: str) -> None:
    """Refuse a team that does not exist; while the store is down the caller is believed."""
    with suppress(StoreDown):
        teams = sorted(each.id for each in await services.store.people.teams(caller.tenant))
        if team not in teams:
            raise invalid(f"{pointer}/team", "unknown_team", "There is no such team.", teams=teams)


async def _check_vendors(services: Services, caller: Principal, form: Form, pointer: str) -> None:
    """Refuse whom no vendor is, working for us or not any more; the store may be down, as above."""
    for field, id in references(form, "vendor").items():
        with suppress(StoreDown):
            person = await services.authenticator.colleague(caller.tenant, id)
            if person is None or not is_vendor(person):
                where, detail = f"{pointer}/{field}", "No vendor of ours has this id."
                raise invalid(where, "unknown_vendor", detail, vendor=id)


async def _check_owners(services: Services, caller: Principal, form: Form, pointer: str) -> None:
    """Refuse who is neither one of the staff now nor a team; the store may be down, as above."""
    for field, id in references(form, "owner").items():
        with suppress(StoreDown):
            person = await services.authenticator.colleague(caller.tenant, id)
            if person is not None and person.active:
                continue
            if id not in {team.id for team in await services.store.people.teams(caller.tenant)}:
                where, detail = f"{pointer}/{field}", "Neither a person nor a team has this id."
                raise invalid(where, "unknown_owner", detail, owner=id)


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
