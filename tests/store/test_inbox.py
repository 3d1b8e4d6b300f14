"""The inbox: what each of its filters has, in which order, how many, and what a line shows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.language.clocks import ClockState
from domain.read_models.projection import CaseView
from store import Store
from store.cases.records import CaseFilter, InboxFilter, Reach, TaskFilter
from store.cases.tables import NEVER_DUE
from store.comments import Visibility
from store.db.clock import utc_now
from tests.store import sample_cases
from tests.store.test_lists import walk
from tests.support.cases import LIU, SHOP

N = 9
HOUR = timedelta(hours=1)
DUE = sample_cases.DAWN + HOUR
OPEN = InboxFilter(open=True)

FILTERS: dict[str, tuple[dict[str, Any], set[int]]] = {
    "all": ({}, set(range(N)) - {8}),
    "assignee": ({"assignee": "liu.yang"}, {1, 2}),
    "to do": ({"to_do": True}, {0, 1, 3, 5, 6, 7}),
    "not to do": ({"to_do": False}, {2, 4}),
    "to do, mine": ({"to_do": True, "assignee": "liu.yang"}, {1}),
    "waits": ({"waits_on": "customer"}, {4}),
    "unassigned": ({"unassigned": True}, {0, 3, 4, 5, 6, 7}),
    "assigned": ({"unassigned": False}, {1, 2}),
    "teams": ({"teams": ("vip", "north")}, {5, 6}),
    "no team": ({"teams": ()}, set()),
    "roles": ({"roles": ("mender",)}, {7}),
    "any of the roles": ({"roles": ("mender", "other")}, {7}),
    "no role": ({"roles": ()}, set()),
    "escalated": ({"escalated": True}, {6}),
    "not escalated": ({"escalated": False}, set(range(N)) - {6, 8}),
    "on hold": ({"on_hold": True}, {2, 3}),
    "unread": ({"unread": True}, {3}),
    "read": ({"unread": False}, set(range(N)) - {3, 8}),
    "overdue": ({"overdue": True}, {0, 1, 2, 3, 5, 6, 7}),
    "not overdue": ({"overdue": False}, {4}),
    "due within": ({"due_within": timedelta(days=30)}, {0, 1, 2, 3, 5, 6, 7}),
    "kind": ({"kind": "inquiry"}, {5}),
    "received": ({"received_from": sample_cases.DAWN + 7 * sample_cases.MINUTE}, {7}),
}


async def fill(store: Store, tenant: str) -> list[CaseView]:
    """Nine cases, one closed, one due never; the last but one is due first."""
    whole = sample_cases.update_after(sample_cases.opened(tenant))
    case, task = whole.case, whole.tasks[0]
    differs: dict[int, dict[str, Any]] = {
        1: {"assignee": "liu.yang"},
        2: {"assignee": "liu.yang", "held_until": NEVER_DUE},
        3: {"held_until": NEVER_DUE},
        4: {"waits_on": "customer", "next_due": None},
        5: {"team": "vip", "kind": "inquiry"},
        6: {"team": "north", "escalation_tier": 1},
        7: {"next_due": DUE - HOUR},
        8: {"closed_at": DUE, "stage": "close", "waits_on": "nobody", "next_due": None},
    }
    made = []
    for index in range(N):
        number = f"{case.number}-{index}"
        received = sample_cases.DAWN + index * sample_cases.MINUTE
        fields = {"next_due": DUE + (index // 3) * HOUR, **differs.get(index, {})}
        row = case.model_copy(update={"number": number, "received_at": received, **fields})
        candidates = ("mender",) if index == 7 else ("agent",)
        if row.waits_on == "staff":
            await store.recorder.write(
                sample_cases.with_task(row, task, candidates=candidates, leads=("lead",))
            )
        else:
            await store.recorder.write(sample_cases.only_case(row))
        made.append(row)
    for index in (3, 8):
        await store.comments.add(tenant, made[index].number, SHOP, Visibility.PUBLIC, "在吗？")
    return made


def ordered(rows: list[CaseView]) -> list[str]:
    """The numbers of cases, those due soonest first."""
    return [
        row.number for row in sorted(rows, key=lambda row: (row.next_due or NEVER_DUE, row.number))
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, N, N + 1])
async def test_pages_hold_each_open_case_once(store: Store, tenant: str, limit: int) -> None:
    made = await fill(store, tenant)
    read = await walk(lambda after: store.inbox.page(tenant, [OPEN], after, limit))
    assert [record.case.number for record in read] == ordered(made[:-1])
    assert read[0].case.number == made[7].number
    assert read[-1].case.number == made[4].number


@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_finds_its_cases(store: Store, tenant: str, name: str) -> None:
    fields, expected = FILTERS[name]
    made = await fill(store, tenant)
    where: list[CaseFilter] = [InboxFilter(open=True, **fields)]
    page = await store.inbox.page(tenant, where, None, 100)
    assert [record.case.number for record in page.items] == ordered(
        [row for index, row in enumerate(made) if index in expected]
    )
    assert await store.inbox.count(tenant, [where]) == [len(expected)]


async def test_what_is_counted_is_what_is_listed(store: Store, tenant: str) -> None:
    """All filters at once, and each narrowed by another one; closed cases where they are asked."""
    await fill(store, tenant)
    views = [InboxFilter(open=True, **fields) for fields, _ in FILTERS.values()]
    narrowed = CaseFilter(team="complaints", assignee="liu.yang")
    queries: list[Sequence[CaseFilter]] = [
        *([view] for view in views),
        *([view, narrowed] for view in views),
        [InboxFilter(unread=True)],
        [InboxFilter(unread=True), CaseFilter(open=False)],
        [OPEN, CaseFilter(open=False)],
    ]
    listed = [len((await store.inbox.page(tenant, query, None, 100)).items) for query in queries]
    assert await store.inbox.count(tenant, queries) == listed
    selected = [await store.inbox.numbers(tenant, query, 100) for query in queries]
    assert [len(numbers) for numbers in selected] == listed
    assert listed[-3:] == [2, 1, 0]
    assert await store.inbox.count(tenant, []) == []


async def test_whoever_does_not_see_all_sees_their_own(store: Store, tenant: str) -> None:
    made = await fill(store, tenant)
    reach = Reach("liu.yang", frozenset({("inquiry", made[5].state)}))
    page = await store.inbox.page(tenant, [OPEN], None, 100, reach)
    assert {record.case.number for record in page.items} == {made[n].number for n in (1, 2, 5)}
    assert await store.inbox.count(tenant, [[OPEN], [InboxFilter()]], reach) == [3, 3]
    numbers = [row.number for row in made]
    assert len((await store.inbox.of(tenant, numbers, reach)).items) == 3
    assert len((await store.inbox.of(tenant, numbers)).items) == N
    assert (await store.inbox.of(f"not-{tenant}", numbers)).items == ()


async def test_a_line_has_all_that_it_shows(store: Store, tenant: str) -> None:
    case = sample_cases.opened(tenant, form={"words": "屏坏了"})
    for update in (
        sample_cases.update_after(case),
        sample_cases.update_after(sample_cases.classified(case), 1),
        sample_cases.update_after(sample_cases.claimed(case), 3),
    ):
        await store.recorder.write(update)
    await store.comments.add(tenant, case.opening.number, SHOP, Visibility.PUBLIC, "在吗？")
    await store.comments.add(tenant, case.opening.number, LIU, Visibility.INTERNAL, "她在问。")
    (record,) = (await store.inbox.page(tenant, [OPEN], None, 10)).items
    assert (
        record.case.model_dump(exclude={"rank"})
        == sample_cases.update_after(case).case.model_dump()
    )
    assert (record.task, record.words, record.unread) == (case.entered, "屏坏了", 1)
    states = {clock.clock: clock.state for clock in record.clocks}
    assert states["resolution"] is ClockState.RUNNING
    assert states["response"] is ClockState.MET
    assert record.case.rank == min(
        clock.due_at for clock in record.clocks if clock.ended_at is None and clock.due_at
    )


async def test_a_clock_that_cannot_be_read_takes_no_line_away(store: Store, tenant: str) -> None:
    case = sample_cases.opened(tenant)
    await store.recorder.write(sample_cases.update_after(case))
    async with store._sessions.writing() as connection:
        spoilt = text(
            "UPDATE clocks SET rungs = '{' WHERE clocks.tenant = :t AND clock = 'response'"
        )
        await connection.execute(spoilt, {"t": tenant})
    (record,) = (await store.inbox.page(tenant, [OPEN], None, 10)).items
    assert "response" not in {clock.clock for clock in record.clocks}
    assert record.clocks


async def test_what_is_due_is_asked_by_the_clock_on_the_wall(store: Store, tenant: str) -> None:
    row = (await fill(store, tenant))[0]
    soon = utc_now() + timedelta(minutes=10)
    newer = {"next_due": soon, "last_seq": row.last_seq + 1}
    await store.recorder.write(sample_cases.only_case(row, **newer))
    due = [InboxFilter(open=True, due_within=timedelta(minutes=m)) for m in (5, 15)]
    overdue = FILTERS["overdue"][1]
    assert await store.inbox.count(tenant, [[each] for each in due]) == [
        len(overdue) - 1,
        len(overdue),
    ]
    (ahead,) = [each.model_copy(update={"overdue": False}) for each in due[1:]]
    assert await store.inbox.numbers(tenant, [ahead], 100) == [row.number]


async def test_a_head_start_moves_a_case_up_and_makes_nothing_due_sooner(
    store: Store, tenant: str
) -> None:
    """The tasks come in the same order; what is on neither list's first page is on the second."""
    now = utc_now()
    made = sample_cases.update_after(sample_cases.opened(tenant))
    sorts = {"later": (3 * HOUR, 8 * HOUR), "sooner": (HOUR, timedelta()), "never": (None, HOUR)}
    for name, (due, head_start) in sorts.items():
        fields: dict[str, Any] = {"head_start": head_start}
        due_at = now + due if due else None
        row = made.case.model_copy(update={"number": name, "next_due": due_at, **fields})
        await store.recorder.write(
            sample_cases.with_task(row, made.tasks[0], due_at=due_at, **fields)
        )
    read = await walk(lambda after: store.inbox.page(tenant, [OPEN], after, 1))
    assert [record.case.number for record in read] == ["later", "sooner", "never"]
    tasks = await walk(lambda after: store.tasks.page(tenant, TaskFilter(), after, 1))
    assert [task.number for task in tasks] == ["later", "sooner", "never"]
    soon = InboxFilter(open=True, due_within=2 * HOUR)
    page = await store.inbox.page(tenant, [soon], None, 10)
    assert [record.case.number for record in page.items] == ["sooner"]
    assert await store.inbox.count(tenant, [[soon]]) == [1]
    due_tasks = await store.tasks.page(tenant, TaskFilter(due_within=2 * HOUR), None, 10)
    assert [task.number for task in due_tasks.items] == ["sooner"]
