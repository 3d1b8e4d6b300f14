"""What the customer may read of a repair; who would not take the job is no matter of theirs."""

from cases.common.record import Record, Shows

RECORD: Record = {
    "take_job": Shows(),
    "appoint": Shows(("window",)),
    "miss": Shows(),
    "appointment_lapsed": Shows(),
    "visit": Shows(),
    "receive": Shows(),
    "diagnose": Shows(("outcome", "finding")),
    "quote": Shows(("price", "work")),
    "accept_quote": Shows(own=("note",)),
    "decline_quote": Shows(own=("note",)),
    "quote_lapsed": Shows(),
    "repair": Shows(("work", "parts")),
    "give_up": Shows(("reason",)),
    "test": Shows(("passed",)),
    "hand_over": Shows(),
    "send_back": Shows(),
}
