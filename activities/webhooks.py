"""Posts outbox messages to one address, signed as Standard Webhooks asks."""

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

TIMEOUT = 15.0
GONE = "gone"


@dataclass(frozen=True)
class Sent:
    """The receiver took the message."""


@dataclass(frozen=True)
class NotSent:
    """The message was not taken: why, as a code, and the shortest wait that was asked for."""

    reason: str
    wait: timedelta = timedelta()


class Webhooks:
    """One receiver. Each secret signs, so that the receiver may know the old one or the new one."""

    def __init__(
        self,
        url: str,
        secrets: Sequence[str],
        clock: Clock,
        *,
        allow_private: bool = False,
        timeout: float = TIMEOUT,
    ) -> None:
        self._url, self._clock, self._timeout = url, clock, timeout
        self._signers = [Webhook(secret) for secret in secrets]
        transport = GuardedTransport(allow_private=allow_private)
        self._http = httpx.AsyncClient(
            transport=transport, timeout=timeout, follow_redirects=False, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._http.aclose()

    async def send(self, message: OutboxMessage) -> Sent | NotSent:
        """Post a message once. Only the status is read, never the body: it might have no end."""
        body, now = cloud_event(message), self._clock()
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._http.stream(
                    "POST", self._url, content=body, headers=self._headers(message.id, body, now)
                ) as response,
            ):
                return _read_answer(response, now)
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


def _read_answer(response: httpx.Response, now: datetime) -> Sent | NotSent:
    if response.is_success:
        return Sent()
    if response.status_code == HTTPStatus.GONE:
        return NotSent(GONE)
    if response.is_redirect:
        return NotSent("redirect")
    wait = _wait(response.headers.get("retry-after", ""), now)
    return NotSent(f"http_{response.status_code}", wait)


def _wait(retry_after: str, now: datetime) -> timedelta:
    """`Retry-After`, in seconds or as a date; zero if it cannot be read."""
    try:
        if retry_after.isascii() and retry_after.isdigit():
            return timedelta(seconds=int(retry_after))
        until = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return timedelta()
    return max(until.replace(tzinfo=until.tzinfo or UTC) - now, timedelta())
