"""`/v1/customers`: find and read customers, correct their records, merge two that are one."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator

from api.customers.schemas import CustomerList, CustomerRecord, RecordVersion, VersionList
from api.http.dependencies import ServicesDep
from api.http.headers import IdempotencyKey, IfMatch, etag, mark_replayed, read_etags, read_key
from api.http.security import Caller
from app import customers
from app.customers import CustomerChange, Merge, Unmerge
from app.results import CustomerRecord as Record
from domain.language.values import Code, visible

router = APIRouter(prefix="/v1/customers", tags=["customers"])

Ref = Annotated[Code, Path(description="The customer's reference.")]
Contact = Annotated[
    str,
    Query(
        description="A whole telephone number, address or account, spelt in any way.",
        min_length=1,
        max_length=200,
    ),
    AfterValidator(visible),
]


@router.get("", operation_id="find_customers", summary="Find customers by a contact point")
async def find_customers(services: ServicesDep, caller: Caller, contact: Contact) -> CustomerList:
    """Return the customers with exactly this contact point, 20 at most. For staff."""
    found = await customers.find_by_contact(services, caller, contact)
    return CustomerList(items=[CustomerRecord.model_validate(each) for each in found])


@router.get("/{ref}", operation_id="get_customer", summary="Read a customer's record")
async def get_customer(
    response: Response, services: ServicesDep, caller: Caller, ref: Ref
) -> CustomerRecord:
    """Return the record, or that of the customer whom the reference leads to. For staff.

    Their cases are listed by `GET /v1/cases?customer=`, whichever of their references is named.
    """
    return _shown(response, await customers.read_customer(services, caller, ref))


@router.get("/{ref}/versions", operation_id="list_customer_versions", summary="Read its versions")
async def list_versions(services: ServicesDep, caller: Caller, ref: Ref) -> VersionList:
    """Return all versions of this reference's record, the first one first. For staff."""
    versions = await customers.list_versions(services, caller, ref)
    return VersionList(items=[RecordVersion.of(each) for each in versions])


@router.patch("/{ref}", operation_id="correct_customer", summary="Correct a customer's record")
async def correct_customer(
    response: Response,
    services: ServicesDep,
    caller: Caller,
    ref: Ref,
    change: CustomerChange,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> CustomerRecord:
    """Change what is named; the rest stays. It is a new version: nothing is overwritten.

    What changes nothing makes no version. For those who speak with customers.
    """
    record, replayed = await customers.correct_customer(
        services, caller, ref, change, seen=read_etags(if_match), key=read_key(idempotency_key)
    )
    mark_replayed(response, replayed)
    return _shown(response, record)


@router.post("/{ref}/merge", operation_id="merge_customers", summary="Merge into another one")
async def merge_customers(
    response: Response,
    services: ServicesDep,
    caller: Caller,
    ref: Ref,
    merge: Merge,
    idempotency_key: IdempotencyKey = None,
) -> CustomerRecord:
    """Let this customer lead to another one, whose record is returned. For leads and managers.

    Both keep their contact points and cases, which are those of one customer from then on.
    """
    record, replayed = await customers.merge_customers(
        services, caller, ref, merge, read_key(idempotency_key)
    )
    mark_replayed(response, replayed)
    return _shown(response, record)


@router.post("/{ref}/unmerge", operation_id="unmerge_customer", summary="Take a merge back")
async def unmerge_customer(
    response: Response,
    services: ServicesDep,
    caller: Caller,
    ref: Ref,
    unmerge: Unmerge,
    idempotency_key: IdempotencyKey = None,
) -> CustomerRecord:
    """Let a customer that was merged stand for itself again. For leads and managers.

    What was started or corrected since the merge stays with the one that it was merged into.
    """
    record, replayed = await customers.unmerge_customer(
        services, caller, ref, unmerge, read_key(idempotency_key)
    )
    mark_replayed(response, replayed)
    return _shown(response, record)


def _shown(response: Response, record: Record) -> CustomerRecord:
    response.headers["ETag"] = etag(record.version)
    return CustomerRecord.model_validate(record)
