"""What those outside are shown of a case: the one projection that every way out goes through.

A system acts for the customer; a vendor works for us, as another company. Both are shown what the
kind's `record.py` names as the customer's to read, and what they said themselves; of our own people
only that it was one of them. A vendor is also shown what it needs for its task. Our staff see all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, TypeVar

from app.authentication import Principal
from app.authorization import reads_inside
from app.results import CaseDetails, CaseListItem, TaskListItem
from cases import record_of
from cases.common.record import shown_form
from domain.language.effects import CUSTOMER
from domain.language.entries import Cause, Entry, EntryType
from domain.language.roles import Actor, ActorKind, Party
from domain.read_models.clock_intervals import ClockInterval
from domain.read_models.diff import EntryDiff
from domain.read_models.explain import Explanation
from domain.read_models.projection import CaseView
from store.attachments.attachments import StoredAttachment
from store.comments import Comment
from store.outbox.records import OutboxRow

L = TypeVar("L", bound=CaseListItem)

ONE_OF_US: Final = Actor(kind=ActorKind.STAFF, id=ActorKind.STAFF.value)
"""Stands for whoever of the staff it was."""

INTERNAL_FIELDS: Final[Mapping[str, Any]] = {
    "assignee": None, "team": "", "severity": None, "hardness": None, "held_until": None,
    "escalation_tier": 0, "satisfaction": None, "nps": None, "rated_at": None,
    "unseen_by": (), "measure_due": None, "head_start": timedelta(),
}  # fmt: skip
"""The fields of a case's row that are for staff, each with what stands in its place."""

INTERNAL_TO_VENDORS: Final[Mapping[str, Any]] = {
    "severity": None,
    "hardness": None,
    "unseen_by": (),
    "measure_due": None,
}
"""Those of them that a vendor does not need for its task."""

WORK_FIELDS: Final = ("limit", "until")
"""The fields of forms of others that a vendor needs for its task: until when."""

INTERNAL_CHANGES: Final = frozenset({*INTERNAL_FIELDS, "on_hold_until", "task"})
"""What of the changes by an entry is for staff."""

OPENING_FIELDS: Final = (
    *("tenant", "number", "kind", "process_version", "policy_version", "source", "external_ref"),
    *("channel", "received_at", "customer", "order", "product", "parent"),
)
"""The fields of an opening that are shown, beside its form."""

NAMES: Final = ("by", "who")
"""The parameters of refusals that name a person."""


def shown_row(caller: Principal, row: CaseView) -> CaseView:
    """Return a case's row as the caller is shown it."""
    if reads_inside(caller):
        return row
    return row.model_copy(update=_shown_fields(caller, row.assignee))


def shown_list_item(caller: Principal, item: L) -> L:
    """Return a case in a list as the caller is shown it."""
    if reads_inside(caller):
        return item
    return item.model_copy(update=_shown_fields(caller, item.assignee))


def shown_task(caller: Principal, task: TaskListItem) -> TaskListItem:
    """Return a task, which no system is shown, as one of the staff is shown it."""
    if reads_inside(caller):
        return task
    who = {name: _shown_id(caller, getattr(task, name)) for name in ("assignee", "done_by")}
    return task.model_copy(update=who)


def shown_details(caller: Principal, details: CaseDetails) -> CaseDetails:
    """Return the page of a case as the caller is shown it: tasks, holds, proposals are ours."""
    if reads_inside(caller):
        return details
    shown: dict[str, Any] = {
        "case": shown_row(caller, details.case),
        "proposal": {},
        "requests": [],
        "playbook": [],
        "guidance": None,
        "proposal_reasons": [],
        "children": [shown_list_item(caller, child) for child in details.children],
        "joined": [shown_list_item(caller, each) for each in details.joined],
    }
    if not caller.is_staff:
        return details.model_copy(update={**shown, "task": None, "hold": None, "task_actions": []})
    task, hold = details.task, details.hold
    if task is not None:
        shown["task"] = shown_task(caller, task)
    if hold is not None and hold.by != caller.id:
        shown["hold"] = replace(hold, by=ONE_OF_US.id, reason="")
    return details.model_copy(update=shown)


def shown_entries(caller: Principal, kind: str, entries: Iterable[Entry]) -> list[Entry]:
    """Return entries of a case of this kind as the caller is shown them."""
    return [_shown_entry(caller, kind, entry) for entry in entries]


def shown_diff(caller: Principal, kind: str, diff: EntryDiff) -> EntryDiff:
    """Return what an entry changed as the caller is shown it."""
    if reads_inside(caller):
        return diff
    return EntryDiff(
        entry=_shown_entry(caller, kind, diff.entry),
        changes=tuple(each for each in diff.changes if each.what not in INTERNAL_CHANGES),
        clocks=diff.clocks,
        notices=tuple(each for each in diff.notices if each.to == CUSTOMER),
    )


