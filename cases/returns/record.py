"""What the customer may read of a return; a review that a manager has yet to decide is none."""

from cases.common.record import Record, ShownStep

from .rules import At

RULING = ("ground", "ruling", "reason", "freight", "amount")

RECORD: Record = {
    "review": ShownStep(RULING, unless=(At.EXCEPTION,)),
    "decide": ShownStep(RULING),
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
