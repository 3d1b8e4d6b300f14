"""Checks that a case conforms to its process, from its entries alone, one after another."""

from collections.abc import AsyncIterator, Iterator, Sequence

from cases import CURRENT, KINDS
from domain.engine.action_checks import check_beside
from domain.engine.action_forms import Rewinding
from domain.engine.case import Case
from domain.engine.chain import first_break
from domain.engine.imports import was_done_elsewhere
from domain.engine.merge_checks import refuse_merged, state_after
from domain.engine.merged import ANSWERS as MERGE_ANSWERS
from domain.engine.merged import MERGE_REFUSED
from domain.engine.messages import opening_of
from domain.engine.process import Process
from domain.engine.rewind.compensation import unanswered_compensation
from domain.engine.side_tasks import task_of
from domain.engine.task_actions import TASK_ACTIONS
from domain.errors import Refusal
from domain.language.entries import REQUEST_TYPES, Entry, EntryType
from domain.language.roles import THE_TIMER
from domain.language.table import Step
from domain.mining.petri_net import COMPENSATION_ANSWERS, TIMER_TYPES
from ops.findings import Finding
from runtime.message import Message
from store import Store

ACTION_FORMS = {type: form for form, type in TASK_ACTIONS.values()}
PAGE = 1000
UNREADABLE = (LookupError, ValueError, TypeError)
"""What following entries raises that nobody wrote."""

Problems = Iterator[tuple[str, str]]
"""Yields a code and a sentence for everything that is wrong."""


async def numbers_of(
    store: Store, tenant: str, numbers: Sequence[str] = (), kind: str | None = None
) -> AsyncIterator[str]:
    """Yield these numbers, or those of all cases of a kind, or of all; by pages of the store."""
    if numbers:
        for number in numbers:
            yield number
        return
    after = None
    while page := await store.cases.all_numbers(tenant, after, PAGE):
        for number in page:
            if kind is None or number.startswith(CURRENT[kind].prefix):
                yield number
        after = page[-1]


def check_conformance(tenant: str, number: str, entries: Sequence[Entry]) -> list[Finding]:
    """Return everything that is wrong with a case's entries, in their order.

    After an entry that cannot be followed the rest is not checked.
    """
    findings = list(_findings(number, entries))
    broken = first_break(entries, tenant, number)
    if broken is not None and entries:
        why = Message("entry %(broken)s does not carry the hash of the one before", broken=broken)
        findings.append(Finding("chain_broken", why, number, broken))
    return sorted(findings, key=lambda finding: finding.seq or 0)


def _findings(number: str, entries: Sequence[Entry]) -> Iterator[Finding]:
    if [entry.seq for entry in entries] != list(range(1, len(entries) + 1)) or not entries:
        yield Finding("gap", Message("its entries are not numbered 1 to n"), number)
        return
    try:
        opening = opening_of(entries[0])
        process = KINDS[opening.kind, opening.process_version]
        yield from _opening(process, number, entries[0])
        case = process.fold(opening, entries[:1])
    except UNREADABLE as error:
        why: str = Message("its opening cannot be read (%(error)s)", error=type(error).__name__)
        yield Finding("unreadable", why, number, 1)
        return
    for entry in entries[1:]:
        try:
            for code, why in _entry(process, case, entry):
                yield Finding(code, why, number, entry.seq)
            for _ in process.replay(case, [entry]):
                pass
        except UNREADABLE as error:
            why = Message(
                "entry %(seq)s cannot be followed (%(error)s)",
                seq=entry.seq,
                error=type(error).__name__,
            )
            yield Finding("unreadable", why, number, entry.seq)
            return


def _opening(process: Process, number: str, first: Entry) -> Iterator[Finding]:
    if first.type is not EntryType.OPENED or opening_of(first).number != number:
        yield Finding("not_opened", Message("its first entry does not open it"), number, 1)
    if first.led_to != process.first_state(opening_of(first)):
        yield Finding(
            "wrong_start", Message("it starts as %(led_to)s", led_to=first.led_to), number, 1
        )


def _entry(process: Process, case: Case, entry: Entry) -> Problems:
    """Check the entry that comes next in this case."""
    if entry.at < case.last.at:
        yield "time_back", Message("entry %(seq)s is earlier than the one before", seq=entry.seq)
    if entry.cause.entry is not None and entry.cause.entry >= entry.seq:
        yield "wrong_cause", Message("entry %(seq)s has a cause that came after it", seq=entry.seq)
    if entry.type is EntryType.STEPPED:
        yield from _step(process, case, entry)
        return
    if entry.led_to != _unmoved(case, entry):
        yield "moved", Message("entry %(seq)s moved the case without a step", seq=entry.seq)
    if entry.step is not None:
        yield "not_allowed", Message("entry %(seq)s names a step but took none", seq=entry.seq)
    yield from _without_step(process, case, entry)


def _step(process: Process, case: Case, entry: Entry) -> Problems:
    step = next((s for s in process.state_of(case).steps if s.name == entry.step), None)
    if step is None:
        yield (
            "no_arrow",
            Message("'%(step)s' does not start from %(state)s", step=entry.step, state=case.state),
        )
        return
    form = step.form.lenient(entry.form)
    case.now = entry.at
    leads_to = step.arrows.get(step.decide(case, form))
    if leads_to != entry.led_to:
        yield (
            "wrong_end",
            Message(
                "'%(name)s' with this form leads to %(leads_to)s, not %(led_to)s",
                name=step.name,
                leads_to=leads_to,
                led_to=entry.led_to,
            ),
        )
    if not step.by & entry.actor.stands_for and not was_done_elsewhere(case, entry):
        yield (
            "wrong_actor",
            Message(
                "'%(name)s' is for %(by)s, not for %(id)s",
                name=step.name,
                by=step.by,
                id=entry.actor.id,
            ),
        )
    yield from _timing(case, step, entry)


