"""Whether a case may be taken back, and what it is like afterwards."""

from dataclasses import replace
from datetime import datetime
from itertools import chain

from domain.engine.action_forms import ClockMode, Compensation, CompensationMethod, Rewinding
from domain.engine.case import Case
from domain.engine.rewind.compensation import (
    IrreversibleEffect,
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
    rules: CandidateRules,
    at: datetime | None = None,
) -> None:
    """Refuse to take a case back to there, or without making up for what happened since.

    Args:
        process: the case's process.
        case: the one to be taken back.
        actor: who wants to.
        form: to where, and what makes up for what.
        rules: who may.
        at: now; without it, as on replay, nobody asks whether it is too late or a clock would run.

    Raises:
        StepNotAllowed: that is for managers.
        CaseOver: the case is concluded for good.
        NothingToRewind: the case cannot go back to that entry.
        Uncompensated: an effect is left that nothing makes up for.
        NoClockRuns: no clock would run.
    """
    if not actor.stands_for & rules.managers:
        raise StepNotAllowed(
            f"Only {rules.managers} may take a case back.", step="rewind", takes=[*rules.managers]
        )
    ends_at = process.steps_end_at(case)
    if at is not None and ends_at is not None and ends_at <= at:
        raise CaseOver("The case is concluded and can no longer be reopened, nor taken back.")
    _check_target(process, case, form.to)
    _check_compensations(process, case, form)
    if at is not None:
        _check_clocks(process, case, form, at)


def no_such_entry(case: Case) -> NothingToRewind:
    """Return the refusal that names the newest entry."""
    last = case.last.seq
    return NothingToRewind(
        f"Name an entry before the newest, which is {last}.", why="newest", last=last
    )


def apply_rewind(
    process: ProcessHistory, case: Case, earlier: Case, form: Rewinding, at: datetime
) -> None:
    """Make the case what it was at the `earlier` one, but for its history, breaches and time."""
    case.latest_forms = dict(earlier.latest_forms)
    case.team, case.target_override = earlier.team, earlier.target_override
    case.priority_override = earlier.priority_override
    case.hold = None  # people are to act, whatever was on hold then or since
    case.holder = replace(earlier.holder, since=at) if earlier.holder else None
    if form.clocks is not ClockMode.GO_ON:
        for name, instance in list(case.clocks.items()):
            earlier_instance = earlier.clocks.get(name)
            if earlier_instance is None or not earlier_instance.open:
                case.clocks[name] = instance.end(at, cancelled=True)
            else:
                _run_again(case, instance, earlier_instance, form.clocks, at)
    for clock in process.state(earlier.state).pauses:
        if clock.name in case.clocks:
            case.clocks[clock.name] = case.clocks[clock.name].pause(at)


def _check_target(process: ProcessHistory, case: Case, to: int) -> None:
    """Refuse to go back to an entry that is not there, or after which nobody is to act."""
    waits_on_world = process.state(case.state).waits_on is WaitsOn.WORLD
    if waits_on_world or unanswered_compensation(process, case):
        raise NothingToRewind(
            "The world is asked for something just now; take the case back when it has answered.",
            state=case.state,
            why="asked",
        )
    if to >= case.last.seq:
        raise no_such_entry(case)
    state = process.state(case.entries[to - 1].led_to)
    if state.waits_on is WaitsOn.WORLD or state.closed:
        raise NothingToRewind(
            f"After entry {to} the case waited for nobody; choose one after which people were "
            "to act.",
            state=state.name.value,
            why="nobody",
        )


def _check_compensations(process: ProcessHistory, case: Case, form: Rewinding) -> None:
    """Refuse a compensation that is not possible, and an effect without one."""
    left = {effect.effect: effect for effect in irreversible_effects(process, case, form.to)}
    for compensation in form.compensations:
        effect = left.pop(compensation.effect, None)
        if effect is None:
            raise NothingToRewind(
                f"The plan has no effect {compensation.effect} to make up for, or it was named "
                "twice.",
                why="effect",
                effect=compensation.effect,
            )
        _check_compensation(compensation, effect)
    if left:
        named = ", ".join(f"{e.effect} ({e.port} of entry {e.entry})" for e in left.values())
        raise Uncompensated(f"Nothing makes up for: {named}.", effects=[*left])


def _check_compensation(compensation: Compensation, effect: IrreversibleEffect) -> None:
    number, reverses = compensation.effect, compensation.how is CompensationMethod.REVERSE
    if reverses and not effect.reversible:
        raise Uncompensated(
            f"No port takes effect {number} ({effect.port}) back: say by_hand or accept.",
            effects=[number],
            why="one_way",
        )
    if not reverses and not compensation.note.strip():
        raise Uncompensated(
            f"Say in a note how effect {number} is made up for, or why it may stay.",
            effects=[number],
            why="unsaid",
        )


def _check_clocks(process: ProcessHistory, case: Case, form: Rewinding, at: datetime) -> None:
    """Refuse to let the clocks go on where none would run, though one ran at the earlier entry."""
    earlier = cached_as_of(process, case, form.to)
    if form.clocks is not ClockMode.GO_ON or not _promises(earlier):
        return
    trial = case.copy()
    entry = Entry(
        seq=case.next_seq,
        type=EntryType.REWOUND,
        actor=Actor(kind=ActorKind.STAFF, id="-"),
        at=at,
        form=form.canonical(),
        led_to=case.entries[form.to - 1].led_to,
    )
    for _ in process.replay(trial, [entry]):
        pass
    if not _promises(trial):
        raise NoClockRuns(
            "All promises of this case are over, so no clock would go on: choose restart, for the "
            "whole budget from now, or as_then.",
            clocks=form.clocks.value,
        )


def _promises(case: Case) -> bool:
    """Return whether a clock of the case is open that can be breached."""
    return any(each.open and not each.clock.repeats for each in case.clocks.values())


def _run_again(
    case: Case, now: ClockInstance, earlier: ClockInstance, mode: ClockMode, at: datetime
) -> None:
    """Run a clock again that ran then; if it is a new instance, the old one keeps its verdict."""
    if mode is ClockMode.AS_THEN and now.open and now.number == earlier.number:
        return
    as_then = now.resume(at) if now.clock.repeats else _as_then(case, earlier, at)
    case.past.append(now.end(at, cancelled=True))
    again = replace(as_then, number=now.number + 1, ended_at=None, cancelled=False)
    if mode is ClockMode.RESTART:
        again = ClockInstance(now.clock, again.number, at, earlier.stated_target)
    case.clocks[now.clock.name] = again


def _as_then(case: Case, earlier: ClockInstance, at: datetime) -> ClockInstance:
    """Return the instance that ran then, with its milestones and all pauses, later ones' too.

    Where another has taken its place since, revived from receipt, it goes on as it was then.
    """
    instances = [each for each in case.clock_instances() if each.clock == earlier.clock]
    same = [earlier, *(i for i in instances if i.started_at == earlier.started_at)][-1].resume(at)
    later = (each.resume(at).pauses for each in instances if each.number > same.number)
    return replace(same, pauses=tuple(sorted({*same.pauses, *chain.from_iterable(later)})))
