"""One page that listens: what waits for it, who reads it, and what they may be told."""

import asyncio
import random
import time
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import suppress
from typing import Final, NamedTuple, TypeAlias

from app.authentication import Principal
from app.authorization import reach_of, sees_change
from domain.read_models.projection import CaseView
from store import Store
from store.cases.records import CaseFilter
from store.changes.records import OF_CASES, ChangeName, StoredChange
from store.errors import StoreDown

OPEN, INBOX, RELOAD, GONE = "open", "inbox", "reload", "gone"
"""What a page is told that is no change of its own: from here on it is told; lists and counts may
have changed; too much has changed to be told; a case is not the reader's to see any more."""
READER_SECONDS: Final = 5.0
"""After so long who reads is asked again, before they are told anything."""
IDLE_SECONDS: Final = 60.0
"""So often who reads is asked while there is nothing to tell."""
QUIET_SECONDS: Final = 15.0
"""So often a page is told of nothing, lest the connection to it be taken for dead."""
RETRY_SECONDS: Final = 1.0
INBOX_SECONDS: Final = (1.5, 2.5)
"""How far apart a page is told of its lists; drawn, so that not all pages ask at the same time."""
MOST_WAITING: Final = 500
MOST_OPEN_CASES: Final = 500
WAKES_INBOX: Final = frozenset({ChangeName.CASE, ChangeName.COMMENT})

WhoReads: TypeAlias = Callable[[], Awaitable[Principal | None]]
"""Returns who reads a page as they are now; None once they may not."""
Told: TypeAlias = tuple[str, str | None, int]
"""The name of a change, what it is about, its version."""


class Change(NamedTuple):
    """What a page is told; with `id` it resumes where the connection was lost.

    `number` is that of a case, the id of a batch, or the subject of a draft.
    """

    id: int
    name: str
    number: str | None
    version: int


