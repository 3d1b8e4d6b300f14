"""What the customer may read of a repair; who would not take the job is no matter of theirs."""

from cases.common.record import Record, ShownStep

RECORD: Record = {
    "take_job": ShownStep(),
    "appoint": ShownStep(("window",)),
    "miss": ShownStep(),
    "appointment_lapsed": ShownStep(),
    "visit": ShownStep(),
    "receive": ShownStep(),
    "diagnose": ShownStep(("outcome", "finding")),
    "quote": ShownStep(("price", "work")),
    "accept_quote": ShownStep(customers_own=("note",)),
    "decline_quote": ShownStep(customers_own=("note",)),
    "quote_lapsed": ShownStep(),
    "repair": ShownStep(("work", "parts")),
    "give_up": ShownStep(("reason",)),
    "test": ShownStep(("passed",)),
    "hand_over": ShownStep(),
    "send_back": ShownStep(),
}
