"""A gzip file that carries its own SHA-256, so that any changed byte is seen.

    fixed head, 10 bytes | comment: the SHA-256 of the rest, as hex | NUL | the rest: deflated, CRC

The comment is a field of gzip's own header (RFC 1952), so that every gzip program opens the file.
One object, not a file and its checksum beside it: those two could not be replaced in one go.
"""

import hashlib
import struct
import zlib

HEAD = b"\x1f\x8b\x08\x10" + bytes(4) + b"\x02\xff"
"""Magic, deflate, a comment follows, no time (the same content is the same file), no system."""
SEALED = len(HEAD) + 64 + 1
"""So many bytes of a file are enough to know its seal."""
CRC = struct.Struct("<LL")


class Broken(ValueError):
    """The bytes are not as they were written; the message says how that shows."""


def seal(text: bytes) -> bytes:
    """The text as a sealed file."""
    deflated = zlib.compress(text, level=9, wbits=-zlib.MAX_WBITS)
    rest = deflated + CRC.pack(zlib.crc32(text), len(text) & 0xFFFFFFFF)
    return b"".join((HEAD, _digest(rest).encode(), b"\0", rest))


def seal_of(start: bytes) -> str:
    """The seal in the first bytes of a file; empty if there is none."""
    shape = len(start) >= SEALED and start.startswith(HEAD) and start[SEALED - 1] == 0
    return start[len(HEAD) : SEALED - 1].decode("ascii", "replace") if shape else ""


def unseal(sealed: bytes) -> bytes:
    """The text in a sealed file.

    Raises:
        Broken
    """
    said, rest = seal_of(sealed[:SEALED]), sealed[SEALED:]
    if not said:
        raise Broken("it does not begin with a seal")
    if _digest(rest) != said:
        raise Broken("its SHA-256 is not the one it carries")
    try:
        return zlib.decompress(sealed, wbits=16 + zlib.MAX_WBITS)
    except zlib.error as error:
        raise Broken(f"it cannot be unpacked ({error})") from None


def _digest(rest: bytes) -> str:
    return hashlib.sha256(rest).hexdigest()