def _timing(case: Case, step: Step, entry: Entry) -> Problems:
    if case.since is None:
        return
    waited = entry.at - case.since
    after = step.after.of(case) if step.after else None
    until = step.until.of(case) if step.until else None
    if after is not None and waited < after:
        yield (
            "too_soon",
            Message(
                "'%(name)s' is taken by time, %(after)s after it began to wait",
                name=step.name,
                after=after,
            ),
        )
    if until is not None and waited >= until:
        yield (
            "too_late",
            Message("'%(name)s' is offered for %(until)s only", name=step.name, until=until),
        )


def _without_step(process: Process, case: Case, entry: Entry) -> Problems:
    if entry.type is EntryType.RESUMED and entry.due_at is not None:
        if case.held_until != entry.due_at or entry.actor != THE_TIMER:
            yield (
                "not_on_hold",
                Message("entry %(seq)s ends a hold that is not, or not then", seq=entry.seq),
            )
    elif entry.type in ACTION_FORMS:
        yield from _task_action(process, case, entry)
    elif entry.type.value in TIMER_TYPES:
        yield from _clock_event(process, case, entry)
    elif entry.type.value in MERGE_ANSWERS:
        yield from _merge_answer(case, entry)
    elif entry.type in COMPENSATION_ANSWERS:
        yield from _compensation(process, case, entry)
    elif entry.type in REQUEST_TYPES:
        yield from _request_by_itself(process, case, entry)
    else:
        yield (
            "not_allowed",
            Message("nothing makes an entry of the type %(value)s", value=entry.type.value),
        )


def _unmoved(case: Case, entry: Entry) -> str:
    """Return where an entry without a step leaves the case: where it was, or is rewound to."""
    if entry.type.value in MERGE_ANSWERS and case.merge is not None:
        return state_after(case.merge, entry.type.value, case.state)
    if entry.type is not EntryType.REWOUND:
        return case.state
    return case.entries[Rewinding.lenient(entry.form).to - 1].led_to


def _task_action(process: Process, case: Case, entry: Entry) -> Problems:
    form = ACTION_FORMS[entry.type].lenient(entry.form)
    name = next(each for each, (_, type) in TASK_ACTIONS.items() if type is entry.type)
    try:
        refuse_merged(case, name)
        check_beside(process, case, name, entry.actor, form, entry.at, strict=False)
    except Refusal as refusal:
        yield (
            refusal.code,
            Message(
                "'%(value)s' was not allowed there: %(refusal)s",
                value=entry.type.value,
                refusal=refusal,
            ),
        )


def _merge_answer(case: Case, entry: Entry) -> Problems:
    """Check that the other case was asked for what an entry says that it answered."""
    merge = case.merge
    fits = merge and merge.pending and entry.type.value in {merge.answer, MERGE_REFUSED}
    if not fits or merge is None or entry.cause.entry != merge.asked:
        yield "not_asked", Message("entry %(seq)s answers what was not asked", seq=entry.seq)


def _request_by_itself(process: Process, case: Case, entry: Entry) -> Problems:
    """Check what becomes of a request without anybody's doing: it is overdue, or it lapses."""
    task = task_of(case.side_tasks, entry)
    if task is None or not task.open:
        yield "no_request", Message("entry %(seq)s is of no open request", seq=entry.seq)
    elif entry.type is EntryType.REQUEST_OVERDUE:
        if task.due_at != entry.due_at or entry.actor != THE_TIMER:
            yield "not_overdue", Message("entry %(seq)s is not due then", seq=entry.seq)
    elif not process.state_of(case).closed:
        yield "not_closed", Message("entry %(seq)s ends a request too soon", seq=entry.seq)


def _clock_event(process: Process, case: Case, entry: Entry) -> Problems:
    name = str(entry.form.get("clock"))
    clock = case.clocks.get(name)
    if entry.type is EntryType.RETARGETED and not (clock and clock.open):
        # The facts demand a promise that nobody made before: it stands as if they had been known.
        demanded = (each for each in process.clocks if each.name == name)
        clock = next((process.as_if_demanded(case, each) for each in demanded), None)
        if process.revives_promises and clock and clock.number == entry.form.get("instance"):
            return
        clock = None
    if clock is None or clock.number != entry.form.get("instance") or not clock.open:
        yield "no_clock", Message("entry %(seq)s is of a clock that does not run", seq=entry.seq)
    elif entry.type is not EntryType.RETARGETED:
        names = entry.form.get("rungs")
        coming = [milestone.name for _, milestone in clock.coming_milestones]
        if not isinstance(names, list) or names != coming[: len(names)]:
            why = Message(
                "entry %(seq)s is not what clock %(name)s does next",
                seq=entry.seq,
                name=clock.clock.name,
            )
            yield "wrong_milestone", why


def _compensation(process: Process, case: Case, entry: Entry) -> Problems:
    pending = unanswered_compensation(process, case)
    answered = entry.cause.entry, entry.form.get("n")
    if pending is None or (pending[0].seq, pending[1]) != answered:
        yield "not_asked", Message("entry %(seq)s answers what was not asked", seq=entry.seq)
