"""`/ops/audit`: what was done to the system and by whom, and what seals it."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from app.audit import LogStatus, list_audit_events, list_checkpoints, read_log_status
from ops.operations import VERIFY
from store.audit.records import AUDIT_EVENTS, AuditEvent, EventFilter
from web.http.places import exactly, id_of_row, instant, place_text, read_place, whole
from web.pages.ops.shared import (
    PAGE,
    operations_of,
    page_or_panel,
    panel_or_way_back,
    parsed,
    services_of,
)
from web.pages.ops.visitors import Reader
from web.visitor import Visitor

router = APIRouter()
PATH = "/ops/audit"
PLACES = ((exactly("waiting"), instant, id_of_row), (exactly("sealed"), whole))
CHECKPOINT_PLACE = (whole,)

FilterText = Annotated[str, Query(max_length=100)]


@router.get(PATH)
async def show(
    request: Request,
    visitor: Reader,
    what: FilterText = "",
    actor: FilterText = "",
    subject: FilterText = "",
    after: str | None = None,
) -> HTMLResponse:
    """Show the events of the audit log, the newest first."""
    which = EventFilter(what.strip(), actor.strip(), subject.strip())
    place = read_place(after, *PLACES)
    listed = await list_audit_events(services_of(request), visitor.caller, which, place, PAGE)
    values = {
        "events": listed.items,
        "left_out": listed.left_out,
        "next": place_text(listed.next),
        "is_first": place is None,
        "which": which,
        "details": _details,
        "names": AUDIT_EVENTS,
        "nouns": sorted({name.partition(".")[0] + "." for name in AUDIT_EVENTS}),
    }
    return page_or_panel(request, visitor, "audit", values)


@router.get(PATH + "/checkpoints")
async def show_checkpoints(
    request: Request, visitor: Reader, after: str | None = None
) -> HTMLResponse:
    """Show what seals the log: its newest checkpoints, and whether all is as it was."""
    place = read_place(after, CHECKPOINT_PLACE)
    before = int(place[0]) if place else None
    listed = await list_checkpoints(services_of(request), visitor.caller, before, PAGE)
    values = {
        "checkpoints": [(row, parsed(row)) for row in listed.items],
        "next": place_text(listed.next),
        "is_first": place is None,
        **await _verification(request, visitor),
    }
    return page_or_panel(request, visitor, "checkpoints", values)


@router.post(PATH + "/checkpoints")
async def verify(request: Request, visitor: Reader) -> Response:
    """Begin to verify all records of the tenant, unless somebody has."""
    operations_of(request).verify(visitor.caller.tenant)
    values = await _verification(request, visitor)
    return panel_or_way_back(request, visitor, "checkpoints", values, f"{PATH}/checkpoints")


def _details(event: AuditEvent) -> str:
    """Return what an event says beside its subject, as `name=value`."""
    pairs = event.details.items()
    return " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in pairs)


async def _verification(request: Request, visitor: Visitor) -> dict[str, Any]:
    operations = operations_of(request)
    status: LogStatus = await read_log_status(services_of(request), visitor.caller)
    return {
        "job": operations.newest(VERIFY, visitor.caller.tenant),
        "status": status,
        "newest": parsed(status.newest),
        "has_key": bool(operations.audit.public_keys),
    }
