"""What the store keeps of a case: its row, tasks, clocks and notices; derived, never decided."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from operator import attrgetter, itemgetter
from typing import Any

from pydantic import JsonValue

from domain.engine.case import Case, answers
from domain.engine.definition import MERGE_NOTICES
from domain.engine.merge_checks import merge_call
from domain.engine.messages import Message, NewEntries, PendingCall
from domain.engine.process import Process
from domain.engine.rewind.compensation import unanswered_compensation
from domain.engine.target_override import with_promise
from domain.engine.task_actions import has_task
from domain.language.clocks import ClockInstance, ClockState
from domain.language.effects import Call, Notify
from domain.language.entries import Entry, EntryType
from domain.language.table import State
from domain.language.values import Instant
from domain.read_models.side_tasks import side_task_fields


class CaseView(Message):
    """A case as lists and reports see it; the row of the table `cases`, and the query's answer.

    `order` and `product` are references, `customer` is one to the customer's record. `since` is
    when the case came into its state, `etag` the seq of the last entry that moved it or its task,
    `next_due` the soonest moment at which an open clock is, or was, due; `head_start` by how much
    sooner than that it stands in lists, as its policy says; `held_until` is when the hold of its
    task ends; `escalation_tier` is by how many tiers breaches have raised it. `satisfaction` and
    `nps` are what the customer said last, at `rated_at`. `chases` counts how often somebody chased
    us, last at `chased_at`; `unseen_by` names who has not acted since that or an answer;
    `measure_due` is the first day of a measure that nobody checked; `merged_into` the next case.
    """

    tenant: str
    number: str
    kind: str
    process_version: int
    policy_version: str
    source: str
    external_ref: str | None
    channel: str
    customer: str | None
    order: str | None
    product: str | None
    parent: str | None
    received_at: Instant
    opened_at: Instant
    closed_at: Instant | None
    state: str
    stage: str
    waits_on: str
    since: Instant
    outcome: str | None
    team: str
    assignee: str | None
    category: str | None
    priority: str | None
    severity: str | None
    hardness: str | None
    measure_due: date | None = None
    next_due: Instant | None
    head_start: timedelta = timedelta()
    held_until: Instant | None = None
    escalation_tier: int = 0
    satisfaction: str | None = None
    nps: int | None = None
    rated_at: Instant | None = None
    chases: int = 0
    chased_at: Instant | None = None
    unseen_by: tuple[str, ...] = ()
    merged_into: str | None = None
    etag: int
    last_seq: int


class ClockView(Message):
    """One instance of a clock; `budget` is in its own time, `rungs` names the fired milestones.

    `due_at` is unknown while the clock is paused; `breach_holder` held the case at the breach.
    """

    tenant: str
    number: str
    clock: str
    instance: int
    state: ClockState
    budget: timedelta
    calendar: str
    started_at: Instant
    due_at: Instant | None
    paused_at: Instant | None
    breached_at: Instant | None
    ended_at: Instant | None
    rungs: tuple[str, ...]
    breach_holder: str | None = None


class TaskView(Message):
    """One piece of work for staff; `seq` is the entry that opened it, `id` is number and seq.

    `version` is the seq of the entry that changed it last. A done task has no candidates left.
    `request` says what is asked for, where the task is not the case's own but a request to others
    by `asked_by`; of a team its candidate is the team.
    """

    tenant: str
    number: str
    seq: int
    version: int
    kind: str
    state: str
    stage: str
    steps: tuple[str, ...]
    candidates: tuple[str, ...]
    leads: tuple[str, ...]
    team: str
    assignee: str | None
    priority: str | None
    received_at: Instant
    opened_at: Instant
    due_at: Instant | None = None
    head_start: timedelta = timedelta()
    held_until: Instant | None = None
    done_at: Instant | None = None
    done_by: str | None = None
    request: str | None = None
    asked_by: str | None = None

    @property
    def id(self) -> str:
        """The task's id, as in paths."""
        return task_id(self.number, self.seq)


class NoticeView(Message):
    """One row of the outbox; `(tenant, number, seq, n)` is its key."""

    tenant: str
    number: str
    seq: int
    n: int
    template: str
    to: str
    at: Instant
    params: dict[str, JsonValue] = {}


class ProjectionUpdate(NewEntries):
    """All that the store writes when entries are new; writing it twice changes nothing."""

    case: CaseView
    tasks: tuple[TaskView, ...]
    clocks: tuple[ClockView, ...] = ()
    notices: tuple[NoticeView, ...]


