"""Ports that speak HTTP: one POST per errand, with its idempotency key.

The other system answers 2xx `{"reference": …}` when it is done (again with the same reference when
it hears the key again), 409 or 422 `{"reason": …}` when it refuses. Everything else is a technical
failure and is tried again with the same key.
"""

from http import HTTPStatus

import httpx
from pydantic import BaseModel, ValidationError

from activities.ports.interfaces import Answer, Done, PortFailed, Refused
from domain.engine.messages import PendingCall
from domain.language.forms import Code

PATIENCE = 20.0
"""Seconds; shorter than an attempt of the activity, so that the failure has a name."""

REFUSALS = (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
ASKED = {"number", "seq", "n", "tenant", "port", "template", "customer", "params"}


class _Reference(BaseModel):
    reference: Code


class _Reason(BaseModel):
    reason: Code


class HttpPort:
    """Payments or couriers behind an address, chosen by the operator: it may be a private one."""

    def __init__(self, url: str, token: str | None = None, patience: float = PATIENCE) -> None:
        self._url, self._patience = url, patience
        self._trust = httpx.create_ssl_context()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def refund(self, pending_call: PendingCall) -> Answer:
        """Ask payments for a refund."""
        return await self._ask(pending_call)

    async def send(self, pending_call: PendingCall) -> Answer:
        """Ask the courier for a parcel."""
        return await self._ask(pending_call)

    async def _ask(self, pending_call: PendingCall) -> Answer:
        headers = {**self._headers, "Idempotency-Key": pending_call.key}
        body = pending_call.model_dump(mode="json", include=ASKED)
        try:
            async with httpx.AsyncClient(timeout=self._patience, verify=self._trust) as http:
                response = await http.post(self._url, json=body, headers=headers)
        except httpx.HTTPError as error:
            # Its text may hold the address with what is secret in it; its class says enough.
            raise PortFailed(f"{pending_call.port}: {type(error).__name__}") from None
        return _read(pending_call.port, response)


def _read(port: str, response: httpx.Response) -> Answer:
    try:
        if response.is_success:
            return Done(_Reference.model_validate_json(response.content).reference)
        if response.status_code in REFUSALS:
            return Refused(_Reason.model_validate_json(response.content).reason)
    except ValidationError:
        raise PortFailed(f"{port}: {response.status_code} with an unknown answer") from None
    raise PortFailed(f"{port}: answered {response.status_code}")