def shown_explanation(caller: Principal, clock: Explanation) -> Explanation:
    """Return why a clock is due when it is as the caller is shown it."""
    if reads_inside(caller):
        return clock
    intervals = tuple(_shown_interval(caller, each) for each in clock.intervals)
    shown: dict[str, Any] = {"intervals": intervals}
    if clock.limit is not None:
        by = _shown_id(caller, clock.limit.by)
        shown["limit"] = clock.limit.model_copy(update={"by": by})
    return clock.model_copy(update=shown)


def _shown_interval(caller: Principal, interval: ClockInterval) -> ClockInterval:
    """Return a piece of a clock's time, which names who began and ended it."""
    actors = {
        name: bound.model_copy(update={"actor": _shown_actor(caller, bound.actor)})
        for name in ("began", "ended")
        if (bound := getattr(interval, name)) is not None
    }
    return interval.model_copy(update=actors)


def shown_comment(caller: Principal, comment: Comment) -> Comment:
    """Return a comment that the caller may read, as the caller is shown it."""
    if reads_inside(caller):
        return comment
    unread = comment.unread and caller.is_staff
    return replace(comment, author=_shown_actor(caller, comment.author), unread=unread)


def shown_attachment(caller: Principal, attachment: StoredAttachment) -> StoredAttachment:
    """Return an attachment that the caller sees, as the caller is shown it."""
    if reads_inside(caller):
        return attachment
    erased = attachment.erased
    if erased is not None:
        erased = replace(erased, by=_shown_actor(caller, erased.by), reason="")
    return replace(attachment, by=_shown_actor(caller, attachment.by), erased=erased)


def shown_notices(caller: Principal, rows: Iterable[OutboxRow]) -> list[OutboxRow]:
    """Return the messages that the caller is shown: those to staff are for staff."""
    return [row for row in rows if reads_inside(caller) or row.to == CUSTOMER]


def shown_params(caller: Principal, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a refusal as the caller is shown them: without anybody's id."""
    if reads_inside(caller):
        return dict(params)
    own = {caller.id, *(kind.value for kind in ActorKind)}
    masked = {n: ONE_OF_US.id for n in NAMES if n in params and params[n] not in own}
    return {**params, **masked}


def _shown_fields(caller: Principal, assignee: str | None) -> dict[str, Any]:
    """Return what stands in place of the internal fields of a case's row."""
    if not caller.is_staff:
        return dict(INTERNAL_FIELDS)
    return {**INTERNAL_TO_VENDORS, "assignee": _shown_id(caller, assignee)}


def _shown_id(caller: Principal, id: str | None) -> str | None:
    """Return the id of one of the staff, if it is the caller's own."""
    return id if id is None or (caller.is_staff and id == caller.id) else ONE_OF_US.id


def _shown_entry(caller: Principal, kind: str, entry: Entry) -> Entry:
    """Return an entry; a stranger to its form gets no hash either, from which it could be found."""
    if reads_inside(caller):
        return entry
    is_own = _is(caller, entry.actor)
    return entry.model_copy(
        update={
            "actor": _shown_actor(caller, entry.actor),
            "cause": entry.cause if is_own else Cause(entry=entry.cause.entry),
            "form": _shown_form(caller, kind, entry),
            "prev": None,
        }
    )


def _shown_form(caller: Principal, kind: str, entry: Entry) -> dict[str, Any]:
    is_own = _is(caller, entry.actor)
    if entry.type is not EntryType.OPENED:
        return entry.form if is_own else _form_of_another(caller, kind, entry)
    opening: dict[str, Any] = {n: entry.form[n] for n in OPENING_FIELDS if n in entry.form}
    form: Any = entry.form.get("form", {})
    # What the customer applied for is what a vendor works on.
    return {**opening, "form": form if is_own or caller.is_staff else {"words": form.get("words")}}


def _form_of_another(caller: Principal, kind: str, entry: Entry) -> dict[str, Any]:
    shown = shown_form(record_of(kind), entry)
    if not caller.is_staff:
        return shown
    work: dict[str, Any] = {name: entry.form[name] for name in WORK_FIELDS if entry.form.get(name)}
    if entry.form.get("assignee") == caller.id:
        work["assignee"] = caller.id
    return {**work, **shown}


def _is(caller: Principal, actor: Actor) -> bool:
    return (actor.kind, actor.id) == (caller.kind, caller.id)


def _shown_actor(caller: Principal, actor: Actor) -> Actor:
    if actor.is_staff:
        return actor if _is(caller, actor) else ONE_OF_US
    principal = actor.on_behalf_of
    if principal is None or principal.kind is not ActorKind.STAFF:
        return actor
    return actor.model_copy(update={"on_behalf_of": Party(kind=principal.kind, id=ONE_OF_US.id)})