class Ending(Message):
    """A workflow run that is about to end: the case, and the hash of its newest entry."""

    case: CaseView
    newest: str


Made = tuple[int, Callable[[Case], TaskView]]
"""The seq of the entry that changed a task last, and what makes its row of the case as it was."""


def task_id(number: str, seq: int) -> str:
    """Return the id of the task that the entry `seq` of this case opened."""
    return f"{number}-{seq}"


def projection_update(process: Process, case: Case, after: int) -> ProjectionUpdate:
    """Return what the entries after seq `after` change in the store."""
    new_entries, earlier = case.entries[after:], process.as_of(case, after)
    # The clocks first: task_views takes the earlier case on.
    changed_clocks = clock_views(process, case, after, earlier)
    return ProjectionUpdate(
        entries=tuple(new_entries),
        case=case_view(process, case),
        tasks=tuple(task_views(process, case, after, earlier)),
        clocks=tuple(changed_clocks),
        notices=tuple(
            notice for entry in new_entries for notice in notice_views(process, case, entry)
        ),
    )


def case_view(process: Process, case: Case) -> CaseView:
    """Return the case's row as it stands."""
    opening, state = case.opening, process.state_of(case)
    since, rating = case.since or case.last.at, process.rating(case)
    elsewhere = {"schema_version", "team", "policy_version"}
    of_opening = opening.model_dump(include=set(CaseView.model_fields) - elsewhere)
    return CaseView(
        **of_opening,
        **process.shown_facts(case).model_dump(),
        policy_version=case.policy.version,
        opened_at=case.entries[0].at,
        closed_at=since if state.closed else None,
        state=case.state,
        stage=state.stage.value,
        waits_on=process.waits_on(case).value,
        since=since,
        outcome=state.outcome,
        team=case.team,
        assignee=case.holder.id if case.holder else None,
        next_due=case.next_due,
        head_start=process.head_start(case),
        held_until=case.held_until,
        escalation_tier=case.escalation_tier,
        **(rating.model_dump() if rating else {}),
        chases=case.chases,
        chased_at=case.chased_at,
        unseen_by=tuple(sorted(case.unseen_by)),
        merged_into=case.merged_into,
        etag=case.etag,
        last_seq=case.last.seq,
    )


def task_views(
    process: Process, case: Case, after: int, earlier: Case | None = None
) -> list[TaskView]:
    """Return the tasks that the entries after seq `after` opened, changed or finished.

    `earlier` is the case as that entry left it, if it is at hand; it is taken on from there.
    """
    made = [
        *_main_tasks(process, case),
        *_heard_tasks(process, case),
        *_side_tasks(process, case),
    ]
    changed = [(version, view_of) for version, view_of in made if version > after]
    earlier, views = earlier or process.as_of(case, after), list[TaskView]()
    for version, view_of in sorted(changed, key=itemgetter(0)):
        # A done task keeps what it was when it was done, whenever it is written.
        for _ in process.replay(earlier, case.entries[len(earlier.entries) : version]):
            pass
        views.append(view_of(earlier))
    return sorted(views, key=attrgetter("seq"))


def _main_tasks(process: Process, case: Case) -> Iterator[Made]:
    arrivals = case.arrivals()
    for arrived, left in zip(arrivals, [*arrivals[1:], None], strict=True):
        if has_task(process.state(arrived.led_to)):
            version = left.seq if left else case.last.seq
            yield version, partial(_task_view, process, arrived=arrived, left=left)


def _heard_tasks(process: Process, case: Case) -> Iterator[Made]:
    """Yield the tasks of answering what customers wrote while their case waited for them."""
    for heard in (entry for entry in case.entries if entry.type is EntryType.HEARD):
        later = (e for e in case.entries[heard.seq :] if answers(heard, e))
        left = next(later, None)
        version = left.seq if left else case.last.seq
        yield version, partial(_task_view, process, arrived=heard, left=left)


def _side_tasks(process: Process, case: Case) -> Iterator[Made]:
    for task in case.side_tasks.values():
        version = task.settled.seq if task.settled else case.last.seq
        yield version, partial(_side_task_view, process, seq=task.seq)


