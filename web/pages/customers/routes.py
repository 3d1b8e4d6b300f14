"""`/customers/{customer}`: a customer's record with its versions and cases; corrected, merged."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app import customers
from app.colleagues import read_colleagues
from app.customer_rights import CustomerAct, may_with_customer
from app.customers import CHANNELS, Merge, Unmerge, read_change, read_reason
from app.drafts import CUSTOMERS
from app.errors import AppError, NotFound, UnknownCustomer
from app.read_cases import list_cases
from app.results import CustomerRecord
from store.cases.records import CaseFilter
from store.customers.records import Consent, ContactKind, CustomerType, CustomerVersion, Tier
from web.forms.kept import KeptDraft, kept_draft, retyped, sent
from web.http.posted import Posted, PostedForm
from web.http.redirects import lead_to
from web.http.troubles import trouble_of
from web.pages.customers.form import RecordForm, filled, typed
from web.rendering.pages import page
from web.visitor import HTMX, LoggedIn, Visitor

CASES: Final = 50
CHOICES: Final = {
    "types": [*map(str, CustomerType)],
    "tiers": [*map(str, Tier)],
    "channels": CHANNELS,
    "consents": [*map(str, Consent)],
    "kinds": [*map(str, ContactKind)],
}

router = APIRouter()


@router.get("/customers/{customer}")
async def show_customer(request: Request, visitor: LoggedIn, customer: str) -> Response:
    """Show a customer's record; one that was merged leads to the other."""
    record = await customers.read_customer(request.app.state.services, visitor.caller, customer)
    if record.ref != customer:
        return RedirectResponse(f"/customers/{record.ref}", status_code=303)
    draft = KeptDraft(_subject(record))
    if may_with_customer(visitor.caller, CustomerAct.CORRECT):
        draft = await kept_draft(request.app.state.services, visitor.caller, draft.subject)
    form = filled(record) if draft.pairs is None else typed(Posted(draft.pairs))
    return await _page(request, visitor, record, form, draft=draft)


@router.post("/customers/{customer}")
async def correct(
    request: Request, visitor: LoggedIn, customer: str, posted: PostedForm
) -> Response:
    """Correct a record; what is wrong is shown beside what was typed."""
    services, caller = request.app.state.services, visitor.caller
    form = typed(posted)
    record = await customers.read_customer(services, caller, customer, CustomerAct.CORRECT)
    try:
        await customers.correct_customer(
            services, caller, customer, read_change(form.said()),
            seen=form.seen, key=posted.get("request") or None,
        )  # fmt: skip
    except AppError as error:
        kept = retyped(_subject(record), posted)
        return await _page(request, visitor, record, form, error, kept)
    await sent(services, caller, _subject(record), posted)
    return lead_to(request, f"/customers/{record.ref}")


@router.post("/customers/{customer}/merge")
async def merge(request: Request, visitor: LoggedIn, customer: str, posted: PostedForm) -> Response:
    """Let a customer lead to this one."""
    services, caller = request.app.state.services, visitor.caller
    record = await customers.read_customer(services, caller, customer, CustomerAct.MERGE)
    try:
        wish = Merge(into=customer, reason=read_reason(posted.get("reason", "")))
        with _other_is_known():
            await customers.merge_customers(
                services, caller, _other(posted), wish, posted.get("request") or None
            )
    except AppError as error:
        return await _page(request, visitor, record, filled(record), error)
    return lead_to(request, f"/customers/{record.ref}")


@router.post("/customers/{customer}/unmerge")
async def unmerge(
    request: Request, visitor: LoggedIn, customer: str, posted: PostedForm
) -> Response:
    """Let a customer that was merged into this one stand for itself again."""
    services, caller = request.app.state.services, visitor.caller
    record = await customers.read_customer(services, caller, customer, CustomerAct.MERGE)
    try:
        wish = Unmerge(reason=read_reason(posted.get("reason", "")))
        with _other_is_known():
            await customers.unmerge_customer(
                services, caller, _other(posted), wish, posted.get("request") or None
            )
    except AppError as error:
        return await _page(request, visitor, record, filled(record), error)
    return lead_to(request, f"/customers/{record.ref}")


def _subject(record: CustomerRecord) -> str:
    return f"{CUSTOMERS}/{record.ref}"


def _other(posted: Posted) -> str:
    """Return the other customer that a form names: by reference, or as the end of an address.

    Raises:
        UnknownCustomer: it names none.
    """
    other = posted.get("other", "").strip().rpartition("/")[2]
    if not customers.REF.fullmatch(other):
        raise UnknownCustomer
    return other


@contextmanager
def _other_is_known() -> Iterator[None]:
    """Say of the other customer that there is none: the page itself is there."""
    try:
        yield
    except NotFound:
        raise UnknownCustomer from None


async def _page(
    request: Request,
    visitor: Visitor,
    record: CustomerRecord,
    form: RecordForm,
    error: AppError | None = None,
    draft: KeptDraft | None = None,
) -> Response:
    """Return the page; where a script sent a form that is refused, only why, to stand in it."""
    services, caller = request.app.state.services, visitor.caller
    trouble = trouble_of(error, request.app.state.texts, visitor.locale) if error else None
    if trouble and HTMX in request.headers:
        said = {"trouble": trouble}
        return page(request, "customers/trouble.html", said, status=trouble.status)
    cases = await list_cases(services, caller, CaseFilter(customer=record.ref), None, CASES)
    values: dict[str, Any] = {
        "record": record,
        "form": form,
        "draft": draft or KeptDraft(_subject(record)),
        "cases": cases,
        "others": await customers.others_with_contacts(services, caller, record),
        "colleagues": await read_colleagues(services, caller),
        "histories": await _histories(request, visitor, record),
        "trouble": trouble,
        "may_correct": may_with_customer(caller, CustomerAct.CORRECT),
        "may_merge": may_with_customer(caller, CustomerAct.MERGE),
        **CHOICES,
    }
    status = trouble.status if trouble else 200
    return page(request, "customers/page.html", values, status=status)


async def _histories(
    request: Request, visitor: Visitor, record: CustomerRecord
) -> list[tuple[str, list[CustomerVersion]]]:
    """Return the versions of each of the customer's references, the newest first."""
    services = request.app.state.services
    return [
        (ref, [*await customers.list_versions(services, visitor.caller, ref)][::-1])
        for ref in (record.ref, *record.merged)
    ]
