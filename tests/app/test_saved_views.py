"""Saved views: everybody's own, those of teams by their leads, and what no longer can be shown."""

from datetime import timedelta
from itertools import count

import pytest
from pydantic import ValidationError

from app.authentication import Principal
from app.errors import Forbidden, NotFound, Unacceptable
from app.inbox import InboxQuery, View
from app.saved_views import (
    MOST_VIEWS,
    NewView,
    change_view,
    list_saved_views,
    order_views,
    remove_view,
    save_view,
)
from app.services import Services
from domain.language.roles import ActorKind
from store.saved_views import ViewOwner, ViewOwnerKind

pytestmark = pytest.mark.xdist_group("app")

TENANTS = count(1)
QUERY = InboxQuery.model_validate(
    {
        "view": View.TEAMS,
        "kind": "complaint",
        "state": "proposing",
        "due_within": "PT2H",
        "received_from": "2026-03-02T00:00:00+08:00",
    }
)


@pytest.fixture
def tenant() -> str:
    """A tenant of the test's own."""
    return f"views-{next(TENANTS)}"


def staff(tenant: str, id: str, role: str, *teams: str) -> Principal:
    return Principal(tenant, ActorKind.STAFF, id, roles=(role,), teams=teams)


def new(name: str, team: str | None = None, query: InboxQuery = QUERY) -> NewView:
    return NewView(name=name, query=query, team=team)


async def names(services: Services, caller: Principal) -> list[tuple[str, bool]]:
    return [(v.name, v.may_change) for v in await list_saved_views(services, caller)]


async def test_a_view_comes_back_as_it_was_saved(services: Services, tenant: str) -> None:
    liu = staff(tenant, "liu.yang", "agent", "north")
    saved = await save_view(services, liu, new(" 我的 投诉 "))
    (listed,) = await list_saved_views(services, liu)
    assert listed == saved
    assert (listed.name, listed.query, listed.team) == ("我的 投诉", QUERY, None)
    assert QUERY.due_within == timedelta(hours=2)


async def test_who_sees_and_changes_which(services: Services, tenant: str) -> None:
    liu = staff(tenant, "liu.yang", "agent", "north")
    wang = staff(tenant, "wang.fang", "lead", "north")
    zhao = staff(tenant, "zhao.fang", "service_manager", "south")
    admin = staff(tenant, "root", "administrator")
    own = await save_view(services, liu, new("own"))
    for caller in (liu, zhao):
        with pytest.raises(Forbidden):
            await save_view(services, caller, new("north", team="north"))
        with pytest.raises(Forbidden):
            await order_views(services, caller, [], team="north")
    team = await save_view(services, wang, new("north", team="north"))
    assert await names(services, liu) == [("own", True), ("north", False)]
    assert await names(services, wang) == [("north", True)]
    assert await names(services, zhao) == []
    for caller, id, refusal in (
        (liu, team.id, Forbidden),
        (wang, own.id, NotFound),
        (zhao, team.id, NotFound),
        (zhao, "vw-nothing", NotFound),
        (admin, own.id, NotFound),
    ):
        with pytest.raises(refusal):
            await change_view(services, caller, id, new("taken"))
        with pytest.raises(refusal):
            await remove_view(services, caller, id)
    assert await names(services, liu) == [("own", True), ("north", False)]
    changed = await change_view(services, wang, team.id, new("due", query=InboxQuery()))
    assert changed in await list_saved_views(services, wang)
    await remove_view(services, wang, team.id)
    await remove_view(services, liu, own.id)
    assert await names(services, liu) == []


async def test_views_are_put_in_order(services: Services, tenant: str) -> None:
    liu = staff(tenant, "liu.yang", "agent")
    ids = [(await save_view(services, liu, new(name))).id for name in "abc"]
    await order_views(services, liu, ids[::-1])
    assert [name for name, _ in await names(services, liu)] == ["c", "b", "a"]


async def test_a_view_is_saved_once_and_not_without_end(services: Services, tenant: str) -> None:
    liu = staff(tenant, "liu.yang", "agent")
    for n in range(MOST_VIEWS):
        await save_view(services, liu, new(f"view {n}"), key=f"k{n}")
    assert (await save_view(services, liu, new("view 0"), key="k0")).name == "view 0"
    with pytest.raises(Unacceptable) as refused:
        await save_view(services, liu, new("one more"))
    (fault,) = refused.value.faults
    assert (fault.code, fault.params) == ("too_many_views", {"max": MOST_VIEWS})
    assert len(await list_saved_views(services, liu)) == MOST_VIEWS


async def test_a_name_is_given_once(services: Services, tenant: str) -> None:
    liu, zhang = staff(tenant, "liu.yang", "agent"), staff(tenant, "zhang.qian", "agent")
    first = await save_view(services, liu, new("a"), key="k")
    other = await save_view(services, liu, new("b"))
    for again in (
        save_view(services, liu, new("a")),
        change_view(services, liu, other.id, new("a")),
    ):
        with pytest.raises(Unacceptable) as refused:
            await again
        assert [fault.code for fault in refused.value.faults] == ["view_name_taken"]
    assert (await save_view(services, liu, new("a"), key="k")).id == first.id
    assert (await change_view(services, liu, first.id, new("a"))).name == "a"
    assert (await save_view(services, zhang, new("a"))).name == "a"
    assert [name for name, _ in await names(services, liu)] == ["a", "b"]


async def test_a_view_of_what_there_is_no_more_is_still_listed(
    services: Services, tenant: str
) -> None:
    liu = staff(tenant, "liu.yang", "agent")
    owner = ViewOwner(ViewOwnerKind.PERSON, "liu.yang")
    for query in ({"view": "all", "kind": "gone"}, {"view": "gone"}, {"what": "ever"}):
        name = f"old {query}"
        await services.store.saved_views.add(tenant, owner, name, query, by=liu.id, most=9)
    assert [view.query for view in await list_saved_views(services, liu)] == [None] * 3


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201, "\u200b"])
def test_a_name_can_be_read(name: str) -> None:
    with pytest.raises(ValidationError):
        new(name)


async def test_views_are_for_staff(services: Services, shop: Principal) -> None:
    for ask in (
        list_saved_views(services, shop),
        save_view(services, shop, new("a")),
        order_views(services, shop, []),
        change_view(services, shop, "vw-1", new("a")),
        remove_view(services, shop, "vw-1"),
    ):
        with pytest.raises(Forbidden):
            await ask
