"""The inbox: what each view has and for whom, how a line's promise stands, and what comes next."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from pydantic import ValidationError

from app.authentication import Principal
from app.errors import Forbidden, Unacceptable
from app.inbox import (
    InboxQuery,
    View,
    count_queries,
    count_views,
    first_view,
    list_inbox,
    read_place,
    read_rows,
    write_place,
)
from app.inbox_rows import WORDS_SHOWN, _due_clock
from app.next_task import NoNext, take_next
from app.services import Services
from app.start_case import NewCase, start_case
from app.submit_steps import submit_steps
from app.time_left import TimeLeft, time_left
from cases import CURRENT
from domain.engine.case import Case
from domain.engine.messages import Command
from domain.language.channels import Channel
from domain.language.clocks import ClockState
from domain.language.roles import ActorKind
from domain.read_models.projection import ClockView, projection_update
from store.comments import Visibility
from store.db.clock import utc_now
from tests.store import sample_cases
from tests.support.cases import LIU, SHOP, WANG, new_number, opening, request

pytestmark = pytest.mark.xdist_group("app")

TENANTS = count(1)
HOUR = timedelta(hours=1)
NOW = sample_cases.DAWN


@pytest.fixture
def tenant() -> str:
    """A tenant of the test's own."""
    return f"inbox-{next(TENANTS)}"


def staff(tenant: str, id: str, *roles: str, teams: Sequence[str] = ()) -> Principal:
    return Principal(tenant, ActorKind.STAFF, id, roles=roles, teams=tuple(teams))


async def record(services: Services, case: Case) -> str:
    process = CURRENT[case.opening.kind]
    await services.store.recorder.write(projection_update(process, case, 0))
    return case.opening.number


async def listed(services: Services, caller: Principal, view: View, **more: Any) -> list[str]:
    query = InboxQuery(view=view, **more)
    page = await list_inbox(services, caller, query, None, 50)
    assert await count_queries(services, caller, [query]) == [len(page.items)]
    return [row.number for row in page.items]


async def some_cases(services: Services, tenant: str) -> dict[str, str]:
    """One of each sort: nobody's, Liu's, on hold, waiting for the customer, escalated, closed."""
    now = utc_now()
    cases = {
        name: sample_cases.opened(tenant, received=now - timedelta(minutes=n))
        for n, name in enumerate(("fresh", "mine", "held", "offered", "closed"))
    }
    cases["escalated"] = sample_cases.opened(tenant, received=now - 9 * HOUR)
    sample_cases.COMPLAINT.settle(cases["escalated"], now)
    for name in ("mine", "held", "offered"):
        sample_cases.claimed(sample_cases.classified(cases[name]))
    hold = {"reason": "parts", "until": (now + HOUR).isoformat()}
    sample_cases.applied(cases["held"], request("hold", ("hold", hold), actor=LIU))
    finding = {"cause": "service", "reasonable": True, "finding": "So it was."}
    offer = {"solution": "An apology.", "cost": {"amount": "20.00"}}
    sample_cases.applied(cases["offered"], request("find", ("investigate", finding), actor=LIU))
    sample_cases.applied(cases["offered"], request("offer", ("propose", offer), actor=LIU))
    gone = {"reason": "She rang."}
    sample_cases.applied(cases["closed"], request("gone", ("withdraw", gone), actor=LIU))
    return {name: await record(services, case) for name, case in cases.items()}


async def test_each_view_has_its_cases(services: Services, tenant: str) -> None:
    numbers = await some_cases(services, tenant)
    liu = staff(tenant, "liu.yang", "agent", teams=["complaints"])
    expected = {
        View.MINE: ["mine"],
        View.TEAMS: ["escalated", "mine", "fresh"],
        View.UNASSIGNED: ["escalated", "fresh"],
        View.ESCALATED: ["escalated"],
        View.DUE: ["escalated", "fresh"],
        View.ON_HOLD: ["held"],
        View.WAITING: ["offered"],
        View.UNREAD: [],
        View.REQUESTS: [],
        View.ALL: ["escalated", "mine", "fresh", "held", "offered"],
    }
    for view, names in expected.items():
        found = await listed(services, liu, view)
        assert {*found} == {numbers[name] for name in names}, view
    counts = await count_views(services, liu)
    assert counts == {view: len(names) for view, names in expected.items()}
    assert (await listed(services, liu, View.ALL))[0] == numbers["escalated"]


