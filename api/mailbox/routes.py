"""`/v1/mailbox`: what is to be told in person, since no messenger is connected."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.http.dependencies import CursorsDep, LocaleDep, ServicesDep
from api.http.paging import PageQuery
from api.http.schemas import ResponseModel
from api.http.security import Caller
from app import mailbox

router = APIRouter(prefix="/v1/mailbox", tags=["mailbox"])

SCOPE = {"mailbox": True}
"""What the cursors of the list are valid for."""


class MailboxMessage(ResponseModel):
    """A message that nobody was told yet: about which case, to whom, its text, and since when.

    `to` is `customer`, `assignee` (whoever held the case when its customer wrote), `team` (nobody
    held it) or a role; `assignee` holds the case now.
    """

    id: str
    number: str
    template: str
    to: str
    text: str
    at: AwareDatetime
    delivered_at: AwareDatetime
    assignee: str | None


class MailboxPage(ResponseModel):
    """A page of the mailbox, the newest message first."""

    items: list[MailboxMessage]
    next: str | None


@router.get("", operation_id="list_mailbox", summary="Read the local mailbox")
async def list_mailbox(
    locale: LocaleDep,
    services: ServicesDep,
    cursors: CursorsDep,
    caller: Caller,
    query: Annotated[PageQuery, Query()],
) -> MailboxPage:
    """Return messages that were delivered here, where no messenger is connected.

    Administrators read all; others those to their roles, and to and from the customers of the
    cases that they hold, or that nobody holds and they may take: those of their teams, and for
    leads and managers those of all.
    """
    after = cursors.read(caller, SCOPE, query.cursor)
    page = await mailbox.list_mailbox(services, caller, after, query.limit, locale)
    return MailboxPage(
        items=[MailboxMessage.model_validate(each) for each in page.items],
        next=cursors.write(caller, SCOPE, page.next),
    )
