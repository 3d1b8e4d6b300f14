"""What must hold of one case's history, whatever happened to the machines that made it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from cases import KINDS
from domain.engine.case import BACK, Case
from domain.engine.chain import first_break
from domain.engine.merged import CommonEnd
from domain.engine.messages import opening_of
from domain.engine.process import Process
from domain.language.effects import Call, Notify
from domain.language.entries import Entry, EntryType
from domain.read_models.projection import (
    CaseView,
    ClockView,
    TaskView,
    case_view,
    clock_views,
    task_views,
)
from ops.findings import Finding
from runtime.message import Message
from store.local_orders import LocalOrder
from store.outbox.records import FIRST_OF_COMMENTS, OutboxRow

TELL = "tell"

Problems = Iterator[tuple[str, str]]
"""Yields a code and a sentence for everything that is wrong."""


def workflow_ends_at(row: CaseView, entries: Sequence[Entry]) -> datetime | None:
    """Return when the workflow of a closed case ends; None while the case is open."""
    process = KINDS[row.kind, row.process_version]
    return process.steps_end_at(process.fold(opening_of(entries[0]), entries))


def history_findings(
    row: CaseView,
    entries: Sequence[Entry],
    outbox: Sequence[OutboxRow],
    tasks: Sequence[TaskView],
    clocks: Sequence[ClockView],
    local_orders: Sequence[LocalOrder] = (),
) -> list[Finding]:
    """Return everything that is wrong with what the store has of a case, by its process."""
    process = KINDS.get((row.kind, row.process_version))
    if process is None:
        return [Finding("unknown_process", f"{row.kind} v{row.process_version}", row.number)]
    if [entry.seq for entry in entries] != list(range(1, len(entries) + 1)) or not entries:
        return [Finding("gap", Message("its entries are not numbered 1 to n"), row.number)]
    case = process.fold(opening_of(entries[0]), entries)
    problems = [
        *_chain(row, entries),
        *_transitions(process, entries),
        *_requests(entries),
        *_outbox(process, case, outbox),
        *_local_orders(process, case, local_orders),
        *_tasks(process, case, tasks),
        *_clocks(process, case, clocks),
    ]
    if case_view(process, case) != row:
        problems.append(("row_differs", Message("its row is not what its entries make")))
    return [Finding(code, detail, row.number) for code, detail in problems]


def _chain(row: CaseView, entries: Sequence[Entry]) -> Problems:
    """Each entry follows from the one before, so that none was changed but perhaps the last."""
    if (seq := first_break(entries, row.tenant, row.number)) is not None:
        yield "chain_broken", Message("entry %(seq)s does not follow from the one before", seq=seq)


def _transitions(process: Process, entries: Sequence[Entry]) -> Problems:
    """Every step starts where the case was and leads where the table says."""
    for before, entry in pairwise(entries):
        if entry.type is not EntryType.STEPPED:
            if entry.led_to != _unmoved(entry, before, entries):
                yield (
                    "not_a_walk",
                    Message("entry %(seq)s moved the case without a step", seq=entry.seq),
                )
            continue
        steps = {step.name: step for step in process.state(before.led_to).steps}
        step = steps.get(entry.step or "")
        if step is None or entry.led_to not in step.arrows.values():
            yield (
                "not_a_walk",
                Message(
                    "entry %(seq)s: %(step)s from %(led_to)s",
                    seq=entry.seq,
                    step=entry.step,
                    led_to=before.led_to,
                ),
            )
        if entry.at < before.at:
            yield (
                "time_back",
                Message("entry %(seq)s is earlier than the one before", seq=entry.seq),
            )


def _unmoved(entry: Entry, before: Entry, entries: Sequence[Entry]) -> str:
    """Return where an entry without a step leaves the case: where it was, or was taken back to."""
    if entry.type is EntryType.MERGED:
        return CommonEnd.MERGED.value
    to = entry.form.get("to") if entry.type in BACK else None
    return entries[to - 1].led_to if isinstance(to, int) and 0 < to < entry.seq else before.led_to


def _requests(entries: Sequence[Entry]) -> Problems:
    """Each command of each request was carried out once, in the order of the request."""
    commands = [(e.cause.request, e.cause.command) for e in entries[1:] if e.cause.request]
    for request in dict.fromkeys(request for request, _ in commands):
        done = [command for other, command in commands if other == request]
        if done != list(range(len(done))):
            yield (
                "taken_twice",
                Message(
                    "the commands of request %(request)s were done as %(done)s",
                    request=request,
                    done=done,
                ),
            )


def _outbox(process: Process, case: Case, outbox: Sequence[OutboxRow]) -> Problems:
    """There is one row of the outbox for each notice, and for each `tell` that succeeded.

    Rows of comments follow from no entry.
    """
    expected: set[tuple[int, int]] = set()
    possible: set[tuple[int, int]] = set()
    for entry in case.entries:
        for n, effect in enumerate(process.effects(case, entry)):
            if isinstance(effect, Call) and effect.port != TELL:
                continue
            sent = isinstance(effect, Notify) or effect.done in _answers(case, entry)
            (expected if sent else possible).add((entry.seq, n))
    rows = [(row.seq, row.n) for row in outbox if row.n < FIRST_OF_COMMENTS]
    if len(rows) != len(set(rows)):
        yield "effect_twice", Message("an effect has two rows")
    for key in sorted(expected - set(rows)):
        yield "effect_lost", Message("no row for effect %(key)s", key=key)
    for key in sorted(set(rows) - expected - possible):
        yield "effect_unknown", Message("a row for %(key)s", key=key)


def _local_orders(process: Process, case: Case, local_orders: Sequence[LocalOrder]) -> Problems:
    """Every local order was called for, and every call that the process believes done is there."""
    calls = {
        (entry.seq, n): effect
        for entry in case.entries
        for n, effect in enumerate(process.effects(case, entry))
        if isinstance(effect, Call) and effect.port != TELL
    }
    for row in local_orders:
        call = calls.get((row.seq, row.n))
        if call is None or call.port != row.port:
            yield (
                "effect_unknown",
                Message("nobody asked for %(reference)s", reference=row.reference),
            )
    # References of other systems look different, and their orders are not in this store.
    local = {f"{call.port}-{case.opening.number}-{seq}-{n}" for (seq, n), call in calls.items()}
    believed = {str(entry.form.get("reference")) for entry in case.entries if entry.cause.entry}
    for reference in sorted(believed & local - {row.reference for row in local_orders}):
        yield (
            "effect_lost",
            Message("%(reference)s is not among the local orders", reference=reference),
        )


def _answers(case: Case, calling: Entry) -> set[str | None]:
    """Return the steps that answer the calls of an entry."""
    return {entry.step for entry in case.entries if entry.cause.entry == calling.seq}


def _tasks(process: Process, case: Case, tasks: Sequence[TaskView]) -> Problems:
    """There is one open task just when the case waits for staff; done ones are as they were."""
    expected = task_views(process, case, 0)
    if list(tasks) != _with_steps_of_their_day(expected, tasks):
        ids, expected_ids = [task.id for task in tasks], [task.id for task in expected]
        yield (
            "task_wrong",
            Message(
                "has tasks %(ids)s, should be %(expected_ids)s%(fields)s",
                ids=str(ids),
                expected_ids=str(expected_ids),
                fields=_fields(tasks, expected),
            ),
        )


def _with_steps_of_their_day(
    expected: Sequence[TaskView], tasks: Sequence[TaskView]
) -> list[TaskView]:
    """Return what is expected, where a row has fewer steps with those: a table may gain one."""
    stored = {task.id: task.steps for task in tasks}
    return [
        task.model_copy(update={"steps": stored[task.id]})
        if task.id in stored and set(stored[task.id]) <= set(task.steps)
        else task
        for task in expected
    ]


def _fields(tasks: Sequence[TaskView], expected: Sequence[TaskView]) -> str:
    """Return the names of the fields in which tasks of the same id differ."""
    expected = _with_steps_of_their_day(expected, tasks)
    pairs = [(dict(a), dict(b)) for a, b in zip(tasks, expected, strict=False) if a.id == b.id]
    names = sorted({name for a, b in pairs for name in a if a[name] != b[name]})
    return Message("; they differ in %(names)s", names=names) if names else ""


def _clocks(process: Process, case: Case, clocks: Sequence[ClockView]) -> Problems:
    """Each clock is as the entries make it, and is breached once at most."""
    expected = {(clock.clock, clock.instance): clock for clock in clock_views(process, case, 0)}
    if {(clock.clock, clock.instance): clock for clock in clocks} != expected:
        yield "clock_wrong", Message("its clocks are not what its entries make")
    # An entry has the type of the highest milestone it passed, so an escalation may hold a breach.
    breaches = [
        (entry.form.get("clock"), entry.form.get("instance"))
        for entry in case.entries
        if entry.form.get("rungs") and entry.form.get("breach")
    ]
    if len(breaches) != len(set(breaches)):
        yield "breached_twice", Message("a clock was breached more than once")
