"""What the pages for operators share: their services, places in lists, a page or its panel."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.authorization import Right, has_right, sees_installation
from app.import_rights import may_import_cases
from app.services import Services
from ops.audit.checkpoints import Checkpoint, InvalidCheckpoint, parse_checkpoint
from ops.operations import Operations
from store.audit.records import CheckpointRow
from web.http.troubles import is_partial
from web.rendering.pages import page
from web.visitor import Visitor

PAGE: Final = 50
"""Rows of a list."""


def services_of(request: Request) -> Services:
    """Return the services of the use cases."""
    services: Services = request.app.state.services
    return services


def operations_of(request: Request) -> Operations:
    """Return what operators do."""
    operations: Operations = request.app.state.operations
    return operations


def parsed(row: CheckpointRow | None) -> Checkpoint | None:
    """Return a checkpoint of the store; None if it is none, which verification tells."""
    try:
        return parse_checkpoint(row.document) if row else None
    except InvalidCheckpoint:
        return None


def made_at(row: CheckpointRow | None) -> datetime | None:
    """Return when a checkpoint was made, if it can be read."""
    checkpoint = parsed(row)
    return checkpoint.at if checkpoint else None


def page_or_panel(
    request: Request,
    visitor: Visitor,
    noun: str,
    values: Mapping[str, Any],
    panel: str = "panel",
    status: int = 200,
) -> HTMLResponse:
    """Return a page, or for a script of it the panel on it that changes."""
    caller = visitor.caller
    given = {
        **values,
        "can_operate": has_right(caller, Right.OPERATE),
        "can_import": may_import_cases(caller),
        "can_read": has_right(caller, Right.READ_OPERATIONS),
        "sees_installation": sees_installation(caller),
    }
    name = panel if is_partial(request) else "index"
    headers = {"Vary": "HX-Request-Type"}
    return page(request, f"ops/{noun}/{name}.html", given, status=status, headers=headers)


def panel_or_way_back(
    request: Request, visitor: Visitor, noun: str, values: Mapping[str, Any], back: str
) -> Response:
    """Return the panel for a script that posted, and the way to the page for a browser alone."""
    if is_partial(request):
        return page_or_panel(request, visitor, noun, values)
    return RedirectResponse(back, status_code=303)
