"""The local mailbox: the messages that were delivered here, since no messenger is connected.

They are the outbox's own rows; whoever they concern reads them, and tells the customer.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true, tuple_

from store.cases.tables import cases, task_roles
from store.db.pages import Cursor, Page
from store.db.session import Sessions
from store.outbox.messages import has_holder
from store.outbox.records import CUSTOMER, HOLDER, LOCAL_MAILBOX, TEAM
from store.outbox.tables import outbox

PLACE = (outbox.c.delivered_at, outbox.c.number, outbox.c.seq, outbox.c.n)


@dataclass(frozen=True)
class Reader:
    """Whose messages: those to their roles, and to and from customers of cases they answer for.

    They answer for those that they hold, and of those that nobody holds, in their teams or with
    `all_teams`, for those whose open task they may take and those in one of the `states` in which
    there is none, each named with its kind.
    """

    id: str
    roles: tuple[str, ...]
    teams: tuple[str, ...]
    all_teams: bool
    states: frozenset[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class MailboxMessage:
    """A message in the mailbox; `kind` and `assignee` are its case's, as far as it is recorded."""

    number: str
    seq: int
    n: int
    template: str
    to: str
    at: datetime
    delivered_at: datetime
    message: str
    kind: str | None
    assignee: str | None
    params: dict[str, JsonValue]


class Mailbox:
    """Reads the mailbox; `Outbox` and `OutboxQueue` deliver into it."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def page(
        self, tenant: str, reader: Reader | None, after: Cursor | None, limit: int
    ) -> Page[MailboxMessage]:
        """Return messages, the newest first: those that concern the reader; None is for all."""
        columns = (*PLACE[1:], outbox.c.template, outbox.c.to, outbox.c.at, outbox.c.delivered_at)
        query = select(*columns, outbox.c.message, outbox.c.params, cases.c.kind, cases.c.assignee)
        of_case = and_(cases.c.tenant == outbox.c.tenant, cases.c.number == outbox.c.number)
        query = query.join_from(outbox, cases, of_case, isouter=True).where(
            outbox.c.tenant == tenant, outbox.c.channel == LOCAL_MAILBOX, _concerns(reader)
        )
        if after is not None:
            at, number, seq, n = after
            place = (datetime.fromisoformat(at), number, int(seq), int(n))
            query = query.where(tuple_(*PLACE) < place)
        query = query.order_by(*(column.desc() for column in PLACE)).limit(limit + 1)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        messages = tuple(MailboxMessage(**row) for row in rows[:limit])
        return Page(messages, _cursor(messages[-1]) if len(rows) > limit else None)


def _concerns(reader: Reader | None) -> ColumnElement[bool]:
    if reader is None:
        return true()
    answers_for = or_(cases.c.assignee == reader.id, and_(~has_holder(), _may_take(reader)))
    return or_(
        outbox.c.to.in_(reader.roles),
        and_(outbox.c.to.in_((CUSTOMER, HOLDER, TEAM)), answers_for),
    )


def _may_take(reader: Reader) -> ColumnElement[bool]:
    of_their_teams = true() if reader.all_teams else cases.c.team.in_(reader.teams)
    is_offered = exists().where(
        task_roles.c.tenant == cases.c.tenant,
        task_roles.c.number == cases.c.number,
        task_roles.c.role.in_(reader.roles),
        task_roles.c.request.is_(false()),
    )
    has_no_task = tuple_(cases.c.kind, cases.c.state).in_(sorted(reader.states))
    return and_(of_their_teams, or_(is_offered, has_no_task))


def _cursor(last: MailboxMessage) -> Cursor:
    return (last.delivered_at.isoformat(), last.number, str(last.seq), str(last.n))
