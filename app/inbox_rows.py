"""A line of the inbox: a case, its open task, and how the promise stands that is due next."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Final

from app.authentication import Principal
from app.outside import shown_list_item
from app.results import CaseListItem, Result
from app.time_left import ENDED_OR_STOOD, TimeLeft, time_left
from cases import KINDS
from domain.language.clocks import ClockState
from domain.read_models.projection import CaseView, ClockView
from policies.documents import provisional_after
from store.cases.records import InboxRecord

WORDS_SHOWN: Final = 160
"""Characters of a customer's words in a line: as many as anybody reads of a list."""


class DueClock(Result):
    """The clock that a line shows: of those open the one due next, else the one that ended last.

    `due_at` is unknown while it is paused. If there is a `provisional_after`, it may still move:
    the holidays after that day are not announced yet.
    """

    clock: str
    instance: int
    state: ClockState
    started_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    provisional_after: date | None = None


class InboxRow(CaseListItem):
    """A case in the inbox; `task` is the seq of its open task, `time_left` says how it stands.

    Of the customer's words it has the beginning. `customer_wrote`: it waits for us and not for the
    customer, since they wrote and nobody answered.
    """

    task: int | None = None
    clock: DueClock | None = None
    time_left: TimeLeft = TimeLeft.NOT_STARTED
    customer_wrote: bool = False


def inbox_rows(
    caller: Principal, records: Iterable[InboxRecord], now: datetime
) -> tuple[InboxRow, ...]:
    """Return the lines of these cases as the caller is shown them, as they read now."""
    return tuple(shown_list_item(caller, _row(record, now)) for record in records)


def _row(record: InboxRecord, now: datetime) -> InboxRow:
    clock = _shown_clock(record.case, record.clocks)
    words = record.words
    return InboxRow(
        **record.case.model_dump(exclude={"rank"}),
        words=words if words is None or len(words) <= WORDS_SHOWN else f"{words[:WORDS_SHOWN]}…",
        unread_customer_messages=record.unread,
        task=record.task,
        clock=_due_clock(clock) if clock else None,
        time_left=time_left(clock, now),
        customer_wrote=customer_wrote(record.case),
    )


def _due_clock(clock: ClockView) -> DueClock:
    after = provisional_after(clock.calendar, clock.due_at)
    return DueClock.model_validate(clock).model_copy(update={"provisional_after": after})


def customer_wrote(case: CaseView) -> bool:
    """Say whether a case waits for us because its customer wrote where we waited for them."""
    process = KINDS.get((case.kind, case.process_version))
    return process is not None and case.waits_on != process.state(case.state).waits_on.value


def _shown_clock(case: CaseView, clocks: Sequence[ClockView]) -> ClockView | None:
    """Return the clock that counts; one that only reminds us to tell the customer never does."""
    reminders = _reminders(case.kind, case.process_version)
    counted = [clock for clock in clocks if clock.clock not in reminders]
    still_open = [clock for clock in counted if clock.ended_at is None]
    if due := [clock for clock in still_open if clock.due_at is not None]:
        return min(due, key=lambda clock: (clock.due_at, clock.clock))
    if still_open:
        return min(still_open, key=lambda clock: clock.started_at)
    kept = [clock for clock in counted if clock.state in ENDED_OR_STOOD and clock.ended_at]
    return max(kept, key=lambda clock: (clock.ended_at, clock.clock), default=None)


@cache
def _reminders(kind: str, version: int) -> frozenset[str]:
    """Return the names of the clocks of a kind that are never breached."""
    process = KINDS.get((kind, version))
    return (
        frozenset(each.name for each in process.clocks if each.repeats) if process else frozenset()
    )
