"""`/board`: what is open, due, broken, and whose, as it is now."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.board import read_board
from app.charts import ReportScope
from app.colleagues import read_colleagues
from app.inbox import InboxQuery, View
from cases import CURRENT
from domain.language.table import Stage
from domain.language.values import Priority
from web.http.queries import read_address
from web.pages.inbox.lists import link_to
from web.rendering.pages import page
from web.visitor import LoggedIn

router = APIRouter()


@router.get("/board")
async def board(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show the board of all cases, of a kind or of a team."""
    services = request.app.state.services
    scope = read_address(ReportScope, request.query_params.multi_items(), {})
    shown = await read_board(services, visitor.caller, scope, visitor.locale)
    cells: dict[tuple[str, str], tuple[int, int]] = {}
    for cell in shown.backlog:
        place = (cell.stage, cell.priority or "")
        count, overdue = cells.get(place, (0, 0))
        cells[place] = (count + cell.open, overdue + cell.overdue)

    def inbox_address(view: View = View.ALL, **more: Any) -> str:
        return link_to(InboxQuery(view=view, kind=scope.kind, team=scope.team, **more))

    values = {
        "board": shown,
        "inbox_address": inbox_address,
        "cells": cells,
        "scope": scope,
        "kinds": [*CURRENT],
        "stages": [str(stage) for stage in Stage if any(key[0] == stage for key in cells)],
        "priorities": [*map(str, Priority), ""],
        "teams": (await read_colleagues(services, visitor.caller)).teams,
        "most": max((load.open for load in shown.load), default=0),
        "hours": [
            (at, *(line.values[place] for line in shown.hours.lines))
            for place, at in enumerate(shown.hours.labels)
        ],
        "busiest": max(
            (value or 0 for line in shown.hours.lines for value in line.values), default=0
        ),
    }
    return page(request, "board/index.html", values)
