"""The files that a case takes, each known by its first bytes, never by its name."""

from collections.abc import Mapping
from typing import Final

MEBIBYTE: Final = 1024 * 1024
MAX_ATTACHMENT: Final = 10 * MEBIBYTE
"""A telephone's photo has 3 to 8 MiB, a scanned paper less; each is in memory while it passes."""

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
HEIC, PDF = "image/heic", "application/pdf"
SUFFIXES: Final[Mapping[str, tuple[str, ...]]] = {
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    WEBP: (".webp",),
    HEIC: (".heic", ".heif"),
    PDF: (".pdf",),
}
"""The types that are taken, each with how the names of such files end."""

ALIASES: Final[Mapping[str, str]] = {"image/jpg": JPEG, "image/heif": HEIC}
"""Other names that programs send for the same."""
UNDECLARED: Final = frozenset({"", "application/octet-stream"})
"""What says nothing about a file; browsers send it for what their system does not know."""

_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})


def media_type_of(content: bytes) -> str | None:
    """Return the type of a file by its first bytes; None if it is of none that is taken."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"%PDF-"):
        return PDF
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return HEIC
    return None


def agrees(declared: str, media_type: str) -> bool:
    """Return whether a file of this type may be declared so."""
    plain = declared.partition(";")[0].strip().lower()
    return plain in UNDECLARED or ALIASES.get(plain, plain) == media_type


def fitting_name(name: str, media_type: str) -> str:
    """Return a file's name without its folders, with an ending that fits what the file is.

    So a photo that was called `photo.exe` is never saved as a program.
    """
    plain = name.replace("\\", "/").rpartition("/")[2].strip()
    suffixes = SUFFIXES[media_type]
    fits = not plain or plain.lower().endswith(suffixes)
    return plain if fits else f"{plain}{suffixes[0]}"
