"""Who has a case open: the page says so every few seconds, and is answered with who else has."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.presence import leave, renew_presence
from web.http.posted import PostedForm
from web.rendering.pages import page as show
from web.visitor import LoggedIn

NO_CONTENT = 204

router = APIRouter()


@router.post("/cases/{number}/presence")
async def renew(
    request: Request, visitor: LoggedIn, number: str, posted: PostedForm
) -> HTMLResponse:
    """Note that the visitor has the case open, and whether they write; show who else has."""
    services, said = request.app.state.services, posted.get("writing")
    viewers = await renew_presence(
        services, visitor.caller, number, writing=said == "true", has_stopped=said == "stopped"
    )
    return show(request, "cases/presence.html", {"viewers": viewers})


@router.delete("/cases/{number}/presence")
async def close(request: Request, visitor: LoggedIn, number: str) -> Response:
    """Note that the visitor has closed the case."""
    await leave(request.app.state.services, visitor.caller, number)
    return Response(status_code=NO_CONTENT)