def clock_views(
    process: Process, case: Case, after: int, earlier: Case | None = None
) -> list[ClockView]:
    """Return the clocks that the entries after seq `after` changed; `earlier` as for tasks."""
    before = (earlier or process.as_of(case, after)).clock_instances()
    changed = [instance for instance in case.clock_instances() if instance not in before]
    old_views = [clock_view(case, instance) for instance in before] if changed else []
    return [view for each in changed if (view := clock_view(case, each)) not in old_views]


def clock_view(case: Case, instance: ClockInstance) -> ClockView:
    """Return one clock of a case as it stands."""
    return ClockView(
        tenant=case.opening.tenant,
        number=case.opening.number,
        clock=instance.clock.name,
        instance=instance.number,
        state=instance.state,
        budget=instance.target.budget,
        calendar=instance.target.calendar.name,
        started_at=instance.started_at,
        due_at=instance.due,
        paused_at=instance.paused_at,
        breached_at=instance.breached_at,
        ended_at=instance.ended_at,
        rungs=instance.fired,
        breach_holder=instance.breach_holder,
    )


def notice_views(process: Process, case: Case, entry: Entry) -> list[NoticeView]:
    """Return the outbox rows of an entry, but those of calls, which their activities write."""
    return [
        NoticeView(
            tenant=case.opening.tenant,
            number=case.opening.number,
            seq=entry.seq,
            n=n,
            template=effect.template,
            to=effect.to,
            at=entry.at,
            params=_notice_params(process, entry, effect.template),
        )
        for n, effect in enumerate(process.effects(case, entry))
        if isinstance(effect, Notify)
    ]


def _notice_params(process: Process, entry: Entry, template: str) -> dict[str, JsonValue]:
    """Return what the text of a notice names of its entry."""
    if entry.type in MERGE_NOTICES:
        return {"into": entry.form["into"]}
    return {"reason": entry.form["reason"]} if template in process.reasoned_notices else {}


def pending_call(process: Process, case: Case) -> PendingCall | None:
    """Return the call that the case waits for, if it waits for the world."""
    if asked := merge_call(case):
        return with_promise(case, process.overridable_clock, asked)
    if compensation := unanswered_compensation(process, case):
        return _pending_call(case, *compensation)
    call = process.state_of(case).call
    if call is None:
        return None
    arrived = case.entries[case.entered - 1]
    return _pending_call(case, arrived, process.effects(case, arrived).index(call), call)


def _side_task_view(process: Process, case: Case, seq: int) -> TaskView:
    """Return the task of the request that the entry `seq` made, as the case stands."""
    asked, fields = case.entries[seq - 1], side_task_fields(process, case, seq)
    return _view(process, case, process.state(asked.led_to), asked, fields)


def _task_view(process: Process, case: Case, arrived: Entry, left: Entry | None) -> TaskView:
    """Return the task that `arrived` opened, as the case stood at its newest entry."""
    state, rules = process.state(arrived.led_to), process.candidate_rules(case)
    people: dict[str, Any] = {
        "candidates": tuple(rules.candidates(state)),
        "leads": tuple(rules.leads),
        "assignee": case.holder.id if case.holder else None,
    }
    if left is not None:
        done = {"done_at": left.at, "done_by": left.actor.id, "assignee": left.actor.id}
        people = {"candidates": (), "leads": (), **done}
    own: dict[str, Any] = {
        "team": case.team,
        "due_at": case.next_due,
        "held_until": case.held_until,
    }
    own["steps"] = tuple(step.name for step in state.steps if state.workers & step.by)
    return _view(process, case, state, arrived, {**own, **people})


def _view(
    process: Process, case: Case, state: State, opened: Entry, fields: Mapping[str, Any]
) -> TaskView:
    return TaskView(
        tenant=case.opening.tenant,
        number=case.opening.number,
        seq=opened.seq,
        version=case.last.seq,
        kind=process.kind,
        state=state.name.value,
        stage=state.stage.value,
        priority=process.shown_facts(case).priority,
        received_at=case.opening.received_at,
        opened_at=opened.at,
        head_start=process.head_start(case),
        **fields,
    )


def _pending_call(case: Case, made_by: Entry, n: int, call: Call) -> PendingCall:
    return PendingCall(
        tenant=case.opening.tenant,
        number=case.opening.number,
        seq=made_by.seq,
        n=n,
        port=call.port,
        template=call.template,
        done=call.done,
        refused=call.refused,
        customer=case.opening.customer,
        source=case.opening.source,
        params=call.params(case) if call.params else {},
        at=made_by.at,
    )
