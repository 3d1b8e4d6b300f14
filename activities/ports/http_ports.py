"""The HTTP version of a port: one POST per call, with its idempotency key.

The other system answers 2xx `{"reference": …}` when the order is done (again with the same
reference when it gets the key again), 409 or 422 `{"reason": …}` when it refuses. Everything else
is a technical failure and is tried again with the same key.
"""

from http import HTTPStatus

import httpx
from pydantic import BaseModel, ValidationError

from activities.ports.interfaces import Answer, Declined, Done, PortFailed
from domain.engine.messages import PendingCall
from domain.language.values import Code

TIMEOUT = 20.0
"""Seconds; shorter than an attempt of the activity, so that the failure has a name."""

REFUSALS = (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
BODY_FIELDS = {"number", "seq", "n", "tenant", "port", "template", "customer", "params"}


class HttpPort:
    """A system behind an address that the operator chose: it may be a private one."""

    def __init__(self, url: str, token: str | None = None, timeout: float = TIMEOUT) -> None:
        self._url, self._timeout = url, timeout
        self._trust = httpx.create_ssl_context()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def order(self, call: PendingCall) -> Answer:
        """Post the call and read the answer.

        Raises:
            PortFailed: there was none, or not one of those that are agreed on.
        """
        headers = {**self._headers, "Idempotency-Key": call.key}
        body = call.model_dump(mode="json", include=BODY_FIELDS)
        try:
            async with httpx.AsyncClient(timeout=self._timeout, verify=self._trust) as http:
                response = await http.post(self._url, json=body, headers=headers)
        except httpx.HTTPError as error:
            # Its text may hold the address with what is secret in it; its class says enough.
            raise PortFailed(f"{call.port}: {type(error).__name__}") from None
        return _read(call.port, response)


class _Reference(BaseModel):
    reference: Code


class _Reason(BaseModel):
    reason: Code


def _read(port: str, response: httpx.Response) -> Answer:
    try:
        if response.is_success:
            return Done(_Reference.model_validate_json(response.content).reference)
        if response.status_code in REFUSALS:
            return Declined(_Reason.model_validate_json(response.content).reason)
    except ValidationError:
        raise PortFailed(f"{port}: {response.status_code} with an unknown answer") from None
    raise PortFailed(f"{port}: answered {response.status_code}")
