"""Charts: each kind of numbers by hand, what is refused, how old they may be, and their file."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app import charts
from app.calendar_spans import Period
from app.charts import Chart, ChartQuestion, read_chart
from app.errors import Forbidden, Unacceptable
from app.series import Line, Series, Unit, as_csv
from app.services import Services
from domain.engine.messages import DEFAULT_TENANT
from domain.language.clocks import ClockState
from tests.app.reports import DAY, LEAD, NOW, SHANGHAI, reporting, staff
from tests.store.report_rows import Rows, case_of, clock_of, write

HOUR, ONE_DAY = timedelta(hours=1), timedelta(days=1)
FIRST, TODAY, LAST = date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5)
YESTERDAY = DAY - ONE_DAY


class Clock:
    """A clock by hand."""

    now = NOW


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(charts, "utc_now", lambda: clock.now)
    return clock


@pytest.fixture
async def services(tmp_path: Path, clock: Clock) -> AsyncIterator[Services]:
    assert clock.now == NOW
    async with reporting(tmp_path) as services:
        yield services


def question(chart: Chart, **more: Any) -> ChartQuestion:
    return ChartQuestion(**{"chart": chart, "since": FIRST, "until": LAST, **more})


async def numbers(services: Services, chart: Chart, **more: Any) -> dict[str, list[float | None]]:
    series = await read_chart(services, LEAD, question(chart, **more), "en")
    assert series.labels == [FIRST, TODAY, LAST]
    return {line.key: line.values for line in series.lines}


async def record(services: Services, **more: Any) -> str:
    """Record a case that came in a moment after yesterday began; return its number."""
    case = case_of(DEFAULT_TENANT, **{"received_at": YESTERDAY, **more})
    await write(services.store, Rows([case], []))
    return case.number


async def test_what_came_and_went_and_what_was_left(services: Services) -> None:
    """Two from before; one of them and one of yesterday's are closed today. LAST is to come."""
    before = YESTERDAY - ONE_DAY
    await record(services, received_at=before)
    await record(services, received_at=before, team="north", closed_at=DAY)
    await record(services, received_at=before, closed_at=before + HOUR)
    await record(services, kind="repair", closed_at=NOW)
    await record(services, received_at=DAY - timedelta(microseconds=1))
    await record(services, received_at=NOW)
    assert await numbers(services, Chart.ARRIVALS) == {"arrivals": [2, 1, 0]}
    assert await numbers(services, Chart.CLOSED) == {"closed": [0, 2, 0]}
    assert await numbers(services, Chart.BACKLOG) == {"backlog": [4, 3, None]}
    assert await numbers(services, Chart.BACKLOG, by="team") == {
        "complaints": [3, 3, None],
        "north": [1, 0, None],
    }
    assert await numbers(services, Chart.BACKLOG, by="kind", team="complaints") == {
        "complaint": [2, 3, None],
        "repair": [1, 0, None],
    }
    assert await numbers(services, Chart.CLOSED, kind="repair") == {"closed": [0, 1, 0]}


async def test_promises_by_clock(services: Services) -> None:
    case, other = case_of(DEFAULT_TENANT), case_of(DEFAULT_TENANT, team="north", kind="repair")
    met = {"state": ClockState.MET, "ended_at": DAY}
    late = {"state": ClockState.MET_LATE, "ended_at": NOW, "breached_at": YESTERDAY}
    clocks = [
        clock_of(case, "response", YESTERDAY, **met),
        clock_of(case, "progress", YESTERDAY, **met),
        clock_of(other, "response", YESTERDAY, **late),
    ]
    await write(services.store, Rows([case, other], clocks))
    assert await numbers(services, Chart.PROMISES) == {
        "response.breached": [1, 0, 0],
        "response.met": [0, 1, 0],
    }
    for only in ({"kind": "repair"}, {"team": "north"}):
        assert await numbers(services, Chart.PROMISES, **only) == {"response.breached": [1, 0, 0]}
    series = await read_chart(services, LEAD, question(Chart.PROMISES), "zh_CN")
    assert [line.label for line in series.lines] == ["响应时限 · 超时", "响应时限 · 按时"]
    assert series.unit is Unit.PROMISES


