"""Requests to others as the store keeps them: found by whom they are for, and by nobody else."""

from datetime import timedelta

import pytest

from domain.engine.case import Case
from domain.engine.side_tasks import SideSort
from domain.read_models.projection import projection_update
from store import Store
from store.cases.records import CaseFilter, InboxFilter, Reach, RequestsFor, TaskFilter
from store.projection import rows_of, same_rows
from tests.store import sample_cases
from tests.store.sample_cases import COMPLAINT, applied, claimed, classified, opened
from tests.support.cases import FINDING, LIU, SHOP, WANG, ZHAO, request

MONEY = {"amount": {"amount": "800.00"}, "reason": "A loyal customer."}
MANAGER = ("service_manager",)
OF_TECHNICAL = ("agent", "team:technical")


def asked(tenant: str) -> Case:
    """A complaint in Liu's hands, who asked for money and for help, and was chased."""
    case = claimed(classified(opened(tenant)))
    applied(case, request("r3", ("investigate", FINDING)))
    applied(case, request("r4", ("ask_approval", MONEY)))
    due_at = (case.last.at + timedelta(hours=4)).isoformat()
    helps = {"team": "technical", "question": "Is it the battery?", "due_at": due_at}
    applied(case, request("r5", ("ask_assistance", helps)))
    return applied(case, request("r6", ("chase", {"channel": "app"}), actor=SHOP))


async def recorded(store: Store, tenant: str) -> Case:
    case = asked(tenant)
    await store.recorder.write(sample_cases.update_after(case))
    return case


async def found(store: Store, tenant: str, task_filter: TaskFilter) -> list[str | None]:
    page = await store.tasks.page(tenant, task_filter, None, 100)
    return [task.request for task in page.items]


@pytest.mark.parametrize(
    ("task_filter", "expected"),
    [
        (TaskFilter(roles=MANAGER, unassigned=True), ["approval"]),
        (TaskFilter(roles=OF_TECHNICAL, unassigned=True), ["assistance"]),
        (TaskFilter(roles=MANAGER, unassigned=True, not_asked_by=LIU.id), []),
        (TaskFilter(teams=("technical",)), ["assistance"]),
        (TaskFilter(request=SideSort.APPROVAL), ["approval"]),
        (TaskFilter(assignee=LIU.id), [None]),
    ],
    ids=str,
)
async def test_a_task_is_found_by_whom_it_is_for(
    store: Store, tenant: str, task_filter: TaskFilter, expected: list[str | None]
) -> None:
    await recorded(store, tenant)
    assert await found(store, tenant, task_filter) == expected


async def test_a_case_is_found_by_the_requests_that_somebody_may_answer(
    store: Store, tenant: str
) -> None:
    case = await recorded(store, tenant)

    async def cases(person: str, *candidates: str) -> int:
        where: list[CaseFilter] = [InboxFilter(open=True, requests=RequestsFor(person, candidates))]
        listed = len((await store.inbox.page(tenant, where, None, 100)).items)
        assert await store.inbox.count(tenant, [where]) == [listed]
        return listed

    assert await cases(ZHAO.id, *MANAGER) == 1
    assert await cases("somebody", *OF_TECHNICAL) == 1
    assert await cases("somebody", "seat") == 0
    assert await cases(LIU.id, *MANAGER, *OF_TECHNICAL) == 0, "nobody answers their own"
    (record,) = (await store.inbox.page(tenant, [InboxFilter(open=True)], None, 100)).items
    assert record.task == case.entered, "the case's own task is the one that is shown"
    offered: list[CaseFilter] = [InboxFilter(open=True, roles=("team:technical",))]
    assert await store.inbox.count(tenant, [offered]) == [0], "which is offered to others"
    reach = Reach(WANG.id, frozenset({("complaint", case.state)}))
    assert (await store.tasks.page(tenant, TaskFilter(), None, 100, reach)).items == ()


async def test_what_is_chased_is_found(store: Store, tenant: str) -> None:
    case = await recorded(store, tenant)
    row = await store.cases.get(tenant, case.opening.number)
    assert row is not None
    assert (row.chases, row.chased_at, row.unseen_by) == (1, case.last.at, (LIU.id,))
    for chased, expected in ((True, 1), (False, 0)):
        page = await store.cases.page(tenant, CaseFilter(chased=chased), None, 100)
        assert len(page.items) == expected


async def test_rows_are_what_history_makes_of_them(store: Store, tenant: str) -> None:
    case = await recorded(store, tenant)
    number, last = case.opening.number, case.last.seq
    seq = next(task.seq for task in case.open_side_tasks)
    applied(case, request("r7", ("approve_request", {"request": seq}), actor=ZHAO))
    applied(case, request("r8", ("withdraw", {"reason": "The customer called."})))
    await store.recorder.write(sample_cases.update_after(case, last))
    stored = (await store.projection.rows(tenant, [number]))[number]
    assert same_rows(rows_of(projection_update(COMPLAINT, case, 0)), stored)
    assert await found(store, tenant, TaskFilter()) == []
    forms = await store.entries.forms(tenant, [(number, seq)])
    assert forms[number, seq]["reason"] == MONEY["reason"]
