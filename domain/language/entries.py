"""An entry of a case's history, and the list of things that can happen to a case."""

from enum import StrEnum, auto
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.language.roles import Actor, unknown_member
from domain.language.values import Instant

ENTRY_SCHEMA = 1


class EntryType(StrEnum):
    """What happened, in the past tense; events outside are `banjie.case.<type>.v1`."""

    OPENED = auto()
    STEPPED = auto()
    CLAIMED = auto()
    RELEASED = auto()
    ASSIGNED = auto()
    HELD = auto()
    RESUMED = auto()
    WARNED = auto()
    BREACHED = auto()
    ESCALATED = auto()
    RETARGETED = auto()
    INFORMED = auto()
    NOTIFIED = auto()
    HEARD = auto()
    AWAITED = auto()
    LIMITED = auto()
    PRIORITISED = auto()
    POLICY_CHANGED = auto()
    REWOUND = auto()
    EFFECT_DONE = auto()
    EFFECT_FAILED = auto()
    APPROVAL_ASKED = auto()
    ASSISTANCE_ASKED = auto()
    REQUEST_CLAIMED = auto()
    REQUEST_RELEASED = auto()
    REQUEST_APPROVED = auto()
    REQUEST_DECLINED = auto()
    REQUEST_ANSWERED = auto()
    REQUEST_WITHDRAWN = auto()
    REQUEST_OVERDUE = auto()
    REQUEST_LAPSED = auto()
    CHASED = auto()
    ATTACHED = auto()
    MERGE_ASKED = auto()
    MERGED = auto()
    MERGE_REFUSED = auto()
    UNMERGE_ASKED = auto()
    UNMERGED = auto()
    JOINED = auto()
    PARTED = auto()

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """Return a type that a newer version wrote: it is carried, and nothing follows from it."""
        return unknown_member(cls, value)


REQUEST_TYPES = frozenset(
    {
        *(EntryType.APPROVAL_ASKED, EntryType.ASSISTANCE_ASKED),
        *(EntryType.REQUEST_CLAIMED, EntryType.REQUEST_RELEASED),
        *(EntryType.REQUEST_APPROVED, EntryType.REQUEST_DECLINED, EntryType.REQUEST_ANSWERED),
        *(EntryType.REQUEST_WITHDRAWN, EntryType.REQUEST_OVERDUE, EntryType.REQUEST_LAPSED),
    }
)
"""The types that tell of a request beside the case's way: for approval (审批), for help (协办)."""

MOVES = frozenset(EntryType) - {
    *REQUEST_TYPES,
    EntryType.CHASED,
    EntryType.ATTACHED,
    EntryType.WARNED,
    EntryType.BREACHED,
    EntryType.ESCALATED,
    EntryType.INFORMED,
    EntryType.NOTIFIED,
    EntryType.HEARD,
    EntryType.AWAITED,
    EntryType.RETARGETED,
    EntryType.POLICY_CHANGED,
    EntryType.EFFECT_DONE,
    EntryType.EFFECT_FAILED,
    *(EntryType.MERGE_ASKED, EntryType.MERGE_REFUSED, EntryType.UNMERGE_ASKED),
    *(EntryType.JOINED, EntryType.PARTED),
}
"""The types that move a case or its task, and so its ETag: not what clocks do by themselves, not
messages, and not what goes on beside the case's own task."""


class Cause(BaseModel):
    """What brought an entry about: a request (its id and its body's hash), an entry, or neither.

    `command` is the place of the command in its request, from 0; histories call it `deed`.
    What a newer version added is carried unchanged.
    """

    model_config = ConfigDict(
        frozen=True, extra="allow", validate_by_name=True, serialize_by_alias=True
    )

    request: str | None = None
    digest: str | None = None
    command: int | None = Field(default=None, validation_alias="deed", serialization_alias="deed")
    entry: int | None = None


class Entry(BaseModel):
    """Who did what, when, with which form, and where it led. It never changes once it is written.

    `at` is when it counts. Of what time did, `due_at` is the moment it was due and `detected_at`
    the moment the system saw it; they differ after an outage. `prev` is the hash of the entry
    before it (`domain.engine.chain`).

    A version carries unchanged what a newer one added to `cause`, `actor` or `form`, and types that
    it does not know. A new field beside them needs a new `ENTRY_SCHEMA`: a case with an entry of a
    newer one stands still until the newer version is back.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: int = ENTRY_SCHEMA
    seq: Annotated[int, Field(ge=1)]
    type: EntryType
    step: str | None = None
    actor: Actor
    at: Instant
    due_at: Instant | None = None
    detected_at: Instant | None = None
    cause: Cause = Cause()
    form: dict[str, JsonValue] = {}
    led_to: str
    prev: str | None = None

    @property
    def size(self) -> int:
        """How many bytes it has, as JSON in UTF-8."""
        return len(self.__pydantic_serializer__.to_json(self))
