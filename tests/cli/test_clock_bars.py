"""A clock's bar shows how its time went by: run, stood still, late, still to come."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from cli.case.clocks import WIDTH, bar, draw_clocks, parse_clock

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)


def clock(state: str = "running", spent: float = 8, due: float | None = 32, **more: Any) -> Any:
    """A clock of 32 hours, one for each cell, read when it had used so many of them."""
    given = {
        "clock": "resolution",
        "instance": 1,
        "state": state,
        "budget": "PT32H",
        "calendar": "always@1",
        "spent": f"PT{spent}H",
        "started_at": NINE.isoformat(),
        "due_at": None if due is None else at(due).isoformat(),
        "paused_at": None,
        "breached_at": None,
        "ended_at": None,
        "pauses": [],
    }
    return given | more


def at(hours: float) -> datetime:
    return NINE + timedelta(hours=hours)


def iso(hours: float) -> str:
    return at(hours).isoformat()


def drawn(clock: Any, now: float, *marks: float) -> str:
    return bar(parse_clock(clock, at(now)), map(at, marks)).plain


def test_what_has_run_and_what_is_to_come() -> None:
    assert WIDTH == 32
    assert drawn(clock(), 8) == "█" * 8 + "░" * 24
    assert drawn(clock(), 0.1) == "█" + "░" * 31


def test_warnings_stand_where_they_fired() -> None:
    assert drawn(clock(spent=24.5), 24.5, 16, 24) == "█" * 16 + "!" + "█" * 7 + "!" + "░" * 7
    assert "!" not in drawn(clock(), 8, 16)


def test_a_pause_is_a_gap_whoever_tells_of_it() -> None:
    gap = "█" * 4 + "╌" * 4 + "█" * 8 + "░" * 16
    assert drawn(clock(pauses=[[iso(4), iso(8)]]), 16) == gap
    told = {"schema_version": 1, "since": iso(4), "until": iso(8), "entry": 3}
    assert drawn(clock(pauses=[told]), 16) == gap


def test_a_paused_clock_keeps_what_is_left() -> None:
    still = clock("paused", spent=8, due=None, paused_at=iso(8))
    # 8 hours run, 8 still, 24 left: 40 hours on 32 cells.
    assert drawn(still, 16) == "█" * 6 + "╌" * 7 + "░" * 19
    shown = said(still, 16)
    assert "24:00 left when it goes on" in shown


def test_after_a_breach_it_is_red() -> None:
    late = clock("breached", spent=64, breached_at=iso(32))
    cells = bar(parse_clock(late, at(64)))
    colours = [str(span.style) for span in cells.spans]
    assert cells.plain == "█" * 32
    assert colours == ["yellow"] * 16 + ["red"] * 16
    assert "32:00 over, due" in said(late, 64)


def test_a_clock_that_was_met_says_what_it_used() -> None:
    met = clock("met", spent=8, ended_at=iso(12), pauses=[[iso(2), iso(6)]])
    shown = said(met, 100)
    assert "used 8:00, stood still 4:00" in shown
    assert drawn(met, 100) == "██╌╌╌╌██████" + "░" * 20


def said(clock: Any, now: float) -> str:
    console = Console(file=StringIO(), width=200)
    draw_clocks(console, [clock], at(now))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


FRIDAY_17 = datetime(2026, 3, 6, 9, tzinfo=UTC)
"""17:00 in Shanghai: the office closes at 18:00 and opens on Monday at 9:00."""
DAY = timedelta(days=1)


def office_clock(spent: float, start: datetime = FRIDAY_17) -> Any:
    """A clock of 9 office hours: an hour on Friday, and eight on Monday."""
    due = datetime(2026, 3, 9, 9, tzinfo=UTC).isoformat()
    return clock(
        spent=spent,
        due_at=due,
        budget="PT9H",
        started_at=start.isoformat(),
        calendar="office-cn@2026-1",
    )


@pytest.mark.parametrize(
    ("after", "spent", "cells"),
    [(timedelta(0), 0, 0), (timedelta(hours=1), 1, 4), (DAY, 1, 4), (2.5 * DAY, 1, 4),
     (timedelta(hours=68), 5, 18)],
)  # fmt: skip
def test_a_bar_is_as_full_as_time_has_counted(after: timedelta, spent: int, cells: int) -> None:
    shown = bar(parse_clock(office_clock(spent), FRIDAY_17 + after)).plain
    assert shown == "█" * cells + "░" * (WIDTH - cells)


def test_a_clock_that_started_while_the_office_is_closed_is_empty() -> None:
    closed = datetime(2026, 3, 7, 1, tzinfo=UTC)
    monday = datetime(2026, 3, 9, 10, tzinfo=UTC).isoformat()
    waiting = {**office_clock(0, start=closed), "due_at": monday}
    assert bar(parse_clock(waiting, closed + DAY)).plain == "░" * WIDTH
