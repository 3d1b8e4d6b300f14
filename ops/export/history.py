"""What is exported of a case: its row and its entries, read page by page and told one by one."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cases import KINDS
from domain.engine.case import Case
from domain.engine.messages import Opening, opening_of
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.read_models.projection import CaseView
from store import Store
from store.cases.records import CaseFilter
from store.errors import CorruptRow

PAGE = 100


@dataclass(frozen=True)
class Which:
    """Which cases: of a kind, received from `since` until before `until`, open or closed ones."""

    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    open: bool | None = None


@dataclass(frozen=True)
class Moment:
    """An entry, the state before it, and the case right after it; the case then grows on."""

    entry: Entry
    before: str | None
    case: Case


@dataclass(frozen=True)
class History:
    """A case as its row says it is, and all that happened to it up to then."""

    row: CaseView
    process: Process
    entries: Sequence[Entry]

    @property
    def opening(self) -> Opening:
        """How it began."""
        return opening_of(self.entries[0])

    def moments(self) -> Iterator[Moment]:
        """Entry by entry, oldest first."""
        case, before = self.process.fold(self.opening, ()), None
        for entry in self.process.replay(case, self.entries):
            yield Moment(entry, before, case)
            before = case.state


def processes(which: Which) -> list[Process]:
    """The tables that the cases may have been opened with, all versions."""
    return [process for (kind, _), process in KINDS.items() if which.kind in (None, kind)]


@dataclass(frozen=True)
class LeftOut:
    """A case that cannot be exported, and why."""

    number: str
    why: str


async def histories(store: Store, tenant: str, which: Which) -> AsyncIterator[History | LeftOut]:
    """The cases that were asked for, newest received first; one page is in memory at a time.

    Raises:
        StoreDown
    """
    asked = CaseFilter(
        kind=which.kind, open=which.open, received_from=which.since, received_to=which.until
    )
    after = None
    while True:
        page = await store.cases.page(tenant, asked, after, PAGE)
        for number in page.corrupt:
            yield LeftOut(number, str(CorruptRow("cases", number)))
        for row in page.items:
            yield await _history(store, row)
        after = page.next
        if after is None:
            return


async def _history(store: Store, row: CaseView) -> History | LeftOut:
    process = KINDS.get((row.kind, row.process_version))
    if process is None:
        return LeftOut(
            row.number,
            f"It is a {row.kind} of version {row.process_version}, which this release does not "
            "know; export it with the release that does, or see `banjie store reconcile`.",
        )
    try:
        entries = await store.entries.of(row.tenant, row.number)
    except CorruptRow as spoilt:
        return LeftOut(row.number, str(spoilt))
    # What was recorded since the row was read belongs to the next export.
    return _fitting(History(row, process, [e for e in entries if e.seq <= row.last_seq]))


def _fitting(history: History) -> History | LeftOut:
    """Seen through before anything of it is written: a half could not be taken back."""
    try:
        for _ in history.moments():
            pass
    except (LookupError, ValueError, TypeError) as error:
        number = history.row.number
        return LeftOut(
            number,
            f"It does not fit its process ({type(error).__name__}); "
            f"`banjie ops conformance {number}` says where.",
        )
    return history
