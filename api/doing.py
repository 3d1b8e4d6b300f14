"""Handing in steps: what is known is checked here, the engine decides, the answer waits for it."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from fastapi import Response, status
from pydantic import JsonValue

from api.answers import Done
from api.auth import Principal
from api.bodies import Handing, StepBody
from api.desk import Refused
from api.intake import wrong_form
from api.numbers import check_number, etag, read_etag, read_key
from api.parts import Parts
from api.problems import Problem, invalid, problem, under
from cases import CURRENT, KINDS
from domain.acts import ACTS
from domain.canonical import canonical_json
from domain.case import Assignment
from domain.errors import WrongForm
from domain.forms import Form
from domain.messages import Deed, Request
from domain.numbers import prefix_of
from domain.process import Process
from domain.views import CaseView
from store.errors import StoreDown

HANDING = "assign"


@dataclass(frozen=True)
class Told:
    """What a request says besides its steps; `task` is the seq of the task it is about."""

    key: str | None
    if_match: int | None
    task: int | None = None


def told(key: str | None, if_match: str | None, task: int | None = None) -> Told:
    """The headers, read."""
    return Told(read_key(key), read_etag(if_match), task)


async def hand_in(
    parts: Parts,
    caller: Principal,
    number: str,
    steps: Sequence[StepBody],
    told: Told,
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
    seen = await _look(parts, caller, number)
    tables = tables_of(number, seen)
    for step, pointer in zip(steps, pointers, strict=True):
        check_form(tables, step, pointer)
    places = zip(steps, pointers, strict=True)
    deeds = [await _deed(parts, caller, step, pointer) for step, pointer in places]
    request = Request(
        tenant=caller.tenant,
        id=f"{caller.client}:{told.key}" if told.key else uuid.uuid4().hex,
        actor=caller.actor(seen.customer if seen else None),
        deeds=tuple(deeds),
        if_match=told.if_match,
        task=told.task,
        digest=_digest(steps, told.task),
        attempt=uuid.uuid4().hex,
    )
    try:
        taken = await parts.desk.take(number, request, parts.settings.until_recorded)
    except Refused as refused:
        raise as_problem(refused, tables[0].kind, pointers) from refused
    if taken.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    if not taken.recorded:
        response.status_code = status.HTTP_202_ACCEPTED
        return Done(receipt=taken.receipt, case=None)
    return await _done(parts, caller, number, Done(receipt=taken.receipt, case=None), response)


def tables_of(number: str, seen: CaseView | None) -> list[Process]:
    """The case's own table, or, as long as we do not know its version, all of its kind's.

    Raises:
        Problem: no kind has these letters.
    """
    if seen is not None:
        return [KINDS[seen.kind, seen.process_version]]
    kinds = {process.kind for process in CURRENT.values() if process.prefix == prefix_of(number)}
    versions = sorted(
        (p for p in KINDS.values() if p.kind in kinds), key=lambda p: p.version, reverse=True
    )
    if not versions:
        raise problem("not_found")
    return versions


def check_form(tables: Sequence[Process], step: StepBody, pointer: str) -> None:
    """Refuse a step that no version of the kind knows, and a form that fits none of the tables.

    A step that only other versions know is left to the engine: it is not offered.
    """
    kind = tables[0].kind
    known = sorted({name for p in KINDS.values() if p.kind == kind for name in p.forms})
    if step.step not in (*known, *ACTS):
        raise problem("no_such_step", kind=kind, step=step.step, steps=known)
    shapes = [asked_form(form) for table in tables if (form := form_in(table, step.step))]
    refused: list[WrongForm] = []
    for shape in shapes:
        try:
            shape.strict(step.form)
            return
        except WrongForm as error:
            refused.append(error)
    if refused:
        raise wrong_form(refused[0], pointer, kind)


def form_in(table: Process, step: str) -> type[Form] | None:
    """The form of a step, or of an act on the task."""
    return table.forms.get(step) or ACTS.get(step, (None, None))[0]


def asked_form(form: type[Form]) -> type[Form]:
    """What a caller hands in: of an assignment, all but the roles, which are looked up."""
    return Handing if form is Assignment else form


async def _deed(parts: Parts, caller: Principal, step: StepBody, pointer: str) -> Deed:
    """The deed; the roles of whoever is to be assigned are those that the store knows of."""
    if step.step != HANDING:
        return Deed(step=step.step, form=step.form)
    handing = Handing.model_validate(step.form)
    person = await parts.doorman.colleague(caller.tenant, handing.assignee)
    if person is None or not person.active:
        raise problem("unknown_staff", who=handing.assignee)
    if handing.team is not None:
        await _check_team(parts, caller, handing.team, pointer)
    form = handing.model_dump(mode="json")
    return Deed(step=HANDING, form={**form, "roles": list(person.roles)})


async def _check_team(parts: Parts, caller: Principal, team: str, pointer: str) -> None:
    """Refuse a team that nobody is in the list of; while the store is down it is believed."""
    with suppress(StoreDown):
        if team not in {each.id for each in await parts.store.people.teams(caller.tenant)}:
            raise invalid(f"{pointer}/team", "unknown_team", "There is no such team.")


async def _look(parts: Parts, caller: Principal, number: str) -> CaseView | None:
    """The case's row; None if it is not there yet or the store is down."""
    try:
        seen = await parts.store.cases.get(caller.tenant, number)
    except StoreDown:
        return None
    if seen is not None and not caller.sees(seen.source):
        raise problem("not_found")
    return seen


async def _done(
    parts: Parts, caller: Principal, number: str, done: Done, response: Response
) -> Done:
    with suppress(StoreDown):
        case = await parts.store.cases.get(caller.tenant, number)
        if case is not None:
            response.headers["ETag"] = etag(case.etag)
        return done.model_copy(update={"case": case})
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
