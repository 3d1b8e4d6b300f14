"""Saved views: lists of the inbox that people name for themselves, and leads for their teams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from app.authentication import Principal
from app.authorization import (
    check_staff,
    check_view,
    check_view_owner,
    may_change_view,
    view_owners,
)
from app.errors import Unacceptable, invalid
from app.inbox import InboxQuery
from app.services import Services
from domain.language.values import STORED, Code, Name
from store.db.request_keys import RequestKey
from store.errors import TooManyViews, ViewNameTaken
from store.saved_views import SavedView, ViewOwner, ViewOwnerKind

MOST_VIEWS: Final = 50
"""How many views a person, or a team, may have."""


class NewView(BaseModel):
    """A list of the inbox under a name; with a team it is for all of the team."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    query: InboxQuery
    team: Code | None = None


@dataclass(frozen=True)
class ShownView:
    """A saved view as its readers see it.

    `query` is None if its filters name what there is no more; `may_change` says whether this
    reader may rename, change or remove it.
    """

    id: str
    name: str
    team: str | None
    query: InboxQuery | None
    may_change: bool


async def list_saved_views(services: Services, caller: Principal) -> tuple[ShownView, ...]:
    """List the caller's own views, then those of their teams, each in their order.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    check_staff(caller)
    views = await services.store.saved_views.of(caller.tenant, view_owners(caller))
    return tuple(_shown(caller, view) for view in views)


async def save_view(
    services: Services, caller: Principal, new: NewView, key: str | None = None
) -> ShownView:
    """Save a view as the last of the caller's own, or of a team's; under a key once.

    Raises:
        Forbidden: only staff may, for a team only who leads it.
        Unacceptable: there are as many as may be, or one of this name.
        StoreDown
    """
    check_staff(caller)
    owner = _owner(caller, new.team)
    check_view_owner(caller, owner)
    try:
        view = await services.store.saved_views.add(
            caller.tenant,
            owner,
            new.name,
            _stored(new.query),
            by=caller.id,
            most=MOST_VIEWS,
            key=RequestKey(caller.client, key) if key else None,
        )
    except TooManyViews:
        detail = f"There are {MOST_VIEWS} views; remove one first."
        raise invalid("/name", "too_many_views", detail, max=MOST_VIEWS) from None
    except ViewNameTaken:
        raise _name_taken() from None
    return _shown(caller, view)


async def change_view(services: Services, caller: Principal, id: str, change: NewView) -> ShownView:
    """Give a view another name and another list; whose it is does not change.

    Raises:
        NotFound: the caller sees no such view.
        Forbidden: it is a team's that the caller does not lead.
        Unacceptable: there is another one of this name.
        StoreDown
    """
    view = await _own(services, caller, id)
    try:
        await services.store.saved_views.change(
            caller.tenant, id, name=change.name, query=_stored(change.query)
        )
    except ViewNameTaken:
        raise _name_taken() from None
    team = view.owner.id if view.owner.kind is ViewOwnerKind.TEAM else None
    return ShownView(id, change.name, team, change.query, may_change=True)


async def order_views(
    services: Services, caller: Principal, ids: Sequence[str], team: str | None = None
) -> None:
    """Put the caller's own views, or a team's, into this order; what is not named comes last.

    Raises:
        Forbidden: only staff may, for a team only who leads it.
        StoreDown
    """
    check_staff(caller)
    owner = _owner(caller, team)
    check_view_owner(caller, owner)
    await services.store.saved_views.order(caller.tenant, owner, ids)


async def remove_view(services: Services, caller: Principal, id: str) -> None:
    """Remove a view.

    Raises:
        NotFound: the caller sees no such view.
        Forbidden: it is a team's that the caller does not lead.
        StoreDown
    """
    await _own(services, caller, id)
    await services.store.saved_views.remove(caller.tenant, id)


async def _own(services: Services, caller: Principal, id: str) -> SavedView:
    check_staff(caller)
    return check_view(caller, await services.store.saved_views.get(caller.tenant, id))


def _owner(caller: Principal, team: str | None) -> ViewOwner:
    if team is None:
        return ViewOwner(ViewOwnerKind.PERSON, caller.id)
    return ViewOwner(ViewOwnerKind.TEAM, team)


def _name_taken() -> Unacceptable:
    return invalid("/name", "view_name_taken", "There is a view of this name; choose another one.")


def _stored(query: InboxQuery) -> dict[str, str]:
    """Return what the address of a list says, which is what is kept of it."""
    return query.model_dump(mode="json", exclude_none=True)


def _shown(caller: Principal, view: SavedView) -> ShownView:
    try:
        query = InboxQuery.model_validate(dict(view.query), context=dict(STORED))
    except ValidationError:
        query = None
    team = view.owner.id if view.owner.kind is ViewOwnerKind.TEAM else None
    return ShownView(view.id, view.name, team, query, may_change_view(caller, view.owner))
