"""Customers: read a record and its versions, correct it, merge two that are one person."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import Field, JsonValue, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from app.authentication import Principal
from app.customer_errors import CustomerChanged, MergedElsewhere, NotMerged, SameCustomer
from app.customer_rights import CustomerAct, check_customer
from app.errors import (
    AppError,
    KeyReused,
    NotFound,
    Unacceptable,
    UnknownCustomer,
    invalid,
)
from app.expected_errors import field_faults
from app.results import ContactPoint, CustomerRecord
from app.services import Services
from app.start_case import MAX_CONTACTS, Input, NewContact
from domain.canonical import canonical_json
from domain.language.forms import field_errors
from domain.language.values import Code, Name, Text
from store import errors as store_errors
from store.customers.records import (
    Consent,
    Contact,
    CustomerType,
    CustomerVersion,
    Tier,
)
from store.customers.versions import Requested
from store.db.request_keys import RequestKey

MOST_FOUND: Final = 20
MOST_SHARING: Final = 6
REF: Final = re.compile(r"[\w.:@/+-]{1,64}")
Channel = Literal["phone", "sms", "email", "wechat", "app"]
CHANNELS: Final[tuple[str, ...]] = get_args(Channel)


class Consents(Input):
    """What a customer said of being contacted in each way; null is that nothing is known."""

    phone: Consent | None = None
    sms: Consent | None = None
    email: Consent | None = None
    wechat: Consent | None = None
    app: Consent | None = None


class CustomerChange(Input):
    """A correction of a record: what is left out stays as it is, null takes it out."""

    name: Name | None = None
    contacts: Annotated[tuple[NewContact, ...], Field(max_length=MAX_CONTACTS)] = Field(
        default=(), description="All of them, the best way first; others lead here no more."
    )
    type: CustomerType | None = None
    tier: Tier | None = None
    preferred_channel: Channel | None = None
    consent: Consents = Field(default=Consents(), description="For all channels.")
    reason: Text

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set - {"reason"}:
            raise PydanticCustomError("nothing_to_change", "say what is to change")
        return self

    def values(self) -> dict[str, Any]:
        """Return what is to change, as the store has it."""
        values = self.model_dump(
            mode="json", include=self.model_fields_set - {"reason", "contacts"}, exclude_none=False
        )
        if "consent" in values:
            values["consent"] = {name: said for name, said in values["consent"].items() if said}
        if "contacts" in self.model_fields_set:
            values["contacts"] = tuple(
                dict.fromkeys(Contact(each.kind.value, each.value) for each in self.contacts)
            )
        return values


class Merge(Input):
    """A wish that a customer be the same as another one, and why."""

    into: Code
    reason: Text


class Unmerge(Input):
    """A wish that a customer stand for itself again, and why."""

    reason: Text


def read_change(said: Mapping[str, JsonValue]) -> CustomerChange:
    """Return the correction that a form says.

    Raises:
        Unacceptable: parts of it are wrong.
    """
    try:
        return CustomerChange.model_validate(said)
    except ValidationError as error:
        errors: list[Any] = field_errors(error)
        raise Unacceptable(*field_faults(errors)) from None


def read_reason(text: str) -> str:
    """Return the reason that a form gives.

    Raises:
        Unacceptable: there is none.
    """
    try:
        return Unmerge.model_validate({"reason": text}).reason
    except ValidationError as error:
        errors: list[Any] = field_errors(error)
        raise Unacceptable(*field_faults(errors)) from None


async def read_customer(
    services: Services, caller: Principal, ref: str, act: CustomerAct = CustomerAct.READ
) -> CustomerRecord:
    """Return a customer's record, or that of the one whom the reference leads to, to do this.

    Raises:
        Forbidden: the caller may not; only staff who see all cases may read it.
        NotFound, StoreDown
    """
    return await _read(services, caller, act, ref)


async def find_by_contact(
    services: Services, caller: Principal, contact: str
) -> list[CustomerRecord]:
    """Return the customers with exactly this contact point, however it is spelt.

    Raises:
        Forbidden: only staff who see all cases may.
        StoreDown
    """
    check_customer(caller, CustomerAct.READ)
    refs = await services.store.customers.with_contact(caller.tenant, contact, MOST_FOUND)
    return [await read_customer(services, caller, ref) for ref in refs]


async def others_with_contacts(
    services: Services, caller: Principal, record: CustomerRecord
) -> list[CustomerRecord]:
    """Return other customers who share a contact point with this one: they may be the same person.

    Raises:
        Forbidden: only staff who see all cases may.
        StoreDown
    """
    check_customer(caller, CustomerAct.READ)
    refs: dict[str, None] = {}
    for contact in record.contacts:
        found = await services.store.customers.with_contact(
            caller.tenant, contact.value, MOST_SHARING
        )
        refs |= dict.fromkeys(found)
    others = [ref for ref in refs if ref != record.ref][:MOST_SHARING]
    return [await read_customer(services, caller, ref) for ref in others]


async def list_versions(
    services: Services, caller: Principal, ref: str
) -> Sequence[CustomerVersion]:
    """Return the versions of one reference's record, the first one first.

    Raises:
        Forbidden: only staff who see all cases may.
        NotFound, StoreDown
    """
    await _read(services, caller, CustomerAct.READ, ref)
    return await services.store.customer_versions.of(caller.tenant, ref)


async def correct_customer(
    services: Services,
    caller: Principal,
    ref: str,
    change: CustomerChange,
    *,
    seen: Sequence[int] | None = None,
    key: str | None = None,
) -> tuple[CustomerRecord, bool]:
    """Correct a record; return whether an earlier request did.

    Raises:
        Forbidden: the caller may not.
        CustomerChanged: the record is in none of the versions that were seen.
        Unacceptable: a contact point is empty, or what is preferred is refused.
        UnknownCustomer, KeyReused, NotFound, StoreDown
    """
    await _read(services, caller, CustomerAct.CORRECT, ref)
    body = change.model_dump(mode="json", exclude_unset=True)
    requested = _requested(caller, change.reason, key, "correct", ref, body)
    with _store_refusals():
        replayed = await services.store.customer_versions.correct(
            requested, ref, change.values(), seen
        )
    return await _read(services, caller, CustomerAct.CORRECT, ref), replayed


async def merge_customers(
    services: Services, caller: Principal, ref: str, merge: Merge, key: str | None = None
) -> tuple[CustomerRecord, bool]:
    """Let a customer lead to another one; return that one, and whether it was done before.

    Raises:
        Forbidden: the caller may not.
        UnknownCustomer: there is no customer to merge it into.
        MergedElsewhere, SameCustomer, KeyReused, NotFound, StoreDown
    """
    await _read(services, caller, CustomerAct.MERGE, ref)
    requested = _requested(caller, merge.reason, key, "merge", ref, {"into": merge.into})
    with _store_refusals():
        replayed = await services.store.customer_versions.merge(requested, ref, merge.into)
    return await _read(services, caller, CustomerAct.MERGE, ref), replayed


async def unmerge_customer(
    services: Services, caller: Principal, ref: str, unmerge: Unmerge, key: str | None = None
) -> tuple[CustomerRecord, bool]:
    """Let a customer that was merged stand for itself again; return it, and whether it did before.

    Raises:
        Forbidden: the caller may not.
        NotMerged, KeyReused, NotFound, StoreDown
    """
    await _read(services, caller, CustomerAct.MERGE, ref)
    requested = _requested(caller, unmerge.reason, key, "unmerge", ref, {})
    with _store_refusals():
        replayed = await services.store.customer_versions.unmerge(requested, ref)
    return await _read(services, caller, CustomerAct.MERGE, ref), replayed


@contextmanager
def _store_refusals() -> Iterator[None]:
    """Say what the store refuses as callers are told it."""
    try:
        yield
    except tuple(_AS_TOLD) as error:
        raise _AS_TOLD[type(error)](error) from None


def _channel_refused(error: store_errors.ChannelRefused) -> AppError:
    """Return the fault beside what brought it about: the preference, or the refusal."""
    detail = f"They refuse to be contacted by {error.channel}, so they cannot prefer it."
    if error.is_choice:
        return invalid("/preferred_channel", "channel_refused", detail, channel=error.channel)
    pointer = f"/consent/{error.channel}"
    return invalid(pointer, "channel_preferred", detail, channel=error.channel)


_AS_TOLD: Final[Mapping[type[Exception], Callable[[Any], AppError]]] = {
    store_errors.CustomerChanged: lambda error: CustomerChanged(error.version),
    store_errors.WrongContact: lambda error: invalid("/contacts", "wrong_contact", str(error)),
    store_errors.ChannelRefused: _channel_refused,
    store_errors.UnknownCustomer: lambda _: UnknownCustomer(),
    store_errors.MergedElsewhere: lambda error: MergedElsewhere(error.into),
    store_errors.SameCustomer: lambda _: SameCustomer(),
    store_errors.NotMerged: lambda _: NotMerged(),
    store_errors.KeyReused: lambda _: KeyReused(),
}


async def _read(
    services: Services, caller: Principal, act: CustomerAct, ref: str
) -> CustomerRecord:
    """Return a record that the caller may do this with; that it was shown is written down."""
    check_customer(caller, act)
    known = await services.store.customers.get(caller.tenant, ref) if REF.fullmatch(ref) else None
    if known is None:
        raise NotFound
    await services.access_log.note(caller, known.ref)
    return CustomerRecord(
        ref=known.ref,
        name=known.name,
        names=await services.store.customers.names(caller.tenant, known.ref),
        contacts=[ContactPoint.model_validate(each) for each in known.contacts],
        former_contacts=[ContactPoint.model_validate(each) for each in known.former],
        type=known.type,
        tier=known.tier,
        preferred_channel=known.preferred_channel,
        consent={**known.consent},
        merged=[*known.merged],
        version=known.version,
    )


def _requested(
    caller: Principal, reason: str, key: str | None, what: str, ref: str, body: JsonValue
) -> Requested:
    said = canonical_json([what, ref, reason, body])
    digest = hashlib.sha256(said.encode()).hexdigest()
    request_key = RequestKey(caller.client, key) if key else None
    return Requested(caller.tenant, caller.by(reason), digest, request_key)
