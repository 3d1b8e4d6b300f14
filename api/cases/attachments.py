"""`/v1/cases/{number}/attachments`: photos and papers of a case."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response, status
from pydantic import AwareDatetime, Field

from api.cases.comments import Author
from api.http.dependencies import ServicesDep
from api.http.headers import IdempotencyKey, Number, field, mark_replayed, read_key
from api.http.schemas import RequestModel, ResponseModel
from api.http.security import Caller
from api.http.uploads import read_file
from app import attachments
from app.attachments import Upload
from domain.language.values import Note
from runtime.downloads import download_headers
from store.comments import Visibility

router = APIRouter(prefix="/v1/cases/{number}/attachments", tags=["attachments"])

BINARY: Final = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
"""Stands for all types that are taken: generators of clients know no others."""
FILE: Final[dict[str, Any]] = {"requestBody": {"required": True, "content": BINARY}}
CONTENT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file as it was attached, of its type.", "content": BINARY}
}
Seq = Annotated[int, Path(ge=1, le=100_000, description="The attachment: the entry's number.")]


class FileQuery(RequestModel):
    """What is said of a file that is attached; staff attach internally, systems publicly."""

    name: Annotated[str, Field(max_length=1000, description="What the file is called.")]
    note: Annotated[Note, Field(description="What it shows.")] = ""
    visibility: Visibility | None = None


class Erased(ResponseModel):
    """That the content was erased; until `removed_at` it has to be removed again."""

    at: AwareDatetime
    by: Author
    reason: str
    removed_at: AwareDatetime | None


class Attachment(ResponseModel):
    """A photo or a paper of a case; `seq` is the entry that tells of it."""

    number: str
    seq: int
    at: AwareDatetime
    by: Author
    name: str
    media_type: str
    size: int
    sha256: str
    public: bool
    note: str
    erased: Erased | None


class AttachmentList(ResponseModel):
    """What is attached to a case, the oldest first."""

    items: list[Attachment]


class AttachmentResult(ResponseModel):
    """What came of a file; without an attachment it is durable and not recorded yet."""

    attachment: Attachment | None


ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {"model": AttachmentResult, "description": "Accepted and durable, not yet recorded."}
}


@router.get("", operation_id="list_attachments", summary="List the attachments")
async def list_attachments(services: ServicesDep, caller: Caller, number: Number) -> AttachmentList:
    """Return what is attached; internal files are for staff, and for whoever attached them."""
    items = await attachments.list_attachments(services, caller, number)
    return AttachmentList(items=[Attachment.model_validate(each) for each in items])


@router.post(
    "",
    operation_id="attach_file",
    summary="Attach a file",
    status_code=status.HTTP_201_CREATED,
    responses=ACCEPTED,
    openapi_extra=FILE,
)
async def attach_file(
    request: Request,
    response: Response,
    services: ServicesDep,
    caller: Caller,
    number: Number,
    said: Annotated[FileQuery, Query()],
    idempotency_key: IdempotencyKey = None,
) -> AttachmentResult:
    """Attach a photo or a paper: JPEG, PNG, WebP, HEIC or PDF, of at most 10 MiB; the body is it.

    What a file is its first bytes say; a type that is declared must agree. Its SHA-256 becomes part
    of the case's history.
    """
    declared, key = field(request.headers, "content-type") or "", read_key(idempotency_key)
    content = await read_file(request)
    upload = Upload(content, said.name, declared, said.note, said.visibility)
    attached = await attachments.attach(services, caller, number, upload, key)
    mark_replayed(response, attached.replayed)
    if attached.attachment is None:
        response.status_code = status.HTTP_202_ACCEPTED
    return AttachmentResult.model_validate(attached)


@router.get(
    "/{seq}",
    operation_id="get_attachment",
    summary="Read an attachment",
    response_class=Response,
    responses=CONTENT,
)
async def get_attachment(
    services: ServicesDep, caller: Caller, number: Number, seq: Seq
) -> Response:
    """Return the file exactly as it was attached; one that is not is never given out."""
    attachment, content = await attachments.read_attachment(services, caller, number, seq)
    headers = dict(download_headers(attachment.name))
    return Response(content, media_type=attachment.media_type, headers=headers)


@router.delete("/{seq}", operation_id="erase_attachment", summary="Erase an attachment")
async def erase_attachment(
    services: ServicesDep,
    caller: Caller,
    number: Number,
    seq: Seq,
    reason: Annotated[str, Query(description="Why, for the audit log.", max_length=4000)],
) -> Attachment:
    """Erase the content. For leads, managers and administrators.

    The history keeps the hash. What was erased already is removed again.
    """
    erased = await attachments.erase_attachment(services, caller, number, seq, reason)
    return Attachment.model_validate(erased)