async def test_how_long_it_took(services: Services) -> None:
    rows = Rows([], [])
    for minutes in (10, 20, 30):
        case = case_of(DEFAULT_TENANT)
        rows.cases.append(case)
        ended = {"state": ClockState.MET, "ended_at": DAY + timedelta(minutes=minutes)}
        names = ("response", "resolution")
        rows.clocks.extend(clock_of(case, name, DAY, **ended) for name in names)
    await write(services.store, rows)
    times = {"median": [None, 1200, None], "p90": [None, 1680, None]}
    assert await numbers(services, Chart.RESPONSE_TIME) == times
    assert await numbers(services, Chart.RESOLUTION_TIME) == times
    none = {"median": [None] * 3, "p90": [None] * 3}
    assert await numbers(services, Chart.RESPONSE_TIME, team="north") == none


async def test_how_content_customers_are(services: Services) -> None:
    """Two for us, one against us, one neither: a score of 25; who gave no number is not in it."""
    said = (("very_satisfied", 10), ("satisfied", 9), ("satisfied", 7), ("dissatisfied", 0))
    for word, nps in said:
        await record(services, satisfaction=word, nps=nps, rated_at=NOW)
    await record(services, satisfaction="neutral", nps=None, rated_at=YESTERDAY)
    found = await numbers(services, Chart.SATISFACTION)
    assert list(found.items()) == [
        ("very_satisfied", [0, 1, 0]),
        ("satisfied", [0, 2, 0]),
        ("neutral", [1, 0, 0]),
        ("dissatisfied", [0, 1, 0]),
    ]
    assert await numbers(services, Chart.NPS) == {"nps": [None, 25.0, None]}


async def record_one_kept_and_one_broken(services: Services) -> None:
    """A complaint of ours that was in time, a repair of the north that was late."""
    said: dict[str, Any] = {"satisfaction": "satisfied", "nps": 9, "rated_at": NOW}
    against: dict[str, Any] = {"satisfaction": "dissatisfied", "nps": 0, "rated_at": NOW}
    came: dict[str, Any] = {"received_at": DAY, "closed_at": NOW}
    ours = case_of(DEFAULT_TENANT, **came, **said)
    north = case_of(DEFAULT_TENANT, team="north", kind="repair", **came, **against)
    met = {"state": ClockState.MET, "ended_at": DAY + HOUR}
    late = {"state": ClockState.MET_LATE, "ended_at": NOW, "breached_at": NOW}
    clocks = [
        clock_of(case, name, DAY, **more)
        for case, more in ((ours, met), (north, late))
        for name in ("response", "resolution")
    ]
    await write(services.store, Rows([ours, north], clocks))


@pytest.mark.parametrize(
    ("by", "one", "other"), [("kind", "complaint", "repair"), ("team", "complaints", "north")]
)
async def test_every_chart_has_lines_for_each_kind_and_team(
    services: Services, by: str, one: str, other: str
) -> None:
    """Of promises the clocks count together; answers and times have their lines in each."""
    await record_one_kept_and_one_broken(services)
    late = (NOW - DAY).total_seconds()
    times: dict[str, list[Any]] = {
        f"{one}.median": [None, 3600, None],
        f"{one}.p90": [None, 3600, None],
        f"{other}.median": [None, late, None],
        f"{other}.p90": [None, late, None],
    }
    expected: dict[Chart, dict[str, list[Any]]] = {
        Chart.ARRIVALS: {one: [0, 1, 0], other: [0, 1, 0]},
        Chart.CLOSED: {one: [0, 1, 0], other: [0, 1, 0]},
        Chart.BACKLOG: {one: [0, 0, None], other: [0, 0, None]},
        Chart.PROMISES: {f"{one}.met": [0, 2, 0], f"{other}.breached": [0, 2, 0]},
        Chart.RESPONSE_TIME: times,
        Chart.RESOLUTION_TIME: times,
        Chart.SATISFACTION: {f"{one}.satisfied": [0, 1, 0], f"{other}.dissatisfied": [0, 1, 0]},
        Chart.NPS: {one: [None, 100, None], other: [None, -100, None]},
    }
    assert {chart: await numbers(services, chart, by=by) for chart in Chart} == expected


@pytest.mark.parametrize(
    ("chart", "name"),
    [
        (Chart.PROMISES, "投诉组 · 按时"),
        (Chart.RESPONSE_TIME, "投诉组 · 中位数"),
        (Chart.SATISFACTION, "投诉组 · 满意"),
        (Chart.NPS, "投诉组"),
    ],
)
async def test_the_lines_of_a_team_have_its_name(
    services: Services, chart: Chart, name: str
) -> None:
    await record_one_kept_and_one_broken(services)
    series = await read_chart(services, LEAD, question(chart, by="team"), "zh_CN")
    assert name in [line.label for line in series.lines]
    assert name in as_csv(series, "zh_CN").splitlines()[0]


