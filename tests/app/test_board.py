"""The lead's board: who may see it, whose load it has, and what is due in which window."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app import board
from app.authentication import Principal
from app.board import AgentLoad, BacklogCell, ShownBoard, Unassigned, read_board
from app.charts import ReportScope
from app.errors import Forbidden, Unacceptable
from app.series import Unit
from app.services import Services
from cases.common.roles import ADMINISTRATOR, LEAD, MANAGERS, STAFF_ROLES
from domain.engine.messages import DEFAULT_TENANT
from domain.language.clocks import ClockState
from domain.language.roles import ActorKind
from store.comments import Visibility
from tests.app.reports import DAY, NOW, SHANGHAI, reporting, staff
from tests.store.report_rows import Rows, case_of, clock_of, write
from tests.support.cases import SHOP

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
async def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    monkeypatch.setattr(board, "utc_now", lambda: NOW)
    async with reporting(tmp_path) as services:
        yield services


async def shown(services: Services, **scope: str) -> ShownBoard:
    return await read_board(services, staff("lead"), ReportScope(**scope), "en")


@pytest.mark.parametrize("role", sorted(STAFF_ROLES.names))
async def test_it_is_for_those_who_lead(services: Services, role: str) -> None:
    if role in (LEAD | MANAGERS | ADMINISTRATOR).names:
        assert (await read_board(services, staff(role), ReportScope(), "en")).open == 0
        return
    with pytest.raises(Forbidden):
        await read_board(services, staff(role), ReportScope(), "en")


async def test_it_is_not_for_systems(services: Services) -> None:
    shop = Principal(DEFAULT_TENANT, ActorKind.SYSTEM, "shop")
    with pytest.raises(Forbidden):
        await read_board(services, shop, ReportScope(), "en")


async def test_there_are_only_known_kinds_and_teams(services: Services) -> None:
    with pytest.raises(ValidationError):
        ReportScope(kind="party")
    with pytest.raises(Unacceptable) as refused:
        await shown(services, team="south")
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/team", "unknown_team")
    assert fault.params == {"teams": ["complaints", "north"]}


async def test_backlog_and_what_is_due(services: Services) -> None:
    """Half past twelve: a case due at midnight is due today, one a second later is not."""
    due = [NOW, NOW + 15 * MINUTE, NOW + HOUR, NOW + 4 * HOUR, DAY + 24 * HOUR, NOW + 12 * HOUR]
    rows = [
        case_of(DEFAULT_TENANT, stage="resolve", priority="P1", next_due=at, assignee="liu.yang")
        for at in due
    ]
    rows.append(case_of(DEFAULT_TENANT, stage="accept", priority=None, next_due=None))
    await write(services.store, Rows(rows, []))
    found = await shown(services)
    assert (found.at, found.today) == (NOW, date(2026, 3, 4))
    assert (found.open, found.overdue) == (7, 1)
    assert found.backlog == [
        BacklogCell(kind="complaint", stage="accept", priority=None, open=1, overdue=0),
        BacklogCell(kind="complaint", stage="resolve", priority="P1", open=6, overdue=1),
    ]
    windows = [(each.within, each.n) for each in found.due]
    assert windows == [(15 * MINUTE, 1), (HOUR, 2), (4 * HOUR, 3), (None, 4)]
    assert found.due[-1].until == DAY + 24 * HOUR
    oldest = rows[-1]
    assert found.unassigned == Unassigned(n=1, oldest=oldest.number, received_at=oldest.received_at)


async def test_whoever_of_the_team_holds_nothing_is_there_too(services: Services) -> None:
    """And who holds something but has left, or was never here; not who is of another team."""
    await services.store.people.change(DEFAULT_TENANT, "zhang.qian", active=False)
    late = {"next_due": NOW - HOUR}
    rows = [
        case_of(DEFAULT_TENANT, assignee="liu.yang"),
        case_of(DEFAULT_TENANT, assignee="liu.yang", held_until=NOW + HOUR, **late),
        case_of(DEFAULT_TENANT, assignee="zhang.qian", **late),
        case_of(DEFAULT_TENANT, assignee="ghost", next_due=None),
        case_of(DEFAULT_TENANT, assignee="sun.li", team="north", next_due=None),
    ]
    rows[0] = rows[0].model_copy(update={"next_due": None})
    await write(services.store, Rows(rows, []))
    number = rows[0].number
    await services.store.comments.add(DEFAULT_TENANT, number, SHOP, Visibility.PUBLIC, "在吗？")
    found = (await shown(services, team="complaints")).load
    of: dict[str, Any] = {"active": True, "open": 0, "overdue": 0, "on_hold": 0, "unread": 0}
    assert found == [
        AgentLoad(id="liu.yang", name="刘洋", **{**of, "open": 2, "overdue": 1, "on_hold": 1,
                                                "unread": 1}),
        AgentLoad(id="zhang.qian", name="张倩", **{**of, "active": False, "open": 1, "overdue": 1}),
        AgentLoad(id="ghost", name="ghost", **{**of, "active": False, "open": 1}),
        AgentLoad(id="wang.fang", name="王芳", **of),
    ]  # fmt: skip
    assert {each.id for each in (await shown(services)).load} == {
        *("liu.yang", "zhang.qian", "ghost", "sun.li", "wang.fang")
    }


async def test_a_breach_says_who_held_the_case(services: Services) -> None:
    case = case_of(DEFAULT_TENANT, assignee="sun.li", closed_at=NOW)
    broken = {"state": ClockState.MET_LATE, "breached_at": DAY, "ended_at": NOW}
    held = clock_of(case, "response", DAY, **broken, breach_holder="liu.yang")
    nobodys = clock_of(case, "resolution", DAY, **broken)
    await write(services.store, Rows([case], [held, nobodys]))
    found = await shown(services)
    assert found.breached == 2
    told = {each.clock: (each.holder, each.holder_name) for each in found.breaches}
    assert told == {"response": ("liu.yang", "刘洋"), "resolution": (None, None)}
    assert {(e.number, e.at, e.assignee, e.closed) for e in found.breaches} == {
        (case.number, DAY, "sun.li", True)
    }


async def test_hours_to_come_have_no_numbers(services: Services) -> None:
    rows = [
        case_of(DEFAULT_TENANT, received_at=DAY),
        case_of(DEFAULT_TENANT, received_at=NOW, closed_at=NOW),
    ]
    await write(services.store, Rows(rows, []))
    hours = (await shown(services)).hours
    assert (hours.unit, len(hours.labels)) == (Unit.CASES, 24)
    assert hours.labels[12].isoformat() == "2026-03-04T12:00:00+08:00"
    assert hours.labels[0] == DAY.astimezone(SHANGHAI)
    arrived, closed = hours.lines
    assert arrived.values == [1, *[0] * 11, 1, *[None] * 11]
    assert closed.values == [*[0] * 12, 1, *[None] * 11]
    assert (arrived.label, closed.label) == ("Received", "Closed")
