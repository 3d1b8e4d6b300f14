"""Who calls: keys become principals; for steps, one seen lately is good while the store is down."""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.language.roles import Actor, ActorKind, Party
from store import Store
from store.audit.records import By
from store.customers.records import DESK
from store.errors import StoreDown
from store.people.records import KeyRecord, Staff

REMEMBERED_SECONDS = 300.0
REMEMBERED = 10_000
ADMINISTRATOR = "administrator"

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Principal:
    """Whoever owns the key: a system or one of the staff, of one tenant."""

    tenant: str
    kind: ActorKind
    id: str
    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    name: str | None = None

    @property
    def is_staff(self) -> bool:
        """Whether this is one of our people."""
        return self.kind is ActorKind.STAFF

    @property
    def source(self) -> str:
        """Where the cases it opens come from."""
        return DESK if self.is_staff else self.id

    @property
    def client(self) -> str:
        """Whose idempotency keys these are; no other caller shares them."""
        return f"{self.kind.value}:{self.id}"

    def actor(self, customer: str | None = None) -> Actor:
        """As history records it; a system speaks for the customer of the case."""
        if self.is_staff:
            return Actor(kind=self.kind, id=self.id, roles=self.roles)
        party = Party(kind=ActorKind.CUSTOMER, id=customer or ActorKind.CUSTOMER.value)
        return Actor(kind=self.kind, id=self.id, roles=self.roles, on_behalf_of=party)

    def by(self, reason: str = "") -> By:
        """As the ledger records it."""
        return By(self.actor(), reason)

    def sees(self, source: str) -> bool:
        """Staff see every case of their tenant, a system the cases that it brought in."""
        return self.is_staff or source == self.id


class TTLCache(Generic[K, V]):
    """The newest values, each for five minutes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def keep(self, key: K, value: V) -> None:
        """Remember, and forget the oldest if there are too many."""
        self._kept[key] = (time.monotonic() + REMEMBERED_SECONDS, value)
        self._kept.move_to_end(key)
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def forget(self, key: K) -> None:
        """As if it had never been known."""
        self._kept.pop(key, None)

    def recall(self, key: K) -> V | None:
        """The value, unless it is unknown or too old."""
        until, value = self._kept.get(key, (0.0, None))
        return value if time.monotonic() < until else None


class Authenticator:
    """Knows callers by their keys. Asks the store first, always."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._callers: TTLCache[bytes, Principal] = TTLCache()
        self._staff: TTLCache[tuple[str, str], Staff] = TTLCache()

    async def admit(self, token: str, *, although_down: bool = False) -> Principal | None:
        """The caller with this key, or None.

        Raises:
            StoreDown: and the caller is not remembered, or must not be for this request.
        """
        seen = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        try:
            record = await self._store.keys.find(token)
        except StoreDown:
            known = self._callers.recall(seen) if although_down else None
            if known is None:
                raise
            return known
        if record is None or not record.active:
            self._callers.forget(seen)
            return None
        caller = _principal(record)
        self._callers.keep(seen, caller)
        return caller

    async def colleague(self, tenant: str, id: str) -> Staff | None:
        """One of the staff, remembered for five minutes in case the store is down.

        Raises:
            StoreDown: and the person is not remembered.
        """
        try:
            found = await self._store.people.get(tenant, id)
        except StoreDown:
            known = self._staff.recall((tenant, id))
            if known is None:
                raise
            return known
        if found is not None:
            self._staff.keep((tenant, id), found)
        return found


def _principal(record: KeyRecord) -> Principal:
    return Principal(
        tenant=record.tenant,
        kind=ActorKind(record.owner.kind.value),
        id=record.owner.id,
        roles=record.roles,
        teams=record.teams,
        name=record.name,
    )
