"""The lead's board: what is open, due, broken, and whose, as it is now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from app.authentication import Principal
from app.authorization import Right, check_right
from app.calendar_spans import hours_of
from app.charts import Chart, ReportScope, check_scope
from app.results import Result
from app.series import Series, Unit, line
from app.services import Services
from store.db.clock import utc_now
from store.people.records import Staff
from store.reports.records import BoardCounts, BoardMoments, Breach, OpenCount

SOON: Final[Sequence[timedelta]] = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)
"""The times from now within which cases are due; the rest of today follows."""


class BacklogCell(Result):
    """How many cases of a kind are open at a stage, with a priority; None before it is known."""

    kind: str
    stage: str
    priority: str | None
    open: int
    overdue: int


class DueCases(Result):
    """How many cases are due by a moment and are not overdue yet.

    `within` is how far ahead it is, None for the end of today.
    """

    until: datetime
    within: timedelta | None
    n: int


class ShownBreach(Result):
    """A promise that was broken today: which, when, who held the case then; and the case now."""

    number: str
    clock: str
    at: datetime
    holder: str | None
    holder_name: str | None
    kind: str | None
    team: str | None
    state: str | None
    assignee: str | None
    closed: bool


class AgentLoad(Result):
    """What one of the staff holds; `unread` counts the customers' messages that nobody read."""

    id: str
    name: str
    active: bool
    open: int
    overdue: int
    on_hold: int
    unread: int


class Unassigned(Result):
    """How many cases wait for one of the staff and are nobody's, and which came in first."""

    n: int
    oldest: str | None
    received_at: datetime | None


class ShownBoard(Result):
    """All that the board shows, all of one moment.

    `breached` counts today's breaches, of which `breaches` has the newest. `hours` has how many
    cases came in and were closed in each hour of today.
    """

    at: datetime
    today: date
    open: int
    overdue: int
    backlog: list[BacklogCell]
    due: list[DueCases]
    breached: int
    breaches: list[ShownBreach]
    load: list[AgentLoad]
    unassigned: Unassigned
    hours: Series


async def read_board(
    services: Services, caller: Principal, scope: ReportScope, locale: str
) -> ShownBoard:
    """Return the board of a kind, of a team, of both, or of all cases.

    Raises:
        Forbidden: it shows how much each colleague has to do, so it is for those who lead them.
        Unacceptable: there is no such team.
        StoreDown
    """
    check_right(caller, Right.SEE_BOARD)
    await check_scope(services, caller, scope)
    now = utc_now()
    moments = _moments(services, now)
    counts = await services.store.board.read(caller.tenant, scope.scope(), moments)
    people = await services.store.people.list(caller.tenant)
    names = {person.id: person.name for person in people}
    return ShownBoard(
        at=now,
        today=now.astimezone(services.business_zone).date(),
        open=sum(each.open for each in counts.open),
        overdue=sum(each.overdue for each in counts.open),
        backlog=_backlog(counts.open),
        due=_due(counts.open, moments),
        breached=counts.breached,
        breaches=[
            _breach(each, at, names) for each in counts.breaches if (at := each.clock.breached_at)
        ],
        load=_load(counts, people, scope.team),
        unassigned=_unassigned(counts),
        hours=_hours(services, counts, moments, locale),
    )


def _moments(services: Services, now: datetime) -> BoardMoments:
    hours = tuple(hours_of(now.astimezone(services.business_zone).date(), services.business_zone))
    return BoardMoments(now, (*(now + ahead for ahead in SOON), hours[-1].until), hours)


def _backlog(counts: Iterable[OpenCount]) -> list[BacklogCell]:
    cells: dict[tuple[str, str, str | None], list[OpenCount]] = defaultdict(list)
    for each in counts:
        cells[each.kind, each.stage, each.priority].append(each)
    return [
        BacklogCell(
            kind=kind,
            stage=stage,
            priority=priority,
            open=sum(each.open for each in group),
            overdue=sum(each.overdue for each in group),
        )
        for (kind, stage, priority), group in sorted(
            cells.items(), key=lambda cell: (*cell[0][:2], cell[0][2] or "")
        )
    ]


def _due(counts: Sequence[OpenCount], moments: BoardMoments) -> list[DueCases]:
    """Return the windows ahead; one that reaches into tomorrow is longer than the rest of today."""
    return [
        DueCases(until=until, within=within, n=sum(e.due[place] - e.overdue for e in counts))
        for place, (until, within) in enumerate(zip(moments.soon, (*SOON, None), strict=True))
    ]


def _breach(breach: Breach, at: datetime, names: Mapping[str, str]) -> ShownBreach:
    clock, case, holder = breach.clock, breach.case, breach.clock.breach_holder
    return ShownBreach(
        number=clock.number,
        clock=clock.clock,
        at=at,
        holder=holder,
        holder_name=names.get(holder, holder) if holder else None,
        kind=case.kind if case else None,
        team=case.team if case else None,
        state=case.state if case else None,
        assignee=case.assignee if case else None,
        closed=case is not None and case.closed_at is not None,
    )


def _load(counts: BoardCounts, people: Sequence[Staff], team: str | None) -> list[AgentLoad]:
    """Return who holds what: whoever holds a case, and whoever of the team could; busiest first."""
    held: dict[str, list[OpenCount]] = defaultdict(list)
    for each in counts.open:
        if each.assignee is not None:
            held[each.assignee].append(each)
    by_id = {person.id: person for person in people}
    idle = {
        person.id
        for person in people
        if person.active and (team in person.teams if team else person.teams)
    }
    load = [
        AgentLoad(
            id=id,
            name=by_id[id].name if id in by_id else id,
            active=id in by_id and by_id[id].active,
            open=sum(each.open for each in held[id]),
            overdue=sum(each.overdue for each in held[id]),
            on_hold=sum(each.on_hold for each in held[id]),
            unread=counts.unread.get(id, 0),
        )
        for id in {*held, *counts.unread, *idle}
    ]
    return sorted(load, key=lambda each: (-each.overdue, -each.open, each.id))


def _unassigned(counts: BoardCounts) -> Unassigned:
    oldest = counts.oldest_unassigned
    return Unassigned(
        n=sum(each.unassigned for each in counts.open),
        oldest=oldest.number if oldest else None,
        received_at=oldest.received_at if oldest else None,
    )


def _hours(services: Services, counts: BoardCounts, moments: BoardMoments, locale: str) -> Series:
    """Return what came and went in each hour so far; the hours ahead have no numbers."""
    begun = [hour.since <= moments.now for hour in moments.hours]

    def so_far(numbers: Sequence[int]) -> list[float | None]:
        return [n if is_begun else None for n, is_begun in zip(numbers, begun, strict=True)]

    return Series(
        unit=Unit.CASES,
        labels=[hour.since.astimezone(services.business_zone) for hour in moments.hours],
        lines=[
            line(Chart.ARRIVALS, locale, so_far(counts.arrived)),
            line(Chart.CLOSED, locale, so_far(counts.closed)),
        ],
    )
