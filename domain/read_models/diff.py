"""What each entry of a case changed: where it is, who holds it, its clocks, who was told."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from domain.engine.case import Case
from domain.engine.messages import Opening
from domain.engine.process import Process
from domain.engine.task_actions import has_task
from domain.language.clocks import ClockInstance
from domain.language.entries import Entry
from domain.read_models.past import ClockReading, read_clock
from domain.read_models.projection import case_view, notice_views, task_id

SHOWN_FIELDS = (
    *("state", "stage", "waits_on", "outcome", "assignee", "team"),
    *("category", "priority", "severity", "hardness"),
)

Instances = Mapping[tuple[str, int], ClockInstance]


class Change(BaseModel):
    """Something that an entry changed; None: there was, or is, none."""

    model_config = ConfigDict(frozen=True)

    what: str
    before: str | None
    after: str | None


class ClockChange(BaseModel):
    """What an entry did to one instance of a clock, and how that reads since.

    `event`: started, restarted, paused, resumed, met, met_late, cancelled, breached, or else the
    type of the entry (warned, escalated, retargeted …).
    """

    model_config = ConfigDict(frozen=True)

    event: str
    clock: ClockReading


class NoticeSent(BaseModel):
    """Somebody who was told by an entry."""

    model_config = ConfigDict(frozen=True)

    template: str
    to: str


class EntryDiff(BaseModel):
    """One entry, and all that it changed."""

    model_config = ConfigDict(frozen=True)

    entry: Entry
    changes: tuple[Change, ...]
    clocks: tuple[ClockChange, ...]
    notices: tuple[NoticeSent, ...]


def entry_diffs(
    process: Process, opening: Opening, entries: Sequence[Entry]
) -> Iterator[EntryDiff]:
    """A case entry by entry, each with what it changed."""
    case = process.fold(opening, ())
    facts: Mapping[str, str | None] = dict.fromkeys((*SHOWN_FIELDS, "on_hold_until", "task"))
    clocks: Instances = {}
    for entry in process.replay(case, entries):
        now, turned = _facts(process, case), _instances(case)
        yield EntryDiff(
            entry=entry,
            changes=tuple(
                Change(what=name, before=facts[name], after=value)
                for name, value in now.items()
                if value != facts[name]
            ),
            clocks=tuple(_turns(case, clocks, turned)),
            notices=tuple(
                NoticeSent(template=each.template, to=each.to)
                for each in notice_views(process, case, entry)
            ),
        )
        facts, clocks = now, turned


def _facts(process: Process, case: Case) -> Mapping[str, str | None]:
    row = case_view(process, case)
    task = task_id(row.number, case.entered) if has_task(process.state_of(case)) else None
    until = row.held_until.isoformat() if row.held_until else None
    told = {name: getattr(row, name) for name in SHOWN_FIELDS}
    return {**told, "on_hold_until": until, "task": task}


def _instances(case: Case) -> Instances:
    return {(each.clock.name, each.number): each for each in case.clock_instances()}


def _turns(case: Case, before: Instances, after: Instances) -> Iterator[ClockChange]:
    for key, reading in after.items():
        if reading != (was := before.get(key)):
            event = _event(case.last, was, reading)
            yield ClockChange(event=event, clock=read_clock(case, reading, case.last.at))


def _event(entry: Entry, was: ClockInstance | None, now: ClockInstance) -> str:
    if was is None:
        return "started"
    if now.ended_at != was.ended_at:
        return "cancelled" if now.cancelled else now.state.value
    if now.breached_at != was.breached_at:
        return "breached"
    if now.paused_at != was.paused_at:
        return "paused" if now.paused_at else "resumed"
    if now.started_at != was.started_at:
        return "restarted"
    return entry.type.value
