"""What only the store knows: a case does not close over its children, an order is paid once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from pydantic import JsonValue

from app import order_turns
from app.authentication import Principal
from app.comments import add_comment
from app.errors import Refused
from app.read_tasks import TaskScope, list_tasks
from app.services import Services
from app.start_case import NewCase, start_case
from app.submit_steps import submit_steps
from domain.engine.messages import Command
from domain.language.channels import Channel
from domain.language.spellings import plain_code
from store.cases.records import TaskWhere
from store.comments import Visibility
from tests.app.conftest import colleague
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("app")
APPROVED = {
    "ground": "transport_damage",
    "damaged": True,
    "ruling": "refund",
    "freight": "merchant",
    "amount": {"amount": "129.00"},
    "paid": {"amount": "129.00"},
}
REFERENCES = count()
RACES = 4
GOOD = {"grade": "A", "passed": True}
SOLVED = {"reached": True, "solved": True, "satisfaction": "satisfied"}


async def opened(services: Services, by: Principal, kind: str, **more: Any) -> str:
    ref = f"related-{next(REFERENCES)}"
    form: dict[str, JsonValue] = {"words": "裙子破了"}
    new = NewCase(kind=kind, channel=Channel.PHONE, form=form, external_ref=ref, **more)
    started = await start_case(services, by, new, None)
    assert started.recorded
    return started.number


async def take(services: Services, by: Principal, number: str, *steps: Any, **more: Any) -> Any:
    commands = [Command(step=step, form=form) for step, form in steps]
    pointers = [f"/{place}" for place in range(len(commands))]
    return await submit_steps(services, by, number, commands, pointers=pointers, **more)


async def in_state(services: Services, number: str, state: str) -> None:
    async def there() -> bool:
        row = await services.store.cases.get("default", number)
        return row is not None and row.state == state

    await until(there)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ORDER-7", "ORDER-7"),
        ("ORDER-8", "order-8"),
        ("order-9", "ORDER-9"),
        ("Order-10", "ORDER-10"),
        ("ORDER-11", "\uff2f\uff32\uff24\uff25\uff32-\uff11\uff11"),
        ("\ufdfa-13", "\ufdfa-13"),
        ("\uff4f\uff52\uff44\uff45\uff52\uff11\uff12", "ORDER12"),
    ],
)
async def test_of_two_returns_of_one_order_one_pays(
    services: Services, shop: Principal, agent: Principal, one: str, other: str
) -> None:
    """However people write it; what was paid stands in the case that was written first."""
    goods = await colleague(services, f"goods.{next(REFERENCES)}", "logistics")
    numbers = [await opened(services, shop, "returns", order=order) for order in (one, other)]
    for number in numbers:
        sort = ("classify", {"category": "transport_damage"})
        await take(services, agent, number, ("accept", {}), sort, ("claim", {}))
        await take(services, agent, number, ("review", APPROVED))
        await take(services, goods, number, ("receive", {}))
    first, second = numbers
    inspected = await take(services, goods, first, ("inspect", GOOD), key=f"inspect-{first}")
    await in_state(services, first, "telling_by_hand")
    with pytest.raises(Refused) as refused:
        await take(services, goods, second, ("inspect", GOOD))
    assert (refused.value.code, refused.value.params["cases"]) == ("paid_elsewhere", [first])
    again = await take(services, goods, first, ("inspect", GOOD), key=f"inspect-{first}")
    assert again.replayed
    assert again.receipt == inspected.receipt


async def test_of_two_that_are_decided_at_the_same_moment_one_pays(
    services: Services, shop: Principal, agent: Principal
) -> None:
    """In turn one and the other begins first; whoever comes second knows what the first pays."""
    goods = await colleague(services, f"goods.{next(REFERENCES)}", "logistics")
    for attempt in range(RACES):
        order = f"RACE-{attempt}"
        numbers = [await opened(services, shop, "returns", order=order) for _ in range(2)]
        for number in numbers:
            sort = ("classify", {"category": "transport_damage"})
            await take(services, agent, number, ("accept", {}), sort, ("claim", {}))
            await take(services, agent, number, ("review", APPROVED))
            await take(services, goods, number, ("receive", {}))
        both = [take(services, goods, number, ("inspect", GOOD)) for number in numbers]
        came = await asyncio.gather(*(both if attempt % 2 else both[::-1]), return_exceptions=True)
        refusals = [each for each in came if isinstance(each, Refused)]
        assert [each.code for each in refusals] == ["paid_elsewhere"], came


async def test_a_turn_that_is_never_given_back_is_told(
    services: Services, shop: Principal, agent: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_turns, "PATIENCE", timedelta(milliseconds=200))
    number = await opened(services, shop, "returns", order="BUSY-1")
    turns = services.store.order_turns
    assert await turns.take("default", plain_code("BUSY-1"), "another", timedelta(minutes=1))
    with pytest.raises(Refused) as refused:
        await take(services, agent, number, ("accept", {}))
    assert refused.value.code == "order_busy"
    await turns.give_back("default", plain_code("BUSY-1"), "another")
    await take(services, agent, number, ("accept", {}))


async def test_a_case_does_not_close_over_its_children(
    services: Services, shop: Principal, agent: Principal
) -> None:
    parent = await opened(services, shop, "inquiry")
    child = await opened(services, shop, "complaint", parent=parent)
    sort = ("classify", {"category": "invoice"})
    await take(services, agent, parent, ("accept", {}), sort, ("claim", {}))
    await take(services, agent, parent, ("answer", {"answer": "Here it is."}))
    await in_state(services, parent, "telling_by_hand")
    await take(services, agent, parent, ("told_by_hand", {"how": "by phone"}))
    for by, step in ((agent, ("follow_up", SOLVED)), (shop, ("confirm", {"solved": True}))):
        with pytest.raises(Refused) as refused:
            await take(services, by, parent, step)
        assert (refused.value.code, refused.value.params["children"]) == ("children_open", [child])
    await take(services, agent, child, ("withdraw", {"reason": "He rang."}))
    await in_state(services, child, "withdrawn")
    await take(services, agent, parent, ("follow_up", SOLVED))
    await in_state(services, parent, "closed")


async def test_nobody_withdraws_a_case_over_its_children(
    services: Services, shop: Principal, agent: Principal
) -> None:
    parent = await opened(services, shop, "inquiry")
    child = await opened(services, shop, "complaint", parent=parent)
    for by, reason in ((shop, {}), (agent, {"reason": "He rang."})):
        with pytest.raises(Refused) as refused:
            await take(services, by, parent, ("withdraw", reason))
        assert (refused.value.code, refused.value.params["children"]) == ("children_open", [child])
    await take(services, agent, child, ("withdraw", {"reason": "He rang."}))
    await in_state(services, child, "withdrawn")
    await take(services, shop, parent, ("withdraw", {}))
    await in_state(services, parent, "withdrawn")


async def test_a_message_on_a_closed_case_is_a_task_until_it_is_answered(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await opened(services, shop, "inquiry")
    sort = ("classify", {"category": "invoice"})
    await take(services, agent, number, ("accept", {}), sort, ("claim", {}))
    await take(services, agent, number, ("answer", {"answer": "Here it is."}))
    await in_state(services, number, "telling_by_hand")
    await take(services, agent, number, ("told_by_hand", {"how": "by phone"}))
    await take(services, agent, number, ("follow_up", SOLVED))

    async def mine() -> list[tuple[str, ...]]:
        found = await list_tasks(services, agent, TaskScope.MINE, TaskWhere(), None, 100)
        return [task.steps for task in found.items if task.number == number]

    assert await mine() == []
    for answered_by in ("comment", "reopening"):
        text = f"还是不行（{answered_by}）"
        await add_comment(services, shop, number, text, Visibility.PUBLIC, text)
        await until(lambda: _is(mine, [("reopen",)]))
        if answered_by == "comment":
            await add_comment(services, agent, number, "请稍候。", Visibility.PUBLIC, "answer")
            await until(lambda: _is(mine, []))
    await take(services, agent, number, ("reopen", {"reason": "It is not solved."}))
    await in_state(services, number, "answering")


async def _is(found: Callable[[], Awaitable[list[Any]]], wanted: list[Any]) -> bool:
    return await found() == wanted
