"""What the customer may read of an inquiry."""

from cases.common.record import Record, Shows

RECORD: Record = {
    "answer": Shows(("answer",)),
    "convert": Shows(("kind",)),
    "child_started": Shows(("number",)),
    "hand_on": Shows(),
    "decide": Shows(("adopted", "decision")),
}
