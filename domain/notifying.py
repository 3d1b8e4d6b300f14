"""A message to the customer (通知客户) in a person's own words."""

from domain.effects import Notify, notify
from domain.entries import Entry, EntryType
from domain.forms import Form, Text
from domain.messages import Opening

DESK = "desk"
"""The source of what our own people enter."""

MESSAGE = "message"
"""The template that has no text of its own: what is said stands in the entry."""


class Notifying(Form):
    """Tell the customer something; it moves nothing."""

    text: Text


def is_nobodys(opening: Opening) -> bool:
    """Whether nobody can be told: our own desk took it in and noted no customer.

    Another system knows whom it brought the case in for, under its own reference.
    """
    return opening.customer is None and opening.source == DESK


def message() -> Notify:
    """The notice that carries such words."""
    return notify(MESSAGE)


def said(entry: Entry) -> str | None:
    """What a person told the customer in this entry, if it is such a one."""
    text = entry.form.get("text") if entry.type is EntryType.NOTIFIED else None
    return text if isinstance(text, str) else None
