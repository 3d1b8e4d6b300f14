"""What the customer may read of a repair; who would not take the job is no matter of theirs."""

from cases.common.record import Record, ShownStep

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
