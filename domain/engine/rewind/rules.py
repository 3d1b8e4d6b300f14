"""Whether a case may be taken back, and what it is like afterwards."""

from dataclasses import replace
from datetime import datetime
from itertools import chain

from domain.engine.action_forms import ClockMode, CompensationMethod, Rewinding
from domain.engine.case import Case
from domain.engine.rewind.compensation import (
    ProcessHistory,
    cached_as_of,
    irreversible_effects,
    unanswered_compensation,
)
from domain.engine.task_actions import CandidateRules
from domain.errors import CaseOver, NoClockRuns, NothingToRewind, StepNotAllowed, Uncompensated
from domain.language.clocks import ClockInstance
from domain.language.entries import Entry, EntryType
from domain.language.roles import Actor, ActorKind
from domain.language.table import WaitsOn


def check_rewind(
    process: ProcessHistory,
    case: Case,
    actor: Actor,
    form: Rewinding,
    candidate_rules: CandidateRules,
    at: datetime | None = None,
) -> None:
    """Refuse to take a case back to there, or without making up for what happened since.

    Args:
        process: the process.
        case: the one to be taken back.
        actor: who wants to.
        form: to where, and what makes up for what.
        candidate_rules: who may.
        at: now; without it, as on replay, nobody asks whether it is too late or a clock would run.

    Raises:
        StepNotAllowed: that is for managers.
        CaseOver: the case is concluded for good.
        NothingToRewind: the case cannot go back to that entry.
        Uncompensated: an effect is left that nothing makes up for.
        NoClockRuns: no promise would run.
    """
    if not actor.stands_for & candidate_rules.managers:
        raise StepNotAllowed(
            f"Only {candidate_rules.managers} may take a case back.",
            step="rewind",
            takes=[*candidate_rules.managers],
        )
    over = process.reopen_ends_at(case)
    if at is not None and over is not None and over <= at:
        raise CaseOver("The case is concluded and can no longer be reopened, nor taken back.")
    refuse_place(process, case, form.to)
    _check_compensations(process, case, form)
    if at is not None:
        refuse_standstill(process, case, form, at)


def _check_compensations(process: ProcessHistory, case: Case, form: Rewinding) -> None:
    left = {each.effect: each for each in irreversible_effects(process, case, form.to)}
    for given in form.compensations:
        each = left.pop(given.effect, None)
        if each is None:
            raise NothingToRewind(
                f"The plan has no effect {given.effect} to make up for, or it was named twice.",
                why="effect",
                effect=given.effect,
            )
        if given.how is CompensationMethod.REVERSE and not each.reversible:
            raise Uncompensated(
                f"No port takes effect {given.effect} ({each.port}) back: say by_hand or accept.",
                effects=[given.effect],
                why="one_way",
            )
        if given.how is not CompensationMethod.REVERSE and not given.note.strip():
            raise Uncompensated(
                f"Say in a note how effect {given.effect} is made up for, or why it may stay.",
                effects=[given.effect],
                why="unsaid",
            )
    if left:
        named = ", ".join(f"{e.effect} ({e.port} of entry {e.entry})" for e in left.values())
        raise Uncompensated(f"Nothing makes up for: {named}.", effects=[*left])


def refuse_place(process: ProcessHistory, case: Case, to: int) -> None:
    """Refuse to go back to an entry that is not there, or where nobody would be asked.

    Raises:
        NothingToRewind
    """
    if process.state(case.state).waits_on is WaitsOn.WORLD or unanswered_compensation(
        process, case
    ):
        raise NothingToRewind(
            "The world is asked for something just now; take the case back when it has answered.",
            state=case.state,
            why="asked",
        )
    if to >= case.last.seq:
        raise no_such_entry(case)
    there = process.state(case.entries[to - 1].led_to)
    if there.waits_on is WaitsOn.WORLD or there.closed:
        raise NothingToRewind(
            f"After entry {to} the case waited for nobody; choose one after which people were "
            "to act.",
            state=there.name.value,
            why="nobody",
        )


def no_such_entry(case: Case) -> NothingToRewind:
    """The refusal that names the newest entry."""
    last = case.last.seq
    return NothingToRewind(
        f"Name an entry before the newest, which is {last}.", why="newest", last=last
    )


def refuse_standstill(process: ProcessHistory, case: Case, form: Rewinding, at: datetime) -> None:
    """Refuse to let the clocks go on where none would run, though a promise stood there then.

    Raises:
        NoClockRuns
    """
    stood = any(map(_promises, cached_as_of(process, case, form.to).clocks.values()))
    if form.clocks is not ClockMode.GO_ON or not stood:
        return
    trial, there = case.copy(), case.entries[form.to - 1].led_to
    actor = Actor(kind=ActorKind.STAFF, id="-")
    entry = Entry(
        seq=case.next_seq,
        type=EntryType.REWOUND,
        actor=actor,
        at=at,
        form=form.canonical(),
        led_to=there,
    )
    for _ in process.replay(trial, [entry]):
        pass
    if not any(map(_promises, trial.clocks.values())):
        raise NoClockRuns(
            "All promises of this case are over, so no clock would go on: choose restart, for the "
            "whole budget from now, or as_then.",
            clocks=form.clocks.value,
        )


def _promises(reading: ClockInstance) -> bool:
    return reading.open and not reading.clock.repeats


def apply_rewind(
    process: ProcessHistory, case: Case, earlier: Case, form: Rewinding, at: datetime
) -> None:
    """Make the case what it was then, but for its history, its breaches, and time."""
    case.latest_forms, case.team, case.target_override = (
        dict(earlier.latest_forms),
        earlier.team,
        earlier.target_override,
    )
    case.hold = None  # people are to act, whatever was put aside then or since
    case.holder = replace(earlier.holder, since=at) if earlier.holder else None
    if form.clocks is not ClockMode.GO_ON:
        for name, now in list(case.clocks.items()):
            was = earlier.clocks.get(name)
            if was is None or not was.open:
                case.clocks[name] = now.end(at, cancelled=True)
            else:
                _again(case, now, was, form.clocks, at)
    for clock in process.state(earlier.state).pauses:
        if clock.name in case.clocks:
            case.clocks[clock.name] = case.clocks[clock.name].pause(at)


def _again(
    case: Case, now: ClockInstance, was: ClockInstance, how: ClockMode, at: datetime
) -> None:
    """Run a clock again that ran then; if it is a new instance, the old keeps its verdict."""
    if how is ClockMode.AS_THEN and now.open and now.number == was.number:
        return
    as_it_was = now.resume(at) if now.clock.repeats else _since(case, was, at)
    case.past.append(now.end(at, cancelled=True))
    again = replace(as_it_was, number=now.number + 1, ended_at=None, cancelled=False)
    if how is ClockMode.RESTART:
        again = ClockInstance(now.clock, again.number, at, was.stated_target)
    case.clocks[now.clock.name] = again


def _since(case: Case, was: ClockInstance, at: datetime) -> ClockInstance:
    """The promise that ran then, with what it has set off and all pauses, later instances' too."""
    mine = [each for each in case.clock_instances() if each.clock == was.clock]
    same = [each for each in mine if each.started_at == was.started_at][-1].resume(at)
    later = (each.resume(at).pauses for each in mine if each.number > same.number)
    pauses = sorted({*same.pauses, *chain.from_iterable(later)})
    return replace(same, pauses=tuple(pauses))
