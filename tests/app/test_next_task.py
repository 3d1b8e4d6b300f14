"""The next task under an idempotency key: one, however often it is asked for."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from weakref import WeakValueDictionary

import pytest

from app.inbox import InboxQuery, View
from app.next_task import NoNext, take_next
from app.read_tasks import TaskScope, list_tasks
from app.services import Services
from app.submit_steps import submit_steps
from cases.common.policy import publish
from domain.engine.messages import Command
from store.cases.records import TaskWhere
from tests.app.test_inbox import TENANTS, listed, staff, start
from tests.cases.test_ordering import POLICY as ORDERED

pytestmark = pytest.mark.xdist_group("app")


@pytest.fixture
def tenant() -> str:
    """A tenant of the test's own."""
    return f"inbox-{next(TENANTS)}"


@pytest.mark.parametrize("processes", ["one", "two"])
async def test_a_key_claims_one_task_however_often_and_at_once(
    services: Services, tenant: str, processes: str
) -> None:
    await start(services, tenant, 4)
    liu = staff(tenant, "liu.yang", "agent")
    zhang = staff(tenant, "zhang.qian", "agent")
    other = replace(services, claiming=set(), taking=WeakValueDictionary())
    used = (services, other if processes == "two" else services)
    at_once = await asyncio.gather(*(take_next(each, liu, key="one") for each in used))
    later = await take_next(services, liu, InboxQuery(view=View.MINE), "one")
    numbers = {each.row.number for each in (*at_once, later) if each.row}
    assert [*numbers] == await listed(services, liu, View.MINE)
    assert all(each.row for each in (*at_once, later))
    assert (await take_next(services, liu, key="two")).row
    theirs = await take_next(services, zhang, key="one")
    assert theirs.row
    assert theirs.row.assignee == zhang.id
    assert len(await listed(services, liu, View.MINE)) == 2
    assert len(await listed(services, liu, View.UNASSIGNED)) == 1
    assert not services.taking


async def test_a_key_of_the_last_task_names_it_again(services: Services, tenant: str) -> None:
    (number,) = await start(services, tenant, 1)
    liu = staff(tenant, "liu.yang", "agent")
    for _ in range(2):
        taken = await take_next(services, liu, key="one")
        assert taken.row
        assert taken.row.number == number
    assert (await take_next(services, liu, key="two")).why_none is NoNext.NOTHING_LEFT


async def test_a_head_start_makes_a_later_case_the_next(services: Services, tenant: str) -> None:
    """The list, the tasks of the API and `next` have one order."""
    publish([ORDERED])
    ordered = replace(services, policy_version=ORDERED.version)
    first, second = await start(ordered, tenant, 2)
    liu = staff(tenant, "liu.yang", "agent")
    zhao = staff(tenant, "zhao.fang", "service_manager")
    assert await listed(services, liu, View.UNASSIGNED) == [first, second]
    press = Command(step="prioritise", form={"priority": "P1", "reason": "press"})
    await submit_steps(services, zhao, second, [press])
    assert await listed(services, liu, View.UNASSIGNED) == [second, first]
    page = await list_tasks(services, liu, TaskScope.UNASSIGNED, TaskWhere(), None, 10)
    assert [task.number for task in page.items] == [second, first]
    taken = await take_next(services, liu)
    assert taken.row is not None
    assert (taken.row.number, taken.row.head_start) == (second, timedelta(hours=8))
