"""Start a case, once: customer and number in one transaction, then the workflow."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.authentication import Principal
from app.authorization import Right, check_right, sees_case
from app.errors import (
    Busy,
    InProgress,
    KeyMissing,
    KeyReused,
    Unacceptable,
    UnknownCustomer,
    invalid,
)
from app.expected_errors import field_faults, refused
from app.filters import unknown_kind
from app.order_goods import NewLines
from app.orders import goods_of_start
from app.outside import shown_row
from app.policy import policy_in_force
from app.read_cases import find_case_row
from app.services import Services
from app.unit_claims import as_shown, unit_in_case
from cases import CURRENT
from cases.common.proposals import proposal_of
from domain.canonical import canonical_json
from domain.engine.kept_policy import KeptPolicy
from domain.engine.messages import Opening
from domain.engine.process import Process
from domain.errors import WrongForm
from domain.language.channels import Channel
from domain.language.forms import Form, field_errors
from domain.language.values import Code, ExternalRef, Instant, Name, refers_to, visible
from domain.read_models.projection import CaseView
from store import errors as store_errors
from store.customers.records import Contact, ContactKind, CustomerInput
from store.db.clock import utc_now
from store.errors import StoreDown, WrongContact
from store.intake.records import (
    DURABLE,
    RECORDED,
    Reservation,
    Reserved,
    StartIdentity,
    StoredResponse,
)

MAX_CONTACTS = 10
MAX_AGE = timedelta(days=7)
"""A case may have been raised this long before it is entered."""
MAX_SKEW = timedelta(minutes=1)
"""A caller's clock may be this much ahead of ours; what it says then counts as now."""

POLL_INTERVAL = timedelta(milliseconds=25)
BULK_RECORD_TIMEOUT = timedelta(seconds=10)
"""How long a case of a bulk start may wait to be recorded before the rest is put off."""


