"""What a form with a file posted (`multipart/form-data`, RFC 7578), read strictly."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from app.attachment_errors import AttachmentTooLarge
from app.errors import Malformed
from domain.language.media_types import MAX_ATTACHMENT

MAX_REST: Final = 64 * 1024
"""How many bytes all that is not the file may have."""
MAX_PARTS: Final = 20
BOUNDARY: Final = re.compile(
    r"multipart/form-data;\s*boundary=\"?([\w'()+,./:=? -]{1,70})\"?", re.ASCII
)
DISPOSITION: Final = re.compile(r'form-data; name="([^"]*)"(?:; filename="([^"]*)")?')
ESCAPES: Final = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))
"""What browsers write for the characters that would end a name."""


@dataclass(frozen=True)
class Part:
    """One field: its name and content, and of a file what it is called and said to be."""

    name: str
    content: bytes
    file: str | None = None
    declared: str = ""


@dataclass(frozen=True)
class Uploaded:
    """The file of a form, and the text of its other fields."""

    file: Part
    fields: Mapping[str, str]


async def read_uploaded(request: Request) -> Uploaded:
    """Read a posted form with one file.

    Raises:
        Malformed: it is no such form.
        AttachmentTooLarge
    """
    match = BOUNDARY.fullmatch(request.headers.get("content-type", "").strip())
    if match is None:
        raise Malformed("not_a_form")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_ATTACHMENT + MAX_REST:
            raise AttachmentTooLarge
    try:
        parts = list(read_parts(bytes(body), match[1].encode("ascii")))
        texts = [each for each in parts if each.file is None]
        fields = {each.name: each.content.decode() for each in texts}
        (file,) = (each for each in parts if each.file is not None)
    except ValueError:
        raise Malformed("not_a_form") from None
    if len(fields) < len(texts):
        raise Malformed("not_a_form")
    return Uploaded(file, fields)


def read_parts(body: bytes, boundary: bytes) -> Iterator[Part]:
    """Yield the parts of a body in their order.

    Raises:
        ValueError: it is not in parts as it should be, or in too many.
    """
    first, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary, MAX_PARTS + 1)
    if first or not parts or parts.pop().rstrip(b"\r\n") != b"--":
        raise ValueError("its boundaries are wrong")
    for part in parts:
        head, blank, content = part.partition(b"\r\n\r\n")
        start, *lines = head.split(b"\r\n")
        if start or not blank:
            raise ValueError("a part has no headers")
        yield _part(dict(_headers(lines)), content)


def _headers(lines: list[bytes]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, _, value = line.decode().partition(":")
        yield name.strip().lower(), value.strip()


def _part(headers: Mapping[str, str], content: bytes) -> Part:
    match = DISPOSITION.fullmatch(headers.get("content-disposition", ""))
    if match is None:
        raise ValueError("a part has no name")
    name, file = match[1], match[2]
    for escape, character in ESCAPES:
        file = file.replace(escape, character) if file is not None else None
    return Part(name, content, file, headers.get("content-type", ""))
