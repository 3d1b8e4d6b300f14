"""The charts: how many cases came and went, which promises were kept, how content customers are."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum, auto
from itertools import accumulate

from pydantic import ConfigDict

from app.authentication import Principal
from app.authorization import Right, check_right
from app.calendar_spans import Period, period_spans
from app.errors import invalid
from app.filters import KnownNames
from app.series import Line, Series, Unit
from app.services import Numbers, Services
from cases import CURRENT, KINDS
from cases.common.clocks import RESOLUTION, RESPONSE
from cases.common.forms import Satisfaction
from domain.language.clocks import Clock
from domain.language.values import Code, Day
from i18n.labels import label
from store.db.clock import utc_now
from store.reports.charts import Charts
from store.reports.records import DurationCount, RatingCount, Scope, Span, Split, SplitCount

MAX_DAYS = 400
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
"""Before any case; a day later than the first, since zones reach back."""
PROMOTER, DETRACTOR = 9, 6
"""From which answer, and to which, NPS counts a customer as for or against us."""
BETWEEN = "."
"""Stands in the key of a line between the kind, team or clock and what is counted of it."""
PLACES = 1
"""How many decimals a score has."""


class Chart(StrEnum):
    """What a chart shows."""

    ARRIVALS = auto()
    CLOSED = auto()
    BACKLOG = auto()
    PROMISES = auto()
    RESPONSE_TIME = auto()
    RESOLUTION_TIME = auto()
    SATISFACTION = auto()
    NPS = auto()


LINES_EACH = frozenset(
    {Chart.PROMISES, Chart.RESPONSE_TIME, Chart.RESOLUTION_TIME, Chart.SATISFACTION}
)
"""The charts that have several lines for each kind, team or clock."""
UNITS: Mapping[Chart, Unit] = {
    Chart.ARRIVALS: Unit.CASES,
    Chart.CLOSED: Unit.CASES,
    Chart.BACKLOG: Unit.CASES,
    Chart.PROMISES: Unit.PROMISES,
    Chart.RESPONSE_TIME: Unit.SECONDS,
    Chart.RESOLUTION_TIME: Unit.SECONDS,
    Chart.SATISFACTION: Unit.ANSWERS,
    Chart.NPS: Unit.SCORE,
}


class ReportScope(KnownNames):
    """Of which cases: of a kind, of a team, of both, or of all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Code | None = None
    team: Code | None = None

    def scope(self) -> Scope:
        """Return it as the store takes it."""
        prefix = CURRENT[self.kind].prefix if self.kind is not None else None
        return Scope(self.kind, self.team, prefix)


class ChartQuestion(ReportScope):
    """Which numbers: from a day to a day, both counted, by days, weeks or months.

    `by` has lines for each kind or team; promises then count together, whichever clock's they are.
    """

    chart: Chart
    since: Day
    until: Day
    period: Period = Period.DAY
    by: Split | None = None


async def read_chart(
    services: Services, caller: Principal, question: ChartQuestion, locale: str
) -> Series:
    """Return the numbers of a chart, up to a minute old.

    Raises:
        Forbidden: only who sees the board may.
        Unacceptable: the days are no span of time, or there is no such team.
        StoreDown
    """
    check_right(caller, Right.SEE_BOARD)
    _check_question(question)
    await check_scope(services, caller, question)
    now = utc_now()
    spans = period_spans(question.period, question.since, question.until, services.business_zone)
    counted = Counted(caller.tenant, [*spans.values()], question.scope(), question.by, now)
    values = await services.chart_cache.get(
        (caller.tenant, question),
        now,
        lambda: COUNTS[question.chart](services.store.charts, counted),
    )
    names = await _team_names(services, caller) if question.by is Split.TEAM else {}
    lines = [
        _line(question, key, values[key], names, locale) for key in _in_order(question, values)
    ]
    return Series(unit=UNITS[question.chart], labels=[*spans], lines=lines)


async def check_scope(services: Services, caller: Principal, scope: ReportScope) -> None:
    """Refuse a team that there is not.

    Raises:
        Unacceptable
        StoreDown
    """
    if scope.team is not None:
        teams = sorted(await _team_names(services, caller))
        if scope.team not in teams:
            raise invalid("/team", "unknown_team", "There is no such team.", teams=teams)


