"""A case as it was, by its entries alone: at an instant, or when an entry was its newest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from app.archived_runs import archived_entries
from app.authentication import Principal
from app.authorization import reads_inside
from app.errors import BadInstant, InTheFuture, NotOpenYet, SeqUnknown, invalid
from app.outside import shown_details, shown_diff, shown_entries
from app.read_cases import (
    LoadedCase,
    check_number,
    check_shown,
    find_case_row,
    get_case_row,
    process_of,
)
from app.results import CaseDetails, SideTaskItem
from app.services import Services
from domain.engine.kept_policy import KeptPolicy
from domain.engine.messages import opening_of
from domain.language.entries import Entry
from domain.language.values import read_instant
from domain.read_models.diff import EntryDiff, entry_diffs
from domain.read_models.past import Moment, case_at, newest_at, read_clocks
from domain.read_models.side_tasks import side_task_views
from store.db.clock import utc_now

EXAMPLE = "2026-03-02T12:00:00+08:00"


@dataclass(frozen=True)
class HistoryStep:
    """A case when one of its entries was its newest, what that changed, all entries, its policy."""

    details: CaseDetails
    diff: EntryDiff
    entries: list[Entry]
    policy: KeptPolicy


async def past_case(
    services: Services, caller: Principal, number: str, as_of: str | None, seq: int | None
) -> CaseDetails:
    """Return the case as it was at `as_of` (ISO 8601), or when the entry `seq` was its newest.

    Nothing can be done with it, and its customer's record has no past.

    Raises:
        NotFound, NumberMisread
        NotOpenYet, SeqUnknown, BadInstant, InTheFuture: there is no such moment.
        Unacceptable: both were given.
        StoreDown
    """
    entries = await entries_of(services, caller, number)
    return _details_at(caller, entries, find_moment(entries, as_of, seq))


async def read_step(
    services: Services, caller: Principal, number: str, seq: int | None
) -> HistoryStep:
    """Return one step through a case's history, the newest if no entry is named.

    Raises:
        NotFound, NumberMisread
        SeqUnknown: the case has no entry of this number.
        StoreDown
    """
    entries = await entries_of(services, caller, number)
    moment = find_moment(entries, None, len(entries) if seq is None else seq)
    process, opening, so_far = process_of(entries), opening_of(entries[0]), entries[: moment.seq]
    *_, diff = entry_diffs(process, opening, so_far)
    return HistoryStep(
        details=_details_at(caller, entries, moment),
        diff=shown_diff(caller, process.kind, diff),
        entries=shown_entries(caller, process.kind, entries),
        policy=process.fold(opening, so_far).policy,
    )


async def diff_entries(
    services: Services, caller: Principal, number: str, after: int, limit: int
) -> tuple[list[EntryDiff], bool]:
    """Return what each entry behind `after` changed, and whether there are more.

    Raises:
        NotFound, NumberMisread
        StoreDown
    """
    entries = await entries_of(services, caller, number)
    process = process_of(entries)
    diffs = entry_diffs(process, opening_of(entries[0]), entries)
    shown = [shown_diff(caller, process.kind, diff) for diff in islice(diffs, after, after + limit)]
    return shown, after + limit < len(entries)


async def read_history(
    services: Services, caller: Principal, number: str, after: int, limit: int
) -> list[Entry]:
    """Return the entries behind `after` as the caller is shown them.

    Raises:
        NotFound, NumberMisread
        StoreDown
    """
    entries = await entries_of(services, caller, number, after, limit)
    if not entries or reads_inside(caller):
        return entries
    case_row = await get_case_row(services, caller, number)
    return shown_entries(caller, case_row.kind, entries)


async def entries_of(
    services: Services, caller: Principal, number: str, after: int = 0, limit: int | None = None
) -> list[Entry]:
    """Return the entries behind `after` as they are, for use cases to make something of.

    For staff they are the archive's, if the store lost the case.

    Raises:
        NotFound: there is no such case, or not for this caller.
        NumberMisread
        StoreDown
    """
    check_number(number)
    case_row = await find_case_row(services, caller.tenant, number)
    if case_row is None:
        entries = (await archived_entries(services, caller, number))[after:]
        return entries if limit is None else entries[:limit]
    await check_shown(services, caller, case_row)
    return await services.store.entries.of(caller.tenant, number, after, limit)


def find_moment(entries: Sequence[Entry], as_of: str | None, seq: int | None) -> Moment:
    """Return the moment that is meant, with the entry that was the newest then."""
    if seq is None:
        return _moment_at(entries, _parse_instant(as_of or ""))
    if as_of is not None:
        raise invalid("query/seq", "one_moment", "Give as_of or seq, not both.")
    if not 1 <= seq <= len(entries):
        raise SeqUnknown(seq, last=len(entries))
    return Moment(seq=seq, at=entries[seq - 1].at)


def _details_at(caller: Principal, entries: Sequence[Entry], moment: Moment) -> CaseDetails:
    process = process_of(entries)
    case = case_at(process, entries, moment.seq)
    loaded = LoadedCase(process, case, caller.actor(None), "")
    details = CaseDetails(
        as_of=moment,
        case=loaded.row(),
        clocks=read_clocks(case, moment.at),
        words=loaded.words,
        proposal=case.opening.proposal,
        customer=None,
        task=loaded.task(),
        hold=loaded.hold(),
        offers=[],
        task_actions=[],
        children=[],
        goods=list(case.opening.goods),
        units=list(process.units(case)),
        requests=[SideTaskItem(**each.model_dump()) for each in side_task_views(process, case)],
    )
    return shown_details(caller, details)


def _moment_at(entries: Sequence[Entry], at: datetime) -> Moment:
    if at > utc_now():
        raise InTheFuture
    if not (seq := newest_at(entries, at)):
        raise NotOpenYet(entries[0].at.isoformat())
    return Moment(seq=seq, at=at)


def _parse_instant(text: str) -> datetime:
    try:
        return read_instant(text)
    except ValueError:
        raise BadInstant(text, EXAMPLE) from None
