"""Page cursors: where a list goes on, signed, and valid for the same query only."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

MAC_BYTES = 16


class BadCursor(ValueError):
    """The cursor was not made here, or for another query."""


class Cursors:
    """Writes and reads cursors; their `scope` is all that the page depends on besides its place."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"banjie cursor " + secret.encode()).digest()

    def write(self, after: tuple[str, ...], scope: Any) -> str:
        """Return the cursor of the page that follows this row."""
        place = json.dumps(after, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(place, scope) + place).decode().rstrip("=")

    def read(self, cursor: str, scope: Any) -> tuple[str, ...]:
        """Return the row that the page follows.

        Raises:
            BadCursor: it was changed, or made for other filters, another tenant or caller.
        """
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadCursor("This is not a cursor.") from error
        mac, place = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(place, scope)):
            raise BadCursor("This cursor was made for another query.")
        return tuple(json.loads(place))

    def _mac(self, place: bytes, scope: Any) -> bytes:
        query = json.dumps(scope, sort_keys=True, default=str).encode()
        signed = hashlib.sha256(query).digest() + place
        return hmac.new(self._key, signed, hashlib.sha256).digest()[:MAC_BYTES]
