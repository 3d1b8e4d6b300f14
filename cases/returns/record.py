"""What the customer may read of a return; a review that a manager has yet to decide is none."""

from cases.common.record import Record, Shows

from .decisions import At

RULING = ("ground", "ruling", "reason", "freight", "amount")

RECORD: Record = {
    "review": Shows(RULING, unless=(At.EXCEPTION,)),
    "decide": Shows(RULING),
    "ship": Shows(own=("tracking",)),
    "goods_lapsed": Shows(),
    "goods_missing": Shows(),
    "receive": Shows(),
    "inspect": Shows(("grade", "passed", "finding", "amount")),
    "refund": Shows(("amount",)),
    "replace": Shows(),
    "refunded": Shows(),
    "replaced": Shows(),
    "settle_by_hand": Shows(),
}
