"""The engine: a process, checked once at import, that checks and takes the steps of its cases."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from pydantic import BaseModel, ConfigDict, JsonValue
from transitions import Machine

from domain import acts
from domain.acts import ACTS, CrewOf
from domain.case import Assignment, Case
from domain.checks import refuse_wrong_table
from domain.effects import Effect
from domain.entries import Cause, Entry, EntryType
from domain.errors import NotYourCase, RequestReused, Stale, StepNotAllowed, StepNotOffered
from domain.forms import Form
from domain.machine import machine_of
from domain.messages import Deed, Opening, Receipt, Request
from domain.people import THE_TIMER, Actor, ActorKind
from domain.table import State, Step


class Facts(BaseModel):
    """What lists and reports want to know of a case, as the kind derives it from its forms."""

    model_config = ConfigDict(frozen=True)

    category: str | None = None
    priority: str | None = None
    severity: str | None = None
    hardness: str | None = None


@dataclass(frozen=True)
class Doing:
    """A deed that may be done: a step of the table, or (without one) an act on the task."""

    name: str
    form: Form
    step: Step | None


@dataclass(frozen=True)
class Process:
    """One version of one kind's process, shared by all its cases; it holds none of them.

    Args:
        kind: stable name, also the workflow type's.
        prefix: the letters a case number starts with (pinyin: TS, TH, WX, ZX).
        version: of the table; a case keeps the version it was opened with.
        opens_with: the form a case starts from.
        states: the table; the first state is where a case starts.
        team: whose list shows the task until somebody decides otherwise.
        crew: who works on a case as it stands.
        facts: what lists show of a case.
        propose: a classification proposed from the opening form, by simple rules.

    Raises:
        WrongTable: at import, when the table contradicts itself.
    """

    kind: str
    prefix: str
    version: int
    opens_with: type[Form]
    states: Sequence[State]
    team: str
    crew: CrewOf
    facts: Callable[[Case], Facts]
    propose: Callable[[Form], dict[str, JsonValue]]

    def __post_init__(self) -> None:
        refuse_wrong_table(self.kind, self.states)

    def open(self, opening: Opening, at: datetime) -> Case:
        """A new case. The opening form was checked before; history is read leniently."""
        entry = Entry(
            seq=1,
            type=EntryType.OPENED,
            actor=opening.actor,
            at=at,
            cause=Cause(request=opening.request, digest=opening.digest),
            form=opening.model_dump(mode="json", exclude={"actor", "request", "digest"}),
            led_to=self.states[0].name.value,
        )
        return self.fold(opening, [entry])

    def fold(self, opening: Opening, entries: Sequence[Entry]) -> Case:
        """The case that these entries make; nothing is decided again."""
        case = Case(opening, team=opening.team or self.team)
        for entry in entries:
            self._append(case, entry, self._form_of(entry))
        return case

    def state(self, name: str) -> State:
        """The state of this name."""
        return self._states[name]

    def here(self, case: Case) -> State:
        """The state the case is in."""
        return self._states[case.state]

    def steps(self, case: Case, at: datetime) -> Iterator[Step]:
        """The steps that lead out of where the case is; those whose time is over are left out."""
        spent = at - case.since if case.since else timedelta()
        return (s for s in self.here(case).steps if s.until is None or spent < s.until)

    def offers(self, case: Case, actor: Actor, at: datetime) -> list[Step]:
        """The steps this actor may take now, as far as roles decide it."""
        return [s for s in self.steps(case, at) if s.by & actor.stands_for]

    def check(
        self, case: Case, deed: Deed, actor: Actor, at: datetime, *, strict: bool = True
    ) -> Doing:
        """Refuse a deed that may not be done now, by this actor, with this form.

        Changes nothing, so anybody may ask first. `strict` reads the form as a caller's; without
        it unknown fields are passed over, as replay needs.

        Raises:
            Refusal: of the class that says why.
        """
        _refuse_stranger(case, actor)
        doing = self._find(case, deed, actor, at, strict=strict)
        crew, state = self.crew(case), self.here(case)
        if doing.step is None:
            acts.check_act(case, state, actor, doing.form, crew)
        else:
            _refuse_role(doing.step, actor)
            acts.check_work(case, state, actor, doing.form, crew)
        acts.check_assignee(state, doing.form, crew)
        return doing

    def check_request(self, case: Case, request: Request, at: datetime) -> None:
        """Refuse a request that cannot be done as a whole. Changes nothing."""
        self.take_request(case.copy(), request, at, strict=True)

    def take_request(
        self, case: Case, request: Request, at: datetime, *, strict: bool = False
    ) -> Receipt:
        """Do all deeds of a request, or, if it was done before, say what it brought about.

        What is due by now is settled first. On a refusal the case may be left half-way, so give a
        copy, or ask `check_request` first.

        Raises:
            Refusal: of the first deed that cannot be done.
        """
        if done := case.request(request.id):
            return _receipt(case, request, done)
        if request.tenant != case.opening.tenant:
            raise NotYourCase("There is no such case.")
        self.settle(case, at)
        _refuse_stale(case, request)
        cause = Cause(request=request.id, digest=request.digest)
        entries = [
            self.take(case, deed, request.actor, at, cause, strict=strict) for deed in request.deeds
        ]
        return _receipt(case, request, entries)

    def take(
        self,
        case: Case,
        deed: Deed,
        actor: Actor,
        at: datetime,
        cause: Cause | None = None,
        *,
        strict: bool = True,
    ) -> Entry:
        """Do one deed: with `settle`, the only way a case moves.

        Raises:
            Refusal: the deed may not be done; the case is unchanged.
        """
        doing = self.check(case, deed, actor, at, strict=strict)
        draft = Entry(seq=1, type=EntryType.STEPPED, actor=actor, at=at, led_to="")
        return self._do(case, doing, draft.model_copy(update={"cause": cause or Cause()}))

    def settle(self, case: Case, at: datetime) -> None:
        """Let time take the steps that are due by now; each counts from when it was due."""
        while (moment := self.next_moment(case)) is not None and moment[0] <= at:
            due, step = moment
            draft = Entry(
                seq=1,
                type=EntryType.STEPPED,
                actor=THE_TIMER,
                at=due,
                due_at=due,
                detected_at=at,
                cause=Cause(entry=case.entered),
                led_to="",
            )
            self._do(case, Doing(step.name, step.form(), step), draft)

    def next_moment(self, case: Case) -> tuple[datetime, Step] | None:
        """When time will take a step if nobody else does, and which."""
        timed = self.here(case).timed
        if timed is None or timed.after is None or case.since is None:
            return None
        return case.since + timed.after, timed

    def over_at(self, case: Case) -> datetime | None:
        """When a closed case can no longer be reopened; None while it is open."""
        if not self.here(case).closed or case.since is None:
            return None
        windows = [s.until for s in self.here(case).steps if s.until is not None]
        return case.since + max(windows, default=timedelta())

    def effects(self, case: Case, entry: Entry) -> list[Effect]:
        """What an entry does to the world, in order; the place in it is part of the key."""
        before = case.entries[entry.seq - 2].led_to if entry.seq > 1 else None
        arrived = list(self._states[entry.led_to].does) if entry.led_to != before else []
        if before is None or entry.step is None:
            return arrived
        taken = next((s for s in self._states[before].steps if s.name == entry.step), None)
        return [*(taken.does if taken else ()), *arrived]

    @cached_property
    def forms(self) -> Mapping[str, type[Form]]:
        """Every step's form by the step's name; a step has the same form wherever it stands."""
        return {each.name: each.form for state in self.states for each in state.steps}

    @cached_property
    def _machine(self) -> Machine:
        return machine_of(self.states)

    @cached_property
    def _states(self) -> Mapping[str, State]:
        return {state.name.value: state for state in self.states}

    def _find(self, case: Case, deed: Deed, actor: Actor, at: datetime, *, strict: bool) -> Doing:
        name, form = deed.step, deed.form
        offered = {step.name: step for step in self.steps(case, at)}
        handing = next((s for s in offered.values() if s.form is Assignment), None)
        if handing and name == "claim":
            # Claiming while the case waits to be assigned is assigning oneself.
            name, form = handing.name, {"assignee": actor.id, "roles": list(actor.roles)}
        step = offered.get(name)
        shape = step.form if step else ACTS.get(name, (None, None))[0]
        if shape is None:
            raise self._not_offered(case, name)
        return Doing(name, shape.strict(form) if strict else shape.lenient(form), step)

    def _not_offered(self, case: Case, name: str) -> StepNotOffered:
        done = next((e for e in reversed(case.entries) if e.step == name), None)
        by = {"by": done.actor.id, "at": done.at.isoformat()} if done else {}
        who = f" {done.actor.id} did it at {done.at.isoformat()}." if done else ""
        return StepNotOffered(
            f"'{name}' cannot be done while the case is {case.state}.{who}",
            step=name,
            state=case.state,
            **by,
        )

    def _do(self, case: Case, doing: Doing, draft: Entry) -> Entry:
        if doing.step is not None:
            self._machine.events[doing.name].trigger(case, doing.form)
        entry = draft.model_copy(
            update={
                "seq": case.next_seq,
                "type": EntryType.STEPPED if doing.step else ACTS[doing.name][1],
                "step": doing.name if doing.step else None,
                "form": doing.form.canonical(),
                "led_to": case.state,
            }
        )
        self._append(case, entry, doing.form)
        return entry

    def _append(self, case: Case, entry: Entry, form: Form | None) -> None:
        case.append(entry, form, unassigns=self._states[entry.led_to].unassigns)

    def _form_of(self, entry: Entry) -> Form | None:
        if entry.type is EntryType.OPENED:
            inner = entry.form.get("form")
            return self.opens_with.lenient(inner) if isinstance(inner, dict) else None
        acted = next((form for form, type in ACTS.values() if type is entry.type), None)
        shape = self.forms.get(entry.step) if entry.step else acted
        return shape.lenient(entry.form) if shape else None


def _refuse_stranger(case: Case, actor: Actor) -> None:
    if actor.kind is ActorKind.SYSTEM and actor.id != case.opening.source:
        raise NotYourCase("The case came in through another system.")


def _refuse_role(step: Step, actor: Actor) -> None:
    if not step.by & actor.stands_for:
        raise StepNotAllowed(
            f"'{step.name}' is for {step.by}.", step=step.name, takes=list(step.by)
        )


def _refuse_stale(case: Case, request: Request) -> None:
    seen_task = request.task is None or request.task == case.entered
    seen_case = request.if_match is None or request.if_match == case.etag
    if seen_task and seen_case:
        return
    raise Stale(
        f"The case has moved on: {case.last.actor.id} was last at {case.last.at.isoformat()}.",
        etag=case.etag,
        state=case.state,
        by=case.last.actor.id,
        at=case.last.at.isoformat(),
    )


def _receipt(case: Case, request: Request, entries: Sequence[Entry]) -> Receipt:
    if entries[0].cause.digest != request.digest:
        raise RequestReused("This request id was used before with another body.")
    return Receipt(
        number=case.opening.number,
        request=request.id,
        digest=request.digest,
        first=entries[0].seq,
        last=entries[-1].seq,
        state=entries[-1].led_to,
        etag=entries[-1].seq,
    )
