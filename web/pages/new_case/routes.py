"""`/cases/new`: a form for each kind, the customer found as one types, and what it may repeat."""

import secrets
from collections.abc import Sequence
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from app.authentication import Principal
from app.authorization import Right, check_right, may_claim_new
from app.errors import AppError, FieldFault, NotFound, OrdersDown
from app.expected_errors import app_error
from app.find_customers import (
    SHORTEST,
    FoundCustomer,
    find_customers,
    known_customer,
    possible_duplicates,
)
from app.inbox import read_rows
from app.orders import find_orders
from app.search import Found, search
from app.services import Services
from app.start_case import read_new_case, start_case
from app.submit_steps import submit_steps
from app.texts import Texts
from cases import CURRENT
from domain.engine.messages import Command
from domain.engine.task_actions import CLAIM
from domain.language.orders import Order
from domain.language.spellings import plain_code
from domain.language.values import Code
from web.forms.fields import GroupField
from web.forms.kept import KeptDraft, kept_draft, retyped, sent
from web.forms.typed import Pairs, read_form, with_changed_rows
from web.forms.view import FormView
from web.http.posted import Posted, PostedForm
from web.http.redirects import lead_to
from web.http.troubles import trouble_of
from web.pages.new_case import form as forms
from web.pages.new_case import order as lines
from web.rendering.pages import page
from web.visitor import LoggedIn, Visitor

MOST_TEXTS: Final = 4
MOST_PARENTS: Final = 5
ORDER: Final = "/order"

router = APIRouter()


