"""What the customer may read of a complaint; what it costs us and whose fault it was is ours."""

from cases.common.record import Record, ShownStep

RECORD: Record = {
    "investigate": ShownStep(),
    "propose": ShownStep(("solution",)),
    "accept_solution": ShownStep(customers_own=("note",)),
    "reject_solution": ShownStep(customers_own=("note",)),
    "offer_lapsed": ShownStep(),
    "carry_out": ShownStep(("done",)),
    "choose_way": ShownStep(("way",)),
    "record_result": ShownStep(("outcome", "dated")),
    "paid_out": ShownStep(),
    "pay_by_hand": ShownStep(),
}