async def test_a_message_brings_back_what_is_on_hold_or_closed(
    services: Services, tenant: str
) -> None:
    numbers = await some_cases(services, tenant)
    liu = staff(tenant, "liu.yang", "agent")
    for name in ("held", "closed"):
        await services.store.comments.add(tenant, numbers[name], SHOP, Visibility.PUBLIC, "在吗？")
    assert {*await listed(services, liu, View.MINE)} == {numbers["mine"], numbers["held"]}
    unread = await list_inbox(services, liu, InboxQuery(view=View.UNREAD), None, 50)
    assert [(row.number, row.unread_customer_messages) for row in unread.items] == [
        (numbers["held"], 1),
        (numbers["closed"], 1),
    ]
    assert await listed(services, liu, View.UNREAD, open=False) == [numbers["closed"]]


async def test_every_view_is_narrowed_by_filters(services: Services, tenant: str) -> None:
    numbers = await some_cases(services, tenant)
    liu = staff(tenant, "liu.yang", "agent", teams=["complaints"])
    narrowed = {"kind": "complaint", "stage": "accept", "channel": "phone"}
    assert await listed(services, liu, View.TEAMS, **narrowed) == [
        numbers["escalated"],
        numbers["fresh"],
    ]
    assert await listed(services, liu, View.TEAMS, assignee="liu.yang") == [numbers["mine"]]
    assert await listed(services, liu, View.MINE, assignee="wang.fang") == []
    since = (utc_now() - HOUR).isoformat()
    assert numbers["escalated"] not in await listed(services, liu, View.ALL, received_from=since)
    counts = await count_views(services, liu, InboxQuery(view=View.DUE, state="proposed"))
    assert {view for view, n in counts.items() if n} == {View.WAITING, View.ALL}
    with pytest.raises(ValidationError):
        InboxQuery(state="nowhere")


async def test_pages_go_on_where_the_last_one_ended(services: Services, tenant: str) -> None:
    numbers = await some_cases(services, tenant)
    liu = staff(tenant, "liu.yang", "agent")
    found: list[str] = []
    place = None
    while True:
        query = InboxQuery(view=View.ALL)
        page = await list_inbox(services, liu, query, read_place(place), 2)
        found += [row.number for row in page.items]
        if (place := write_place(page.next)) is None:
            break
    assert found == await listed(services, liu, View.ALL)
    assert {*found} == {*numbers.values()} - {numbers["closed"]}


