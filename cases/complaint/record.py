"""What the customer may read of a complaint; what it costs us and whose fault it was is ours."""

from cases.common.record import Record, Shows

RECORD: Record = {
    "investigate": Shows(),
    "propose": Shows(("solution",)),
    "accept_solution": Shows(own=("note",)),
    "reject_solution": Shows(own=("note",)),
    "offer_lapsed": Shows(),
    "carry_out": Shows(("done",)),
}
