"""Why a file could not be attached, or its content not be given out."""

from collections.abc import Sequence

from app.errors import AppError, Fault
from domain.errors import Category
from domain.language.media_types import MAX_ATTACHMENT, MEBIBYTE, SUFFIXES


class AttachmentEmpty(AppError):
    """The file has no content."""

    code, category = "attachment_empty", Category.INVALID


class AttachmentTooLarge(AppError):
    """The file is larger than any may be."""

    code, category = "attachment_too_large", Fault.TOO_LARGE

    def __init__(self) -> None:
        super().__init__(params={"most": MAX_ATTACHMENT // MEBIBYTE})


class WrongAttachmentType(AppError):
    """By its first bytes the file is of none of the types that are taken."""

    code, category = "wrong_attachment_type", Category.INVALID

    def __init__(self) -> None:
        allowed: Sequence[str] = sorted(SUFFIXES)
        super().__init__(params={"allowed": [*allowed]})


class AttachmentTypeDiffers(AppError):
    """The file is of another type than it is said to be."""

    code, category = "attachment_type_differs", Category.INVALID

    def __init__(self, declared: str, media_type: str) -> None:
        super().__init__(params={"declared": declared[:100], "found": media_type})


class AttachmentErased(AppError):
    """The content was erased; the history keeps its hash."""

    code, category = "attachment_erased", Category.NOT_FOUND

    def __init__(self, at: str) -> None:
        super().__init__(params={"at": at})


class AttachmentCorrupt(AppError):
    """The content is gone, or not what was attached, so it is not given out."""

    code, category = "attachment_corrupt", Fault.DAMAGED

    def __init__(self, number: str, seq: int) -> None:
        super().__init__(params={"number": number, "seq": seq})


class AttachmentsUnavailable(AppError):
    """Where attachments lie does not answer."""

    code, category = "attachments_down", Fault.UNAVAILABLE
