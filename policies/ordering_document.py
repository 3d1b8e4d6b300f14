"""The part `ordering` of a policy: which cases come before others in lists."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from domain.language.decision_table import DecisionTable, Input
from domain.language.values import Duration
from policies.calendar_document import Document
from policies.document_text import Lines
from policies.table_rows import ConditionedRow, table_of

LONGEST = timedelta(days=30)


class HeadStartRow(ConditionedRow):
    """By how much sooner than it is due a case stands in lists."""

    head_start: Annotated[Duration, Field(ge=timedelta(), le=LONGEST)]


class OrderingDocument(Document):
    """Lists go by the time that is left, less a head start; the first row that fits says which."""

    head_starts: Annotated[tuple[HeadStartRow, ...], Field(min_length=1)] = (
        HeadStartRow(head_start=timedelta()),
    )

    def build(self, inputs: tuple[Input, ...], lines: Lines) -> DecisionTable[timedelta]:
        """Return the table that decides the head start of a case; it may ask these."""
        path = ("ordering", "head_starts")
        return table_of(inputs, path, self.head_starts, lambda row: row.head_start, lines)
