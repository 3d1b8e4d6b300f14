"""`/measures`: improvement measures whose effect nobody checked yet."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.colleagues import read_colleagues
from app.measures import MeasureFilter, list_measures
from web.rendering.pages import page
from web.visitor import LoggedIn

router = APIRouter()


@router.get("/measures")
async def measures(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show the measures of everybody; with `own=true` the visitor's and those of their teams."""
    services, own = request.app.state.services, request.query_params.get("own") == "true"
    found = await list_measures(services, visitor.caller, MeasureFilter(own=own))
    colleagues = await read_colleagues(services, visitor.caller)
    values = {"measures": found, "own": own, "colleagues": colleagues}
    return page(request, "measures/index.html", values)