@pytest.mark.parametrize(
    "place",
    ["", "~", "x~TS1", "2026-03-02~TS1", "2026-03-02T08:00:00Z~", "2026-03-02T08:00:00Z~a b"],
)
def test_no_list_goes_on_where_nobody_said(place: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        read_place(place)
    assert refused.value.faults[0].code == "wrong_place"


async def test_a_vendor_sees_what_is_offered_to_its_trade(services: Services, tenant: str) -> None:
    numbers = await some_cases(services, tenant)
    repair, vendor = CURRENT["repair"], staff(tenant, "mei", "vendor")
    job = repair.open(opening(new_number("WX"), "repair", tenant=tenant), utc_now())
    steps: list[tuple[str, dict[str, Any]]] = [
        ("accept", {}),
        ("classify", {"category": "screen"}),
        ("assign", {"assignee": "mei", "roles": ["vendor"]}),
        ("release", {}),
    ]
    seen, number = [], job.opening.number
    for n, step in enumerate(steps):
        asked = request(f"r{n}", step, actor=WANG, tenant=tenant)
        repair.apply_request(job, asked, job.last.at + sample_cases.MINUTE)
        await record(services, job)
        seen.append([await listed(services, vendor, view) for view in (View.ALL, View.MINE)])
    assert seen == [[[], []], [[], []], [[number], [number]], [[number], []]]
    assert await listed(services, vendor, View.UNASSIGNED) == [number]
    rows = await read_rows(services, vendor, [number, *numbers.values()])
    assert [*rows] == [number]


async def test_the_inbox_is_for_staff(services: Services, shop: Principal) -> None:
    for ask in (
        list_inbox(services, shop, InboxQuery(), None, 10),
        count_views(services, shop),
        read_rows(services, shop, []),
        take_next(services, shop),
    ):
        with pytest.raises(Forbidden):
            await ask


async def test_a_line_shows_how_its_promise_stands(services: Services, tenant: str) -> None:
    numbers = await some_cases(services, tenant)
    liu = staff(tenant, "liu.yang", "agent")
    rows = await read_rows(services, liu, [*numbers.values()])
    by_name = {name: rows[number] for name, number in numbers.items()}
    shown = {name: (row.clock and row.clock.clock, row.time_left) for name, row in by_name.items()}
    assert shown == {
        "fresh": ("response", TimeLeft.NEAR),
        "mine": ("resolution", TimeLeft.RUNNING),
        "held": ("resolution", TimeLeft.RUNNING),
        "offered": ("resolution", TimeLeft.PAUSED),
        "closed": (None, TimeLeft.NOT_STARTED),
        "escalated": ("response", TimeLeft.OVERDUE),
    }
    tasks = await services.store.tasks.of(tenant, numbers["mine"])
    assert by_name["mine"].task == tasks[-1].seq
    assert by_name["offered"].task is None
    assert by_name["held"].held_until is not None
    assert by_name["escalated"].escalation_tier > 0


def test_what_is_due_after_the_announced_holidays_is_provisional() -> None:
    def after(due: str) -> date | None:
        due_at = datetime.fromisoformat(due)
        return _due_clock(clock(calendar="office-cn@2026-2", due_at=due_at)).provisional_after

    assert after("2026-12-31T18:00:00+08:00") is None
    assert after("2027-01-04T10:00:00+08:00") == date(2026, 12, 31)
    assert _due_clock(clock(calendar="office-cn@2026-2", due_at=None)).provisional_after is None
    assert _due_clock(clock()).provisional_after is None


def clock(**more: Any) -> ClockView:
    """A clock of eight hours, of which one is over at NOW."""
    fields = {
        "tenant": "t",
        "number": "TS1",
        "clock": "response",
        "instance": 1,
        "state": ClockState.RUNNING,
        "budget": 8 * HOUR,
        "calendar": "always@1",
        "started_at": NOW - HOUR,
        "due_at": NOW + 7 * HOUR,
        "paused_at": None,
        "breached_at": None,
        "ended_at": None,
        "rungs": (),
    }
    return ClockView.model_validate({**fields, **more})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, TimeLeft.RUNNING),
        ({"rungs": ("half",)}, TimeLeft.NEAR),
        ({"started_at": NOW - 6 * HOUR, "due_at": NOW + 2 * HOUR}, TimeLeft.RUNNING),
        ({"started_at": NOW - 6 * HOUR, "due_at": NOW + 1.9 * HOUR}, TimeLeft.NEAR),
        ({"started_at": NOW, "due_at": NOW + timedelta(minutes=14)}, TimeLeft.NEAR),
        ({"due_at": NOW}, TimeLeft.OVERDUE),
        ({"due_at": NOW - HOUR}, TimeLeft.OVERDUE),
        ({"state": ClockState.BREACHED, "due_at": NOW - HOUR}, TimeLeft.OVERDUE),
        ({"state": ClockState.PAUSED, "due_at": None}, TimeLeft.PAUSED),
        ({"state": ClockState.MET, "ended_at": NOW}, TimeLeft.MET),
        ({"state": ClockState.MET_LATE, "ended_at": NOW}, TimeLeft.MET_LATE),
        ({"state": ClockState.CANCELLED, "ended_at": NOW}, TimeLeft.NOT_STARTED),
    ],
)
def test_time_left(fields: dict[str, Any], expected: TimeLeft) -> None:
    assert time_left(clock(**fields), NOW) is expected
    assert time_left(None, NOW) is TimeLeft.NOT_STARTED


async def test_long_words_are_begun(services: Services, tenant: str) -> None:
    case = sample_cases.opened(tenant, form={"words": "坏" * (WORDS_SHOWN + 1)})
    number = await record(services, case)
    (row,) = (await read_rows(services, staff(tenant, "liu", "agent"), [number])).values()
    assert row.words == "坏" * WORDS_SHOWN + "…"


@pytest.mark.parametrize(
    ("role", "view"),
    [
        ("agent", View.MINE),
        ("lead", View.TEAMS),
        ("service_manager", View.TEAMS),
        ("management", View.ESCALATED),
        ("auditor", View.MINE),
    ],
)
def test_what_each_role_sees_first(role: str, view: View) -> None:
    assert first_view(staff("t", "someone", role)) is view


