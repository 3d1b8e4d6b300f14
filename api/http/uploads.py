"""A file in a request's body: read after its sender is known, and no longer than it may be."""

from fastapi import Request

from app.attachment_errors import AttachmentTooLarge
from domain.language.media_types import MAX_ATTACHMENT

SUFFIX = "/attachments"
"""How the paths end to which files are sent; the middleware for bodies leaves those to us."""


async def read_file(request: Request) -> bytes:
    """Return the body, if it is no longer than a file may be.

    Raises:
        AttachmentTooLarge
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > MAX_ATTACHMENT:
        raise AttachmentTooLarge
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_ATTACHMENT:
            raise AttachmentTooLarge
    return bytes(content)
