"""Starting a case, once: the customer's data and a number in one transaction, then the workflow."""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from api.cases.schemas import CustomerBody, NewCase
from api.http.problems import invalid, problem, wrong_form
from app.authentication import Principal
from app.read_cases import row_of
from app.services import Services
from cases import CURRENT
from domain.canonical import canonical_json
from domain.engine.messages import Opening
from domain.engine.process import Process
from domain.errors import WrongForm
from domain.language.forms import Form
from domain.read_models.projection import CaseView
from store.customers.records import Contact, CustomerGiven
from store.db.clock import utc_now
from store.errors import KeyReused, StoreDown, UnknownCustomer, WrongContact
from store.intake.records import Answer, Identified, Reservation, Reserved

BACK = timedelta(days=7)
SKEW = timedelta(minutes=1)
"""A caller's clock may be this much ahead of ours; what it says then counts as now."""

LOOK_EVERY = timedelta(milliseconds=25)
CREATED, ACCEPTED = 201, 202


@dataclass(frozen=True)
class StartedCase:
    """What is answered to a start; `replayed` if it was answered before."""

    number: str
    answer: Answer
    replayed: bool = False


async def start(
    services: Services,
    caller: Principal,
    new: NewCase,
    key: str | None,
    patience: timedelta | None = None,
) -> StartedCase:
    """Start a case, or say again what was answered when it was started.

    Raises:
        Problem: and nothing was started.
        StoreDown, EngineDown: repeat with the same key or reference.
    """
    wanted = _identified(caller, new, key, utc_now())
    # Only what is new is checked: a repetition gets its answer, whatever has changed since.
    reserved = await _again(services, caller, wanted) or await _reserve(
        services, caller, new, wanted
    )
    if reserved.answered is not None:
        return StartedCase(reserved.number, reserved.answered, replayed=True)
    if reserved.in_progress:
        raise problem("in_progress")
    opening = _opening(services, caller, new, wanted, reserved)
    await services.case_client.start(opening)
    return await _answer(services, opening, patience or services.record_timeout)


def _identified(caller: Principal, new: NewCase, key: str | None, at: datetime) -> Identified:
    if key is None and new.external_ref is None:
        raise problem("key_missing")
    return Identified(
        digest=_digest(new),
        now=at,
        key=(caller.client, key) if key else None,
        ref=(caller.source, new.external_ref) if new.external_ref else None,
    )


async def _again(services: Services, caller: Principal, wanted: Identified) -> Reserved | None:
    try:
        return await services.store.intake.again(caller.tenant, wanted)
    except KeyReused:
        raise problem("key_reused") from None


async def _reserve(
    services: Services, caller: Principal, new: NewCase, wanted: Identified
) -> Reserved:
    process, _ = _form_of(new)
    _check_received(new, wanted.now)
    if new.parent is not None:
        await _check_parent(services, caller, new.parent)
    reservation = Reservation(
        digest=wanted.digest,
        now=wanted.now,
        key=wanted.key,
        ref=wanted.ref,
        prefix=process.prefix,
        day=wanted.now.astimezone(services.business_zone).date(),
        source=caller.source,
        customer=_customer(new.customer),
    )
    try:
        return await services.store.intake.reserve(caller.tenant, reservation)
    except KeyReused:
        raise problem("key_reused") from None
    except UnknownCustomer:
        raise problem("unknown_customer") from None
    except WrongContact as error:
        raise invalid("/customer/contacts", "wrong_contact", str(error)) from None


def _opening(
    services: Services, caller: Principal, new: NewCase, wanted: Identified, reserved: Reserved
) -> Opening:
    process, form = _form_of(new)
    at = wanted.now
    return Opening(
        tenant=caller.tenant,
        number=reserved.number,
        kind=process.kind,
        process_version=process.version,
        policy_version=services.policy_version,
        source=caller.source,
        external_ref=new.external_ref,
        channel=new.channel.value,
        received_at=min(new.received_at or at, at),
        customer=reserved.customer,
        order=new.order,
        product=new.product,
        parent=new.parent,
        proposal=process.propose(form),
        form=form.canonical(),
        actor=caller.actor(reserved.customer),
        request=wanted.key[1] if wanted.key else f"ref:{_hash(new.external_ref)}",
        digest=_digest(new, without=("customer",)),
    )


async def _answer(services: Services, opening: Opening, patience: timedelta) -> StartedCase:
    """Wait for the row, then keep the answer; the case is durable even if the store is down now."""
    answer = Answer(ACCEPTED, {"number": opening.number})
    with suppress(StoreDown):
        if view := await _recorded(services, opening, patience):
            answer = Answer(CREATED, {"case": view.model_dump(mode="json")})
        await services.store.intake.answer(
            opening.tenant, opening.number, answer.status, answer.body
        )
    return StartedCase(opening.number, answer)


async def _recorded(services: Services, opening: Opening, patience: timedelta) -> CaseView | None:
    give_up = asyncio.get_running_loop().time() + patience.total_seconds()
    while True:
        if view := await services.store.cases.get(opening.tenant, opening.number):
            return view
        if asyncio.get_running_loop().time() >= give_up:
            return None
        await asyncio.sleep(LOOK_EVERY.total_seconds())


def _form_of(new: NewCase) -> tuple[Process, Form]:
    process = CURRENT.get(new.kind)
    if process is None:
        raise invalid("/kind", "unknown_kind", f"The kinds are {', '.join(sorted(CURRENT))}.")
    try:
        return process, process.opens_with.strict(new.form)
    except WrongForm as refused:
        raise wrong_form(refused, "/form", process.kind) from None


def _check_received(new: NewCase, at: datetime) -> None:
    told = new.received_at or at
    if told > at + SKEW:
        raise invalid("/received_at", "in_the_future", "This is in the future.")
    if told < at - BACK:
        raise invalid("/received_at", "too_long_ago", "This is more than 7 days ago.")


async def _check_parent(services: Services, caller: Principal, number: str) -> None:
    found = await row_of(services, caller.tenant, number)
    if found is None or not caller.sees(found.source):
        raise invalid("/parent", "unknown_case", "There is no such case.")


def _customer(given: CustomerBody | None) -> CustomerGiven:
    if given is None:
        return CustomerGiven()
    contacts = tuple(Contact(each.kind.value, each.value) for each in given.contacts)
    return CustomerGiven(ref=given.ref, name=given.name, contacts=contacts)


def _digest(new: NewCase, without: tuple[str, ...] = ()) -> str:
    """The hash that tells one body from another.

    The one that goes into history leaves the customer out: with the rest known, a phone number
    could be found by trying all of them.
    """
    body: JsonValue = new.model_dump(mode="json", exclude_unset=True, exclude=set(without))
    return _hash(body)


def _hash(what: JsonValue) -> str:
    return hashlib.sha256(canonical_json(what).encode()).hexdigest()
