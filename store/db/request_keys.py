"""Ids that follow from a request's key, so that the same request makes the same thing once."""

import hashlib
from typing import NamedTuple


class RequestKey(NamedTuple):
    """The Idempotency-Key of a request, and whose it is."""

    client: str
    key: str


def derived_id(tenant: str, key: RequestKey, size: int) -> str:
    """Return an id of so many bytes, in hexadecimal, that nobody else's key leads to."""
    scope = f"{tenant}\n{key.client}\n{key.key}"
    return hashlib.sha256(scope.encode()).hexdigest()[: 2 * size]
