"""Whether a case may be taken back, and what it is like afterwards."""

from dataclasses import replace
from datetime import datetime

from domain.acts import Crew
from domain.case import Case
from domain.clocks import Reading
from domain.errors import NothingToRewind, StepNotAllowed, Uncompensated
from domain.people import Actor
from domain.rewinding import Clockwork, How, Rewinding, Table, lasting, unanswered
from domain.table import WaitsOn


def check_rewind(table: Table, case: Case, actor: Actor, form: Rewinding, crew: Crew) -> None:
    """Refuse to take a case back to there, or without making up for what happened since.

    Raises:
        StepNotAllowed: that is for managers.
        NothingToRewind: the case cannot go back to that entry.
        Uncompensated: an effect is left that nothing makes up for.
    """
    if not actor.stands_for & crew.managers:
        raise StepNotAllowed(
            f"Only {crew.managers} may take a case back.", step="rewind", takes=[*crew.managers]
        )
    refuse_place(table, case, form.to)
    left = {each.effect: each for each in lasting(table, case, form.to)}
    for given in form.compensations:
        each = left.pop(given.effect, None)
        if each is None:
            raise NothingToRewind(f"The plan has no effect {given.effect} to make up for.")
        if given.how is How.REVERSE and not each.reversible:
            raise Uncompensated(
                f"No port takes effect {given.effect} ({each.port}) back: say by_hand or accept.",
                effects=[given.effect],
            )
        if given.how is not How.REVERSE and not given.note.strip():
            raise Uncompensated(
                f"Say in a note how effect {given.effect} is made up for, or why it may stay.",
                effects=[given.effect],
            )
    if left:
        named = ", ".join(f"{e.effect} ({e.port} of entry {e.entry})" for e in left.values())
        raise Uncompensated(f"Nothing makes up for: {named}.", effects=[*left])


def refuse_place(table: Table, case: Case, to: int) -> None:
    """Refuse to go back to an entry that is not there, or where nobody would be asked.

    Raises:
        NothingToRewind
    """
    if table.state(case.state).waits_on is WaitsOn.WORLD or unanswered(table, case):
        raise NothingToRewind(
            "The world is asked for something just now; take the case back when it has answered.",
            state=case.state,
        )
    if to >= case.last.seq:
        raise NothingToRewind(f"Name an entry before the newest, which is {case.last.seq}.")
    there = table.state(case.entries[to - 1].led_to)
    if there.waits_on is WaitsOn.WORLD or there.closed:
        raise NothingToRewind(
            f"After entry {to} the case waited for nobody; choose one after which people were "
            "to act.",
            state=there.name.value,
        )


def taken_back(table: Table, case: Case, then: Case, form: Rewinding, at: datetime) -> None:
    """Make the case what it was then, but for its history, its breaches, and time."""
    case.papers, case.team, case.own_limit = dict(then.papers), then.team, then.own_limit
    case.holder = replace(then.holder, since=at) if then.holder else None
    if form.clocks is not Clockwork.GO_ON:
        for name, now in list(case.clocks.items()):
            was = then.clocks.get(name)
            if was is None or not was.open:
                case.clocks[name] = now.end(at, cancelled=True)
            else:
                _again(case, now, was, form.clocks, at)
    for clock in table.state(then.state).pauses:
        if clock.name in case.clocks:
            case.clocks[clock.name] = case.clocks[clock.name].pause(at)


def _again(case: Case, now: Reading, was: Reading, how: Clockwork, at: datetime) -> None:
    """Run a clock again that ran then; if it is a new instance, the old keeps its verdict."""
    if how is Clockwork.AS_THEN and now.open and now.instance == was.instance:
        return
    case.past.append(now.end(at, cancelled=True))
    again = replace(now.resume(at), instance=now.instance + 1, ended_at=None, cancelled=False)
    if how is Clockwork.RESTART:
        again = Reading(now.clock, again.instance, at, was.asked)
    case.clocks[now.clock.name] = again
