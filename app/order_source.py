"""The port `orders`: one interface, in front of the store's own orders or of another system's.

It is here and not among `activities/ports`, since a start asks it before there is a workflow; no
activity does. The operator chooses the address, which so may be a private one, as those of
payments and the courier; redirects are not followed.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Final, Protocol
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from app.errors import OrdersDown, OrdersElsewhere
from domain.language.orders import NewOrder, Order, OrderLine
from domain.language.spellings import plain_code
from store import Store

MOST_BY_SERIAL: Final = 10
TENANT: Final = "Banjie-Tenant"
TIMEOUT: Final = 3.0
"""Seconds: somebody waits for the start."""


class OrderSource(Protocol):
    """Where orders are looked up."""

    async def find(self, tenant: str, id: str) -> Order | None:
        """Return the order with this id; None if there is none.

        Raises:
            OrdersDown, StoreDown: nobody knows now.
        """
        ...

    async def find_by_serial(self, tenant: str, serial: str) -> list[Order]:
        """Return the orders with a unit of this serial number, ten at most.

        Raises:
            OrdersDown, StoreDown: nobody knows now.
        """
        ...

    def check_writable(self) -> None:
        """Check that orders are handed in here.

        Raises:
            OrdersElsewhere: another system has them.
        """
        ...


class StoredOrders:
    """The orders that were handed in to us."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, tenant: str, id: str) -> Order | None:
        """Return the order with this id, however it is spelt."""
        return await self._store.orders.find(tenant, id)

    async def find_by_serial(self, tenant: str, serial: str) -> list[Order]:
        """Return the orders with a unit of this serial number."""
        return await self._store.orders.find_by_serial(tenant, serial, MOST_BY_SERIAL)

    def check_writable(self) -> None:
        """Do nothing: they are handed in here."""


class HttpOrders:
    """The orders of another system.

    `GET <url>/<id>` answers 200 with the order, as `PUT /v1/orders/{id}` takes it together with
    its `id`, or 404; `GET <url>?serial=…` answers 200 `{"items": [orders]}`. Both carry the header
    `Banjie-Tenant`. Anything else counts as a failure.
    """

    def __init__(self, url: str, token: str | None = None, timeout: float = TIMEOUT) -> None:
        self._url, self._timeout = url.rstrip("/"), timeout
        self._trust = httpx.create_ssl_context()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def find(self, tenant: str, id: str) -> Order | None:
        """Return the order with this id; None if the other system has none."""
        response = await self._get(tenant, f"{self._url}/{quote(id, safe='')}")
        if response.status_code == HTTPStatus.NOT_FOUND:
            return None
        order = _order(_json(response))
        if plain_code(order.id) != plain_code(id):
            raise OrdersDown("orders: another order than the one that was asked for")
        return order

    async def find_by_serial(self, tenant: str, serial: str) -> list[Order]:
        """Return the orders with a unit of this serial number."""
        response = await self._get(tenant, self._url, {"serial": serial})
        items = _json(response)
        items = items.get("items") if isinstance(items, dict) else None
        if not isinstance(items, list):
            raise OrdersDown("orders: an unknown answer")
        return [_order(each) for each in items[:MOST_BY_SERIAL]]

    def check_writable(self) -> None:
        """Refuse: the other system has them."""
        raise OrdersElsewhere

    async def _get(
        self, tenant: str, url: str, query: dict[str, str] | None = None
    ) -> httpx.Response:
        headers = {**self._headers, TENANT: tenant}
        try:
            # As a whole: the client's own timeout counts anew with every piece of an answer.
            async with (
                asyncio.timeout(self._timeout),
                httpx.AsyncClient(timeout=self._timeout, verify=self._trust) as http,
            ):
                return await http.get(url, params=query, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            # Its text may hold the address with what is secret in it; its class says enough.
            raise OrdersDown(f"orders: {type(error).__name__}") from None


def _json(response: httpx.Response) -> Any:
    if response.status_code != HTTPStatus.OK:
        raise OrdersDown(f"orders: answered {response.status_code}")
    try:
        return response.json()
    except ValueError:
        raise OrdersDown("orders: an answer that is no JSON") from None


def _order(data: Any) -> Order:
    """Return the order that another system describes; what we do not know of it is passed over."""
    try:
        known = {name: data[name] for name in (*NewOrder.model_fields, "id") if name in data}
        known["lines"] = [
            {name: line[name] for name in OrderLine.model_fields if name in line}
            for line in data["lines"]
        ]
        return Order.model_validate(known)
    except (ValidationError, LookupError, TypeError):
        raise OrdersDown("orders: an answer that is no order") from None
