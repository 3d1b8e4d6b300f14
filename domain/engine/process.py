"""The engine: a process checks and takes the steps of its cases, and lets time take its own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from domain.engine import preconditions, task_actions
from domain.engine.action_forms import Assignment, Limiting, Notifying, Resuming, Rewinding
from domain.engine.case import Case, RewindCache
from domain.engine.chain import link
from domain.engine.clock_events import Escalation, apply_entry, escalation_form, retargets
from domain.engine.definition import Definition
from domain.engine.holds import Hold
from domain.engine.messages import Command, Opening, Outcome, PendingCall, Receipt, Request
from domain.engine.rewind.compensation import (
    EFFECT_DONE,
    EFFECT_FAILED,
    cached_as_of,
    compensations,
    unanswered_compensation,
)
from domain.engine.rewind.rules import apply_rewind, check_rewind
from domain.engine.target_override import check_limit, inherited_override, override_after
from domain.engine.task_actions import TASK_ACTIONS
from domain.engine.timers import RESUME, DueEvent, next_due_event
from domain.errors import RequestReused, WrongTable
from domain.language.effects import Effect
from domain.language.entries import MOVES, Cause, Entry, EntryType
from domain.language.forms import Form
from domain.language.roles import THE_TIMER, Actor, the_world
from domain.language.table import Step


def receipt(case: Case, request: Request, entries: Sequence[Entry]) -> Receipt:
    """The receipt for a request that made these entries, now or before.

    Raises:
        RequestReused: it made them with another body.
    """
    if entries[0].cause.digest != request.digest:
        raise RequestReused("This request id was used before with another body.")
    return Receipt(
        number=case.opening.number,
        request=request.id,
        digest=request.digest,
        first=entries[0].seq,
        last=entries[-1].seq,
        state=entries[-1].led_to,
        etag=next(e.seq for e in reversed(case.entries[: entries[-1].seq]) if e.type in MOVES),
        attempt=request.attempt,
    )


@dataclass(frozen=True)
class CheckedCommand:
    """A command that may be done: a step of the table, or (without one) an act on the task."""

    name: str
    form: Form
    step: Step | None


@dataclass(frozen=True)
class Process(Definition):
    """A kind's process at work, shared by all its cases; it holds none of them."""

    def open(self, opening: Opening, at: datetime) -> Case:
        """A new case. The opening form was checked before; history is read leniently."""
        entry = Entry(
            seq=1,
            type=EntryType.OPENED,
            actor=opening.actor,
            at=at,
            cause=Cause(request=opening.request, digest=opening.digest),
            form=opening.told(),
            led_to=self.states[0].name.value,
        )
        case = self.fold(opening, [link(entry, None, opening.tenant, opening.number)])
        self.settle(case, at)
        return case

    def fold(
        self, opening: Opening, entries: Sequence[Entry], rewind_cache: RewindCache | None = None
    ) -> Case:
        """The case that these entries make; nothing is decided again.

        `known` is what a case of the same history has found out of its past.
        """
        case = Case(
            opening,
            team=opening.team or self.team,
            rewind_cache={} if rewind_cache is None else rewind_cache,
        )
        case.target_override = inherited_override(self.target_of, case, self.overridable_clock)
        for _ in self.replay(case, entries):
            pass
        return case

    def replay(self, case: Case, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Add entries that were made before, one by one; after each the case is as it was then."""
        for entry in entries:
            self._append(case, entry, self._form_of(entry))
            yield entry

    def as_of(self, case: Case, seq: int) -> Case:
        """The case as it was when the entry `seq` was its newest."""
        if seq >= case.last.seq:
            return case
        return self.fold(case.opening, case.entries[:seq], case.rewind_cache)

    def steps(self, case: Case, at: datetime) -> Iterator[Step]:
        """The steps that lead out of where the case is; those whose time is over are left out."""
        spent = at - case.since if case.since else timedelta()
        return (s for s in self.state_of(case).steps if s.until is None or spent < s.until)

    def offers(self, case: Case, actor: Actor, at: datetime) -> list[Step]:
        """The steps this actor may take now, as far as roles decide it."""
        return [s for s in self.steps(case, at) if s.by & actor.stands_for]

    def check(
        self, case: Case, command: Command, actor: Actor, at: datetime, *, strict: bool = True
    ) -> CheckedCommand:
        """Refuse a command that may not be done now, by this actor, with this form.

        Changes nothing, so anybody may ask first. `strict` reads the form as a caller's; without
        it unknown fields are passed over, as replay needs.

        Raises:
            Refusal: of the class that says why.
        """
        preconditions.refuse_stranger(case, actor)
        command, step = self._find(case, command, actor, at)
        if step is not None:
            preconditions.refuse_role(step, actor)
        shape = step.form if step else TASK_ACTIONS[command.step][0]
        form = shape.strict(command.form) if strict else shape.lenient(command.form)
        state, candidate_rules = self.state_of(case), self.candidate_rules(case)
        if isinstance(form, Rewinding):
            check_rewind(self, case, actor, form, candidate_rules, at if strict else None)
        elif step is None:
            task_actions.check_act(case, state, actor, form, candidate_rules, at)
        else:
            task_actions.check_work(case, state, actor, form, candidate_rules)
        goes_to = [self.state(dest) for dest in step.arrows.values()] if step else [state]
        task_actions.check_assignee(goes_to, form, candidate_rules)
        check_limit(case, self.overridable_clock, actor, form, candidate_rules, at)
        if strict and step is not None:
            self.step_check(self, case, actor, form, step.arrows.get(step.decide(case, form)))
        return CheckedCommand(command.step, form, step)

    def check_request(self, case: Case, request: Request, at: datetime) -> None:
        """Refuse a request that cannot be done as a whole. Changes nothing."""
        self.apply_request(case.copy(), request, at, strict=True)

    def apply_request(
        self, case: Case, request: Request, at: datetime, *, strict: bool = False
    ) -> Receipt:
        """Do all commands of a request, or, if it was done before, say what it brought about.

        What is due by now is settled first. On a refusal the case may be left half-way, so give a
        copy, or ask `check_request` first.

        Raises:
            Refusal: of the first command that cannot be done.
        """
        preconditions.refuse_stranger(case, request.actor, request.tenant)
        if done := case.request(request.id):
            return receipt(case, request.model_copy(update={"attempt": None}), done)
        self.settle(case, at)
        preconditions.refuse_late(case, request)
        entries = []
        for place, command in enumerate(request.commands):
            doing = self.check(case, command, request.actor, at, strict=strict)
            if doing.step is not None:
                preconditions.refuse_hasty(case, doing.step, doing.form, request, at)
            elif isinstance(doing.form, Limiting | Rewinding | Notifying):
                preconditions.refuse_again(case, doing.name, doing.form, request, at)
            cause = Cause(request=request.id, digest=request.digest, command=place)
            entries.append(self._do(case, doing, _draft(request.actor, at, cause)))
        return receipt(case, request, entries)

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
        doing = self.check(case, command, actor, at, strict=strict)
        return self._do(case, doing, _draft(actor, at, cause or Cause()))

    def settle(self, case: Case, at: datetime) -> None:
        """Let time do what is due by now, in order: its steps, and what clocks set off.

        Each counts from when it was due, which may be before the newest entry only if the case
        was born overdue; `detected_at` keeps when it was seen.
        """
        while (due := next_due_event(self.state_of(case), case, at)) and due.first <= at:
            draft = _by_time(case, due, at)
            if isinstance(due.what, Escalation):
                self._note(case, due.what.highest.type, escalation_form(case, due.what), draft)
            elif isinstance(due.what, Hold):
                self._do(case, CheckedCommand(RESUME, Resuming(), None), draft)
            else:
                self._do(case, CheckedCommand(due.what.name, due.what.form(), due.what), draft)

    def next_timer(self, case: Case) -> tuple[datetime, str] | None:
        """When time will do something if nobody else does, and what."""
        due = next_due_event(self.state_of(case), case)
        return (due.first, due.name) if due else None

    def reopen_ends_at(self, case: Case) -> datetime | None:
        """When a closed case can no longer be reopened.

        None while it is open, or while the world has not answered a compensation.
        """
        if (
            not self.state_of(case).closed
            or case.since is None
            or unanswered_compensation(self, case)
        ):
            return None
        windows = [s.until for s in self.state_of(case).steps if s.until is not None]
        return case.since + max(windows, default=timedelta())

    def _find(
        self, case: Case, command: Command, actor: Actor, at: datetime
    ) -> tuple[Command, Step | None]:
        """The step that is meant; none when the command is an act on the task."""
        offered = {step.name: step for step in self.steps(case, at)}
        handing = next((s for s in offered.values() if s.form is Assignment), None)
        if handing and command.step == "claim":
            # Claiming while the case waits to be assigned is assigning oneself.
            to_self: dict[str, JsonValue] = {"assignee": actor.id, "roles": [*actor.roles]}
            return Command(step=handing.name, form=command.form | to_self), handing
        if command.step not in offered and command.step not in TASK_ACTIONS:
            raise preconditions.not_offered(case, command.step)
        return command, offered.get(command.step)

    def answer(self, case: Case, asked: PendingCall, outcome: Outcome, at: datetime) -> None:
        """Take what the world answered: a step of the case, or what became of a compensation."""
        actor, cause = the_world(asked.port), Cause(entry=asked.seq)
        if outcome.step not in {EFFECT_DONE, EFFECT_FAILED}:
            command = Command(step=outcome.step, form=outcome.form)
            self.take(case, command, actor, at, cause, strict=False)
            return
        form = {**outcome.form, "n": asked.n, "template": asked.template}
        self._note(case, EntryType(outcome.step), form, _draft(actor, at, cause))

    def effects(self, case: Case, entry: Entry) -> list[Effect]:
        """What an entry does to the world, in order; the place in it is part of the key."""
        if entry.type is EntryType.REWOUND:
            return compensations(self, case, entry)
        return super().effects(case, entry)

    def _do(self, case: Case, doing: CheckedCommand, draft: Entry) -> Entry:
        if doing.step is not None:
            self._fire(case, doing)
        if isinstance(doing.form, Rewinding):
            case.state = case.entries[doing.form.to - 1].led_to
        entry = draft.model_copy(
            update={
                "seq": case.next_seq,
                "type": EntryType.STEPPED if doing.step else TASK_ACTIONS[doing.name][1],
                "step": doing.name if doing.step else None,
                "form": doing.form.canonical(),
                "led_to": case.state,
            }
        )
        entry = self._linked(case, entry)
        self._append(case, entry, doing.form)
        for _, form in retargets(self, case):
            draft = draft.model_copy(update={"cause": Cause(entry=entry.seq)})
            self._note(case, EntryType.RETARGETED, form, draft)
        return entry

    def _note(self, case: Case, type: EntryType, form: dict[str, JsonValue], draft: Entry) -> None:
        """An entry that moves nothing but clocks."""
        noted = {"seq": case.next_seq, "type": type, "form": form, "led_to": case.state}
        self._append(case, self._linked(case, draft.model_copy(update=noted)), None)

    def _linked(self, case: Case, entry: Entry) -> Entry:
        return link(entry, case.last, case.opening.tenant, case.opening.number)

    def _fire(self, case: Case, doing: CheckedCommand) -> None:
        if not self.machine.events[doing.name].trigger(case, doing.form):
            raise WrongTable(f"{self.kind}: '{doing.name}' has an outcome that leads nowhere")

    def _append(self, case: Case, entry: Entry, form: Form | None) -> None:
        before = case.last.led_to if case.entries else None
        case.append(entry, form, clears_assignee=self.state(entry.led_to).clears_assignee)
        case.target_override = override_after(case, self.overridable_clock, entry, form)
        if isinstance(form, Rewinding):
            apply_rewind(self, case, cached_as_of(self, case, form.to), form, entry.at)
        apply_entry(self, case, before, told=self.informs_customer(case, entry))

    def _form_of(self, entry: Entry) -> Form | None:
        if entry.type is EntryType.OPENED:
            inner = entry.form.get("form")
            return self.opens_with.lenient(inner) if isinstance(inner, dict) else None
        acted = next((form for form, type in TASK_ACTIONS.values() if type is entry.type), None)
        shape = self.forms.get(entry.step) if entry.step else acted
        return shape.lenient(entry.form) if shape else None


def _draft(actor: Actor, at: datetime, cause: Cause) -> Entry:
    return Entry(seq=1, type=EntryType.STEPPED, actor=actor, at=at, cause=cause, led_to="")


def _by_time(case: Case, due: DueEvent, at: datetime) -> Entry:
    return Entry(
        seq=1,
        type=EntryType.STEPPED,
        actor=THE_TIMER,
        at=max(due.at, case.last.at),
        due_at=due.at,
        detected_at=at,
        cause=Cause(entry=due.what.seq if isinstance(due.what, Hold) else case.entered),
        led_to="",
    )
