"""What the customer may read of a repair; who would not take the job is no matter of theirs.

`money` is what a record says of the money beyond approvals and the world's payments.
"""

from collections.abc import Iterator

from pydantic import JsonValue

from cases.common.money_record import MoneyEvent, MoneyLine
from cases.common.record import Record, ShownStep
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.entries import Entry
from domain.language.values import Money

from .bills import APPROVE, REFUSE, STATE, Bill, open_bill
from .money import agreed, goodwill

RECORD: Record = {
    "take_job": ShownStep(),
    "appoint": ShownStep(("window", "starts_at", "ends_at", "moved_by")),
    "miss": ShownStep(),
    "appointment_lapsed": ShownStep(),
    "unit_lapsed": ShownStep(),
    "visit": ShownStep(),
    "receive": ShownStep(),
    "diagnose": ShownStep(("outcome", "finding", "share")),
    "quote": ShownStep(("lines", "price", "work", "valid_until")),
    "accept_quote": ShownStep(("lines",), customers_own=("note",)),
    "decline_quote": ShownStep(customers_own=("note",)),
    "recall_quote": ShownStep(),
    "quote_reminder": ShownStep(),
    "quote_lapsed": ShownStep(),
    "await_parts": ShownStep(("expected_on",)),
    "move_parts": ShownStep(("expected_on",)),
    "parts_here": ShownStep(),
    "repair": ShownStep(("work", "parts")),
    "give_up": ShownStep(("reason",)),
    "convert": ShownStep(("kind",)),
    "child_started": ShownStep(("number",)),
    "give_back": ShownStep(),
    "test": ShownStep(("passed",)),
    "hand_over": ShownStep(("charged",)),
    "send_back": ShownStep(("charged",)),
}


def money(process: ProcessHistory, case: Case) -> Iterator[MoneyLine]:
    """Yield what was quoted, accepted and charged; what we bear of it, and vendors' bills."""
    for entry in case.effective_entries():
        if entry.step == "quote":
            lines = {"lines": entry.form.get("lines")}
            yield MoneyLine(entry, MoneyEvent.OFFERED, _stored(entry, "price"), lines)
        elif entry.step == "accept_quote":
            price = agreed(process.as_of(case, entry.seq))
            yield MoneyLine(entry, MoneyEvent.ACCEPTED, price)
        elif entry.step in ("hand_over", "send_back") and entry.form.get("charged"):
            yield MoneyLine(entry, MoneyEvent.CHARGED, _stored(entry, "charged"))
        elif entry.step == "repair" and (borne := goodwill(process.as_of(case, entry.seq))):
            yield MoneyLine(entry, MoneyEvent.BORNE, borne[1], ours=True)
    yield from _bills(process, case)


def _bills(process: ProcessHistory, case: Case) -> Iterator[MoneyLine]:
    """Yield all bills, and what was decided on them, whatever a rewind took back."""
    for entry in case.entries:
        if entry.step == STATE:
            bill = Bill.lenient(entry.form)
            whose = {"vendor": bill.vendor or entry.actor.id, "reference": bill.reference}
            said: dict[str, JsonValue] = {**whose, "lines": entry.form.get("lines")}
            yield MoneyLine(entry, MoneyEvent.BILLED, bill.total, said, ours=True)
        elif entry.step in (APPROVE, REFUSE):
            stated = open_bill(process.as_of(case, entry.seq - 1))
            total = stated[1].total if stated else None
            event = MoneyEvent.BILL_APPROVED if entry.step == APPROVE else MoneyEvent.BILL_REFUSED
            why = {"reason": entry.form.get("reason")}
            yield MoneyLine(entry, event, total, why, ours=True)


def _stored(entry: Entry, name: str) -> Money | None:
    said = entry.form.get(name)
    return Money.stored(said) if said else None
