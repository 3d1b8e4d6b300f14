"""A gzip file that carries its own SHA-256, so that any changed byte is detected.

    fixed head, 10 bytes | comment: the SHA-256 of the rest, as hex | NUL | the rest: deflated, CRC

The comment is a field of gzip's own header (RFC 1952), so that every gzip program opens the file.
The checksum is in the file, since two files could not be replaced in one atomic step.
"""

import hashlib
import struct
import zlib

from runtime.message import Message

HEAD = b"\x1f\x8b\x08\x10" + bytes(4) + b"\x02\xff"
"""Magic, deflate, a comment follows, no time (the same content is the same file), no system."""
HEADER_BYTES = len(HEAD) + 64 + 1
"""How many bytes of a file are needed to read its checksum."""
CRC = struct.Struct("<LL")
MAX_TEXT = 64 * 1024 * 1024
"""The longest text that is unpacked. A run ends long before, at Temporal's limit of its history."""
MAX_FILE = 64 * 1024 * 1024
"""The longest file that is read: a text of that length that does not become shorter."""


class BrokenFile(ValueError):
    """The bytes are not as they were written; the message says how that shows."""


def compress(text: bytes) -> bytes:
    """Return the file with this text.

    Raises:
        BrokenFile: it is longer than what is unpacked again.
    """
    if len(text) > MAX_TEXT:
        raise BrokenFile(Message("it would be longer than %(max_text)s bytes", max_text=MAX_TEXT))
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
        raise BrokenFile(Message("it does not begin with a seal"))
    if _digest(rest) != checksum:
        raise BrokenFile(Message("its SHA-256 is not the one it carries"))
    try:
        return unpack_gzip(file)
    except zlib.error as error:
        raise BrokenFile(Message("it cannot be unpacked (%(error)s)", error=error)) from None


def unpack_gzip(file: bytes, limit: int = MAX_TEXT) -> bytes:
    """Return the text of a gzip file of any origin, and never hold more than the limit of it.

    Raises:
        BrokenFile: it is longer than the limit.
        zlib.error: it is no gzip file, or not whole.
    """
    stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    text = stream.decompress(file, limit + 1)
    if len(text) > limit:
        raise BrokenFile(Message("it unpacks to more than %(limit)s bytes", limit=limit))
    if not stream.eof:
        raise zlib.error(Message("its end is missing"))
    return text


def _digest(rest: bytes) -> str:
    return hashlib.sha256(rest).hexdigest()
