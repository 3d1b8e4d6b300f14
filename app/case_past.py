"""A case as it was, by its entries alone: at an instant, or when an entry was its newest."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.cases.schemas import WholeCase
from api.http.headers import check_number
from api.http.problems import Problem, invalid, problem
from api.http.schemas import CaseSummary
from app.archived_runs import entries_kept
from app.authentication import Principal
from app.read_cases import Seen, process_of, row_of
from app.services import Services
from domain.language.entries import Entry
from domain.read_models.past import Moment, case_at, newest_at, read_clocks
from store.db.clock import utc_now

EXAMPLE = "2026-03-02T12:00:00+08:00"


class PastQuery(BaseModel):
    """Which moment, if not now. A word that we do not know is refused."""

    model_config = ConfigDict(extra="forbid")

    as_of: str | None = Field(
        None,
        max_length=64,
        json_schema_extra={"format": "date-time"},
        description="The case as it stood by right at this instant, which has an offset.",
    )
    seq: int | None = Field(None, description="The case as it was when this entry was its newest.")

    @property
    def given(self) -> bool:
        """Whether the past is asked for."""
        return (self.as_of, self.seq) != (None, None)


async def past_case(
    services: Services, caller: Principal, number: str, asked: PastQuery
) -> WholeCase:
    """The case as it was; nothing can be done with it, and its customer's record has no past.

    Raises:
        Problem: it was not open yet, there is no such entry, or no such moment.
    """
    entries = await entries_of(services, caller, number)
    moment = find_moment(entries, asked)
    process = process_of(entries)
    case = case_at(process, entries, moment.seq)
    seen = Seen(process, case, caller.actor(None), "")
    return WholeCase(
        as_of=moment,
        case=CaseSummary.model_validate(seen.row()),
        clocks=read_clocks(case, moment.at),
        words=seen.words,
        proposal=case.opening.proposal,
        customer=None,
        task=seen.task(),
        hold=seen.hold(),
        offers=[],
        task_actions=[],
        children=[],
    )


async def entries_of(
    services: Services, caller: Principal, number: str, after: int = 0, limit: int | None = None
) -> list[Entry]:
    """The entries of a case behind `after`; where the store has lost it, for staff, its archive's.

    Raises:
        Problem: there is no such case, or not for this caller.
    """
    check_number(number)
    row = await row_of(services, caller.tenant, number)
    if row is None:
        kept = (await entries_kept(services, caller, number))[after:]
        return kept if limit is None else kept[:limit]
    if not caller.sees(row.source):
        raise problem("not_found")
    return await services.store.entries.of(caller.tenant, number, after, limit)


def find_moment(entries: Sequence[Entry], asked: PastQuery) -> Moment:
    """The moment that is meant, with the entry that was the newest then."""
    if asked.seq is None:
        return _by_time(entries, _instant(asked.as_of or ""))
    if asked.as_of is not None:
        raise invalid("query/seq", "one_moment", "Give as_of or seq, not both.")
    if not 1 <= asked.seq <= len(entries):
        raise problem("seq_unknown", seq=asked.seq, first=1, last=len(entries))
    return Moment(seq=asked.seq, at=entries[asked.seq - 1].at)


def _by_time(entries: Sequence[Entry], at: datetime) -> Moment:
    if at > utc_now():
        raise problem("in_the_future")
    if not (seq := newest_at(entries, at)):
        raise problem("not_open_yet", opened_at=entries[0].at.isoformat())
    return Moment(seq=seq, at=at)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _no_instant(text) from None
    if at.tzinfo is None:
        raise _no_instant(text)
    return at


def _no_instant(text: str) -> Problem:
    return problem("bad_instant", given=text, example=EXAMPLE)
