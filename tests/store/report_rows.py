"""Rows of cases and clocks for reports, and what counting them one by one gives."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.language.clocks import ClockState
from domain.mining.flow import duration_stats
from domain.read_models.projection import CaseView, ClockView, ProjectionUpdate
from store import Store
from store.reports.records import ClockCount, RatingCount, Scope, Span, Split, SplitCount
from tests.store import sample_cases
from tests.support.cases import new_number

BASE = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
PREFIXES = {"complaint": "TS", "repair": "WX"}


@dataclass(frozen=True)
class Rows:
    """Cases with their clocks."""

    cases: list[CaseView]
    clocks: list[ClockView]


def case_of(tenant: str, **more: Any) -> CaseView:
    """Return an open case with a number of its kind's."""
    kind = more.get("kind", "complaint")
    number = new_number(PREFIXES[kind])
    template = sample_cases.update_after(sample_cases.opened(tenant)).case
    return template.model_copy(update={"number": number, **more})


def clock_of(case: CaseView, name: str, started_at: datetime, **more: Any) -> ClockView:
    """Return a clock of a case; it runs, unless more is said."""
    return ClockView(
        **{
            "tenant": case.tenant, "number": case.number, "clock": name, "instance": 1,
            "state": ClockState.RUNNING, "budget": HOUR, "calendar": "always@1",
            "started_at": started_at, "due_at": started_at + HOUR, "paused_at": None,
            "breached_at": None, "ended_at": None, "rungs": (), **more,
        }
    )  # fmt: skip


async def write(store: Store, rows: Rows) -> None:
    """Record the rows."""
    for case in rows.cases:
        clocks = tuple(clock for clock in rows.clocks if clock.number == case.number)
        await store.recorder.write(
            ProjectionUpdate(entries=(), case=case, tasks=(), clocks=clocks, notices=())
        )


def hours(n: int, since: datetime = BASE) -> list[Span]:
    """Return so many hours, one after the other."""
    return [Span(since + place * HOUR, since + (place + 1) * HOUR) for place in range(n)]


def in_scope(rows: Rows, scope: Scope) -> Rows:
    """Return the rows that are counted."""
    cases = [
        case
        for case in rows.cases
        if scope.kind in (None, case.kind) and scope.team in (None, case.team)
    ]
    numbers = {case.number for case in cases}
    return Rows(cases, [clock for clock in rows.clocks if clock.number in numbers])


def place_of(moment: datetime | None, spans: Sequence[Span]) -> int | None:
    """Return the span that a moment is in."""
    if moment is None:
        return None
    return next((n for n, span in enumerate(spans) if span.since <= moment < span.until), None)


def counted(
    cases: Iterable[CaseView], moment: str, spans: Sequence[Span], split: Split | None
) -> set[SplitCount]:
    """Count cases by place and key."""
    keys: Counter[tuple[int, str | None]] = Counter()
    for case in cases:
        place = place_of(getattr(case, moment), spans)
        if place is not None:
            keys[place, getattr(case, split.value) if split else None] += 1
    return {SplitCount(place, key, n) for (place, key), n in keys.items()}


def key_of(rows: Rows, clock: ClockView, split: Split | None) -> str | None:
    """Return by what a clock is split: its case's team, or what says the kind in its number."""
    if split is Split.TEAM:
        return next(case.team for case in rows.cases if case.number == clock.number)
    return clock.number[:2] if split is Split.KIND else None


def counted_clocks(
    rows: Rows, moment: str, spans: Sequence[Span], split: Split | None = None
) -> set[ClockCount]:
    """Count clocks by place, name and key."""
    keys = Counter(
        (place_of(getattr(clock, moment), spans), clock.clock, key_of(rows, clock, split))
        for clock in rows.clocks
    )
    return {ClockCount(place, name, n, key) for (place, name, key), n in keys.items()
            if place is not None}  # fmt: skip


def counted_ratings(
    cases: Iterable[CaseView], spans: Sequence[Span], split: Split | None = None
) -> set[RatingCount]:
    """Count what customers said."""
    keys = Counter(
        (
            place_of(case.rated_at, spans),
            case.satisfaction,
            case.nps,
            getattr(case, split.value) if split else None,
        )
        for case in cases
    )
    return {RatingCount(place, word, nps, n, key) for (place, word, nps, key), n in keys.items()
            if place is not None}  # fmt: skip


def durations(
    rows: Rows, name: str, spans: Sequence[Span], split: Split | None = None
) -> dict[tuple[int, str | None], tuple[int, float, float]]:
    """Return number, median and 90th percentile by place and key, in whole seconds."""
    by_group: dict[tuple[int, str | None], list[float]] = {}
    for clock in rows.clocks:
        place = place_of(clock.ended_at, spans)
        kept = clock.state in (ClockState.MET, ClockState.MET_LATE)
        if place is not None and kept and clock.clock == name and clock.ended_at:
            seconds = clock.ended_at.timestamp() // 1 - clock.started_at.timestamp() // 1
            by_group.setdefault((place, key_of(rows, clock, split)), []).append(seconds)
    stats = {group: duration_stats(seconds) for group, seconds in by_group.items()}
    return {group: (each.count, each.median, each.p90) for group, each in stats.items()}
