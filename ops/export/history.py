"""What is exported of a case: its row and its entries, read page by page and told one by one."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cases import KINDS
from domain.case import Case
from domain.entries import Entry
from domain.messages import Opening, opening_of
from domain.process import Process
from domain.views import CaseView
from ops.export.errors import ExportFailed
from store import Store
from store.records import CaseFilter

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
        for entry in self.process.grow(case, self.entries):
            yield Moment(entry, before, case)
            before = case.state


def processes(which: Which) -> list[Process]:
    """The tables that the cases may have been opened with, all versions."""
    return [process for (kind, _), process in KINDS.items() if which.kind in (None, kind)]


async def histories(store: Store, tenant: str, which: Which) -> AsyncIterator[History]:
    """The cases that were asked for, newest received first; one page is in memory at a time.

    Raises:
        StoreDown
        ExportFailed: a case of a process that this release does not know.
    """
    asked = CaseFilter(
        kind=which.kind, open=which.open, received_from=which.since, received_to=which.until
    )
    after = None
    while True:
        page = await store.cases.page(tenant, asked, after, PAGE)
        for row in page.items:
            entries = await store.entries.of(tenant, row.number)
            # What was recorded since the row was read belongs to the next export.
            yield History(row, _process(row), [e for e in entries if e.seq <= row.last_seq])
        after = page.next
        if after is None:
            return


def _process(row: CaseView) -> Process:
    process = KINDS.get((row.kind, row.process_version))
    if process is None:
        raise ExportFailed(
            f"{row.number} is a {row.kind} of version {row.process_version}, which this release "
            "does not know; export it with the release that does."
        )
    return process
