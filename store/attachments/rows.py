"""The rows of attachments as a case's entries make them."""

from collections.abc import Iterable
from typing import Any, Final

from domain.engine.side_forms import Attachment
from domain.language.entries import Entry, EntryType

FIELDS: Final = tuple(Attachment.model_fields)


def attachment_rows(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the row of each attachment that one of these entries tells of."""
    return [_row(entry) for entry in entries if entry.type is EntryType.ATTACHED]


def _row(entry: Entry) -> dict[str, Any]:
    form = Attachment.lenient(entry.form).model_dump(mode="json")
    who = entry.actor.model_dump(mode="json")
    return {"seq": entry.seq, "at": entry.at, "by": who, **{name: form[name] for name in FIELDS}}
