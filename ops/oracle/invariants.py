"""What must hold of one case's history, whatever happened to the machines that made it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from cases import KINDS
from domain.engine.case import Case
from domain.engine.chain import first_break
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
from store.local_orders import LocalOrder
from store.outbox.records import OutboxRow

TELL = "tell"


@dataclass(frozen=True)
class Finding:
    """Something that must not be: a stable code, the case, a sentence."""

    code: str
    number: str
    detail: str


def lives_until(row: CaseView, entries: Sequence[Entry]) -> datetime | None:
    """When the workflow of a closed case ends; None while the case is open."""
    process = KINDS[row.kind, row.process_version]
    return process.reopen_ends_at(process.fold(opening_of(entries[0]), entries))


def of_history(
    row: CaseView,
    entries: Sequence[Entry],
    outbox: Sequence[OutboxRow],
    found_tasks: Sequence[TaskView],
    found_clocks: Sequence[ClockView],
    local_orders: Sequence[LocalOrder] = (),
) -> list[Finding]:
    """All that is wrong with what the store holds of a case, judged by its process."""
    process = KINDS.get((row.kind, row.process_version))
    if process is None:
        return [Finding("unknown_process", row.number, f"{row.kind} v{row.process_version}")]
    if [entry.seq for entry in entries] != list(range(1, len(entries) + 1)) or not entries:
        return [Finding("gap", row.number, "its entries are not numbered 1 to n")]
    case = process.fold(opening_of(entries[0]), entries)
    problems = [
        *_chain(row, entries),
        *_walk(process, entries),
        *_once(entries),
        *_effects(process, case, outbox),
        *_local_orders(process, case, local_orders),
        *_task(process, case, found_tasks),
        *_clocks(process, case, found_clocks),
    ]
    if case_view(process, case) != row:
        problems.append(("row_differs", "its row is not what its entries make"))
    return [Finding(code, row.number, detail) for code, detail in problems]


def _chain(row: CaseView, entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Each entry follows from the one before, so that none was changed but the last."""
    if (seq := first_break(entries, row.tenant, row.number)) is not None:
        yield "chain_broken", f"entry {seq} does not follow from the one before"


def _walk(process: Process, entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Every step starts where the case was and leads where the table says."""
    for before, entry in pairwise(entries):
        if entry.type is not EntryType.STEPPED:
            if entry.led_to != _unmoved(entry, before, entries):
                yield "not_a_walk", f"entry {entry.seq} moved the case without a step"
            continue
        steps = {step.name: step for step in process.state(before.led_to).steps}
        step = steps.get(entry.step or "")
        if step is None or entry.led_to not in step.arrows.values():
            yield "not_a_walk", f"entry {entry.seq}: {entry.step} from {before.led_to}"
        if entry.at < before.at:
            yield "time_back", f"entry {entry.seq} is earlier than the one before"


def _unmoved(entry: Entry, before: Entry, entries: Sequence[Entry]) -> str:
    """Where an entry without a step leaves the case: where it was, or was taken back to."""
    to = entry.form.get("to") if entry.type is EntryType.REWOUND else None
    return entries[to - 1].led_to if isinstance(to, int) and 0 < to < entry.seq else before.led_to


def _once(entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Each command of each request was done once, in the order of the request."""
    commands = [(e.cause.request, e.cause.command) for e in entries[1:] if e.cause.request]
    for request in dict.fromkeys(request for request, _ in commands):
        done = [command for other, command in commands if other == request]
        if done != list(range(len(done))):
            yield "taken_twice", f"the commands of request {request} were done as {done}"


def _effects(
    process: Process, case: Case, outbox: Sequence[OutboxRow]
) -> Iterator[tuple[str, str]]:
    """One row of the outbox for each notice, and for each telling that succeeded."""
    wanted: set[tuple[int, int]] = set()
    possible: set[tuple[int, int]] = set()
    for entry in case.entries:
        for n, effect in enumerate(process.effects(case, entry)):
            if isinstance(effect, Call) and effect.port != TELL:
                continue
            due = isinstance(effect, Notify) or effect.done in _answers(case, entry)
            (wanted if due else possible).add((entry.seq, n))
    found = [(row.seq, row.n) for row in outbox]
    if len(found) != len(set(found)):
        yield "effect_twice", "an effect has two rows"
    yield from (("effect_lost", f"no row for effect {key}") for key in sorted(wanted - set(found)))
    unknown = set(found) - wanted - possible
    yield from (("effect_unknown", f"a row for {key}") for key in sorted(unknown))


def _local_orders(
    process: Process, case: Case, local_orders: Sequence[LocalOrder]
) -> Iterator[tuple[str, str]]:
    """No local order that was not asked for; all of them that the process believes done."""
    asked = {
        (entry.seq, n): effect
        for entry in case.entries
        for n, effect in enumerate(process.effects(case, entry))
        if isinstance(effect, Call) and effect.port != TELL
    }
    for row in local_orders:
        call = asked.get((row.seq, row.n))
        if call is None or call.port != row.port:
            yield "effect_unknown", f"nobody asked for {row.reference}"
    # Another system's reference is of its own shape, and its books are not here.
    ours = {f"{call.port}-{case.opening.number}-{seq}-{n}" for (seq, n), call in asked.items()}
    believed = {str(entry.form.get("reference")) for entry in case.entries if entry.cause.entry}
    lost = believed & ours - {row.reference for row in local_orders}
    yield from (
        ("effect_lost", f"{reference} is not among the local orders") for reference in sorted(lost)
    )


def _answers(case: Case, asked: Entry) -> set[str | None]:
    return {entry.step for entry in case.entries if entry.cause.entry == asked.seq}


def _clocks(process: Process, case: Case, found: Sequence[ClockView]) -> Iterator[tuple[str, str]]:
    """Each clock as the entries make it, and each breach once."""
    wanted = {(clock.clock, clock.instance): clock for clock in clock_views(process, case, 0)}
    if {(clock.clock, clock.instance): clock for clock in found} != wanted:
        yield "clock_wrong", "its clocks are not what its entries make"
    # Of rungs passed unseen the highest names the entry, so a breach may stand in an escalation.
    breaches = [
        (entry.form.get("clock"), entry.form.get("instance"))
        for entry in case.entries
        if entry.form.get("rungs") and entry.form.get("breach")
    ]
    if len(breaches) != len(set(breaches)):
        yield "breached_twice", "a clock was breached more than once"


def _task(process: Process, case: Case, found: Sequence[TaskView]) -> Iterator[tuple[str, str]]:
    """One open task just when the case waits for staff; the done ones as they were."""
    wanted = task_views(process, case, 0)
    if list(found) != wanted:
        yield "task_wrong", f"has tasks {[t.id for t in found]}, should be {[t.id for t in wanted]}"
