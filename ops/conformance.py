"""Is what happened to a case a walk of its process? Judged from its entries alone, one by one."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from cases import CURRENT, KINDS
from domain.engine.action_forms import Rewinding
from domain.engine.case import Case
from domain.engine.chain import first_break
from domain.engine.messages import opening_of
from domain.engine.process import Process
from domain.engine.rewind.compensation import unanswered_compensation
from domain.engine.rewind.rules import check_rewind
from domain.engine.task_actions import TASK_ACTIONS, check_act
from domain.errors import Refusal
from domain.language.entries import Entry, EntryType
from domain.language.roles import THE_TIMER
from domain.language.table import Step
from domain.mining.petri_net import ANSWERS, BY_TIME
from store import Store

ACTED = {type: form for form, type in TASK_ACTIONS.values()}
PART = 1000
UNREADABLE = (LookupError, ValueError, TypeError)


@dataclass(frozen=True)
class Deviation:
    """What should not be: a stable code, the case, the entry's seq (0: all of it), a sentence."""

    code: str
    number: str
    seq: int
    why: str


Found = Iterator[tuple[str, str]]


def deviations(tenant: str, number: str, entries: Sequence[Entry]) -> list[Deviation]:
    """All that is wrong with a case's entries, in their order; nothing, if they are a walk.

    After an entry that cannot be followed the rest is not judged.
    """
    found = [Deviation(code, number, seq, why) for code, seq, why in _judged(number, entries)]
    broken = first_break(entries, tenant, number)
    if broken is not None and entries:
        why = f"entry {broken} does not carry the hash of the one before"
        found.append(Deviation("chain_broken", number, broken, why))
    return sorted(found, key=lambda each: each.seq)


def _judged(number: str, entries: Sequence[Entry]) -> Iterator[tuple[str, int, str]]:
    if [entry.seq for entry in entries] != list(range(1, len(entries) + 1)) or not entries:
        yield "gap", 0, "its entries are not numbered 1 to n"
        return
    try:
        opening = opening_of(entries[0])
        process = KINDS[opening.kind, opening.process_version]
        if entries[0].type is not EntryType.OPENED or opening.number != number:
            yield "not_opened", 1, "its first entry does not open it"
        if entries[0].led_to != process.states[0].name.value:
            yield "wrong_start", 1, f"it starts as {entries[0].led_to}"
        case = process.fold(opening, entries[:1])
    except UNREADABLE as error:
        yield "unreadable", 1, f"its opening cannot be read ({type(error).__name__})"
        return
    for entry in entries[1:]:
        try:
            yield from ((code, entry.seq, why) for code, why in _wrong(process, case, entry))
            for _ in process.replay(case, [entry]):
                pass
        except UNREADABLE as error:
            why = f"entry {entry.seq} cannot be followed ({type(error).__name__})"
            yield "unreadable", entry.seq, why
            return


def _wrong(process: Process, case: Case, entry: Entry) -> Found:
    """What is wrong with an entry that comes next in this case."""
    if entry.at < case.last.at:
        yield "time_back", f"entry {entry.seq} is earlier than the one before"
    if entry.cause.entry is not None and entry.cause.entry >= entry.seq:
        yield "wrong_cause", f"entry {entry.seq} has a cause that came after it"
    if entry.type is EntryType.STEPPED:
        yield from _step(process, case, entry)
        return
    if entry.led_to != _unmoved(case, entry):
        yield "moved", f"entry {entry.seq} moved the case without a step"
    if entry.step is not None:
        yield "not_allowed", f"entry {entry.seq} names a step but took none"
    yield from _noted(process, case, entry)


def _noted(process: Process, case: Case, entry: Entry) -> Found:
    """The same of an entry that is no step."""
    if entry.type is EntryType.RESUMED and entry.due_at is not None:
        if case.held_until != entry.due_at or entry.actor != THE_TIMER:
            yield "not_on_hold", f"entry {entry.seq} ends a hold that is not, or not then"
    elif entry.type in ACTED:
        yield from _act(process, case, entry)
    elif entry.type.value in BY_TIME:
        yield from _by_time(case, entry)
    elif entry.type in ANSWERS:
        yield from _answer(process, case, entry)
    else:
        yield "not_allowed", f"nothing makes an entry of the type {entry.type.value}"


def _unmoved(case: Case, entry: Entry) -> str:
    """Where an entry without a step leaves the case: where it was, or is taken back to."""
    if entry.type is not EntryType.REWOUND:
        return case.state
    return case.entries[Rewinding.lenient(entry.form).to - 1].led_to


def _step(process: Process, case: Case, entry: Entry) -> Found:
    step = next((s for s in process.state_of(case).steps if s.name == entry.step), None)
    if step is None:
        yield "no_arrow", f"'{entry.step}' does not start from {case.state}"
        return
    form = step.form.lenient(entry.form)
    leads_to = step.arrows.get(step.decide(case, form))
    if leads_to != entry.led_to:
        yield "wrong_end", f"'{step.name}' with this form leads to {leads_to}, not {entry.led_to}"
    if not step.by & entry.actor.stands_for:
        yield "wrong_actor", f"'{step.name}' is for {step.by}, not for {entry.actor.id}"
    yield from _timed(case, step, entry)


def _timed(case: Case, step: Step, entry: Entry) -> Found:
    if case.since is None:
        return
    spent = entry.at - case.since
    if step.after is not None and spent < step.after:
        yield "too_soon", f"'{step.name}' is taken by time, {step.after} after it began to wait"
    if step.until is not None and spent >= step.until:
        yield "too_late", f"'{step.name}' is offered for {step.until} only"


def _act(process: Process, case: Case, entry: Entry) -> Found:
    form, candidate_rules = ACTED[entry.type].lenient(entry.form), process.candidate_rules(case)
    try:
        if isinstance(form, Rewinding):
            check_rewind(process, case, entry.actor, form, candidate_rules)
        else:
            check_act(case, process.state_of(case), entry.actor, form, candidate_rules, entry.at)
    except Refusal as refusal:
        yield refusal.code, f"'{entry.type.value}' was not allowed there: {refusal}"


def _answer(process: Process, case: Case, entry: Entry) -> Found:
    asked = unanswered_compensation(process, case)
    if asked is None or (asked[0].seq, asked[1]) != (entry.cause.entry, entry.form.get("n")):
        yield "not_asked", f"entry {entry.seq} answers what was not asked"


def _by_time(case: Case, entry: Entry) -> Found:
    reading = case.clocks.get(str(entry.form.get("clock")))
    if reading is None or reading.instance != entry.form.get("instance") or not reading.open:
        yield "no_clock", f"entry {entry.seq} is of a clock that does not run"
    elif entry.type is not EntryType.RETARGETED:
        named = entry.form.get("rungs")
        coming = [milestone.name for _, milestone in reading.coming_milestones]
        if not isinstance(named, list) or named != coming[: len(named)]:
            yield (
                "wrong_rung",
                f"entry {entry.seq} is not what clock {reading.clock.name} does next",
            )


async def numbers_of(
    store: Store, tenant: str, numbers: Sequence[str] = (), kind: str | None = None
) -> AsyncIterator[str]:
    """These cases, or all of a kind, or all; a part of the list is in memory at a time."""
    if numbers:
        for number in numbers:
            yield number
        return
    after = None
    while part := await store.cases.all_numbers(tenant, after, PART):
        for number in part:
            if kind is None or number.startswith(CURRENT[kind].prefix):
                yield number
        after = part[-1]
