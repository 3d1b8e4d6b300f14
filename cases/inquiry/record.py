"""What the customer may read of an inquiry."""

from cases.common.record import Record, ShownStep

RECORD: Record = {
    "answer": ShownStep(("answer",)),
    "convert": ShownStep(("kind",)),
    "child_started": ShownStep(("number",)),
    "hand_on": ShownStep(),
    "decide": ShownStep(("adopted", "decision")),
}
