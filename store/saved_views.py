"""Saved views: lists of the inbox that somebody named, a person's own or a team's."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Column, Index, Integer, Row, String, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.db.clock import Clock
from store.db.request_keys import RequestKey, derived_id
from store.db.session import Sessions
from store.db.sql import insert
from store.db.tables import table
from store.db.types import Instant, Json, UserText
from store.errors import TooManyViews, ViewNameTaken

saved_views = table(
    "saved_views",
    Column("id", String, primary_key=True),
    Column("owner_kind", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("name", UserText, nullable=False),
    Column("query", Json, nullable=False),
    Column("place", Integer, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    Index(None, "tenant", "owner_kind", "owner", "place"),
)


class ViewOwnerKind(StrEnum):
    """Whose a saved view may be."""

    PERSON = auto()
    TEAM = auto()


@dataclass(frozen=True)
class ViewOwner:
    """Whose a saved view is: a person's, or a team's, which all its members see."""

    kind: ViewOwnerKind
    id: str


@dataclass(frozen=True)
class SavedView:
    """A list of the inbox with a name; `query` is what its address says, `place` its order."""

    id: str
    owner: ViewOwner
    name: str
    query: Mapping[str, JsonValue]
    place: int
    made_by: str
    made_at: datetime


class SavedViews:
    """Keeps saved views; the caller has checked who may."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def of(self, tenant: str, owners: Sequence[ViewOwner]) -> list[SavedView]:
        """Return the views of these owners, a person's first, each owner's in their order."""
        mine = or_(*(_owned_by(owner) for owner in owners))
        query = select(saved_views).where(saved_views.c.tenant == tenant, mine)
        order = (saved_views.c.owner_kind, saved_views.c.owner, saved_views.c.place)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query.order_by(*order, saved_views.c.id))).all()
        return [_view(row) for row in rows]

    async def get(self, tenant: str, id: str) -> SavedView | None:
        """Return the view with this id."""
        query = select(saved_views).where(saved_views.c.tenant == tenant, saved_views.c.id == id)
        async with self._sessions.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return _view(row) if row else None

    async def add(
        self,
        tenant: str,
        owner: ViewOwner,
        name: str,
        query: Mapping[str, JsonValue],
        *,
        by: str,
        most: int,
        key: RequestKey | None = None,
    ) -> SavedView:
        """Add a view as its owner's last, under a key once.

        Raises:
            TooManyViews: the owner has `most` of them.
            ViewNameTaken: the owner has another one of this name.
            Unstorable: the name holds a NUL character.
        """
        id = f"vw-{derived_id(tenant, key, 8) if key else secrets.token_hex(8)}"
        theirs = (saved_views.c.tenant == tenant, _owned_by(owner))
        last = select(func.count(), func.max(saved_views.c.place)).where(*theirs)
        this = (saved_views.c.tenant == tenant, saved_views.c.id == id)
        async with self._sessions.writing() as connection:
            if row := (await connection.execute(select(saved_views).where(*this))).one_or_none():
                return _view(row)
            n, place = (await connection.execute(last)).one()
            if n >= most:
                raise TooManyViews(f"{owner.id} has {n} views.")
            await _check_name(connection, tenant, owner, name, id)
            values = {
                "tenant": tenant,
                "id": id,
                "owner_kind": owner.kind.value,
                "owner": owner.id,
                "name": name,
                "query": dict(query),
                "place": (place or 0) + 1,
                "made_by": by,
                "made_at": self._clock(),
            }
            adding = insert(connection, saved_views).values(values)
            await connection.execute(adding.on_conflict_do_nothing())
            return _view((await connection.execute(select(saved_views).where(*this))).one())

    async def change(
        self,
        tenant: str,
        id: str,
        *,
        name: str | None = None,
        query: Mapping[str, JsonValue] | None = None,
    ) -> None:
        """Give a view another name or query; what is None stays.

        Raises:
            ViewNameTaken: its owner has another one of this name.
        """
        fields = {"name": name, "query": None if query is None else dict(query)}
        values = {field: value for field, value in fields.items() if value is not None}
        if values:
            this = (saved_views.c.tenant == tenant, saved_views.c.id == id)
            async with self._sessions.writing() as connection:
                row = (await connection.execute(select(saved_views).where(*this))).one_or_none()
                if row is not None and name is not None:
                    await _check_name(connection, tenant, _view(row).owner, name, id)
                await connection.execute(update(saved_views).where(*this).values(values))

    async def order(self, tenant: str, owner: ViewOwner, ids: Sequence[str]) -> None:
        """Put an owner's views into this order; those that are not named come after them."""
        theirs = (saved_views.c.tenant == tenant, _owned_by(owner))
        query = select(saved_views.c.id).where(*theirs)
        async with self._sessions.writing() as connection:
            rows = await connection.scalars(query.order_by(saved_views.c.place, saved_views.c.id))
            known = [*rows]
            first = [id for id in dict.fromkeys(ids) if id in known]
            for place, id in enumerate([*first, *(id for id in known if id not in first)], 1):
                moving = update(saved_views).where(*theirs, saved_views.c.id == id)
                await connection.execute(moving.values(place=place))

    async def remove(self, tenant: str, id: str) -> None:
        """Remove a view, if it is there."""
        this = (saved_views.c.tenant == tenant, saved_views.c.id == id)
        async with self._sessions.writing() as connection:
            await connection.execute(delete(saved_views).where(*this))


async def _check_name(
    connection: AsyncConnection, tenant: str, owner: ViewOwner, name: str, id: str
) -> None:
    """Refuse a name that another view of the owner's has."""
    same = (saved_views.c.tenant == tenant, _owned_by(owner), saved_views.c.name == name)
    query = select(saved_views.c.id).where(*same, saved_views.c.id != id).limit(1)
    if (await connection.execute(query)).first() is not None:
        raise ViewNameTaken(f"{owner.id} has a view of this name.")


def _owned_by(owner: ViewOwner) -> Any:
    return and_(saved_views.c.owner_kind == owner.kind.value, saved_views.c.owner == owner.id)


def _view(row: Row[Any]) -> SavedView:
    owner = ViewOwner(ViewOwnerKind(row.owner_kind), row.owner)
    return SavedView(row.id, owner, row.name, row.query, row.place, row.made_by, row.made_at)