async def start(services: Services, tenant: str, n: int) -> list[str]:
    """The numbers of new complaints."""
    shop = Principal(tenant, ActorKind.SYSTEM, "shop")
    numbers = []
    for index in range(n):
        new = NewCase(
            kind="complaint",
            channel=Channel.PHONE,
            form={"words": "屏坏了"},
            external_ref=f"{tenant}-{index}",
        )
        started = await start_case(services, shop, new, None)
        assert started.recorded
        numbers.append(started.number)
    return numbers


@pytest.mark.parametrize("processes", ["one", "ten"])
async def test_of_ten_who_take_the_next_at_once_each_gets_another(
    services: Services, tenant: str, processes: str
) -> None:
    await start(services, tenant, 12)
    agents = [staff(tenant, f"agent.{n}", "agent") for n in range(10)]
    urgent = await listed(services, agents[0], View.UNASSIGNED)
    own = [replace(services, claiming=set()) for _ in agents]
    used = own if processes == "ten" else [services] * len(agents)
    taken = await asyncio.gather(*(take_next(s, a) for s, a in zip(used, agents, strict=True)))
    rows = [each.row for each in taken]
    assert all(row is not None for row in rows), taken
    assert {row.number for row in rows if row} == {*urgent[:10]}
    for agent, row in zip(agents, rows, strict=True):
        assert row is not None
        assert row.assignee == agent.id
        assert await listed(services, agent, View.MINE) == [row.number]
    assert await listed(services, agents[0], View.UNASSIGNED) == urgent[10:]
    assert services.claiming == set()


async def test_the_next_is_the_first_of_the_list(services: Services, tenant: str) -> None:
    first, second, third = await start(services, tenant, 3)
    liu = staff(tenant, "liu.yang", "agent")
    wang = staff(tenant, "wang.fang", "lead")
    await submit_steps(services, wang, second, [Command(step="claim")])
    urgent = await listed(services, liu, View.UNASSIGNED)
    assert {*urgent} == {first, third}
    taken = await take_next(services, liu, InboxQuery(view=View.MINE))
    assert taken.row is not None
    assert (taken.row.number, taken.why_none) == (urgent[0], None)
    elsewhere = InboxQuery(view=View.UNASSIGNED, kind="repair")
    assert await take_next(services, liu, elsewhere) == replace(
        taken, row=None, why_none=NoNext.NONE_IN_LIST
    )
    escalated = InboxQuery(view=View.ESCALATED)
    assert (await take_next(services, liu, escalated)).why_none is NoNext.NONE_IN_LIST
    wangs = InboxQuery(view=View.ALL, assignee="wang.fang")
    last = await take_next(services, liu, wangs)
    assert last.row is not None
    assert last.row.number == urgent[1]
    nothing = await take_next(services, liu)
    assert (nothing.row, nothing.why_none) == (None, NoNext.NOTHING_LEFT)
    assert (await take_next(services, liu, escalated)).why_none is NoNext.NOTHING_LEFT


async def test_why_there_is_no_next(services: Services, tenant: str) -> None:
    (number,) = await start(services, tenant, 1)
    auditor = staff(tenant, "he.jing", "auditor")
    assert (await take_next(services, auditor)).why_none is NoNext.NOT_FOR_YOU
    liu = staff(tenant, "liu.yang", "agent")
    services.claiming.add((tenant, number))
    try:
        assert (await take_next(services, liu)).why_none is NoNext.OTHERS_WERE_QUICKER
    finally:
        services.claiming.discard((tenant, number))
    assert (await take_next(services, liu)).row is not None


async def test_what_is_somebody_elses_by_now_is_passed_over(
    services: Services, tenant: str
) -> None:
    """The store says that it is nobody's, the engine knows better."""
    numbers = await start(services, tenant, 2)
    liu = staff(tenant, "liu.yang", "agent")
    first, second = await listed(services, liu, View.UNASSIGNED)
    stale = await services.store.cases.get(tenant, first)
    assert stale is not None
    wang = staff(tenant, "wang.fang", "lead")
    await submit_steps(services, wang, first, [Command(step="claim")])
    newer = stale.model_copy(update={"last_seq": stale.last_seq + 9})
    await services.store.recorder.write(sample_cases.only_case(newer))
    assert await listed(services, liu, View.UNASSIGNED) == [first, second]
    taken = await take_next(services, liu)
    assert taken.row is not None
    assert taken.row.number == second
    assert {*numbers} == {first, second}