class Input(BaseModel):
    """The base of what use cases are given; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NewContact(Input):
    """One way to reach a customer."""

    kind: ContactKind
    value: Annotated[
        str, Field(min_length=1, max_length=200, pattern=r"\S"), AfterValidator(visible)
    ]


class NewCustomer(Input):
    """A customer we know, by reference, or what is known of one."""

    ref: Annotated[Code, refers_to("customer")] | None = None
    name: Name | None = None
    contacts: Annotated[tuple[NewContact, ...], Field(max_length=MAX_CONTACTS)] = ()

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.ref is not None and (self.name is not None or self.contacts):
            raise PydanticCustomError(
                "not_both", "give a reference, or a name and contacts, not both"
            )
        return self


class NewCase(Input):
    """A case to be started."""

    kind: Code
    channel: Channel
    received_at: Instant | None = None
    form: dict[str, JsonValue]
    external_ref: ExternalRef | None = None
    customer: NewCustomer | None = None
    order: Code | None = None
    product: Code | None = None
    parent: Annotated[Code, refers_to("case")] | None = None
    lines: NewLines | None = Field(
        None,
        description="The lines of the order that the case is about; without them it is about the "
        "only line, if the order has one.",
    )
    order_may_be_unread: bool = Field(
        False, description="Start also while orders cannot be read; then it has no goods of it."
    )


@dataclass(frozen=True)
class StartedCase:
    """A case that was started: its number, and the answer that repetitions get as well.

    An answer that it is not recorded yet is followed, once it is, by the one that it is.
    `replayed`: it was started by an earlier request.
    """

    number: str
    answer: StoredResponse
    replayed: bool = False

    @property
    def recorded(self) -> bool:
        """Whether a read finds it already."""
        return self.answer.status == RECORDED


async def start_case(
    services: Services,
    caller: Principal,
    new: NewCase,
    key: str | None,
    record_timeout: timedelta | None = None,
) -> StartedCase:
    """Start a case once per key or external reference, and wait until it is recorded.

    Raises:
        AppError: nothing was started.
        StoreDown, EngineDown: repeat with the same key or reference.
    """
    check_right(caller, Right.START_CASES)
    identity = _identity(caller, new, key, utc_now())
    # Only what is new is checked: a repetition gets its answer, whatever has changed since.
    reserved = await _find_start(services, caller, identity)
    if reserved is None:
        reserved = await _reserve(services, caller, new, identity)
    if reserved.answered is not None:
        return StartedCase(reserved.number, reserved.answered, replayed=True)
    if reserved.in_progress:
        raise InProgress
    # Temporal forgets what ended long ago: what is recorded is not started again.
    if reserved.new or await find_case_row(services, caller.tenant, reserved.number) is None:
        tier = await services.store.customers.tier(caller.tenant, reserved.customer)
        policy = await policy_in_force(services, caller.tenant)
        opening = opening_of_new(policy, caller, new, identity, reserved, tier)
        await services.case_client.start(opening)
    # Nobody waits long again for what others wait for already.
    timeout = None if reserved.acknowledged else record_timeout
    return await answer_start(services, caller, reserved, timeout or services.record_timeout)


async def start_cases(
    services: Services, caller: Principal, bodies: Sequence[JsonValue], key: str | None
) -> list[StartedCase | Exception]:
    """Start many cases, no faster than they are recorded; what came of each is in its place.

    With a key each case has that key together with its place. A case that is `Busy` was not
    started. Repeated, the request comes to its end: what was started is not in the way of the rest.
    Of cases with one reference each waits for the one before, and so has the same answer.
    """
    behind = asyncio.Event()
    turns: defaultdict[JsonValue, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def start(place: int, body: JsonValue) -> StartedCase | Exception:
        async with turns[_reference(body) or place], services.start_slots:
            if behind.is_set():
                return Busy()
            try:
                own_key = f"{key}#{place}" if key else None
                started = await start_case(
                    services, caller, read_new_case(body), own_key, BULK_RECORD_TIMEOUT
                )
            except Exception as error:  # noqa: BLE001 — each case has its own outcome
                return error
            if not (started.recorded or started.replayed):
                behind.set()
            return started

    return await asyncio.gather(*(start(place, body) for place, body in enumerate(bodies)))


def _reference(body: JsonValue) -> str | None:
    reference = body.get("external_ref") if isinstance(body, dict) else None
    return reference if isinstance(reference, str) else None


def read_new_case(body: JsonValue) -> NewCase:
    """Return the case that a body describes.

    Raises:
        Unacceptable: with what is wrong with it.
    """
    try:
        return NewCase.model_validate(body)
    except ValidationError as error:
        errors: list[Any] = field_errors(error)
        raise Unacceptable(*field_faults(errors)) from None


def _identity(caller: Principal, new: NewCase, key: str | None, at: datetime) -> StartIdentity:
    if not key and new.external_ref is None:
        raise KeyMissing
    return StartIdentity(
        digest=_digest(new),
        now=at,
        key=(caller.client, key) if key else None,
        ref=(caller.source, new.external_ref) if new.external_ref else None,
    )


async def _find_start(
    services: Services, caller: Principal, identity: StartIdentity
) -> Reserved | None:
    try:
        return await services.store.intake.find(caller.tenant, identity)
    except store_errors.KeyReused:
        raise KeyReused from None
    except store_errors.UnitTaken as taken:
        raise refused(await as_shown(services, caller, unit_in_case(taken))) from None


async def _reserve(
    services: Services, caller: Principal, new: NewCase, identity: StartIdentity
) -> Reserved:
    process, form = parse_new_case(new)
    _check_received(new, identity.now)
    if new.parent is not None:
        await _check_parent(services, caller, new.parent)
    reservation = Reservation(
        digest=identity.digest,
        now=identity.now,
        key=identity.key,
        ref=identity.ref,
        prefix=process.prefix,
        day=identity.now.astimezone(services.business_zone).date(),
        source=caller.source,
        customer=customer_input(new.customer),
        order_goods=await goods_of_start(services, caller, process, form, new),
    )
    try:
        return await services.store.intake.reserve(caller.tenant, reservation)
    except store_errors.KeyReused:
        raise KeyReused from None
    except store_errors.UnitTaken as taken:
        raise refused(await as_shown(services, caller, unit_in_case(taken))) from None
    except store_errors.UnknownCustomer:
        raise UnknownCustomer from None
    except WrongContact as error:
        raise invalid("/customer/contacts", "wrong_contact", str(error)) from None


def opening_of_new(
    policy: KeptPolicy,
    caller: Principal,
    new: NewCase,
    identity: StartIdentity,
    reserved: Reserved,
    tier: str | None,
) -> Opening:
    """Return the opening of a new case, with the classification that is proposed for it."""
    process, form = parse_new_case(new)
    order_goods = reserved.order_goods
    opening = Opening(
        tenant=caller.tenant,
        number=reserved.number,
        kind=process.kind,
        process_version=process.version,
        policy_version=policy.version,
        policy_document=policy.document,
        source=caller.source,
        external_ref=new.external_ref,
        channel=new.channel.value,
        received_at=min(new.received_at or identity.now, identity.now),
        customer=reserved.customer,
        order=order_goods.order if order_goods else new.order,
        goods=order_goods.goods if order_goods else (),
        order_total=order_goods.total if order_goods else None,
        product=new.product,
        parent=new.parent,
        form=form.canonical(),
        actor=caller.actor(reserved.customer),
        request=identity.key[1] if identity.key else f"ref:{hash_of(new.external_ref)}",
        digest=_digest(new, exclude={"customer"}),
        tier=tier,
    )
    return opening.model_copy(update={"proposal": proposal_of(process, opening)})


async def answer_start(
    services: Services, caller: Principal, reserved: Reserved, record_timeout: timedelta
) -> StartedCase:
    """Wait for the row, then keep the answer; the case is durable even if the store is down now."""
    number = reserved.number
    answer = StoredResponse(DURABLE, {"number": number, "case": None})
    with suppress(StoreDown):
        if case_row := await _recorded(services, caller.tenant, number, record_timeout):
            shown = shown_row(caller, case_row).model_dump(mode="json")
            answer = StoredResponse(RECORDED, {"number": number, "case": shown})
        await services.store.intake.record_response(
            caller.tenant, number, answer.status, answer.body
        )
    return StartedCase(number, answer, replayed=reserved.acknowledged)


async def _recorded(
    services: Services, tenant: str, number: str, record_timeout: timedelta
) -> CaseView | None:
    """Return the row as soon as it is there; None if it is not in time."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + record_timeout.total_seconds()
    while True:
        if case_row := await services.store.cases.get(tenant, number):
            return case_row
        if loop.time() >= give_up:
            return None
        await asyncio.sleep(POLL_INTERVAL.total_seconds())


