"""The rows of attachments as a case's entries make them."""

from collections.abc import Iterable
from typing import Any, Final

from pydantic import ValidationError

from domain.engine.side_forms import Attachment
from domain.language.entries import Entry, EntryType

FIELDS: Final = tuple(Attachment.model_fields)


def attachment_rows(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the row of each attachment that one of these entries tells of.

    An entry whose form is none of an attachment has none: it is kept, and told of by its readers.
    """
    rows = (_row(entry) for entry in entries if entry.type is EntryType.ATTACHED)
    return [row for row in rows if row is not None]


def _row(entry: Entry) -> dict[str, Any] | None:
    try:
        form = Attachment.lenient(entry.form).model_dump(mode="json")
    except ValidationError:
        return None
    who = entry.actor.model_dump(mode="json")
    return {"seq": entry.seq, "at": entry.at, "by": who, **{name: form[name] for name in FIELDS}}
