"""What each entry of a case changed: its fields, its clocks, and who was notified."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, JsonValue

from domain.engine.case import Case
from domain.engine.messages import Opening
from domain.engine.process import Process
from domain.engine.task_actions import has_open_task
from domain.language.clocks import ClockInstance
from domain.language.entries import Entry
from domain.read_models.past import ClockReading, read_clock
from domain.read_models.projection import case_view, notice_views, task_id

SHOWN_FIELDS = (
    *("state", "stage", "waits_on", "outcome", "assignee", "team"),
    *("category", "priority", "severity", "hardness"),
)


class Change(BaseModel):
    """A field that an entry changed; None where it has no value."""

    model_config = ConfigDict(frozen=True)

    what: str
    before: str | None
    after: str | None


class ClockChange(BaseModel):
    """What an entry did to one instance of a clock, and how the clock reads since.

    `event`: started, restarted, paused, resumed, met, met_late, cancelled, breached, or else the
    type of the entry (warned, escalated, retargeted …).
    """

    model_config = ConfigDict(frozen=True)

    event: str
    clock: ClockReading


class NoticeSent(BaseModel):
    """A notice that an entry sent; `params` is what its text names of the entry."""

    model_config = ConfigDict(frozen=True)

    template: str
    to: str
    params: dict[str, JsonValue] = {}


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
    """Yield a case entry by entry, each with what it changed."""
    case = process.fold(opening, ())
    fields: Mapping[str, str | None] = dict.fromkeys((*SHOWN_FIELDS, "on_hold_until", "task"))
    clocks: _Instances = {}
    for entry in process.replay(case, entries):
        new_fields = _fields(process, case)
        new_clocks = {instance.key: instance for instance in case.clock_instances()}
        yield EntryDiff(
            entry=entry,
            changes=tuple(
                Change(what=name, before=fields[name], after=value)
                for name, value in new_fields.items()
                if value != fields[name]
            ),
            clocks=tuple(_clock_changes(case, clocks, new_clocks)),
            notices=tuple(
                NoticeSent(template=notice.template, to=notice.to, params=notice.params)
                for notice in notice_views(process, case, entry)
            ),
        )
        fields, clocks = new_fields, new_clocks


_Instances = Mapping[tuple[str, int], ClockInstance]


def _fields(process: Process, case: Case) -> Mapping[str, str | None]:
    row = case_view(process, case)
    has_task = has_open_task(case, process.state_of(case))
    task = task_id(row.number, case.task_opened) if has_task else None
    until = row.held_until.isoformat() if row.held_until else None
    return {
        **{name: getattr(row, name) for name in SHOWN_FIELDS},
        "on_hold_until": until,
        "task": task,
    }


def _clock_changes(case: Case, before: _Instances, after: _Instances) -> Iterator[ClockChange]:
    for key, instance in after.items():
        if instance != (old := before.get(key)):
            event = _clock_event(case.last, old, instance)
            yield ClockChange(event=event, clock=read_clock(case, instance, case.last.at))


def _clock_event(entry: Entry, old: ClockInstance | None, new: ClockInstance) -> str:
    if old is None:
        return "started"
    if new.ended_at != old.ended_at:
        return "cancelled" if new.cancelled else new.state.value
    if new.breached_at != old.breached_at:
        return "breached"
    if new.paused_at != old.paused_at:
        return "paused" if new.paused_at else "resumed"
    if new.started_at != old.started_at:
        return "restarted"
    return entry.type.value
