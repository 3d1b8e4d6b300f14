"""Requests beside the case's own task, folded from its entries: approvals and assistance (协办)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, auto

from domain.engine.side_forms import ApprovalRequest, AssistanceRequest, RequestApproval
from domain.language.effects import Notify
from domain.language.entries import REQUEST_TYPES, Entry, EntryType
from domain.language.forms import Form
from domain.language.roles import Roles
from domain.language.values import Money


class SideSort(StrEnum):
    """What is asked for: somebody's word on an amount, or another team's help."""

    APPROVAL = auto()
    ASSISTANCE = auto()


class SideState(StrEnum):
    """How a request stands, and what became of it."""

    OPEN = auto()
    APPROVED = auto()
    DECLINED = auto()
    ANSWERED = auto()
    WITHDRAWN = auto()
    LAPSED = auto()


SETTLED: Mapping[EntryType, SideState] = {
    EntryType.REQUEST_APPROVED: SideState.APPROVED,
    EntryType.REQUEST_DECLINED: SideState.DECLINED,
    EntryType.REQUEST_ANSWERED: SideState.ANSWERED,
    EntryType.REQUEST_WITHDRAWN: SideState.WITHDRAWN,
    EntryType.REQUEST_LAPSED: SideState.LAPSED,
}
"""The entries that settle a request, each with how."""


ANSWERED = frozenset(
    {EntryType.REQUEST_APPROVED, EntryType.REQUEST_DECLINED, EntryType.REQUEST_ANSWERED}
)
ASSIGNEE = "assignee"
"""Stands for whoever holds the case, as whom a notice is for."""


@dataclass(frozen=True)
class SideTask:
    """A request to others, which is a task of its own; `seq` is the entry that made it.

    Args:
        seq: the entry that made it.
        by: who asks.
        at: since when.
        form: what is asked for.
        changed: the seq of the entry that changed it last.
        holder: who took it on themselves.
        state: how it stands.
        settled: the entry that settled it.
        granted: the amount that was approved.
        overdue: whether its limit passed while it was open, and the case says so.
    """

    seq: int
    by: str
    at: datetime
    form: ApprovalRequest | AssistanceRequest
    changed: int
    holder: str | None = None
    state: SideState = SideState.OPEN
    settled: Entry | None = None
    granted: Money | None = None
    overdue: bool = False

    @property
    def sort(self) -> SideSort:
        """What is asked for."""
        is_amount = isinstance(self.form, ApprovalRequest)
        return SideSort.APPROVAL if is_amount else SideSort.ASSISTANCE

    @property
    def due_at(self) -> datetime | None:
        """When the answer is due."""
        return self.form.due_at

    @property
    def open(self) -> bool:
        """Whether it waits for an answer."""
        return self.state is SideState.OPEN

    @property
    def team(self) -> str | None:
        """The team that is asked; None if it is whoever has the authority."""
        return self.form.team if isinstance(self.form, AssistanceRequest) else None


SideTasks = Mapping[int, SideTask]


def side_tasks_after(tasks: SideTasks, entry: Entry, form: Form | None) -> SideTasks:
    """Return the requests of a case after an entry, in the order in which they were made."""
    if isinstance(form, ApprovalRequest | AssistanceRequest):
        made = SideTask(entry.seq, entry.actor.id, entry.at, form, changed=entry.seq)
        return {**tasks, entry.seq: made}
    task = task_of(tasks, entry)
    return tasks if task is None else {**tasks, task.seq: _changed(task, entry, form)}


def task_of(tasks: SideTasks, entry: Entry) -> SideTask | None:
    """Return the request that an entry is about, if it is about one."""
    seq = entry.form.get("request") if entry.type in REQUEST_TYPES else None
    return tasks.get(seq) if isinstance(seq, int) else None


def marks_after(
    marks: frozenset[str], tasks: SideTasks, holder: str | None, entry: Entry
) -> frozenset[str]:
    """Return who has not acted on the case since something that they should see.

    Whoever chases or attaches a file marks the case for its holder, whoever settles a request or
    lets it become overdue for the person who asked. A mark stays until that person acts on the
    case.
    """
    actor = entry.actor.id if entry.actor.is_staff else None
    marks = marks - {actor} if actor in marks else marks
    whom = holder if entry.type in {EntryType.CHASED, EntryType.ATTACHED} else None
    if entry.type is EntryType.REQUEST_OVERDUE or entry.type in SETTLED:
        task = task_of(tasks, entry)
        whom = task.by if task else None
    return marks if whom is None or whom == actor else marks | {whom}


def notices_beside(tasks: SideTasks, entry: Entry, supervisors: Roles) -> Iterator[Notify]:
    """Yield who is notified of a chase, an overdue request, an answer to what somebody asked."""
    task = task_of(tasks, entry)
    if entry.type is EntryType.CHASED:
        yield Notify("chased", ASSIGNEE)
    elif entry.type is EntryType.REQUEST_OVERDUE:
        yield from (Notify("request_overdue", role) for role in supervisors)
    elif entry.type in ANSWERED and task is not None:
        yield Notify("request_answered", f"staff:{task.by}")


def _changed(task: SideTask, entry: Entry, form: Form | None) -> SideTask:
    task = replace(task, changed=entry.seq)
    if entry.type is EntryType.REQUEST_CLAIMED:
        return replace(task, holder=entry.actor.id)
    if entry.type is EntryType.REQUEST_RELEASED:
        return replace(task, holder=None)
    if entry.type is EntryType.REQUEST_OVERDUE:
        return replace(task, overdue=True)
    state = SETTLED.get(entry.type)
    if state is None or not task.open:
        return task
    granted = _granted(task, form) if state is SideState.APPROVED else None
    return replace(task, state=state, settled=entry, granted=granted)


def _granted(task: SideTask, form: Form | None) -> Money | None:
    asked = task.form.amount if isinstance(task.form, ApprovalRequest) else None
    return (form.amount if isinstance(form, RequestApproval) else None) or asked