async def test_the_answers_of_a_kind_are_in_their_order(services: Services) -> None:
    for kind in ("repair", "complaint"):
        for word in ("dissatisfied", "satisfied", "very_satisfied"):
            await record(services, kind=kind, satisfaction=word, nps=None, rated_at=NOW)
    keys = [*await numbers(services, Chart.SATISFACTION, by="kind")]
    levels = ("very_satisfied", "satisfied", "dissatisfied")
    assert keys == [f"{kind}.{word}" for kind in ("complaint", "repair") for word in levels]


async def test_lines_have_the_names_that_people_know(services: Services) -> None:
    await record(services)
    for by, name in (("team", "投诉组"), ("kind", "投诉"), (None, "新增")):
        series = await read_chart(services, LEAD, question(Chart.ARRIVALS, by=by), "zh_CN")
        assert [line.label for line in series.lines] == [name]


async def test_weeks_and_months(services: Services) -> None:
    await record(services)
    for period, labels in ((Period.WEEK, [FIRST]), (Period.MONTH, [FIRST])):
        series = await read_chart(services, LEAD, question(Chart.ARRIVALS, period=period), "en")
        assert (series.labels, series.lines[0].values) == (labels, [1])


async def test_numbers_are_up_to_a_minute_old(services: Services, clock: Clock) -> None:
    await record(services)
    assert await numbers(services, Chart.ARRIVALS) == {"arrivals": [1, 0, 0]}
    await record(services)
    clock.now += timedelta(minutes=1)
    assert await numbers(services, Chart.ARRIVALS) == {"arrivals": [1, 0, 0]}
    assert await numbers(services, Chart.ARRIVALS, kind="complaint") == {"arrivals": [2, 0, 0]}
    clock.now += timedelta(microseconds=1)
    assert await numbers(services, Chart.ARRIVALS) == {"arrivals": [2, 0, 0]}


@pytest.mark.parametrize(
    ("more", "pointer", "code"),
    [
        ({"until": date(2026, 3, 2)}, "/until", "before_since"),
        ({"since": date(2025, 1, 28)}, "/until", "too_many_days"),
        ({"team": "south"}, "/team", "unknown_team"),
    ],
)
async def test_a_question_that_cannot_be_answered(
    services: Services, more: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(Unacceptable) as refused:
        await read_chart(services, LEAD, question(**{"chart": Chart.ARRIVALS, **more}), "en")
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == (pointer, code)


async def test_four_hundred_days_are_the_most(services: Services) -> None:
    longest = question(Chart.BACKLOG, since=LAST - timedelta(days=399))
    assert len((await read_chart(services, LEAD, longest, "en")).labels) == 400


@pytest.mark.parametrize(
    "more", [{"kind": "party"}, {"by": "customer"}, {"chart": "money"}, {"since": "yesterday"}]
)
def test_names_that_there_are_not(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        question(**{"chart": Chart.ARRIVALS, **more})


async def test_charts_are_for_those_who_lead(services: Services) -> None:
    with pytest.raises(Forbidden):
        await read_chart(services, staff("agent"), question(Chart.ARRIVALS), "en")


def test_a_file_computes_nothing_but_has_numbers() -> None:
    """A team called like a formula gets a quote before its name; a minus before a number stays."""
    series = Series(
        unit=Unit.SCORE,
        labels=[FIRST, TODAY, LAST],
        lines=[
            Line(key="a", label='=HYPERLINK("http://evil")', values=[1, -12.5, None]),
            Line(key="b", label="＋1, 北区", values=[1200, 0, 3]),
        ],
    )
    text = as_csv(series, "en")
    assert text.startswith("\ufeff")
    assert [*csv.reader(io.StringIO(text[1:], newline=""))] == [
        ["From", '\'=HYPERLINK("http://evil")', "'＋1, 北区"],
        ["2026-03-03", "1", "1200"],
        ["2026-03-04", "-12.5", "0"],
        ["2026-03-05", "", "3"],
    ]
    assert text.count("\r\n") == 4


def test_a_file_of_hours_says_which_moment_each_is() -> None:
    hour = datetime(2026, 3, 4, 9, tzinfo=SHANGHAI)
    series = Series(unit=Unit.CASES, labels=[hour], lines=[])
    assert as_csv(series, "zh_CN") == "\ufeff起始\r\n2026-03-04T09:00:00+08:00\r\n"