@router.get("/cases/new")
async def choose_kind(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show the kinds of cases."""
    check_right(visitor.caller, Right.START_CASES)
    return page(request, "new_case/kinds.html", {"kinds": [*CURRENT]})


@router.get("/cases/new/{kind}")
async def new_case(
    request: Request,
    visitor: LoggedIn,
    kind: str,
    customer: Annotated[Code | None, Query()] = None,
    parent: Annotated[Code | None, Query()] = None,
) -> HTMLResponse:
    """Show an empty form, or its draft; the customer and the case it comes of may be given."""
    check_right(visitor.caller, Right.START_CASES)
    of = parent or customer
    _form(kind)
    draft = await kept_draft(
        request.app.state.services, visitor.caller, f"new/{kind}{f'/{of}' if of else ''}"
    )
    pairs = draft.pairs
    if of and pairs is None:
        given = {forms.REF: customer, "/parent": parent, "/channel": "phone"}
        pairs = [(name, text) for name, text in given.items() if text]
    view = _view(request, visitor, kind, pairs)
    values = await _values(request, visitor, kind, view, secrets.token_hex(8), draft)
    values |= await _order_values(request, visitor, view, pairs or [])
    return page(request, "new_case/form.html", values)


@router.post("/cases/new/{kind}")
async def start(request: Request, visitor: LoggedIn, kind: str, posted: PostedForm) -> Response:
    """Start the case and go to it; or show the form again with what is wrong."""
    services, caller = request.app.state.services, visitor.caller
    check_right(caller, Right.START_CASES)
    pairs, key = posted.fields(), posted.get("request", "")
    zone: ZoneInfo = services.business_zone
    draft = retyped(_subject(kind, posted), posted)
    changed = with_changed_rows(_form(kind), posted, lines.without_lines(pairs), zone)
    if changed is not None:
        view = _view(request, visitor, kind, changed[0], focus=changed[1])
        values = await _values(request, visitor, kind, view, key, draft)
        values |= await _order_values(request, visitor, view, pairs)
        return page(request, "new_case/fields.html", values)
    try:
        typed = forms.without_blank_contacts(lines.without_lines(pairs))
        body = read_form(_form(kind), typed, zone) | lines.body_of(pairs)
        started = await start_case(services, caller, read_new_case({**body, "kind": kind}), key)
    except AppError as error:
        texts: Texts = request.app.state.texts
        trouble = trouble_of(error, texts, visitor.locale)
        view = _view(request, visitor, kind, pairs, error=error)
        values = await _values(request, visitor, kind, view, key, draft)
        values |= await _order_values(request, visitor, view, pairs, error.faults)
        values["trouble"] = None if error.faults else trouble
        return page(request, "new_case/fields.html", values, status=trouble.status)
    await sent(services, caller, draft.subject, posted)
    target = f"/cases/{started.number}"
    if "claim" in posted and not await _claim(services, caller, started.number, key):
        target += "?unclaimed=1"
    return lead_to(request, target)


@router.get("/customers")
async def customers(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show the customers that the typed number or name may mean, with their cases."""
    query = dict(request.query_params.multi_items())
    texts = [query.pop("text", "")]
    texts += [text for name, text in query.items() if name.endswith(("/value", "/name"))]
    services = request.app.state.services
    found: dict[str, FoundCustomer] = {}
    for text in texts[:MOST_TEXTS]:
        for each in await find_customers(services, visitor.caller, text):
            found[each.customer.ref] = each
    kind = query.get("kind", "")
    return page(
        request,
        "new_case/found.html",
        {"found": [*found.values()], "kind": kind if kind in CURRENT else ""},
    )


@router.get("/cases/new/{kind}/customer")
async def take_customer(
    request: Request,
    visitor: LoggedIn,
    kind: str,
    ref: Annotated[Code | None, Query()] = None,
) -> HTMLResponse:
    """Show the part of the form about the customer: one that we know, or a new one to type in."""
    check_right(visitor.caller, Right.START_CASES)
    view = _view(request, visitor, kind, [(forms.REF, ref)] if ref else None)
    values = await _values(request, visitor, kind, view, "")
    headers = {"HX-Trigger": "customer-taken"}
    return page(request, "new_case/customer.html", values, headers=headers)


@router.get("/cases/new/{kind}/parents")
async def parents(request: Request, visitor: LoggedIn, kind: str) -> HTMLResponse:
    """Show the cases that what is typed as the parent may mean."""
    check_right(visitor.caller, Right.START_CASES)
    _form(kind)
    text, trouble, found = request.query_params.get(forms.PARENT, "").strip(), None, Found()
    if len(text) >= SHORTEST:
        try:
            found = await search(request.app.state.services, visitor.caller, text)
        except AppError as error:
            trouble = trouble_of(error, request.app.state.texts, visitor.locale)
    values = {
        "kind": kind,
        "text": text,
        "trouble": trouble,
        "searched": len(text) >= SHORTEST,
        "cases": [each.row for each in found.items[:MOST_PARENTS]],
    }
    return page(request, "new_case/parents.html", values)


@router.get("/cases/new/{kind}/parent")
async def take_parent(
    request: Request,
    visitor: LoggedIn,
    kind: str,
    number: Annotated[Code | None, Query()] = None,
) -> HTMLResponse:
    """Show the part of the form about the case that it comes of: with one taken, or to type in."""
    check_right(visitor.caller, Right.START_CASES)
    view = _view(request, visitor, kind, [(forms.PARENT, number)] if number else None)
    values = await _values(request, visitor, kind, view, "")
    if number:
        found = await read_rows(request.app.state.services, visitor.caller, [number])
        values["taken_parent"] = found.get(number)
    return page(request, "new_case/parent.html", values)


@router.get("/cases/new/{kind}/order")
async def order_lines(request: Request, visitor: LoggedIn, kind: str) -> HTMLResponse:
    """Show the lines of the order that is typed, by its number or a serial number."""
    check_right(visitor.caller, Right.START_CASES)
    pairs = [(name, text) for name, text in request.query_params.multi_items() if name == ORDER]
    view = _view(request, visitor, kind, pairs)
    values = await _order_values(request, visitor, view, pairs)
    return page(request, "new_case/order_lines.html", {"kind": kind, "form": view, **values})


@router.get("/cases/new/{kind}/order-field")
async def take_order(
    request: Request, visitor: LoggedIn, kind: str, id: Annotated[Code | None, Query()] = None
) -> HTMLResponse:
    """Show the part of the form about the order, with one taken."""
    check_right(visitor.caller, Right.START_CASES)
    pairs = [(ORDER, id)] if id else []
    view = _view(request, visitor, kind, pairs)
    values = await _values(request, visitor, kind, view, "")
    values |= await _order_values(request, visitor, view, pairs)
    return page(request, "new_case/order.html", values)


@router.get("/duplicates")
async def duplicates(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show the open cases of the same customer or order."""
    query = request.query_params
    ref, order = (query.get(name, "").strip() for name in (forms.REF, "/order"))
    cases = await possible_duplicates(request.app.state.services, visitor.caller, ref, order)
    return page(request, "new_case/duplicates.html", {"cases": cases})


async def _order_values(
    request: Request,
    visitor: Visitor,
    view: FormView,
    pairs: Pairs,
    faults: Sequence[FieldFault] = (),
) -> dict[str, Any]:
    """Return what the form shows of the order that is typed."""
    services, text = request.app.state.services, forms.part(view, ORDER).text.strip()
    trouble, found, unread = None, list[Order](), False
    try:
        if len(text) >= SHORTEST:
            found = await find_orders(services, visitor.caller, text)
    except AppError as error:
        trouble = trouble_of(error, request.app.state.texts, visitor.locale)
        unread = isinstance(error, OrdersDown)
    exact = [each for each in found if plain_code(each.id) == plain_code(text)]
    order = exact[0] if exact else None
    return {
        "order": order,
        "order_lines": lines.choices(order, pairs, faults) if order else (),
        "other_orders": () if order else found,
        "order_text": text if len(text) >= SHORTEST else "",
        "order_trouble": trouble,
        "order_unread": unread,
    }


async def _claim(services: Services, caller: Principal, number: str, key: str) -> bool:
    """Claim the case that was just started, once; say whether it is claimed."""
    try:
        claim = [Command(step=CLAIM)]
        await submit_steps(services, caller, number, claim, key=f"{key}-claim")
    except Exception as failure:
        if app_error(failure) is None:
            raise
        return False
    return True


def _form(kind: str) -> GroupField:
    if kind not in CURRENT:
        raise NotFound
    return forms.opening_form(kind)


def _subject(kind: str, posted: Posted) -> str:
    """Return under what the draft of the posted form is kept."""
    subject, own = posted.get("draft", ""), f"new/{kind}"
    return subject if subject.startswith(f"{own}/") else own


def _view(
    request: Request,
    visitor: Visitor,
    kind: str,
    pairs: Pairs | None,
    *,
    focus: str | None = None,
    error: AppError | None = None,
) -> FormView:
    _form(kind)
    state = request.app.state
    zone: ZoneInfo = state.services.business_zone
    faults = error.faults if error else ()
    return forms.view(kind, pairs, state.texts, visitor.locale, zone, faults, focus)


async def _values(
    request: Request,
    visitor: Visitor,
    kind: str,
    view: FormView,
    key: str,
    draft: KeptDraft | None = None,
) -> dict[str, Any]:
    services = request.app.state.services
    ref = forms.part(view, forms.REF).text
    known = await known_customer(services, visitor.caller, ref) if ref else None
    return {
        "kind": kind,
        "form": view,
        "part": lambda pointer: forms.part(view, pointer),
        "customer": known,
        "typed_customer": forms.has_customer(view),
        "taken_parent": None,
        "may_claim": may_claim_new(visitor.caller, kind),
        "request": key,
        "draft": draft,
        "trouble": None,
    }
