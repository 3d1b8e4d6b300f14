"""A gzip file that carries its own SHA-256, so that any changed byte is detected.

    fixed head, 10 bytes | comment: the SHA-256 of the rest, as hex | NUL | the rest: deflated, CRC

The comment is a field of gzip's own header (RFC 1952), so that every gzip program opens the file.
The checksum is in the file, since two files could not be replaced in one atomic step.
"""

import hashlib
import struct
import zlib

HEAD = b"\x1f\x8b\x08\x10" + bytes(4) + b"\x02\xff"
"""Magic, deflate, a comment follows, no time (the same content is the same file), no system."""
HEADER_BYTES = len(HEAD) + 64 + 1
"""How many bytes of a file are needed to read its checksum."""
CRC = struct.Struct("<LL")


class BrokenFile(ValueError):
    """The bytes are not as they were written; the message says how that shows."""


def compress(text: bytes) -> bytes:
    """Return the file with this text."""
    deflated = zlib.compress(text, level=9, wbits=-zlib.MAX_WBITS)
    rest = deflated + CRC.pack(zlib.crc32(text), len(text) & 0xFFFFFFFF)
    return b"".join((HEAD, _digest(rest).encode(), b"\0", rest))


def checksum_of(start: bytes) -> str:
    """Return the checksum in the first bytes of a file, empty if there is none."""
    has_one = len(start) >= HEADER_BYTES and start.startswith(HEAD) and start[HEADER_BYTES - 1] == 0
    return start[len(HEAD) : HEADER_BYTES - 1].decode("ascii", "replace") if has_one else ""


def decompress(file: bytes) -> bytes:
    """Return the text in a file.

    Raises:
        BrokenFile
    """
    checksum, rest = checksum_of(file[:HEADER_BYTES]), file[HEADER_BYTES:]
    if not checksum:
        raise BrokenFile("it does not begin with a seal")
    if _digest(rest) != checksum:
        raise BrokenFile("its SHA-256 is not the one it carries")
    try:
        return zlib.decompress(file, wbits=16 + zlib.MAX_WBITS)
    except zlib.error as error:
        raise BrokenFile(f"it cannot be unpacked ({error})") from None


def _digest(rest: bytes) -> str:
    return hashlib.sha256(rest).hexdigest()
