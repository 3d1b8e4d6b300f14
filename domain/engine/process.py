"""The engine: a process checks and takes the steps of its cases, and lets time take its own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from domain.engine import capacity, preconditions, task_actions
from domain.engine.action_checks import check_beside
from domain.engine.action_forms import SAYING, Assignment, Resuming, Rewinding
from domain.engine.case import Case, RewindCache
from domain.engine.chain import link
from domain.engine.clock_events import (
    Escalation,
    apply_entry,
    demanded,
    escalation_form,
    retargetings,
    revivals,
)
from domain.engine.definition import Definition
from domain.engine.holds import Hold
from domain.engine.imports import steps_elsewhere
from domain.engine.merge_checks import merge_ends_at, refuse_merged, state_after
from domain.engine.merged import ANSWERS as MERGE_ANSWERS
from domain.engine.merged import MERGE_REFUSED, MERGED_STATE, UNMERGED, Merging, way_back
from domain.engine.messages import Command, Opening, Outcome, PendingCall, Receipt, Request
from domain.engine.rewind.compensation import (
    EFFECT_DONE,
    EFFECT_FAILED,
    cached_as_of,
    compensations,
    unanswered_compensation,
)
from domain.engine.rewind.rules import apply_rewind
from domain.engine.side_task_checks import check_authority
from domain.engine.side_tasks import SideTask
from domain.engine.target_override import (
    check_limit,
    inherited_override,
    kept_overrides,
    override_after,
)
from domain.engine.task_actions import CLAIM, RESUME, TASK_ACTIONS
from domain.engine.timers import next_due_event, timer_draft
from domain.errors import NewerSchema, WrongTable
from domain.language.categories import refuse_unknown_category
from domain.language.clocks import Clock, ClockInstance
from domain.language.effects import Effect
from domain.language.entries import ENTRY_SCHEMA, Cause, Entry, EntryType
from domain.language.forms import Form
from domain.language.roles import Actor, the_world
from domain.language.table import Step


@dataclass(frozen=True)
class CheckedCommand:
    """A command that may be done: a step of the table or, without one, a task action."""

    name: str
    form: Form
    step: Step | None


@dataclass(frozen=True)
class Process(Definition):
    """A kind's process at work, shared by all its cases; it holds none of them."""

    def open(self, opening: Opening, at: datetime) -> Case:
        """Return a new case. The opening form was checked before; history is read leniently."""
        entry = Entry(
            seq=1,
            type=EntryType.OPENED,
            actor=opening.actor,
            at=at,
            cause=Cause(request=opening.request, digest=opening.digest),
            form=opening.entry_form(),
            led_to=self.first_state(opening),
        )
        case = self.fold(opening, [link(entry, None, opening.tenant, opening.number)])
        for name, form, step, draft in steps_elsewhere(case, self.steps, at):
            self._do(case, CheckedCommand(name, form, step), draft)
        self.settle(case, at)
        return case

    def fold(
        self, opening: Opening, entries: Sequence[Entry], rewind_cache: RewindCache | None = None
    ) -> Case:
        """Return the case that these entries make; nothing is decided again.

        `rewind_cache` is that of a case with the same history.
        """
        case = Case(opening, team=opening.team or self.team)
        if rewind_cache is not None:
            case.rewind_cache = rewind_cache
        case.target_override = inherited_override(self.target_of, case, self.overridable_clock)
        for _ in self.replay(case, entries):
            pass
        return case

    def replay(self, case: Case, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Add entries that were made before, one by one; after each the case is as it was then.

        Raises:
            NewerSchema: this version cannot carry an entry unchanged, so it must not go on with it.
        """
        for entry in entries:
            if entry.schema_version > ENTRY_SCHEMA:
                raise NewerSchema(f"entry {entry.seq} has the schema {entry.schema_version}")
            self._append(case, entry, self._form_of(entry))
            yield entry

    def as_of(self, case: Case, seq: int) -> Case:
        """Return the case as it was when the entry `seq` was its newest."""
        if seq >= case.last.seq:
            return case
        return self.fold(case.opening, case.entries[:seq], case.rewind_cache)

    def as_if_demanded(self, case: Case, clock: Clock) -> ClockInstance | None:
        """Return how a clock would stand if the facts had always demanded what they do now."""
        pinned = self.that_pins(clock, self.target_of(case, clock))
        return pinned.fold(case.opening, case.entries).clocks.get(clock.name)

    def steps(self, case: Case, at: datetime) -> Iterator[Step]:
        """Yield the steps that lead out of the case's state, but those whose time is over."""
        spent = at - case.since if case.since else timedelta()
        return (s for s in self._given(case) if s.until is None or spent < s.until.of(case))

    def _given(self, case: Case) -> list[Step]:
        """Return the steps out of the case's state that are about what it has."""
        steps = self.state_of(case).steps
        return [step for step in steps if step.given is None or step.given(case)]

    def offers(self, case: Case, actor: Actor, at: datetime) -> list[Step]:
        """Return the steps this actor may take now, as far as roles decide it."""
        return [step for step in self.steps(case, at) if step.by & actor.stands_for]

    def check_request(self, case: Case, request: Request, at: datetime) -> None:
        """Refuse a request that cannot be done as a whole. Changes nothing.

        Raises:
            Refusal: of the first command that cannot be done.
        """
        self.apply_request(case.copy(), request, at, strict=True)

    def apply_request(
        self, case: Case, request: Request, at: datetime, *, strict: bool = False
    ) -> Receipt:
        """Do all commands of a request; if it was done before, return what it brought about.

        What is due by now is settled first. On a refusal the case may be left half-way, so give a
        copy, or ask `check_request` first.

        Raises:
            Refusal: of the first command that cannot be done.
        """
        preconditions.refuse_stranger(case, request.actor, request.tenant)
        if earlier := case.request(request.id):
            return preconditions.receipt_of(
                case, request.model_copy(update={"attempt": None}), earlier
            )
        self.settle(case, at)
        preconditions.refuse_late(case, request)
        if strict:
            capacity.refuse_large(case, request)
        entries = []
        for place, command in enumerate(request.commands):
            checked = self.check(case, command, request.actor, at, strict=strict)
            named, step, form = checked.name, checked.step, checked.form
            preconditions.refuse_repeated(case, named, step, form, request, at)
            cause = Cause(request=request.id, digest=request.digest, command=place)
            entries.append(self._do(case, checked, _draft(request.actor, at, cause)))
        return preconditions.receipt_of(case, request, entries)

    def take(
        self,
        case: Case,
        command: Command,
        actor: Actor,
        at: datetime,
        cause: Cause | None = None,
        *,
        strict: bool = True,
    ) -> Entry:
        """Do one command: with `settle`, the only way a case moves.

        Raises:
            Refusal: the command may not be done; the case is unchanged.
        """
        checked = self.check(case, command, actor, at, strict=strict)
        return self._do(case, checked, _draft(actor, at, cause or Cause()))

    def check(
        self, case: Case, command: Command, actor: Actor, at: datetime, *, strict: bool = True
    ) -> CheckedCommand:
        """Refuse a command that may not be done now, by this actor, with this form.

        Changes nothing, so anybody may ask first. `strict` reads the form as a caller's; without
        it unknown fields are passed over, as replay needs.

        Raises:
            Refusal: of the class that says why.
        """
        case.now = at
        preconditions.refuse_stranger(case, actor)
        refuse_merged(case, command.step)
        command, step = self._resolve(case, command, actor, at)
        if step is not None:
            preconditions.refuse_role(step, actor)
        form_type = step.form if step else TASK_ACTIONS[command.step][0]
        form = form_type.strict(command.form, at) if strict else form_type.lenient(command.form)
        state, rules = self.state_of(case), self.candidate_rules(case)
        if step is None:
            check_beside(self, case, command.step, actor, form, at, strict=strict)
        elif not step.reports:
            task_actions.check_work(case, state, actor, form, rules)
        destinations = [self.state(name) for name in step.arrows.values()] if step else [state]
        task_actions.check_assignee(destinations, form, rules)
        check_limit(case, self.overridable_clock, actor, form, rules, at)
        checked = CheckedCommand(command.step, form, step)
        if strict:
            self._check_new(case, checked, actor)
        return checked

    def settle(self, case: Case, at: datetime) -> None:
        """Let time do what is due by now, in order: its steps, and what clocks set off.

        Each counts from when it was due, which may be before the newest entry only if the case
        was born overdue; `detected_at` keeps when it was seen.
        """
        while (due := next_due_event(self.state_of(case), case, at)) and due.first <= at:
            draft, event = timer_draft(case, due, at), due.event
            if isinstance(event, Escalation):
                self._note(case, event.highest.type, escalation_form(case, event), draft)
            elif isinstance(event, SideTask):
                self._note(case, EntryType.REQUEST_OVERDUE, {"request": event.seq}, draft)
            elif isinstance(event, Hold):
                self._do(case, CheckedCommand(RESUME, Resuming(), None), draft)
            else:
                form = event.fills(case) if event.fills else event.form()
                self._do(case, CheckedCommand(event.name, form, event), draft)

    def apply_outcome(self, case: Case, call: PendingCall, outcome: Outcome, at: datetime) -> None:
        """Take the outcome of a call: a step of the case, or what became of a compensation."""
        actor, cause = the_world(call.port), Cause(entry=call.seq)
        if outcome.step in MERGE_ANSWERS:
            self._end_merge(case, outcome, _draft(actor, at, cause))
            return
        if outcome.step not in {EFFECT_DONE, EFFECT_FAILED}:
            command = Command(step=outcome.step, form=outcome.form)
            self.take(case, command, actor, at, cause, strict=False)
            return
        form = {**outcome.form, "n": call.n, "template": call.template}
        self._note(case, EntryType(outcome.step), form, _draft(actor, at, cause))

    def next_timer(self, case: Case) -> tuple[datetime, str] | None:
        """Return when time will do something if nobody else does, and what."""
        due = next_due_event(self.state_of(case), case)
        return (due.first, due.name) if due else None

    def steps_end_at(self, case: Case) -> datetime | None:
        """Return when a closed case takes no step any more: it can no longer be reopened, say.

        None while it is open, or an answer is waited for: the world's, or ours to the customer.
        """
        waits = case.heard is not None or unanswered_compensation(self, case)
        if not self.state_of(case).closed or case.since is None or waits:
            return None
        if case.merge is not None:
            return merge_ends_at(case.merge)
        windows = [step.until.of(case) for step in self._given(case) if step.until is not None]
        return case.since + max(windows, default=timedelta())

    def effects(self, case: Case, entry: Entry) -> list[Effect]:
        """Return what an entry does to the world, in order; the place in it is part of the key."""
        if entry.type is EntryType.REWOUND:
            return compensations(self, case, entry)
        return super().effects(case, entry)

    def _resolve(
        self, case: Case, command: Command, actor: Actor, at: datetime
    ) -> tuple[Command, Step | None]:
        """Return the step that a command means; none when it is a task action."""
        offered = {step.name: step for step in self.steps(case, at)}
        assigning = next((step for step in offered.values() if step.form is Assignment), None)
        if assigning and command.step == CLAIM:
            # To claim a case that waits to be assigned is to assign it to oneself.
            to_self: dict[str, JsonValue] = {"assignee": actor.id, "roles": [*actor.roles]}
            return Command(step=assigning.name, form=command.form | to_self), assigning
        if command.step not in offered and command.step not in TASK_ACTIONS:
            raise preconditions.not_offered(case, command.step)
        return command, offered.get(command.step)

    def _check_new(self, case: Case, checked: CheckedCommand, actor: Actor) -> None:
        """Refuse what is refused of new commands only: replay takes what was taken before."""
        step, form = checked.step, checked.form
        if isinstance(form, SAYING):
            capacity.refuse_message_when_full(case)
        destination = step.arrows.get(step.decide(case, form)) if step else None
        if isinstance(form, Merging):
            destination = MERGED_STATE.name.value
        if not task_actions.is_returned(actor, form):
            capacity.refuse_when_full(self, case, [destination] if destination else [])
        if step is not None:
            refuse_unknown_category(self.categories.of(case), form)
            self.step_check(self, case, actor, form, destination)
        else:
            check_authority(self, case, actor, form)

    def _do(self, case: Case, checked: CheckedCommand, draft: Entry) -> Entry:
        """Move the case and add the entry; then one for each clock with another target.

        If it closes the case there is also one for each request that lapses by that.
        """
        case.now = draft.at
        demanded_before = demanded(self, case) if self.revives_promises else set(self.clocks)
        if checked.step is not None:
            self._fire(case, checked)
        if isinstance(checked.form, Rewinding):
            case.state = case.entries[checked.form.to - 1].led_to
        fields = {
            "seq": case.next_seq,
            "type": EntryType.STEPPED if checked.step else TASK_ACTIONS[checked.name][1],
            "step": checked.name if checked.step else None,
            "form": checked.form.canonical(),
            "led_to": case.state,
        }
        entry = self._linked(case, draft.model_copy(update=fields))
        self._append(case, entry, checked.form)
        revived = revivals(self, case, demanded(self, case) - demanded_before)
        draft = draft.model_copy(update={"cause": Cause(entry=entry.seq)})
        for form in (*retargetings(self, case), *revived):
            self._note(case, EntryType.RETARGETED, form, draft)
        self._let_requests_lapse(case, draft)
        return entry

    def _end_merge(self, case: Case, outcome: Outcome, draft: Entry) -> None:
        """Add what the other case answered: this one is merged, is not, or is no more."""
        merge = case.merge
        if merge is None:
            raise WrongTable(f"{case.opening.number} asked no other case")
        form = {**outcome.form, "into": merge.into}
        if outcome.step != MERGE_REFUSED:
            draft = draft.model_copy(update={"actor": case.entries[merge.asked - 1].actor})
        if outcome.step == UNMERGED and merge.done is not None:
            form["to"] = merge.done - 1
        case.state = state_after(merge, outcome.step, case.state)
        self._note(case, EntryType(outcome.step), form, draft)
        self._let_requests_lapse(case, draft)

    def _let_requests_lapse(self, case: Case, draft: Entry) -> None:
        """Add one entry for each request that lapses since the case is closed."""
        for task in case.open_side_tasks if self.state_of(case).closed else ():
            self._note(case, EntryType.REQUEST_LAPSED, {"request": task.seq}, draft)

    def _note(self, case: Case, type: EntryType, form: dict[str, JsonValue], draft: Entry) -> None:
        """Add an entry that moves nothing but clocks."""
        fields = {"seq": case.next_seq, "type": type, "form": form, "led_to": case.state}
        self._append(case, self._linked(case, draft.model_copy(update=fields)), None)

    def _linked(self, case: Case, entry: Entry) -> Entry:
        opening = case.opening
        return link(entry, case.last, opening.tenant, opening.number, case.last_hash)

    def _fire(self, case: Case, checked: CheckedCommand) -> None:
        if not self.machine.events[checked.name].trigger(case, checked.form):
            raise WrongTable(f"{self.kind}: '{checked.name}' has an outcome that leads nowhere")

    def _append(self, case: Case, entry: Entry, form: Form | None) -> None:
        """Add an entry and all that follows from it: holder, limit, clocks."""
        before, team = case.last.led_to if case.entries else None, self.called_team(case)
        case.append(entry, form, clears_assignee=self.state(entry.led_to).clears_assignee)
        case.target_override = override_after(case, self.overridable_clock, entry, form)
        if back := way_back(entry, form):
            apply_rewind(self, case, cached_as_of(self, case, back.to), back, entry.at)
        self.apply_facts(case, form)
        if back:
            clock = self.overridable_clock
            case.target_override = kept_overrides(case, clock, self.target_of, back.to)
        else:
            self.route(case, form, team)
        apply_entry(self, case, before, informed=self.informs_customer(case, entry))

    def _form_of(self, entry: Entry) -> Form | None:
        if entry.type is EntryType.OPENED:
            inner = entry.form.get("form")
            return self.opens_with.lenient(inner) if isinstance(inner, dict) else None
        if entry.step:
            form_type = self.forms.get(entry.step)
        else:
            actions = TASK_ACTIONS.values()
            form_type = next((form for form, type in actions if type is entry.type), None)
        return form_type.lenient(entry.form) if form_type else None


def _draft(actor: Actor, at: datetime, cause: Cause) -> Entry:
    return Entry(seq=1, type=EntryType.STEPPED, actor=actor, at=at, cause=cause, led_to="")
