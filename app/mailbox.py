"""The local mailbox: what staff and customers are to be told while no messenger is connected."""

from datetime import datetime

from app.authentication import Principal
from app.authorization import mailbox_reader
from app.results import Listed, Result
from app.services import Services
from domain.engine.task_actions import MESSAGE, notified_text
from domain.language.effects import CUSTOMER
from domain.language.entries import Entry
from i18n.labels import label, notice_filled
from i18n.notices import notice_details
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
    items = [await _item(services, caller.tenant, message, locale) for message in page.items]
    return Listed(tuple(items), page.next, [])


async def _item(
    services: Services, tenant: str, message: MailboxMessage, locale: str
) -> MailboxItem:
    entries = await services.store.entries.of(tenant, message.number, message.seq - 1, 1)
    entry = entries[0] if entries else None
    written = notified_text(entry) if entry and message.template == MESSAGE else None
    text = written or notice_text(message, locale)
    if entry and not written and message.to == CUSTOMER:
        text += _details(services, message, entry, locale)
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


def _details(services: Services, message: MailboxMessage, entry: Entry, locale: str) -> str:
    """Return what the entry says beyond the notice's sentence, on a line of its own."""
    details = notice_details(
        message.template,
        entry.form,
        entry.seq,
        kind=message.kind or "",
        locale=locale,
        zone=services.business_zone,
    )
    return f"\n{details}" if details else ""


def notice_text(message: MailboxMessage, locale: str) -> str:
    """Return the text of a notice in a language; its code where it has none."""
    kind = message.kind or ""
    labels = (label(f"{sort}.{message.template}", locale, kind) for sort in ("notice", "call"))
    text = next((each for each in labels if each != message.template), message.template)
    return notice_filled(text, message.number, message.params)
