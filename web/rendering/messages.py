"""What a message of the outbox says, in the words of the kind of its case."""

from i18n.labels import label, notice_filled
from store.outbox.records import OutboxRow


def message_words(row: OutboxRow, kind: str, locale: str) -> str:
    """Return what a message says; nothing if its template has no words of its own."""
    named = (label(f"{sort}.{row.template}", locale, kind) for sort in ("notice", "call"))
    said = next((each for each in named if each != row.template), "")
    return notice_filled(said, row.number, row.params)
