"""What the customer may read of a return; a review that a manager has yet to decide is none.

`money` is what a record says of the money beyond approvals and the world's payments.
"""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from cases.common.money_record import MoneyEvent, MoneyLine, paid_by_hand
from cases.common.record import Record, ShownStep
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.entries import Entry
from domain.language.values import Money

from .elsewhere import UNITS_SINCE
from .forms import Payer, Review, Ruling
from .given import refunds
from .money_v2 import refunds as refunds_v2
from .prices import to_pay
from .rules import At
from .unit_changes import REVIEWS, units_of
from .units import sum_of


def freight(form: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Return who bears the freight of what is taken back, where it follows from the ground."""
    review = Review.lenient(form)
    if review.freight is not None or review.ruling is Ruling.REFUSED or review.payer is None:
        return {}
    return {"freight": review.payer.value}


RULING = ("ground", "ruling", "reason", "freight", "amount")

RECORD: Record = {
    "review": ShownStep(RULING, unless=(At.EXCEPTION,), adds=freight),
    "decide": ShownStep(RULING, adds=freight),
    "ship": ShownStep(customers_own=("tracking",)),
    "remind": ShownStep(),
    "goods_lapsed": ShownStep(),
    "goods_missing": ShownStep(),
    "receive": ShownStep(),
    "inspect": ShownStep(("grade", "passed", "finding", "amount")),
    "scrap": ShownStep(("unclaimed",)),
    "keep_for_customer": ShownStep(),
    "refund": ShownStep(("amount",)),
    "replace": ShownStep(),
    "refunded": ShownStep(),
    "replaced": ShownStep(),
    "choose": ShownStep(customers_own=("instead", "note")),
    "settle_by_hand": ShownStep(),
}

BY_HAND = "settle_by_hand"
AMOUNTS = frozenset({*REVIEWS, "inspect", "refund"})
"""The steps that say how much is paid back."""


def money(process: ProcessHistory, case: Case) -> Iterator[MoneyLine]:
    """Yield what was decided on, with who bears the freight, and what people paid themselves."""
    for entry in case.effective_entries():
        if entry.step in AMOUNTS and (line := _decided(process, case, entry)):
            yield line
    is_old = case.opening.process_version < UNITS_SINCE
    all_refunds = (refunds_v2 if is_old else refunds)(process, case, gross=True)
    by_hand = {seq: paid for seq, paid in all_refunds if case.entries[seq - 1].step == BY_HAND}
    yield from paid_by_hand(process, case, by_hand)


def _decided(process: ProcessHistory, case: Case, entry: Entry) -> MoneyLine | None:
    """Return what a step decided on: the money in sum, and whose the freight is."""
    is_proposed = entry.led_to == At.EXCEPTION
    amount, payer = _amount(process, case, entry, is_proposed=is_proposed), _payer(entry)
    if amount is None and payer is None:
        return None
    event = MoneyEvent.DECIDED if amount else MoneyEvent.FREIGHT
    event = MoneyEvent.PROPOSED if is_proposed and amount else event
    freight = {"freight": payer.value} if payer else {}
    return MoneyLine(entry, event, amount, freight, ours=is_proposed)


def _amount(
    process: ProcessHistory, case: Case, entry: Entry, *, is_proposed: bool
) -> Money | None:
    if case.opening.process_version < UNITS_SINCE or is_proposed:
        said = entry.form.get("amount")
        return Money.stored(said) if said else None
    return sum_of(to_pay(units_of(process.as_of(case, entry.seq))))


def _payer(entry: Entry) -> Payer | None:
    """Return who bears the freight by a review that brings the customer something."""
    if entry.step not in REVIEWS:
        return None
    review = Review.lenient(entry.form)
    return None if review.ruling is Ruling.REFUSED else review.payer
