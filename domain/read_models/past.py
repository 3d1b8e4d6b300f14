"""A case as it was: which entry was its newest, and how its clocks read at that moment."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from domain.engine.case import Case
from domain.engine.messages import opening_of
from domain.engine.process import Process
from domain.language.clocks import ClockInstance
from domain.language.entries import Entry
from domain.language.values import Duration, Instant
from domain.read_models.projection import ClockView, clock_view


class ClockReading(ClockView):
    """A clock read at a moment: how much of its own time is used, and its pauses until then.

    A pause that has not ended is not among `pauses` but in `paused_at`. After `provisional_after`
    holidays are not announced yet: it is there if `due_at` is later, and may still move.
    """

    rungs: tuple[str, ...] = Field(serialization_alias="milestones")
    budget: Duration
    spent: Duration
    pauses: tuple[tuple[Instant, Instant], ...] = ()
    provisional_after: date | None = None


class Moment(BaseModel):
    """A moment of a case: when, and which entry was its newest then."""

    model_config = ConfigDict(frozen=True)

    seq: int
    at: Instant


def case_at(process: Process, entries: Sequence[Entry], seq: int) -> Case:
    """Return the case as it was when the entry `seq` was its newest."""
    return process.fold(opening_of(entries[0]), entries[:seq])


def newest_at(entries: Sequence[Entry], at: datetime) -> int:
    """Return the seq of the newest entry that counts by then; 0 if the case was not open yet.

    What time did counts from when it was due, also where the system saw it later: an outage does
    not change how a case stood by right.
    """
    return bisect_right(entries, at, key=lambda entry: entry.at)


def read_clocks(case: Case, at: datetime) -> list[ClockReading]:
    """Return all clocks of a case as they read at a moment not before its newest entry."""
    return [read_clock(case, instance, at) for instance in case.clock_instances()]


def read_clock(case: Case, instance: ClockInstance, at: datetime) -> ClockReading:
    """Return one clock of a case as it reads at such a moment."""
    return ClockReading(
        **clock_view(case, instance).model_dump(),
        spent=max(instance.spent(at), timedelta()),
        pauses=instance.pauses,
        provisional_after=instance.target.calendar.provisional_after(instance.due),
    )
