"""`/ops/flow/{kind}`: how the cases of a kind flow: where they are, which ways are slow."""

from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.errors import NotFound
from app.flow import ArrowFlow, read_kind_flow
from cases import CURRENT, KINDS
from domain.language.values import in_zone
from store.db.clock import utc_now
from web.pages.ops.shared import page_or_panel, services_of
from web.pages.ops.visitors import Reader
from web.pictures.process import flow_picture, heat_rank
from web.rendering.times import brief

router = APIRouter()
PATH = "/ops/flow"
SPANS: Final = {"7": timedelta(days=7), "30": timedelta(days=30), "90": timedelta(days=90)}
"""Of the last so many days; all there is, where none is named."""
"""Steps from quick to slow, by orders of magnitude, as waiting is felt."""


@router.get(PATH)
async def first(_: Reader) -> RedirectResponse:
    """Go to the first kind."""
    return RedirectResponse(f"{PATH}/{next(iter(CURRENT))}", status_code=303)


@router.get(PATH + "/{kind}")
async def show(
    request: Request,
    visitor: Reader,
    kind: str,
    days: str | None = None,
    version: int | None = None,
) -> HTMLResponse:
    """Show a kind's numbers per state and per arrow."""
    if kind not in CURRENT:
        raise NotFound
    services = services_of(request)
    since = _since(days, services.business_zone)
    flow = await read_kind_flow(
        services, visitor.caller, kind, version, since, None, visitor.locale
    )
    slowest = max((each.median_seconds or 0 for each in flow.arrows), default=0)
    values: dict[str, Any] = {
        "flow": flow,
        "kinds": [*CURRENT],
        "days": days,
        "spans": [*SPANS],
        "arrows": sorted(flow.arrows, key=lambda each: -(each.median_seconds or -1)),
        "heat": lambda arrow: _heat(arrow, slowest),
        "brief": lambda seconds: brief(seconds, visitor.locale),
        "picture": flow_picture(KINDS[flow.kind, flow.version], flow, visitor.locale),
    }
    return page_or_panel(request, visitor, "flow", values)


def _since(days: str | None, zone: ZoneInfo) -> datetime | None:
    """Return the first midnight of the last so many days; None for all there is.

    Raises:
        NotFound: that many are not offered.
    """
    if not days:
        return None
    if days not in SPANS:
        raise NotFound
    first = in_zone(utc_now() - SPANS[days], zone).date()
    return datetime.combine(first, time(), zone)


def _heat(arrow: ArrowFlow, slowest: float) -> int | None:
    """Return how slow an arrow is, from 0; None if it was never taken."""
    if arrow.median_seconds is None:
        return None
    return heat_rank(arrow.median_seconds, slowest)
