"""Reads the cases to export: each with its row and its entries, a page of cases at a time."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases import KINDS
from domain.engine.case import Case
from domain.engine.messages import Opening, opening_of
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.read_models.projection import CaseView
from runtime.message import Message
from store import Store
from store.cases.records import CaseFilter
from store.errors import CorruptRow

PAGE = 100
TICK = timedelta(milliseconds=1)


@dataclass(frozen=True)
class ExportFilter:
    """Selects cases of a kind, received from `since` until before `until`, open or closed."""

    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    open: bool | None = None


@dataclass(frozen=True)
class LogEvent:
    """An entry, the state before it, and the case right after it, which then changes further.

    `at` is when logs say that it was. Entries of one request have one time, and most readers know
    no order but the times: so each event is at least a millisecond, the finest that all readers
    tell apart, after the one before.
    """

    entry: Entry
    before: str | None
    case: Case
    at: datetime


@dataclass(frozen=True)
class CaseHistory:
    """The row of a case, and all its entries up to that row."""

    row: CaseView
    process: Process
    entries: Sequence[Entry]

    @property
    def opening(self) -> Opening:
        """What the case began with."""
        return opening_of(self.entries[0])

    def events(self) -> Iterator[LogEvent]:
        """Yield the entries, oldest first."""
        case, before = self.process.fold(self.opening, ()), None
        at = self.entries[0].at
        for entry in self.process.replay(case, self.entries):
            at = max(entry.at, at + TICK) if before else entry.at
            yield LogEvent(entry, before, case, at)
            before = case.state


@dataclass(frozen=True)
class LeftOut:
    """A case that cannot be exported, and why."""

    number: str
    why: str


def processes(cases: ExportFilter) -> list[Process]:
    """Return the processes that the cases may have been opened with, in all versions."""
    return [process for (kind, _), process in KINDS.items() if cases.kind in (None, kind)]


async def read_histories(
    store: Store, tenant: str, cases: ExportFilter
) -> AsyncIterator[CaseHistory | LeftOut]:
    """Yield the cases of the filter, newest received first; one page is in memory at a time.

    Raises:
        StoreDown
    """
    case_filter = CaseFilter(
        kind=cases.kind, open=cases.open, received_from=cases.since, received_to=cases.until
    )
    after = None
    while True:
        page = await store.cases.page(tenant, case_filter, after, PAGE)
        for number in page.corrupt:
            yield LeftOut(number, str(CorruptRow("cases", number)))
        for row in page.items:
            yield await _read_history(store, row)
        after = page.next
        if after is None:
            return


async def _read_history(store: Store, row: CaseView) -> CaseHistory | LeftOut:
    process = KINDS.get((row.kind, row.process_version))
    if process is None:
        return LeftOut(
            row.number,
            Message(
                "It is a %(kind)s of version %(process_version)s, which this release "
                "does not know; export it with the release that does, or see `banjie "
                "store reconcile`.",
                kind=row.kind,
                process_version=row.process_version,
            ),
        )
    try:
        entries = await store.entries.of(row.tenant, row.number)
    except CorruptRow as error:
        return LeftOut(row.number, str(error))
    # What was recorded since the row was read belongs to the next export.
    return _checked(CaseHistory(row, process, [e for e in entries if e.seq <= row.last_seq]))


def _checked(history: CaseHistory) -> CaseHistory | LeftOut:
    """Follow the history to its end first: half a case could not be taken back from a file."""
    try:
        for _ in history.events():
            pass
    except (LookupError, ValueError, TypeError) as error:
        number = history.row.number
        return LeftOut(
            number,
            Message(
                "It does not fit its process (%(error)s); `banjie ops conformance "
                "%(number)s` says where.",
                error=type(error).__name__,
                number=number,
            ),
        )
    return history
