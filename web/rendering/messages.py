"""What a message of the outbox says, in the words of the kind of its case."""

from i18n.notices import notice_sentence
from store.outbox.records import OutboxRow


def message_words(row: OutboxRow, kind: str, locale: str) -> str:
    """Return what a message says; nothing if its template has no words of its own."""
    return notice_sentence(row.template, row.number, row.params, kind=kind, locale=locale) or ""
