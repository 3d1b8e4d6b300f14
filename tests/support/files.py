"""Small files of every type that a case takes, and of some that it does not."""

import zlib
from struct import pack
from typing import Final


def _chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))


PNG: Final = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\0"))
    + _chunk(b"IEND", b"")
)
PDF: Final = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
JPEG: Final = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20) + b"\xff\xd9"
WEBP: Final = b"RIFF\x1a\x00\x00\x00WEBPVP8L" + bytes(16)
HEIC: Final = b"\x00\x00\x00\x18ftypheic" + bytes(16)
TAKEN: Final = {
    "image/png": PNG,
    "application/pdf": PDF,
    "image/jpeg": JPEG,
    "image/webp": WEBP,
    "image/heic": HEIC,
}
EXE: Final = b"MZ\x90\x00" + bytes(60)
NOT_TAKEN: Final = {
    "a program": EXE,
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing with a script": b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "a GIF": b"GIF89a" + bytes(20),
    "a zip": b"PK\x03\x04" + bytes(20),
    "a film": b"\x00\x00\x00\x18ftypisom" + bytes(16),
    "a PDF that begins later": b"<html>" + PDF,
    "one byte": b"\xff",
    "a text": "破损照片".encode(),
}
