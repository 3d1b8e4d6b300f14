"""The names under which workflows, messages and search attributes are known to Temporal.

The names stand in histories: they stay as they are, whatever the code calls things by.
"""

from temporalio.common import SearchAttributeKey

TASK_QUEUE = "cases"
SUBMIT = "take"
SNAPSHOT = "snapshot"
RECORD = "record"
ARCHIVE = "archive"
MAINTENANCE = "Maintenance"
CHORE = "chore"
BATCH = "Batch"
BATCH_PART = "batch_part"
BATCH_END = "batch_end"
CANCEL = "cancel"

KIND = SearchAttributeKey.for_keyword("BanjieKind")
CHANNEL = SearchAttributeKey.for_keyword("BanjieChannel")
SEARCH_ATTRIBUTES = (KIND, CHANNEL)
"""Kind and channel only: attributes are never encrypted, so nothing personal may be in them."""
CASES_QUERY = f"{KIND.name} IS NOT NULL"
"""Lists cases only: nothing else that runs in the namespace has a kind."""
RUNNING_CASES_QUERY = f"{CASES_QUERY} AND ExecutionStatus = 'Running'"


def batch_id(id: str) -> str:
    """Return the id of the workflow of a batch."""
    return f"batch-{id}"
