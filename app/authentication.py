"""Who calls: keys and sessions become principals."""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from app.gathered import Gathered
from domain.language.roles import Actor, ActorKind, Party
from store import Store
from store.audit.records import By
from store.customers.records import DESK
from store.errors import StoreDown
from store.people.records import KeyHolder, Staff
from store.sign_in.records import Session, SessionHolder, SessionLimits, token_hash

TTL_SECONDS = 300.0
MAX_CACHED = 10_000

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Principal:
    """Whoever owns the key or the session: a system or one of the staff, of one tenant."""

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

    @property
    def own(self) -> Party:
        """Who it is, to find what it wrote itself."""
        return Party(kind=self.kind, id=self.id)

    def actor(self, customer: str | None = None) -> Actor:
        """Return the principal as history records it; a system speaks for the case's customer."""
        if self.is_staff:
            return Actor(kind=self.kind, id=self.id, roles=self.roles)
        party = Party(kind=ActorKind.CUSTOMER, id=customer or ActorKind.CUSTOMER.value)
        return Actor(kind=self.kind, id=self.id, roles=self.roles, on_behalf_of=party)

    def by(self, reason: str = "") -> By:
        """Return the principal as the audit log records it."""
        return By(self.actor(), reason)


class TTLCache(Generic[K, V]):
    """The newest values, each for five minutes."""

    def __init__(self) -> None:
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def put(self, key: K, value: V) -> None:
        """Keep a value; the oldest is dropped if there are too many."""
        self._values[key] = (time.monotonic() + TTL_SECONDS, value)
        self._values.move_to_end(key)
        if len(self._values) > MAX_CACHED:
            self._values.popitem(last=False)

    def drop(self, key: K) -> None:
        """Keep the value no longer."""
        self._values.pop(key, None)

    def get(self, key: K) -> V | None:
        """Return the value, unless there is none or it is too old."""
        expires, value = self._values.get(key, (0.0, None))
        return value if time.monotonic() < expires else None


class Authenticator:
    """Knows callers by their keys and sessions. Asks the store first, always."""

    def __init__(self, store: Store, limits: SessionLimits) -> None:
        self._store, self._limits = store, limits
        self._principals: TTLCache[bytes, Principal] = TTLCache()
        self._sessions: TTLCache[bytes, tuple[Principal, Session]] = TTLCache()
        self._staff: TTLCache[tuple[str, str], Staff] = TTLCache()
        self._readers = Gathered(partial(store.staff_sessions.find_all, limits=limits))

    async def admit(self, token: str, *, although_down: bool = False) -> Principal | None:
        """Return the principal with this key; None if no active key is this.

        With `although_down` a principal seen in the last minutes is good while the store is down.

        Raises:
            StoreDown: the principal is not cached, or must not come from the cache.
        """
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        try:
            record = await self._store.keys.find(token)
        except StoreDown:
            cached = self._principals.get(digest) if although_down else None
            if cached is None:
                raise
            return cached
        if record is None or not record.active:
            self._principals.drop(digest)
            return None
        principal = _principal(record)
        self._principals.put(digest, principal)
        return principal

    async def admit_session(
        self, token: str, *, although_down: bool = False, in_use: bool = True
    ) -> tuple[Principal, Session] | None:
        """Return who is signed in by this token, and the session; None if it is over.

        With `in_use` the session counts as used by the person; what a page does by itself, as a
        stream does, is no use. `although_down` is as for keys.

        Raises:
            StoreDown: the session is not cached, or must not come from the cache.
        """
        digest = token_hash(token)
        try:
            holder = await self._store.staff_sessions.find(token, self._limits, in_use=in_use)
        except StoreDown:
            cached = self._sessions.get(digest) if although_down else None
            if cached is None:
                raise
            return cached
        if holder is None:
            self._sessions.drop(digest)
            return None
        admitted = _person(holder), holder.session
        self._sessions.put(digest, admitted)
        return admitted

    async def read_session(self, token: str) -> Principal | None:
        """Return who is signed in by this token, for a page that is open; None if it is over.

        That is no use of the session. Of many pages that ask at once all are read at once.

        Raises:
            StoreDown
        """
        holder = await self._readers.get(token)
        return _person(holder) if holder else None

    async def colleague(self, tenant: str, id: str) -> Staff | None:
        """Return one of the staff, from the cache while the store is down.

        Raises:
            StoreDown: the person is not cached.
        """
        try:
            person = await self._store.people.get(tenant, id)
        except StoreDown:
            cached = self._staff.get((tenant, id))
            if cached is None:
                raise
            return cached
        if person is not None:
            self._staff.put((tenant, id), person)
        return person


def staff_principal(tenant: str, person: Staff) -> Principal:
    """Return one of the staff as they are now, for what they left to be done for them."""
    return Principal(tenant, ActorKind.STAFF, person.id, person.roles, person.teams, person.name)


def _principal(record: KeyHolder) -> Principal:
    return Principal(
        tenant=record.tenant,
        kind=ActorKind(record.owner.kind.value),
        id=record.owner.id,
        roles=record.roles,
        teams=record.teams,
        name=record.name,
    )


def _person(holder: SessionHolder) -> Principal:
    return Principal(
        tenant=holder.tenant,
        kind=ActorKind.STAFF,
        id=holder.session.staff,
        roles=holder.roles,
        teams=holder.teams,
        name=holder.name,
    )
