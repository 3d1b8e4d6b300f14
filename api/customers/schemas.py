"""Customers in responses."""

from typing import Any, Self

from pydantic import AwareDatetime

from api.cases.schemas import ContactPoint
from api.http.schemas import ResponseModel
from store.customers.records import CustomerVersion


class CustomerRecord(ResponseModel):
    """A customer's record: what was corrected, else what was given first.

    `names` are all that were given. `former_contacts` were taken out by a correction and lead here
    no more. `consent` is by channel; nothing is known of one that is not in it. `merged` are the
    other references that lead to this one. `version` is the record's ETag.
    """

    ref: str
    name: str | None
    names: list[str]
    contacts: list[ContactPoint]
    former_contacts: list[ContactPoint]
    type: str | None
    tier: str | None
    preferred_channel: str | None
    consent: dict[str, str]
    merged: list[str]
    version: int


class CustomerList(ResponseModel):
    """The customers who have a contact point; people with different names may share one."""

    items: list[CustomerRecord]


class RecordedBy(ResponseModel):
    """Who changed a record."""

    kind: str
    id: str


class RecordVersion(ResponseModel):
    """A version of a record: what it was from `at` on, who made it, and why.

    The first one is what systems and cases gave, `by` nobody. A merge, and one that is taken back,
    names the reference that was `merged`, and the one that it leads, or led, to: `into`.
    """

    version: int
    at: AwareDatetime
    what: str
    by: RecordedBy | None
    reason: str
    name: str | None
    contacts: list[ContactPoint]
    type: str | None
    tier: str | None
    preferred_channel: str | None
    consent: dict[str, str]
    merged: str | None
    into: str | None

    @classmethod
    def of(cls, version: CustomerVersion) -> Self:
        """Return a version as the API shows it."""
        by = RecordedBy.model_validate(version.by) if version.by else None
        values: dict[str, Any] = {**version.record, "version": version.n, "by": by}
        names = ("at", "what", "reason", "merged", "into")
        return cls(**values, **{name: getattr(version, name) for name in names})


class VersionList(ResponseModel):
    """All versions of a record, the first one first."""

    items: list[RecordVersion]
