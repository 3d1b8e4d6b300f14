"""Posts letters to one address, signed by Standard Webhooks, and says what came of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Self

import httpx
from standardwebhooks import Webhook

from activities.cloud_events import CONTENT_TYPE, cloud_event
from activities.ssrf_guard import AddressRefused, GuardedTransport
from store.db.clock import Clock
from store.outbox.records import OutboxMessage

PATIENCE = 15.0
GONE = "gone"


@dataclass(frozen=True)
class Sent:
    """It was taken."""


@dataclass(frozen=True)
class NotSent:
    """It was not taken: why, as a code, and how long to wait at least if the receiver said so."""

    reason: str
    wait: timedelta = timedelta()


class Webhooks:
    """One receiver. Each secret signs, so that a receiver may know the old one or the new one."""

    def __init__(
        self,
        url: str,
        secrets: Sequence[str],
        clock: Clock,
        *,
        allow_private: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        self._url, self._clock, self._patience = url, clock, patience
        self._signers = [Webhook(secret) for secret in secrets]
        transport = GuardedTransport(allow_private=allow_private)
        self._http = httpx.AsyncClient(
            transport=transport, timeout=patience, follow_redirects=False, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._http.aclose()

    async def send(self, letter: OutboxMessage) -> Sent | NotSent:
        """Post it once. Only the status is read, never the body: it might have no end."""
        body, now = cloud_event(letter), self._clock()
        try:
            async with (
                asyncio.timeout(self._patience),
                self._http.stream(
                    "POST", self._url, content=body, headers=self._headers(letter.id, body, now)
                ) as response,
            ):
                return _judge(response, now)
        except (TimeoutError, httpx.TimeoutException):
            return NotSent("timeout")
        except AddressRefused:
            return NotSent("private_address")
        except (httpx.HTTPError, OSError, UnicodeError):
            return NotSent("unreachable")

    def _headers(self, id: str, body: str, now: datetime) -> dict[str, str]:
        return {
            "content-type": CONTENT_TYPE,
            "webhook-id": id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(each.sign(id, now, body) for each in self._signers),
        }


def _judge(response: httpx.Response, now: datetime) -> Sent | NotSent:
    if response.is_success:
        return Sent()
    if response.status_code == HTTPStatus.GONE:
        return NotSent(GONE)
    if response.is_redirect:
        return NotSent("redirect")
    wait = _wait(response.headers.get("retry-after", ""), now)
    return NotSent(f"http_{response.status_code}", wait)


def _wait(said: str, now: datetime) -> timedelta:
    """`Retry-After`, in seconds or as a date; what cannot be read says nothing."""
    try:
        if said.isascii() and said.isdigit():
            return timedelta(seconds=int(said))
        until = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return timedelta()
    return max(until.replace(tzinfo=until.tzinfo or UTC) - now, timedelta())
