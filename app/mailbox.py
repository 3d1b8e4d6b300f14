"""The local mailbox: what staff and customers are to be told while no messenger is connected."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from app.authentication import Principal
from app.authorization import mailbox_reader
from app.results import Listed, Result
from app.services import Services
from domain.engine.task_actions import MESSAGE
from domain.language.effects import CUSTOMER
from i18n.notices import notice_details, notice_sentence
from store.db.pages import Cursor
from store.outbox.mailbox import MailboxMessage


class MailboxItem(Result):
    """A message: about which case, to whom, its text, and since when.

    `to` is `customer`, a role, or `assignee` or `team` where a customer wrote; `assignee` holds the
    case now. Nobody was told yet: it is for a person to do.
    """

    id: str
    number: str
    template: str
    to: str
    text: str
    at: datetime
    delivered_at: datetime
    assignee: str | None


async def list_mailbox(
    services: Services, caller: Principal, after: Cursor | None, limit: int, locale: str
) -> Listed[MailboxItem]:
    """List the messages that concern the caller, the newest first.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    reader = mailbox_reader(caller)
    page = await services.store.mailbox.page(caller.tenant, reader, after, limit)
    told = [(each.number, each.seq) for each in page.items if each.to == CUSTOMER]
    forms = await services.store.entries.forms(caller.tenant, told)
    items = [
        _item(message, _text(services, message, forms.get((message.number, message.seq)), locale))
        for message in page.items
    ]
    return Listed(tuple(items), page.next, [])


def _item(message: MailboxMessage, text: str) -> MailboxItem:
    return MailboxItem(
        id=message.message,
        number=message.number,
        template=message.template,
        to=message.to,
        text=text,
        at=message.at,
        delivered_at=message.delivered_at,
        assignee=message.assignee,
    )


def _text(
    services: Services, message: MailboxMessage, form: Mapping[str, JsonValue] | None, locale: str
) -> str:
    """Return what a message says; `form` is of the entry that a customer is told of."""
    written = form.get("text") if form and message.template == MESSAGE else None
    if isinstance(written, str):
        return written
    kind = message.kind or ""
    sentence = notice_sentence(
        message.template, message.number, message.params, kind=kind, locale=locale
    )
    details = notice_details(
        message.template,
        form or {},
        message.seq,
        kind=kind,
        locale=locale,
        zone=services.business_zone,
    )
    return "\n".join(filter(None, (sentence or message.template, details if form else "")))
