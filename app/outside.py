"""What those outside are shown of a case: the one projection that every way out goes through.

A system acts for the customer. It is shown what the kind's `record.py` names as the customer's to
read, and what it said itself; of our own people only that it was one of them. Staff see all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from app.authentication import Principal
from app.results import CaseDetails, CaseListItem
from cases import record_of
from cases.common.record import shown_form
from domain.language.effects import CUSTOMER
from domain.language.entries import Cause, Entry, EntryType
from domain.language.roles import Actor, ActorKind, Party
from domain.read_models.diff import EntryDiff
from domain.read_models.explain import Explanation
from domain.read_models.projection import CaseView
from store.comments import Comment
from store.outbox.records import OutboxRow

ONE_OF_US: Final = Actor(kind=ActorKind.STAFF, id=ActorKind.STAFF.value)
"""Stands for whoever of the staff it was."""

INTERNAL_FIELDS: Final[Mapping[str, Any]] = {
    "assignee": None, "team": "", "severity": None, "hardness": None, "held_until": None
}  # fmt: skip
"""The fields of a case's row that are for staff, each with what stands in its place."""

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
    return row if caller.is_staff else row.model_copy(update=dict(INTERNAL_FIELDS))


def shown_list_item(caller: Principal, item: CaseListItem) -> CaseListItem:
    """Return a case in a list as the caller is shown it."""
    return item if caller.is_staff else item.model_copy(update=dict(INTERNAL_FIELDS))


def shown_details(caller: Principal, details: CaseDetails) -> CaseDetails:
    """Return the page of a case as the caller is shown it: tasks, holds, proposals are ours."""
    if caller.is_staff:
        return details
    return details.model_copy(
        update={
            "case": shown_row(caller, details.case),
            "proposal": {},
            "task": None,
            "hold": None,
            "task_actions": [],
            "children": [shown_list_item(caller, child) for child in details.children],
        }
    )


def shown_entries(caller: Principal, kind: str, entries: Iterable[Entry]) -> list[Entry]:
    """Return entries of a case of this kind as the caller is shown them."""
    return [_shown_entry(caller, kind, entry) for entry in entries]


def shown_diff(caller: Principal, kind: str, diff: EntryDiff) -> EntryDiff:
    """Return what an entry changed as the caller is shown it."""
    if caller.is_staff:
        return diff
    return EntryDiff(
        entry=_shown_entry(caller, kind, diff.entry),
        changes=tuple(each for each in diff.changes if each.what not in INTERNAL_CHANGES),
        clocks=diff.clocks,
        notices=tuple(each for each in diff.notices if each.to == CUSTOMER),
    )


def shown_explanation(caller: Principal, clock: Explanation) -> Explanation:
    """Return why a clock is due when it is as the caller is shown it."""
    if caller.is_staff or clock.limit is None:
        return clock
    limit = clock.limit.model_copy(update={"by": ONE_OF_US.id})
    return clock.model_copy(update={"limit": limit})


def shown_comment(caller: Principal, comment: Comment) -> Comment:
    """Return a comment that the caller may read, as the caller is shown it."""
    if caller.is_staff:
        return comment
    return replace(comment, author=_shown_actor(comment.author), unread=False)


def shown_notices(caller: Principal, rows: Iterable[OutboxRow]) -> list[OutboxRow]:
    """Return the messages that the caller is shown: those to staff are for staff."""
    return [row for row in rows if caller.is_staff or row.to == CUSTOMER]


def shown_params(caller: Principal, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a refusal as the caller is shown them: without anybody's id."""
    if caller.is_staff:
        return dict(params)
    own = {caller.id, *(kind.value for kind in ActorKind)}
    masked = {n: ONE_OF_US.id for n in NAMES if n in params and params[n] not in own}
    return {**params, **masked}


def _shown_entry(caller: Principal, kind: str, entry: Entry) -> Entry:
    """Return an entry; a stranger to its form gets no hash either, from which it could be found."""
    if caller.is_staff:
        return entry
    is_own = (entry.actor.kind, entry.actor.id) == (caller.kind, caller.id)
    return entry.model_copy(
        update={
            "actor": _shown_actor(entry.actor),
            "cause": entry.cause if is_own else Cause(entry=entry.cause.entry),
            "form": _shown_form(kind, entry, is_own=is_own),
            "prev": None,
        }
    )


def _shown_form(kind: str, entry: Entry, *, is_own: bool) -> dict[str, Any]:
    if entry.type is not EntryType.OPENED:
        return entry.form if is_own else shown_form(record_of(kind), entry)
    opening: dict[str, Any] = {n: entry.form[n] for n in OPENING_FIELDS if n in entry.form}
    form: Any = entry.form.get("form", {})
    return {**opening, "form": form if is_own else {"words": form.get("words")}}


def _shown_actor(actor: Actor) -> Actor:
    if actor.is_staff:
        return ONE_OF_US
    principal = actor.on_behalf_of
    if principal is None or principal.kind is not ActorKind.STAFF:
        return actor
    return actor.model_copy(update={"on_behalf_of": Party(kind=principal.kind, id=ONE_OF_US.id)})