def _check_question(question: ChartQuestion) -> None:
    days = (question.until - question.since).days + 1
    if days < 1:
        raise invalid("/until", "before_since", "The last day is before the first.")
    if days > MAX_DAYS:
        raise invalid("/until", "too_many_days", "These are too many days.", most=MAX_DAYS)


async def _team_names(services: Services, caller: Principal) -> dict[str, str]:
    return {team.id: team.name for team in await services.store.people.teams(caller.tenant)}


@dataclass(frozen=True)
class Counted:
    """What is counted: in which spans, of which cases, split by what; and when."""

    tenant: str
    spans: Sequence[Span]
    scope: Scope
    by: Split | None
    now: datetime


async def _arrivals(charts: Charts, of: Counted) -> Numbers:
    counts = await charts.arrived(of.tenant, of.spans, of.scope, of.by)
    return _by_key(counts, len(of.spans), Chart.ARRIVALS)


async def _closed(charts: Charts, of: Counted) -> Numbers:
    counts = await charts.closed(of.tenant, of.spans, of.scope, of.by)
    return _by_key(counts, len(of.spans), Chart.CLOSED)


async def _backlog(charts: Charts, of: Counted) -> Numbers:
    """Count what was open at the end of each span: what had come less what had gone by then.

    A case that was reopened counts as open all the time.
    """
    spans = [Span(BEGINNING, of.spans[0].since), *of.spans]
    came = await charts.arrived(of.tenant, spans, of.scope, of.by)
    went = await charts.closed(of.tenant, spans, of.scope, of.by)
    changes = [*came, *(count._replace(n=-count.n) for count in went)]
    values = _by_key(changes, len(spans), Chart.BACKLOG)
    ahead = [span.since > of.now for span in of.spans]
    return {
        key: [
            None if is_ahead else n
            for n, is_ahead in zip([*accumulate(map(_zero, line))][1:], ahead, strict=True)
        ]
        for key, line in values.items()
    }


async def _promises(charts: Charts, of: Counted) -> Numbers:
    names = [clock.name for clock in CLOCKS]
    met = await charts.met(of.tenant, of.spans, of.scope, names, of.by)
    breached = await charts.breached(of.tenant, of.spans, of.scope, of.by)
    counts = [
        SplitCount(count.place, _within(_group(count.key, of) or count.clock, verdict), count.n)
        for verdict, group in (("met", met), ("breached", breached))
        for count in group
    ]
    return _by_key(counts, len(of.spans), Chart.PROMISES)


def _time_of(clock: Clock) -> "Count":
    async def count(charts: Charts, of: Counted) -> Numbers:
        durations = await charts.durations(of.tenant, of.spans, of.scope, clock.name, of.by)
        return _quantiles(durations, of)

    return count


async def _satisfaction(charts: Charts, of: Counted) -> Numbers:
    ratings = await charts.ratings(of.tenant, of.spans, of.scope, of.by)
    counts = [
        SplitCount(each.place, _within(each.key, each.satisfaction), each.n)
        for each in ratings
        if each.satisfaction is not None
    ]
    return _by_key(counts, len(of.spans), Chart.SATISFACTION)


async def _nps(charts: Charts, of: Counted) -> Numbers:
    ratings = await charts.ratings(of.tenant, of.spans, of.scope, of.by)
    return {
        group or Chart.NPS: [
            _score([each for each in ratings if (each.place, each.key) == (place, group)])
            for place in range(len(of.spans))
        ]
        for group in _groups((each.key for each in ratings), of)
    }


Count = Callable[[Charts, Counted], Awaitable[Numbers]]
COUNTS: Mapping[Chart, Count] = {
    Chart.ARRIVALS: _arrivals,
    Chart.CLOSED: _closed,
    Chart.BACKLOG: _backlog,
    Chart.PROMISES: _promises,
    Chart.RESPONSE_TIME: _time_of(RESPONSE),
    Chart.RESOLUTION_TIME: _time_of(RESOLUTION),
    Chart.SATISFACTION: _satisfaction,
    Chart.NPS: _nps,
}
PREFIXES = {process.prefix: process.kind for process in KINDS.values()}
CLOCKS = sorted(
    {clock for process in KINDS.values() for clock in process.clocks if not clock.repeats},
    key=lambda clock: clock.name,
)


