"""What goes into a case's workflow and comes back: opening, requests with commands, receipts."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.engine.kept_policy import KeptPolicy
from domain.language.entries import Entry
from domain.language.goods import Goods, StoredMoney
from domain.language.roles import Actor
from domain.language.values import Instant

MESSAGE_SCHEMA = 1
DEFAULT_TENANT = "default"
MAX_COMMANDS = 10


class Message(BaseModel):
    """The base of messages: frozen, with a schema version; unknown fields are ignored on replay."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", validate_by_name=True, serialize_by_alias=True
    )

    schema_version: int = MESSAGE_SCHEMA


class Carried(Message):
    """The base of messages that go on into later runs, with what a newer version added to them."""

    model_config = ConfigDict(extra="allow")


class Inherited(BaseModel):
    """The own limit (本单时限) that a case takes over: until when, who set it, when."""

    model_config = ConfigDict(frozen=True, extra="allow")

    due: Instant
    by: str
    at: Instant


class EarlierStep(BaseModel):
    """A step that was taken in another system, with the form as it would have been handed in."""

    model_config = ConfigDict(frozen=True, extra="allow")

    step: str
    form: dict[str, JsonValue] = {}


class Imported(BaseModel):
    """How a case of another system is taken over, whose name is the opening's `source`.

    It is placed in `state` without the steps in between, and goes on from there by `steps`.
    `classification` is a form of the kind, `priority` the one that it had there, `assignee` who
    goes on with it, in these roles. A closed one was closed at `closed_at`. `paid_back` is what the
    other system paid back in sum.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    state: str
    classification: dict[str, JsonValue] | None = None
    priority: str | None = None
    assignee: str | None = None
    roles: tuple[str, ...] = ()
    closed_at: Instant | None = None
    paid_back: StoredMoney = None
    steps: tuple[EarlierStep, ...] = ()


class HandedOver(BaseModel):
    """What a case tells the one that goes on for it of the goods that both are about.

    `received`: we have them, so nobody waits for a parcel. `serial` is the number of the unit as
    people read it, where no order knows it.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    received: bool = False
    serial: str | None = None


class Opening(Carried):
    """How a case begins. Personal data is not here but behind `customer`, a reference.

    `received_at` is when the customer raised it, which may be before it was entered
    (投诉时间, manual A 7.2.4). `proposal` is the classification proposed at intake, `limit` what
    the case takes over from its parent, `goods` the lines of the order that it is about,
    `order_total` what was paid for all of its lines, `tier` the customer's when it was opened;
    `handed_over` is there if it goes on for another case that knew more of the goods, `imported`
    if it began in another system. `policy_document` is the text of a policy that was published
    while the program ran.
    """

    tenant: str = DEFAULT_TENANT
    number: str
    kind: str
    process_version: int
    policy_version: str
    policy_document: str | None = None
    source: str
    external_ref: str | None = None
    channel: str
    received_at: Instant
    customer: str | None = None
    order: str | None = None
    product: str | None = None
    parent: str | None = None
    team: str | None = None
    proposal: dict[str, JsonValue] = {}
    form: dict[str, JsonValue]
    limit: Inherited | None = None
    tier: str | None = None
    goods: tuple[Goods, ...] = ()
    order_total: StoredMoney = None
    handed_over: HandedOver | None = None
    imported: Imported | None = None
    actor: Actor
    request: str
    digest: str | None = None

    @property
    def policy(self) -> KeptPolicy:
        """The policy that it is opened under."""
        return KeptPolicy(self.policy_version, self.policy_document)

    def entry_form(self) -> dict[str, JsonValue]:
        """Return what the opening's entry says of it; of what came later only what there is.

        Entries from before there were such things stay the same by that.
        """
        later = (
            *("limit", "tier", "goods", "order_total", "handed_over", "imported"),
            "policy_document",
        )
        unset = {name for name in later if not getattr(self, name)}
        exclude: dict[str, Any] = dict.fromkeys(("actor", "request", "digest", *unset), True)
        if self.imported is not None:
            added = ("paid_back", "steps")
            exclude["imported"] = {name for name in added if not getattr(self.imported, name)}
        return self.model_dump(mode="json", exclude=exclude)


class CaseInput(Carried):
    """The argument of a workflow run: the opening, and on a later run what is carried over.

    `last_hash` is the hash of the newest entry as it was recorded.
    """

    opening: Opening
    entries: tuple[Entry, ...] = ()
    recorded: int = 0
    last_hash: str | None = None


class Command(Message):
    """One thing to do: a step of the table, or a task action (claim, release, assign …)."""

    step: str
    form: dict[str, JsonValue] = {}


class Request(Message):
    """What one actor wants done, all of it or nothing. `id` makes it happen once.

    `if_match` is the ETag the caller saw or several of which one must fit (with none it is stale),
    `task` the seq of the entry that opened the task.
    `attempt` is drawn anew each time it is sent, so that a repetition can be told from the first.
    Histories call the commands `deeds`.
    """

    tenant: str = DEFAULT_TENANT
    id: str
    actor: Actor
    commands: tuple[Command, ...] = Field(
        min_length=1, max_length=MAX_COMMANDS, validation_alias="deeds", serialization_alias="deeds"
    )
    if_match: int | tuple[int, ...] | None = None
    task: int | None = None
    digest: str | None = None
    attempt: str | None = None


class NewEntries(Message):
    """Entries that are to be recorded."""

    entries: tuple[Entry, ...]


class Receipt(Message):
    """What a request brought about: the entries `first` to `last`, and where the case was then.

    `attempt` is the one that did it; none if an earlier attempt did.
    """

    number: str
    request: str
    digest: str | None
    first: int
    last: int
    state: str
    etag: int
    attempt: str | None = None


class PendingCall(Message):
    """One call on its way to the world; `(number, seq, n)` is its idempotency key.

    `source` is the case's: only contact points that this source gave, or our own desk, are used.
    `at` is when the call was made; calls from before that was recorded have none.
    """

    tenant: str
    number: str
    seq: int
    n: int
    port: str
    template: str
    done: str
    refused: str
    customer: str | None
    source: str = "desk"
    params: dict[str, JsonValue] = {}
    at: Instant | None = None

    @property
    def key(self) -> str:
        """The idempotency key by which the world knows the same call again."""
        return f"{self.number}-{self.seq}-{self.n}"


class Outcome(Message):
    """What the world answered to a call: the step it leads to, and that step's form."""

    step: str
    form: dict[str, JsonValue] = {}


def opening_of(opened: Entry) -> Opening:
    """Return the opening message, read back from the entry it made."""
    return Opening.model_validate(
        {
            **opened.form,
            "actor": opened.actor,
            "request": opened.cause.request or "",
            "digest": opened.cause.digest,
        }
    )
