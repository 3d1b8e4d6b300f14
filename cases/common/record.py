"""What a customer may read of a case: the steps and form fields named here, and no others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from domain.engine.task_actions import notified_text
from domain.language.entries import Entry, EntryType
from domain.language.roles import Actor, ActorKind


@dataclass(frozen=True)
class ShownStep:
    """What the written service record shows of a step; its sentence is `record.<step>`.

    Args:
        fields: fields of the step's form, shown whoever handed it in.
        customers_own: fields that are shown only if the customer handed them in. Where staff write
            down what a customer says, they may add remarks.
        adds: what follows from the form where it does not say so itself.
        unless: states. A step that leads there is a matter among staff and not shown at all.
    """

    fields: tuple[str, ...] = ()
    customers_own: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    adds: Callable[[Mapping[str, JsonValue]], Mapping[str, JsonValue]] | None = None


Record = Mapping[str, ShownStep]

# Left out on purpose: who holds the case and how hard it is, why something failed outside, and
# `told_by_hand`, which may say that telling the customer was given up.
SHARED: Record = {
    "accept": ShownStep(),
    "classify": ShownStep(("category",)),
    "classify_by_rules": ShownStep(("category",)),
    "reclassify": ShownStep(("category",)),
    "withdraw": ShownStep(customers_own=("reason",)),
    "sent": ShownStep(),
    "send_by_hand": ShownStep(),
    "told": ShownStep(),
    "follow_up": ShownStep(("reached", "solved", "satisfaction", "nps")),
    "confirm": ShownStep(("solved", "satisfaction", "nps", "words")),
    "reopen": ShownStep(customers_own=("reason",)),
}


ATTACHMENT_FIELDS = ("name", "media_type", "size", "sha256", "note", "public")
"""What of a public attachment is shown; where its content lies is not."""


def is_by_customer(actor: Actor) -> bool:
    """Say whether the customer acted, or a system on behalf of the customer."""
    principal = actor.on_behalf_of
    return ActorKind.CUSTOMER in (actor.kind, principal.kind if principal else None)


def shown_step(record: Record, entry: Entry) -> ShownStep | None:
    """Return what of an entry's step is the customer's to read; None if nothing of it is."""
    shown = record.get(entry.step or "") if entry.type is EntryType.STEPPED else None
    return None if shown is None or entry.led_to in shown.unless else shown


def shown_attachment(entry: Entry) -> dict[str, JsonValue]:
    """Return what the customer may read of an attachment; nothing of one that is internal."""
    if entry.form.get("public") is not True:
        return {}
    return {name: entry.form[name] for name in ATTACHMENT_FIELDS if name in entry.form}


def shown_form(record: Record, entry: Entry) -> dict[str, JsonValue]:
    """Return the fields of an entry's form that are the customer's to read, in their order."""
    if (text := notified_text(entry)) is not None:
        return {"text": text}
    if entry.type is EntryType.ATTACHED:
        return shown_attachment(entry)
    shown = shown_step(record, entry)
    if shown is None:
        return {}
    customers_own = shown.customers_own if is_by_customer(entry.actor) else ()
    names = (*shown.fields, *customers_own)
    form = {**entry.form, **(shown.adds(entry.form) if shown.adds else {})}
    return {name: form[name] for name in names if name in form}