class Subscription:
    """The changes that wait for one page. Of two of one kind and case the newer is enough."""

    def __init__(
        self,
        store: Store,
        principal: Principal,
        who: WhoReads,
        numbers: Collection[str] | None,
    ) -> None:
        self.tenant = principal.tenant
        self._store, self._who = store, who
        self._principal, self._asked_at = principal, time.monotonic()
        self._numbers = None if numbers is None else frozenset(numbers)
        self._visible: set[str] | None = None
        self._waiting: dict[tuple[str, str], StoredChange] = {}
        self._cases: dict[str, CaseView] = {}
        self._wake, self._ended = asyncio.Event(), False
        self._reload, self._roles_changed = False, False
        self._told = self._position = 0
        self._inbox_changed, self._inbox_at = False, 0.0

    async def begin(self, told: int) -> None:
        """Note of what the page was told, and what its reader sees.

        Raises:
            StoreDown
        """
        self._told, self._position = told, max(told, self._position)
        await self._note_visible()

    def offer(
        self, rows: Iterable[StoredChange], cases: Mapping[str, CaseView], position: int
    ) -> None:
        """Let changes wait for the page, which resumes at `position` when it was told of them.

        `cases` has the cases that they are about, as they are now.
        """
        self._position = max(self._position, position)
        for row in rows:
            if row.name == ChangeName.STAFF:
                self._note_staff(row)
            else:
                self._waiting[row.name, row.subject] = row
        self._cases.update(cases)
        if len(self._waiting) > MOST_WAITING:
            self.offer_reload(position)
        if self._waiting:
            self._wake.set()

    def offer_reload(self, position: int) -> None:
        """Let the page be told that too much has changed."""
        self._waiting.clear()
        self._cases.clear()
        self._reload, self._position = True, position
        self._wake.set()

    def end(self) -> None:
        """Tell the page nothing more."""
        self._ended = True
        self._wake.set()

    async def changes(self) -> AsyncGenerator[Sequence[Change], None]:
        """Yield what the page is told at a time, until its reader may not read any more.

        The first says from where on, so that a page that hears nothing else can resume there. Of
        nothing it is told where there was nothing for a while.
        """
        yield [Change(self._told, OPEN, None, 0)]
        while not self._ended:
            is_due = await self._wait()
            try:
                may_read = await self._ask_who_reads(READER_SECONDS if is_due else IDLE_SECONDS)
                cases = dict(self._cases)
                worked = await self._worked_on(cases.values())
            except StoreDown:
                # Without the store nobody knows who may be told, so everything waits on.
                await asyncio.sleep(RETRY_SECONDS)
                self._wake.set()
                continue
            if cases != self._cases:
                self._wake.set()  # others came meanwhile, of which that was not asked
                continue
            told = self._take(worked) if may_read else []
            if told or not is_due:
                yield told

    async def _wait(self) -> bool:
        """Wait until there may be something to tell; return False if there was not for a while."""
        is_due = self._inbox_changed
        left = self._inbox_at - time.monotonic() if is_due else QUIET_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout(max(left, 0)):
                await self._wake.wait()
                is_due = True
        self._wake.clear()
        return is_due

    async def _ask_who_reads(self, after: float) -> bool:
        """Ask who reads, if that was asked so many seconds ago; return whether they still may.

        With other roles they see other pages.

        Raises:
            StoreDown
        """
        now, before = time.monotonic(), self._principal
        if now - self._asked_at >= after:
            principal = await self._who()
            if principal is None or principal.client != before.client:
                self.end()
                return False
            self._principal, self._asked_at = principal, now
            is_same = (before.roles, before.teams) == (principal.roles, principal.teams)
            self._roles_changed |= not is_same
        if self._roles_changed:
            await self._note_visible()
            self._roles_changed = False
            self.offer_reload(self._position)
        return True

    async def _note_visible(self) -> None:
        """Note which cases a reader sees who does not see all, to know when one is gone."""
        reach = reach_of(self._principal)
        if reach is None:
            self._visible = None
            return
        cases, is_open = self._store.cases, CaseFilter(open=True)
        page = await cases.page(self.tenant, is_open, None, MOST_OPEN_CASES, reach)
        named = (await cases.some(self.tenant, self._numbers or ())).values()
        rows = [*page.items, *named]
        worked = await self._worked_on(rows)
        self._visible = {
            row.number for row in rows if reach.covers(row, worked=row.number in worked)
        }

    async def _worked_on(self, rows: Collection[CaseView]) -> frozenset[str]:
        """Return which of these cases a reader still sees only because they worked on them.

        Raises:
            StoreDown
        """
        reach = reach_of(self._principal)
        others = [] if reach is None else [row.number for row in rows if not reach.covers(row)]
        tasks, reader = self._store.tasks, self._principal.id
        return await tasks.worked_on_of(self.tenant, others, reader)

    def _take(self, worked: Collection[str]) -> list[Change]:
        """Return what may be told of what waits; all of it waits no more.

        Args:
            worked: the cases among them that the reader sees because they worked on them.
        """
        rows, cases = list(self._waiting.values()), dict(self._cases)
        self._waiting.clear()
        self._cases.clear()
        if self._reload:
            self._reload = self._inbox_changed = False
            return self._numbered([(RELOAD, None, 0)])
        told = [
            each
            for row in rows
            for each in self._told_of(row, cases.get(row.subject), worked=row.subject in worked)
        ]
        return self._numbered([*told, *self._inbox()])

    def _told_of(self, row: StoredChange, case_row: CaseView | None, *, worked: bool) -> list[Told]:
        """Return what the reader is told of a change; note whether lists have changed."""
        name = row.name
        if not sees_change(self._principal, row, case_row, worked=worked):
            if not self._is_gone(row):
                return []
            name = GONE
        elif self._visible is not None and name in OF_CASES:
            self._visible.add(row.subject)
        self._inbox_changed |= name in {*WAKES_INBOX, GONE}
        is_own = name == ChangeName.PRESENCE and row.person == self._principal.id
        return [] if is_own or not self._wants(row) else [(name, row.subject, row.version)]

    def _wants(self, row: StoredChange) -> bool:
        return row.name not in OF_CASES or self._numbers is None or row.subject in self._numbers

    def _is_gone(self, row: StoredChange) -> bool:
        """Say whether a case that the reader saw is not theirs to see any more."""
        if row.name != ChangeName.CASE or row.subject not in (self._visible or ()):
            return False
        self._visible = (self._visible or set()) - {row.subject}
        return True

    def _inbox(self) -> list[Told]:
        """Return that lists have changed, if they have and it was not told a moment ago."""
        now = time.monotonic()
        if not self._inbox_changed or now < self._inbox_at:
            return []
        self._inbox_changed = False
        self._inbox_at = now + random.uniform(*INBOX_SECONDS)  # noqa: S311 — spread, not secret
        return [(INBOX, None, 0)]

    def _numbered(self, told: list[Told]) -> list[Change]:
        """Return these as changes: only with the last of them the page has heard of all."""
        before, self._told = self._told, self._position
        last = len(told) - 1
        return [
            Change(self._told if place == last else before, *each)
            for place, each in enumerate(told)
        ]

    def _note_staff(self, row: StoredChange) -> None:
        """Ask who reads before anything more is told, if it is they who were changed."""
        if row.subject == self._principal.id:
            self._asked_at = -READER_SECONDS
            self._wake.set()