def _by_key(counts: Iterable[SplitCount], places: int, only: str) -> dict[str, list[float | None]]:
    """Return the sums by key and place; `only` is the key of what is not split."""
    values: dict[str, list[float | None]] = {}
    for count in counts:
        line = values.setdefault(count.key or only, [0] * places)
        line[count.place] = _zero(line[count.place]) + count.n
    return values


def _quantiles(durations: Iterable[DurationCount], of: Counted) -> Numbers:
    by_place = {(each.place, _group(each.key, of)): each for each in durations}
    numbers: dict[str, list[float | None]] = {}
    for group in _groups((group for _, group in by_place), of):
        found = [by_place.get((place, group)) for place in range(len(of.spans))]
        numbers[_within(group, "median")] = [each.median if each else None for each in found]
        numbers[_within(group, "p90")] = [each.p90 if each else None for each in found]
    return numbers


def _group(key: str | None, of: Counted) -> str | None:
    """Return the kind or team that clocks are split by; the store tells a kind by its prefix."""
    return PREFIXES.get(key, key) if key is not None and of.by is Split.KIND else key


def _groups(keys: Iterable[str | None], of: Counted) -> set[str | None]:
    """Return the kinds or teams that have lines; all cases are one group if they are not split."""
    return {None} if of.by is None else {*keys}


def _within(group: str | None, key: str) -> str:
    """Return the key of a line among those of its kind, team or clock."""
    return f"{group}{BETWEEN}{key}" if group else key


def _score(answers: Sequence[RatingCount]) -> float | None:
    """Return the net promoter score: the share of those for us less that of those against us."""
    rated = [(each.nps, each.n) for each in answers if each.nps is not None]
    n = sum(count for _, count in rated)
    for_us = sum(count for nps, count in rated if nps >= PROMOTER)
    against_us = sum(count for nps, count in rated if nps <= DETRACTOR)
    return round(100 * (for_us - against_us) / n, PLACES) if n else None


def _zero(value: float | None) -> float:
    return value or 0


def _in_order(question: ChartQuestion, values: Numbers) -> Iterable[str]:
    """Return the keys of the lines: of answers from good to bad, of the others by name."""
    levels = [level.value for level in Satisfaction]

    def rank(key: str) -> tuple[str, int, str]:
        group, inner = _parted(question, key)
        return group, levels.index(inner) if inner in levels else 0, key

    return sorted(values, key=rank)


def _parted(question: ChartQuestion, key: str) -> tuple[str, str]:
    """Return the kind, team or clock of a line, and what it counts of it, if there are several."""
    if question.chart in LINES_EACH:
        group, _, inner = key.rpartition(BETWEEN)
        return group, inner
    return (key, "") if question.by is not None else ("", key)


def _line(
    question: ChartQuestion,
    key: str,
    values: list[float | None],
    teams: Mapping[str, str],
    locale: str,
) -> Line:
    """Return a line under the name that people know it by."""
    group, inner = _parted(question, key)
    names = []
    if group:
        names.append(_group_name(question, group, teams, locale))
    if inner:
        noun = "satisfaction" if question.chart is Chart.SATISFACTION else "line"
        names.append(label(f"{noun}.{inner}", locale))
    return Line(key=key, label=" · ".join(names), values=values)


def _group_name(question: ChartQuestion, group: str, teams: Mapping[str, str], locale: str) -> str:
    """Return what a kind, a team or a clock is called."""
    if question.by is Split.TEAM:
        return teams.get(group, group)
    if question.by is Split.KIND:
        return label(f"kind.{group}", locale, group)
    return label(f"clock.{group}", locale)


def default_days(now: datetime, services: Services) -> tuple[date, date]:
    """Return the thirty days until today, which a chart shows unless others are asked for."""
    today = now.astimezone(services.business_zone).date()
    return today - timedelta(days=29), today
