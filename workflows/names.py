"""The names under which workflows, messages and search attributes are known to Temporal."""

from temporalio.common import SearchAttributeKey

TASK_QUEUE = "cases"
TAKE = "take"
SNAPSHOT = "snapshot"
RECORD = "record"
ARCHIVE = "archive"
MAINTENANCE = "Maintenance"
CHORE = "chore"

KIND = SearchAttributeKey.for_keyword("BanjieKind")
CHANNEL = SearchAttributeKey.for_keyword("BanjieChannel")
SEARCH_ATTRIBUTES = (KIND, CHANNEL)
"""Kind and channel only: attributes are never encrypted, so nothing personal may be in them."""