def parse_new_case(new: NewCase) -> tuple[Process, Form]:
    """Return the process of a new case, and the form that it is opened with.

    Raises:
        Unacceptable, FormRefused
    """
    process = CURRENT.get(new.kind)
    if process is None:
        raise unknown_kind("/kind")
    try:
        return process, process.opens_with.strict(new.form)
    except WrongForm as error:
        raise refused(error, process.kind, "/form") from None


def _check_received(new: NewCase, at: datetime) -> None:
    received_at = new.received_at or at
    if received_at > at + MAX_SKEW:
        raise invalid("/received_at", "in_the_future", "This is in the future.")
    if received_at < at - MAX_AGE:
        raise invalid("/received_at", "too_long_ago", "This is more than 7 days ago.")


async def _check_parent(services: Services, caller: Principal, number: str) -> None:
    parent = await find_case_row(services, caller.tenant, number)
    if parent is None or not sees_case(caller, parent):
        raise invalid("/parent", "unknown_case", "There is no such case.", number=number)


def customer_input(customer: NewCustomer | None) -> CustomerInput:
    if customer is None:
        return CustomerInput()
    contacts = tuple(Contact(each.kind.value, each.value) for each in customer.contacts)
    return CustomerInput(ref=customer.ref, name=customer.name, contacts=contacts)


def _digest(new: NewCase, exclude: set[str] | None = None) -> str:
    """Return the hash that tells one body from another.

    The one that goes into history leaves the customer out: with the rest known, a phone number
    could be found by trying all of them.
    """
    return hash_of(new.model_dump(mode="json", exclude_unset=True, exclude=exclude))


def hash_of(value: JsonValue) -> str:
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
