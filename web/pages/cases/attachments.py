"""Photos and papers of a case: attached by a form, saved by a link, erased with a reason."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response

from app.attachments import Upload, attach, erase_attachment, read_attachment
from app.errors import AppError
from runtime.downloads import download_headers
from store.comments import Visibility
from web.http.posted import PostedForm
from web.http.troubles import named_faults, trouble_of
from web.http.uploaded import Uploaded, read_uploaded
from web.pages.cases.page import case_view, page_values
from web.pages.cases.submit import done
from web.rendering.pages import page as show
from web.visitor import HTMX, LoggedIn, Visitor

CUSTOMER = "customer"
MOST_DIGITS = 6
SHOWN_BESIDE: Final = frozenset({409, 413, 422})
"""With these somebody can mend something in the form, or choose another file."""

router = APIRouter()


@router.post("/cases/{number}/attachments")
async def add_attachment(request: Request, visitor: LoggedIn, number: str) -> Response:
    """Attach a file; it is for colleagues unless the form says that the customer may see it."""
    typed: Mapping[str, str] = {}
    try:
        uploaded = await read_uploaded(request)
        typed = uploaded.fields
        key = typed.get("request") or None
        await attach(request.app.state.services, visitor.caller, number, _upload(uploaded), key)
    except AppError as error:
        return await _refused(request, visitor, number, "attach", error, typed)
    return await _done(request, visitor, number, "attached")


def _upload(uploaded: Uploaded) -> Upload:
    fields, file = uploaded.fields, uploaded.file
    is_public = fields.get("audience") == CUSTOMER
    return Upload(
        file.content,
        file.file or "",
        file.declared,
        fields.get("note", "").replace("\r\n", "\n"),
        Visibility.PUBLIC if is_public else Visibility.INTERNAL,
    )


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
    try:
        await erase_attachment(services, caller, number, int(seq) if is_seq else 0, reason)
    except AppError as error:
        return await _refused(request, visitor, number, "erase", error, posted)
    return await _done(request, visitor, number, "erased")


async def _refused(
    request: Request,
    visitor: Visitor,
    number: str,
    form: str,
    error: AppError,
    typed: Mapping[str, str],
) -> Response:
    """Say beside the form why it was refused; a script leaves the form itself as it is.

    Raises:
        AppError: there is nothing to be mended, or no such case.
    """
    view = await case_view(request, visitor, number)
    trouble = trouble_of(error, view.texts, visitor.locale)
    if trouble.status not in SHOWN_BESIDE:
        raise error
    is_part = HTMX in request.headers
    filed = {
        "form": form,
        "trouble": trouble,
        "faults": named_faults(request, trouble, visitor.locale),
        "typed": typed,
        "is_kept": is_part or bool(typed),
    }
    if is_part:
        return show(request, "cases/file_trouble.html", {"filed": filed}, status=trouble.status)
    whole = await page_values(view) | {"filed": filed}
    return show(request, "cases/page.html", whole, status=trouble.status)


async def _done(request: Request, visitor: Visitor, number: str, what: str) -> Response:
    if HTMX in request.headers:
        return await done(request, visitor, number, what)
    return RedirectResponse(f"/cases/{number}#case-attachments", status_code=303)
