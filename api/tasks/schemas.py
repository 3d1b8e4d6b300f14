"""Tasks in responses."""

from typing import Literal

from pydantic import ConfigDict, Field, computed_field

from api.http.schemas import CaseSummary, RequestModel, ResponseModel
from api.steps.schemas import Offer
from domain.language.values import Instant, Money, Note, Text
from domain.read_models.projection import TaskView, task_id


class Task(TaskView):
    """A task with its id, the customer's words, and how many of their messages are unread.

    `asks` is what a request to others asks, or why.
    """

    model_config = ConfigDict(from_attributes=True)

    held_until: Instant | None = Field(default=None, serialization_alias="on_hold_until")
    words: str | None
    unread_customer_messages: int = 0
    asks: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def id(self) -> str:
        """The task's id, as in paths."""
        return task_id(self.number, self.seq)


class ApprovalBody(RequestModel):
    """An approval of what is asked for, or of less."""

    amount: Money | None = None
    note: Note = ""


class RefusalBody(RequestModel):
    """Why it is declined."""

    reason: Text


class AnswerBody(RequestModel):
    """The answer to a team's question."""

    answer: Text


class WithdrawalBody(RequestModel):
    """Why it is taken back."""

    reason: Note = ""


class TaskPage(ResponseModel):
    """A page of open tasks; `left_out` as for cases.

    They are ordered by when they are due, less the head start that the policy of their case gives
    them. That is the order in which they are handed out, too.
    """

    ordered_by: Literal["due_at - head_start"] = "due_at - head_start"
    items: list[Task]
    next: str | None
    left_out: list[str] = []


class TaskDetails(ResponseModel):
    """A task, its case, and what this caller may do."""

    task: Task
    case: CaseSummary
    offers: list[Offer]
    task_actions: list[str]
