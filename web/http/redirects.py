"""Lead a visitor to another page, whoever asks: a script of the page, or the browser alone."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from web.visitor import HTMX


def lead_to(request: Request, path: str) -> Response:
    """Return the answer that has the browser open the page at a path of ours."""
    if HTMX in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": path})
    return RedirectResponse(path, status_code=303)
