"""`/ops/batches`: one step for many cases: how far each is, what became of each case, stopping."""

import secrets
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.authorization import Right, has_right
from app.batches import (
    cancel_batch,
    do_as_tried,
    get_batch,
    list_batch_items,
    list_batches,
    retry_failed,
)
from app.colleagues import Colleagues, read_colleagues
from app.errors import NotFound
from app.texts import Texts
from domain.batches import FAILED_OUTCOMES, Batch, BatchOutcome
from store.batches.records import BatchItem, BatchProgress
from web.http.local_paths import local_path
from web.http.places import id_of_row, instant, place_text, read_place, whole
from web.http.posted import PostedForm
from web.http.redirects import lead_to
from web.pages.ops.form_words import FormWords
from web.pages.ops.shared import (
    PAGE,
    page_or_panel,
    panel_or_way_back,
    services_of,
)
from web.rendering.navigation import INBOX
from web.visitor import LoggedIn, Visitor

router = APIRouter()
PATH = "/ops/batches"
PLACE = (instant, id_of_row)
ITEM_PLACE = (whole,)


@router.get(PATH)
async def show_all(request: Request, visitor: LoggedIn, after: str | None = None) -> HTMLResponse:
    """Show the batches, the newest first."""
    place = read_place(after, PLACE)
    listed = await list_batches(services_of(request), visitor.caller, place, PAGE)
    values = {
        "batches": [(each, _counts(each)) for each in listed.items],
        "next": place_text(listed.next),
        "is_first": place is None,
        "left_out": listed.left_out,
        "colleagues": await read_colleagues(services_of(request), visitor.caller),
        "under_way": any(each.batch.ended_at is None for each in listed.items),
    }
    return page_or_panel(request, visitor, "batches", values)


@router.get(PATH + "/{batch}")
async def show(
    request: Request,
    visitor: LoggedIn,
    batch: str,
    came: str | None = None,
    after: str | None = None,
) -> HTMLResponse:
    """Show one batch: how far it is, and what became of each case."""
    values = await _values(request, visitor, batch, came, after)
    return page_or_panel(request, visitor, "batch", values)


@router.post(PATH + "/{batch}/cancel")
async def cancel(request: Request, visitor: LoggedIn, batch: str) -> Response:
    """Stop a batch after what is under way."""
    await cancel_batch(services_of(request), visitor.caller, batch)
    values = await _values(request, visitor, batch, None, None)
    return panel_or_way_back(request, visitor, "batch", values, _address(request, batch))


@router.post(PATH + "/{batch}/retry")
async def retry(request: Request, visitor: LoggedIn, batch: str, posted: PostedForm) -> Response:
    """Try the failed cases of a batch again, as a batch of their own, and go to that."""
    key = posted.get("key")
    new, _ = await retry_failed(services_of(request), visitor.caller, batch, key)
    return lead_to(request, _address(request, new.batch.id))


@router.post(PATH + "/{batch}/do")
async def do(request: Request, visitor: LoggedIn, batch: str, posted: PostedForm) -> Response:
    """Do what a dry run found could be done, as a batch of its own, and go to that."""
    key = posted.get("key")
    new, _ = await do_as_tried(services_of(request), visitor.caller, batch, key)
    return lead_to(request, _address(request, new.batch.id))


def _address(request: Request, id: str) -> str:
    """Return where a batch is shown, with the list that the visitor came from."""
    back = way_back(request.query_params.get("back"))
    return f"{PATH}/{id}" + (f"?{urlencode({'back': back})}" if back else "")


async def _values(
    request: Request, visitor: Visitor, id: str, came: str | None, after: str | None
) -> dict[str, Any]:
    services, caller = services_of(request), visitor.caller
    texts: Texts = request.app.state.texts
    if came and came not in [*BatchOutcome]:
        raise NotFound
    outcome = BatchOutcome(came) if came else None
    progress = await get_batch(services, caller, id)
    place = read_place(after, ITEM_PLACE)
    first = int(place[0]) if place else 0
    listed = await list_batch_items(services, caller, id, outcome, first, PAGE)
    counts, colleagues = _counts(progress), await read_colleagues(services, caller)
    return {
        "progress": progress,
        "counts": counts,
        "items": listed.items,
        "reasons": {item.place: _reason(item, texts, visitor.locale) for item in listed.items},
        "next": place_text(listed.next),
        "came": outcome,
        "after": after,
        "failed": sum(counts.get(each, 0) for each in FAILED_OUTCOMES),
        "can_change": has_right(caller, Right.ACT_ON_MANY_CASES),
        "key": secrets.token_hex(16),
        "colleagues": colleagues,
        "said": _said(progress.batch, visitor.locale, services.business_zone, colleagues),
        "back": way_back(request.query_params.get("back")),
    }


def _said(
    batch: Batch, locale: str, zone: ZoneInfo, colleagues: Colleagues
) -> list[tuple[str, str]]:
    """Return what is done to every case: to whom, which priority; the reason stands beside it."""
    told = {"roles"} | ({"reason"} if batch.command.form.get("reason") == batch.reason else set())
    form = {name: value for name, value in batch.command.form.items() if name not in told}
    return [*FormWords(batch.kind, locale, zone, colleagues).fields(form)]


def way_back(path: str | None) -> str:
    """Return the list from which a batch was made, if that is what the path names."""
    back = local_path(path, "")
    return back if back.partition("?")[0] == INBOX else ""


def _reason(item: BatchItem, texts: Texts, locale: str) -> str:
    """Return why a case came to what it did, if that needs a reason."""
    return texts.kept(item.code or "engine_down", item.detail, locale) if item.detail else ""


def _counts(progress: BatchProgress) -> dict[str, int]:
    """Return how many cases came to what, in the order of the outcomes."""
    return {each: progress.counts[each] for each in BatchOutcome if progress.counts.get(each)}
