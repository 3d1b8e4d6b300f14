"""Handing in steps: what is known is checked here, the engine decides, the answer waits for it."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from fastapi import Response, status
from pydantic import JsonValue

from api.http.headers import check_number, etag, read_etag, read_key
from api.http.problems import Problem, invalid, problem, under
from api.http.schemas import CaseSummary
from api.steps.schemas import Done, StepBody
from api.tasks.schemas import Handing
from app.authentication import Principal
from app.read_cases import row_of
from app.services import Services
from app.step_forms import check_form, tables_of
from domain.canonical import canonical_json
from domain.engine.messages import Command, Request
from domain.errors import NotACandidate
from domain.read_models.projection import CaseView
from store.errors import StoreDown
from temporal.results import Refused

HANDING = "assign"
NO_ROLES: list[JsonValue] = ["-"]
"""The roles of somebody who is not there: no task takes them."""


@dataclass(frozen=True)
class RequestHeaders:
    """What a request says besides its steps; `task` is the seq of the task it is about."""

    key: str | None
    if_match: int | None
    task: int | None = None


def told(key: str | None, if_match: str | None, task: int | None = None) -> RequestHeaders:
    """The headers, read."""
    return RequestHeaders(read_key(key), read_etag(if_match), task)


async def submit_steps(
    services: Services,
    caller: Principal,
    number: str,
    steps: Sequence[StepBody],
    told: RequestHeaders,
    response: Response,
    pointers: Sequence[str] = ("",),
) -> Done:
    """Hand in steps, all or none; 200 when they are recorded, 202 when they are only durable.

    `pointers` say where in the body each step's form is.

    Raises:
        Problem, Refused: nothing happened.
        EngineDown: whether it happened is unknown; repeat with the same key.
    """
    check_number(number)
    seen = await _look(services, caller, number)
    tables = tables_of(number, seen)
    for step, pointer in zip(steps, pointers, strict=True):
        check_form(tables, step, pointer)
    places = zip(steps, pointers, strict=True)
    commands = [
        await deed_of(services, caller, step, pointer, told.key) for step, pointer in places
    ]
    request = Request(
        tenant=caller.tenant,
        id=f"{caller.client}:{told.key}" if told.key else uuid.uuid4().hex,
        actor=caller.actor(seen.customer if seen else None),
        commands=tuple(commands),
        if_match=told.if_match,
        task=told.task,
        digest=_digest(steps, told.task),
        attempt=uuid.uuid4().hex,
    )
    try:
        taken = await services.case_client.submit(number, request, services.record_timeout)
    except Refused as refused:
        _refuse_strangers(refused, commands)
        raise as_problem(refused, tables[0].kind, pointers) from refused
    if taken.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    if not taken.recorded:
        response.status_code = status.HTTP_202_ACCEPTED
        return Done(receipt=taken.receipt, case=None)
    return await _done(services, caller, number, Done(receipt=taken.receipt, case=None), response)


async def deed_of(
    services: Services, caller: Principal, step: StepBody, pointer: str, key: str | None
) -> Command:
    """The command; the roles of whoever is to be assigned are those that the store knows of.

    Under a key it may be a repetition, which only the engine knows. So somebody who is no longer
    there is handed on with a role that no task takes: a repetition gets its answer, anything new
    is refused.
    """
    if step.step != HANDING:
        return Command(step=step.step, form=step.form)
    handing = Handing.model_validate(step.form)
    person = await services.authenticator.colleague(caller.tenant, handing.assignee)
    if key is None and not (person and person.active):
        raise problem("unknown_staff", who=handing.assignee)
    if handing.team is not None:
        await _check_team(services, caller, handing.team, pointer)
    form = handing.model_dump(mode="json")
    roles: list[JsonValue] = [*person.roles] if person and person.active else NO_ROLES
    return Command(step=HANDING, form={**form, "roles": roles})


def _refuse_strangers(refused: Refused, commands: Sequence[Command]) -> None:
    """Say of somebody who is not there just that, rather than that they do not suit."""
    strangers = {
        command.form["assignee"] for command in commands if command.form.get("roles") == NO_ROLES
    }
    who = refused.params.get("who")
    if refused.code == NotACandidate.code and who in strangers:
        raise problem("unknown_staff", who=who) from refused


async def _check_team(services: Services, caller: Principal, team: str, pointer: str) -> None:
    """Refuse a team that nobody is in the list of; while the store is down it is believed."""
    with suppress(StoreDown):
        if team not in {each.id for each in await services.store.people.teams(caller.tenant)}:
            raise invalid(f"{pointer}/team", "unknown_team", "There is no such team.")


async def _look(services: Services, caller: Principal, number: str) -> CaseView | None:
    """The case's row; None if it is not there yet or the store is down."""
    try:
        seen = await row_of(services, caller.tenant, number)
    except StoreDown:
        return None
    if seen is not None and not caller.sees(seen.source):
        raise problem("not_found")
    return seen


async def _done(
    services: Services, caller: Principal, number: str, done: Done, response: Response
) -> Done:
    with suppress(StoreDown):
        case = await row_of(services, caller.tenant, number)
        if case is not None:
            response.headers["ETag"] = etag(case.etag)
        return done.model_copy(update={"case": case and CaseSummary.model_validate(case)})
    return done


def as_problem(refused: Refused, kind: str, pointers: Sequence[str] = ("",)) -> Problem:
    """The engine's refusal as an answer; a case one may not see is not there."""
    if refused.code == "not_your_case":
        return problem("not_found")
    params: dict[str, Any] = dict(refused.params)
    errors: Sequence[Mapping[str, Any]] = under(pointers[0], params.pop("errors", None) or ())
    return Problem(refused.code, params, errors, kind=kind, otherwise=str(refused))


def _digest(steps: Sequence[StepBody], task: int | None) -> str:
    body: JsonValue = {"steps": [step.model_dump(mode="json") for step in steps], "task": task}
    return hashlib.sha256(canonical_json(body).encode()).hexdigest()
