"""Lists: every row once, in order, whatever the size of the page."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from domain.read_models.projection import CaseView, TaskView
from store import Store
from store.cases.records import CaseCount, CaseFilter, TaskCount, TaskFilter
from store.db.pages import Cursor, Page
from tests.store import sample_cases

T = TypeVar("T")
N = 9
LATER = sample_cases.DAWN + timedelta(days=1)

CASES: dict[str, tuple[dict[str, Any], set[int]]] = {
    "all": ({}, set(range(N))),
    "kind": ({"kind": "inquiry"}, {1, 2}),
    "state": ({"state": "telling"}, {3}),
    "stage": ({"stage": "follow_up"}, {4}),
    "priority": ({"priority": "P1"}, {2, 5}),
    "assignee": ({"assignee": "liu.yang"}, {6}),
    "team": ({"team": "vip"}, {7}),
    "source": ({"source": "crm"}, {8}),
    "external_ref": ({"external_ref": "R-8"}, {8}),
    "customer": ({"customer": "cu-5"}, {5}),
    "channel": ({"channel": "email"}, {0}),
    "outcome": ({"outcome": "solved"}, {1}),
    "open": ({"open": True}, set(range(N)) - {1}),
    "closed": ({"open": False}, {1}),
    "from": ({"received_from": sample_cases.DAWN + 2 * sample_cases.MINUTE}, {6, 7, 8}),
    "to": ({"received_to": sample_cases.DAWN + sample_cases.MINUTE}, {0, 1, 2}),
    "on hold": ({"on_hold": True}, {3, 7}),
    "not on hold": ({"on_hold": False}, set(range(N)) - {3, 7}),
    "two at once": ({"kind": "inquiry", "priority": "P1"}, {2}),
    "none": ({"kind": "repair"}, set()),
}

TASKS: dict[str, tuple[dict[str, Any], set[int]]] = {
    "all": ({}, set(range(N)) - {8}),
    "assignee": ({"assignee": "liu.yang"}, {0, 1}),
    "unassigned": ({"unassigned": True}, {2, 3, 4, 5, 6, 7}),
    "teams": ({"teams": ("vip", "north")}, {2, 3}),
    "no team": ({"teams": ()}, set()),
    "roles: candidate": ({"roles": ("mender",)}, {4}),
    "roles: lead": ({"roles": ("chief",)}, {4, 5}),
    "roles: any of": ({"roles": ("mender", "chief", "other")}, {4, 5}),
    "no role": ({"roles": ()}, set()),
    "kind": ({"kind": "inquiry"}, {6}),
    "stage": ({"stage": "resolve"}, {7}),
    "state": ({"state": "answering"}, {7}),
    "priority": ({"priority": "P1"}, {1, 7}),
    "on hold": ({"on_hold": True}, {1, 6}),
    "not on hold": ({"on_hold": False}, {0, 2, 3, 4, 5, 7}),
    "two at once": ({"priority": "P1", "assignee": "liu.yang"}, {1}),
}


async def walk(read: Callable[[Cursor | None], Awaitable[Page[T]]]) -> list[T]:
    """All pages, one after another."""
    found: list[T] = []
    after: Cursor | None = None
    while True:
        page = await read(after)
        found += page.items
        if page.next is None:
            return found
        assert page.items
        after = page.next


async def fill_cases(store: Store, tenant: str) -> list[CaseView]:
    """Nine cases, three of them at the same moment each."""
    plain = sample_cases.update_after(sample_cases.opened(tenant)).case
    differs: dict[int, dict[str, Any]] = {
        0: {"channel": "email"},
        1: {"kind": "inquiry", "outcome": "solved", "closed_at": sample_cases.DAWN},
        2: {"kind": "inquiry", "priority": "P1"},
        3: {"state": "telling", "held_until": LATER},
        4: {"stage": "follow_up"},
        5: {"priority": "P1", "customer": "cu-5"},
        6: {"assignee": "liu.yang"},
        7: {"team": "vip", "held_until": LATER},
        8: {"source": "crm", "external_ref": "R-8"},
    }
    for index in range(N):
        received = sample_cases.DAWN + (index // 3) * sample_cases.MINUTE
        more = {"number": f"{plain.number}-{index}", "received_at": received, **differs[index]}
        await store.recorder.write(sample_cases.only_case(plain, **more))
    return [
        found
        for index in range(N)
        if (found := await store.cases.get(tenant, f"{plain.number}-{index}"))
    ]


async def fill_tasks(store: Store, tenant: str) -> list[TaskView]:
    """Nine cases with a task each; the last one is done."""
    batch = sample_cases.update_after(sample_cases.opened(tenant))
    case, task = batch.case, batch.tasks[0]
    differs: dict[int, dict[str, Any]] = {
        0: {"assignee": "liu.yang"},
        1: {"assignee": "liu.yang", "priority": "P1", "held_until": LATER},
        2: {"team": "vip"},
        3: {"team": "north"},
        4: {"candidates": ("mender",), "leads": ("chief",)},
        5: {"leads": ("chief", "lead")},
        6: {"kind": "inquiry", "held_until": LATER},
        7: {"stage": "resolve", "state": "answering", "priority": "P1"},
        8: {"done_at": sample_cases.DAWN, "done_by": "liu.yang", "candidates": (), "leads": ()},
    }
    made: list[TaskView] = []
    for index in range(N):
        of = case.model_copy(update={"number": f"{case.number}-{index}"})
        received = sample_cases.DAWN + (index // 3) * sample_cases.MINUTE
        written = sample_cases.with_task(of, task, received_at=received, **differs[index])
        await store.recorder.write(written)
        made += written.tasks
    return made


@pytest.mark.parametrize("limit", [1, 2, 3, 4, N, N + 1])
async def test_pages_of_cases_hold_each_once(store: Store, tenant: str, limit: int) -> None:
    made = await fill_cases(store, tenant)
    read = await walk(lambda after: store.cases.page(tenant, CaseFilter(), after, limit))
    assert read == sorted(made, key=lambda case: (case.received_at, case.number), reverse=True)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, N, N + 1])
async def test_pages_of_tasks_hold_each_open_one_once(
    store: Store, tenant: str, limit: int
) -> None:
    made = await fill_tasks(store, tenant)
    read = await walk(lambda after: store.tasks.page(tenant, TaskFilter(), after, limit))
    assert read == sorted(made[:-1], key=lambda task: (task.received_at, task.number))


async def test_what_comes_in_between_disturbs_no_page(store: Store, tenant: str) -> None:
    made = await fill_cases(store, tenant)
    first = await store.cases.page(tenant, CaseFilter(), None, 4)
    for index, when in enumerate((sample_cases.MINUTE, 5 * sample_cases.MINUTE)):
        late = {"number": f"{made[0].number}-new{index}", "received_at": sample_cases.DAWN + when}
        await store.recorder.write(sample_cases.only_case(made[0], **late))
    rest = await walk(lambda after: store.cases.page(tenant, CaseFilter(), after or first.next, 4))
    seen = [case.number for case in (*first.items, *rest)]
    assert len(seen) == len(set(seen))
    assert {case.number for case in made} <= set(seen)


@pytest.mark.parametrize("name", CASES)
async def test_a_filter_finds_its_cases(store: Store, tenant: str, name: str) -> None:
    given, expected = CASES[name]
    made = await fill_cases(store, tenant)
    page = await store.cases.page(tenant, CaseFilter(**given), None, 100)
    assert {made.index(case) for case in page.items} == expected


@pytest.mark.parametrize("name", TASKS)
async def test_a_filter_finds_its_tasks(store: Store, tenant: str, name: str) -> None:
    given, expected = TASKS[name]
    made = await fill_tasks(store, tenant)
    page = await store.tasks.page(tenant, TaskFilter(**given), None, 100)
    assert {made.index(task) for task in page.items} == expected


async def test_roles_change_with_the_task(store: Store, tenant: str) -> None:
    batch = sample_cases.update_after(sample_cases.opened(tenant))
    case, task = batch.case, batch.tasks[0]
    await store.recorder.write(sample_cases.with_task(case, task, candidates=("a",), leads=("b",)))
    newer = {"version": task.version + 1, "candidates": ("c",), "leads": ()}
    await store.recorder.write(sample_cases.with_task(case, task, **newer))

    async def seen(role: str) -> int:
        page = await store.tasks.page(tenant, TaskFilter(roles=(role,)), None, 10)
        return len(page.items)

    assert [await seen(role) for role in "abc"] == [0, 0, 1]


async def test_another_tenant_sees_nothing(store: Store, tenant: str) -> None:
    await fill_cases(store, tenant)
    await fill_tasks(store, tenant)
    other = f"not-{tenant}"
    assert (await store.cases.page(other, CaseFilter(), None, 10)).items == ()
    assert (await store.tasks.page(other, TaskFilter(), None, 10)).items == ()
    assert await store.counts.cases(other) == []


async def test_numbers_are_listed_in_order(store: Store, tenant: str) -> None:
    made = [case.number for case in await fill_cases(store, tenant)]
    found: list[str] = []
    after: str | None = None
    while part := await store.cases.all_numbers(tenant, after, 4):
        found += part
        after = part[-1]
    assert found == made


async def test_counts(store: Store, tenant: str) -> None:
    await fill_cases(store, tenant)
    counts = await store.counts.cases(tenant)
    assert sum(count.n for count in counts) == N
    assert CaseCount("complaint", "accept", "telling", 1) in counts
    assert CaseCount("inquiry", "accept", "received", 2) in counts


async def test_counts_of_tasks_and_messages(store: Store, tenant: str) -> None:
    await fill_tasks(store, tenant)
    assert await store.counts.tasks(tenant) == [
        TaskCount("complaint", "accept", False, 4),
        TaskCount("complaint", "accept", True, 2, on_hold=1),
        TaskCount("complaint", "resolve", False, 1),
        TaskCount("inquiry", "accept", False, 1, on_hold=1),
    ]
    await store.recorder.write(sample_cases.update_after(sample_cases.opened(tenant)))
    assert await store.outbox_queue.counts(tenant) == {"pending": 1}


async def test_microseconds_and_zones_do_not_disturb_the_order(store: Store, tenant: str) -> None:
    plain = sample_cases.update_after(sample_cases.opened(tenant)).case
    moments = [
        sample_cases.DAWN.replace(microsecond=0) + timedelta(microseconds=n) for n in (0, 1, 10)
    ]
    for index, at in enumerate(moments):
        more = {"number": f"{plain.number}-{index}", "received_at": at}
        await store.recorder.write(sample_cases.only_case(plain, **more))
    read = await walk(lambda after: store.cases.page(tenant, CaseFilter(), after, 1))
    assert [case.received_at for case in read] == moments[::-1]
