"""Whether a case may be merged into another one, go on for another one, or be as it was again.

What only the store knows is checked where the step is submitted: the customers, the other case's
row, open children. The other case's own engine has the last word on whether it goes on for both.
"""

from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from domain.case_numbers import prefix_of
from domain.engine.case import Case
from domain.engine.merge_errors import CannotMerge, MergedInto
from domain.engine.merged import (
    JOIN,
    MERGE_ACTIONS,
    MERGE_PORT,
    MERGE_REFUSED,
    MERGED_STATE,
    MOST_JOINED,
    PART,
    UNMERGE,
    UNMERGE_WINDOW,
    Joining,
    Merge,
    Merging,
    Parting,
    Unmerging,
)
from domain.engine.messages import PendingCall
from domain.engine.rewind.compensation import (
    BY_HAND,
    NOTICE,
    TELL,
    ProcessHistory,
    outstanding_effects,
    unanswered_compensation,
)
from domain.engine.task_actions import CandidateRules, CandidateRulesOf, check_insider
from domain.errors import StepNotAllowed
from domain.language.entries import EntryType
from domain.language.forms import Form
from domain.language.roles import ROUTER, Actor
from domain.language.table import State, WaitsOn

WORDS = frozenset({NOTICE, TELL, BY_HAND})
"""What a case did that another one can go on from: it told somebody something."""


class MergeProcess(ProcessHistory, Protocol):
    """What merging needs of a process: who works on a case, and whether it holds units."""

    @property
    def candidate_rules(self) -> CandidateRulesOf: ...

    @property
    def claims_units(self) -> bool: ...

    def state_of(self, case: Case) -> State: ...


def refuse_merged(case: Case, step: str) -> None:
    """Refuse whatever is asked of a merged case but to take the merge back.

    Raises:
        MergedInto: naming the case that goes on.
    """
    merge = case.merge
    if merge is None or (step == UNMERGE and not merge.pending):
        return
    raise MergedInto(
        f"The case is merged into {merge.into}: go on there.",
        into=merge.into,
        **({"why": "asked"} if merge.pending else {}),
    )


def check_merge_action(
    process: MergeProcess, case: Case, actor: Actor, form: Form, at: datetime
) -> None:
    """Refuse to merge a case, or to take that back, where it may not be done now.

    Raises:
        StepNotAllowed, NotACandidate, TaskTaken, CannotMerge, MergedInto
    """
    state, rules = process.state_of(case), process.candidate_rules(case)
    if isinstance(form, Joining | Parting):
        _check_asked_by_case(case, state, actor, form)
        return
    if not actor.is_staff:
        name = next(n for n, (shape, _) in MERGE_ACTIONS.items() if isinstance(form, shape))
        raise StepNotAllowed("Cases are merged by staff.", step=name, takes=["staff"])
    if isinstance(form, Unmerging):
        _check_unmerge(case, actor, rules, at)
    elif isinstance(form, Merging):
        check_insider(case, state, actor, rules)
        _check_merge(process, case, state, form)


def merge_call(case: Case) -> PendingCall | None:
    """Return the call that asks the other case, if its answer is waited for."""
    merge = case.merge
    if merge is None or not merge.pending:
        return None
    asked = case.entries[merge.asked - 1]
    params: dict[str, JsonValue] = {"into": merge.into, "by": asked.actor.id}
    return PendingCall(
        tenant=case.opening.tenant,
        number=case.opening.number,
        seq=merge.asked,
        n=0,
        port=MERGE_PORT,
        template=JOIN if merge.done is None else PART,
        done=merge.answer,
        refused=MERGE_REFUSED,
        customer=None,
        source=case.opening.source,
        params=params,
        at=asked.at,
    )


def state_after(merge: Merge, answer: str, state: str) -> str:
    """Return where a case is after the other one's answer."""
    if answer == EntryType.MERGED.value:
        return MERGED_STATE.name.value
    return merge.was if answer == EntryType.UNMERGED.value else state


def merge_ends_at(merge: Merge) -> datetime | None:
    """Return until when a merge can be taken back; None while the other case is asked."""
    return merge.at + UNMERGE_WINDOW if merge.at and not merge.pending else None


def _check_merge(process: MergeProcess, case: Case, state: State, form: Merging) -> None:
    number = case.opening.number
    if form.into == number:
        raise CannotMerge("A case cannot be merged into itself.", why="itself", into=form.into)
    if state.closed:
        raise CannotMerge("The case is concluded already.", why="closed", number=number)
    if prefix_of(form.into) != prefix_of(number):
        raise CannotMerge(
            "Only cases of one kind are merged: each kind has its own steps and promises.",
            why="kind",
            into=form.into,
        )
    if case.joined:
        joined: JsonValue = [*case.joined]
        raise CannotMerge(
            f"{', '.join(case.joined)} is merged into this case: merge the other one into it.",
            why="joined",
            joined=joined,
        )
    _check_effects(process, case, state)


def _check_effects(process: MergeProcess, case: Case, state: State) -> None:
    """Refuse a case that does something in the world, or that holds units of goods."""
    under_way = state.waits_on is WaitsOn.WORLD or unanswered_compensation(process, case)
    paid = any(process.refunds(process, case))
    done = [each for each in outstanding_effects(process, case) if each.port not in WORDS]
    if under_way or paid or done:
        raise CannotMerge(
            "The case has paid, sent or ordered something, or is about to: bring it to its end.",
            why="effects",
        )
    if process.claims_units and case.opening.order and case.opening.goods:
        raise CannotMerge(
            "The case is about units of an order, which would be in no case: withdraw it instead.",
            why="units",
        )


def _check_unmerge(case: Case, actor: Actor, rules: CandidateRules, at: datetime) -> None:
    merge = case.merge
    if merge is None or merge.at is None:
        raise CannotMerge("The case is not merged.", why="not_merged")
    above = rules.leads | rules.managers
    if actor.id != merge.by.id and not actor.stands_for & above:
        raise StepNotAllowed(
            f"{merge.by.id} merged it; a lead may take that back, too.",
            step=UNMERGE,
            takes=[*above],
        )
    if at >= merge.at + UNMERGE_WINDOW:
        raise CannotMerge(
            f"A merge can be taken back for {UNMERGE_WINDOW.days} days.",
            why="late",
            days=UNMERGE_WINDOW.days,
        )


def _check_asked_by_case(case: Case, state: State, actor: Actor, form: Joining | Parting) -> None:
    """Refuse to go on for another case, or no more, where that makes no sense."""
    if not actor.stands_for & ROUTER:
        step = JOIN if isinstance(form, Joining) else PART
        raise StepNotAllowed("Only a merged case asks for that.", step=step, takes=[*ROUTER])
    number = case.opening.number
    if isinstance(form, Parting):
        if form.number not in case.joined:
            raise CannotMerge("That case is not merged into this one.", why="not_merged")
    elif state.closed:
        raise CannotMerge(f"{number} is concluded.", why="target_closed", into=number)
    elif form.number == number or form.number in case.joined:
        raise CannotMerge("That case is merged into this one.", why="itself", into=number)
    elif len(case.joined) >= MOST_JOINED:
        raise CannotMerge(
            f"{MOST_JOINED} cases are merged into {number}: it takes no more.",
            why="too_many",
            into=number,
            most=MOST_JOINED,
        )
