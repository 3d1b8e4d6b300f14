"""What the customer may read of a return; a review that a manager has yet to decide is none."""

from collections.abc import Mapping

from pydantic import JsonValue

from cases.common.record import Record, ShownStep

from .forms import Review, Ruling
from .rules import At


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
    "refund": ShownStep(("amount",)),
    "replace": ShownStep(),
    "refunded": ShownStep(),
    "replaced": ShownStep(),
    "choose": ShownStep(customers_own=("instead", "note")),
    "settle_by_hand": ShownStep(),
}
