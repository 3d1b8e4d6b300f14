"""The form that corrects a customer's record: filled from the record, or as it was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.customers import CHANNELS
from app.results import CustomerRecord
from web.http.posted import Posted

MORE_CONTACTS: Final = 2
"""Empty lines for contact points that are added."""
FIELDS: Final = ("name", "type", "tier", "preferred_channel")
MOST_DIGITS: Final = 9
NAME: Final = "/name"
REASON: Final = "/reason"


@dataclass(frozen=True)
class RecordForm:
    """What stands in the form; `version` is the one that was seen when it was filled."""

    fields: Mapping[str, str]
    contacts: tuple[tuple[str, str], ...]
    consent: Mapping[str, str]
    reason: str
    version: str

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """The contact points, and empty lines for more."""
        return (*self.contacts, *[("phone", "")] * MORE_CONTACTS)

    @property
    def seen(self) -> tuple[int, ...] | None:
        """The version that was seen; none if the form does not say it."""
        is_number = self.version.isascii() and self.version.isdigit()
        return (int(self.version),) if is_number and len(self.version) <= MOST_DIGITS else None

    def said(self) -> dict[str, Any]:
        """Return the correction that it says."""
        contacts = [{"kind": kind, "value": value} for kind, value in self.contacts]
        values = {name: text or None for name, text in self.fields.items()}
        consent = {channel: said or None for channel, said in self.consent.items()}
        return {**values, "contacts": contacts, "consent": consent, "reason": self.reason}


def filled(record: CustomerRecord) -> RecordForm:
    """Return the form as the record fills it."""
    return RecordForm(
        fields={name: getattr(record, name) or "" for name in FIELDS},
        contacts=tuple((each.kind, each.value) for each in record.contacts),
        consent={channel: record.consent.get(channel, "") for channel in CHANNELS},
        reason="",
        version=str(record.version),
    )


def typed(posted: Posted) -> RecordForm:
    """Return the form as it was typed; lines without a value are left out."""
    pairs = zip(posted.all("/contact_kind"), posted.all("/contact_value"), strict=False)
    return RecordForm(
        fields={name: posted.get(f"/{name}", "").strip() for name in FIELDS},
        contacts=tuple((kind, value) for kind, value in pairs if value.strip()),
        consent={channel: posted.get(f"/consent_{channel}", "") for channel in CHANNELS},
        reason=posted.get(REASON, ""),
        version=posted.get("/version", ""),
    )
