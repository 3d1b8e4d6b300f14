"""Photos and papers of a case: attached by a form, saved by a link, erased with a reason."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response

from app.attachments import Upload, attach, erase_attachment, read_attachment
from runtime.downloads import download_headers
from store.comments import Visibility
from web.http.posted import PostedForm
from web.http.uploaded import UploadedForm
from web.visitor import LoggedIn

CUSTOMER = "customer"
MOST_DIGITS = 6

router = APIRouter()


@router.post("/cases/{number}/attachments")
async def add_attachment(
    request: Request, visitor: LoggedIn, number: str, uploaded: UploadedForm
) -> Response:
    """Attach a file; it is for colleagues unless the form says that the customer may see it."""
    fields, file = uploaded.fields, uploaded.file
    is_public = fields.get("audience") == CUSTOMER
    upload = Upload(
        file.content,
        file.file or "",
        file.declared,
        fields.get("note", "").replace("\r\n", "\n"),
        Visibility.PUBLIC if is_public else Visibility.INTERNAL,
    )
    key = fields.get("request") or None
    await attach(request.app.state.services, visitor.caller, number, upload, key)
    return _back(number)


@router.get("/cases/{number}/attachments/{seq}")
async def attachment(
    request: Request,
    visitor: LoggedIn,
    number: str,
    seq: Annotated[int, Path(ge=1, le=100_000)],
) -> Response:
    """Return a file as it was attached, to be saved."""
    services, caller = request.app.state.services, visitor.caller
    found, content = await read_attachment(services, caller, number, seq)
    headers = dict(download_headers(found.name))
    return Response(content, media_type=found.media_type, headers=headers)


@router.post("/cases/{number}/erase-attachment")
async def erase(request: Request, visitor: LoggedIn, number: str, posted: PostedForm) -> Response:
    """Erase the content of a file."""
    seq, reason = posted.get("attachment", ""), posted.get("reason", "")
    is_seq = seq.isascii() and seq.isdecimal() and len(seq) <= MOST_DIGITS
    services, caller = request.app.state.services, visitor.caller
    await erase_attachment(services, caller, number, int(seq) if is_seq else 0, reason)
    return _back(number)


def _back(number: str) -> Response:
    return RedirectResponse(f"/cases/{number}#case-attachments", status_code=303)
