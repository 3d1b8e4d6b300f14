"""Photos and papers of a case: attached, listed, given out unchanged, erased."""

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from app.attachment_errors import (
    AttachmentEmpty,
    AttachmentErased,
    AttachmentTooLarge,
    AttachmentTypeDiffers,
    WrongAttachmentType,
)
from app.attachment_rights import check_attach, check_erase, sees_attachment
from app.authentication import Principal
from app.errors import Fault, NotFound, Unacceptable
from app.expected_errors import EXPECTED, app_error, field_faults, refused
from app.outside import shown_attachment
from app.read_cases import get_case_row
from app.services import Services
from app.submit_steps import request_id
from domain.canonical import canonical_json
from domain.engine.messages import Command, Request
from domain.engine.side_forms import ATTACH, Attachment
from domain.errors import WrongForm
from domain.language.forms import field_errors
from domain.language.media_types import MAX_ATTACHMENT, agrees, fitting_name, media_type_of
from domain.language.values import Text
from store.attachments.attachments import StoredAttachment
from store.comments import Visibility
from store.errors import AttachmentsDown, StoreDown
from temporal.results import SubmitResult

_REASON: TypeAdapter[str] = TypeAdapter(Text)


@dataclass(frozen=True)
class Upload:
    """A file as it was sent: what it is called and said to be, and who may see it."""

    content: bytes
    name: str
    declared: str = ""
    note: str = ""
    visibility: Visibility | None = None


@dataclass(frozen=True)
class Attached:
    """What came of an upload, which is durable; `attachment` is None until it is recorded."""

    attachment: StoredAttachment | None
    replayed: bool


async def attach(
    services: Services, caller: Principal, number: str, upload: Upload, key: str | None = None
) -> Attached:
    """Attach a file to a case, under a key once, and wait until that is recorded.

    The content is written first, so that no history tells of a file that never came; if the case
    refuses it, it is removed again.

    Raises:
        AppError: nothing happened.
        EngineDown: whether it happened is unknown; repeat with the same key.
    """
    case_row = await get_case_row(services, caller, number)
    form = read_upload(upload, check_attach(caller, upload.visibility))
    said = form.model_dump(mode="json", exclude={"key"})
    request = Request(
        tenant=caller.tenant,
        id=request_id(caller, key) if key else uuid4().hex,
        actor=caller.actor(case_row.customer),
        commands=(Command(step=ATTACH, form=form.canonical()),),
        digest=hashlib.sha256(canonical_json({"step": ATTACH, "form": said}).encode()).hexdigest(),
        attempt=uuid4().hex,
    )
    await services.attachments.put(caller.tenant, number, form.key, upload.content)
    try:
        result = await services.case_client.submit(number, request, services.record_timeout)
    except EXPECTED as error:
        refusal = app_error(error)
        if refusal is not None and refusal.category is not Fault.UNAVAILABLE:
            await _remove(services, caller.tenant, number, form.key)
        raise
    return await _attached(services, caller, number, form, result)


def read_upload(upload: Upload, visibility: Visibility) -> Attachment:
    """Return what the history keeps of a file, if it can be taken.

    Raises:
        AttachmentEmpty, AttachmentTooLarge, WrongAttachmentType, AttachmentTypeDiffers
        FormRefused: its name or the note cannot be kept.
    """
    content = upload.content
    if not content:
        raise AttachmentEmpty
    if len(content) > MAX_ATTACHMENT:
        raise AttachmentTooLarge
    media_type = media_type_of(content)
    if media_type is None:
        raise WrongAttachmentType
    if not agrees(upload.declared, media_type):
        raise AttachmentTypeDiffers(upload.declared, media_type)
    try:
        return Attachment.strict(
            {
                "key": secrets.token_hex(16),
                "name": fitting_name(upload.name, media_type),
                "media_type": media_type,
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "public": visibility is Visibility.PUBLIC,
                "note": upload.note,
            }
        )
    except WrongForm as error:
        raise refused(error) from error


async def list_attachments(
    services: Services, caller: Principal, number: str
) -> Sequence[StoredAttachment]:
    """Return what is attached to a case and the caller may see, the oldest first.

    Raises:
        NotFound, NumberMisread
        StoreDown
    """
    await get_case_row(services, caller, number)
    rows = await services.store.attachments.of(caller.tenant, number)
    return [shown_attachment(caller, row) for row in rows if sees_attachment(caller, row)]


async def read_attachment(
    services: Services, caller: Principal, number: str, seq: int
) -> tuple[StoredAttachment, bytes]:
    """Return an attachment and its content, exactly as it was attached.

    Raises:
        NotFound, NumberMisread
        AttachmentErased
        AttachmentDamaged: it is not what was attached.
        StoreDown, AttachmentsDown
    """
    await get_case_row(services, caller, number)
    attachment = await _find(services, caller, number, seq)
    if attachment.erased is not None:
        raise AttachmentErased(attachment.erased.at.isoformat())
    content = await services.attachments.get(attachment)
    return shown_attachment(caller, attachment), content


async def erase_attachment(
    services: Services, caller: Principal, number: str, seq: int, reason: str
) -> StoredAttachment:
    """Erase the content of an attachment; the history keeps its hash, the audit log who did it.

    What was erased before is removed again, so that a removal that failed can be repeated.

    Raises:
        Forbidden
        Unacceptable: no reason is given.
        NotFound, NumberMisread
        StoreDown
        AttachmentsDown: it is erased for everybody, and its content is still to be removed.
    """
    await get_case_row(services, caller, number)
    check_erase(caller)
    attachment = await _find(services, caller, number, seq)
    store = services.store.attachments
    await store.erase(attachment, caller.by(_read_reason(reason)))
    await services.attachments.remove(caller.tenant, number, attachment.key)
    await store.mark_removed(caller.tenant, number, seq)
    return shown_attachment(caller, await _find(services, caller, number, seq))


def _read_reason(reason: str) -> str:
    try:
        return _REASON.validate_python(reason)
    except ValidationError as error:
        errors: list[dict[str, str]] = field_errors(error)  # type: ignore[assignment]
        raise Unacceptable(*field_faults(errors, "/reason")) from None


async def _find(services: Services, caller: Principal, number: str, seq: int) -> StoredAttachment:
    attachment = await services.store.attachments.get(caller.tenant, number, seq)
    if attachment is None or not sees_attachment(caller, attachment):
        raise NotFound
    return attachment


async def _attached(
    services: Services, caller: Principal, number: str, form: Attachment, result: SubmitResult
) -> Attached:
    """Return the attachment as it is recorded; of a repetition the content came once already."""
    attachment = None
    if result.receipt is not None:
        with suppress(StoreDown):
            seq = result.receipt.first
            attachment = await services.store.attachments.get(caller.tenant, number, seq)
    if attachment is not None and attachment.key != form.key:
        await _remove(services, caller.tenant, number, form.key)
    return Attached(attachment and shown_attachment(caller, attachment), result.replayed)


async def _remove(services: Services, tenant: str, number: str, key: str) -> None:
    """Remove a content that no history tells of; if that fails, it stays where nobody finds it."""
    with suppress(AttachmentsDown):
        await services.attachments.remove(tenant, number, key)
