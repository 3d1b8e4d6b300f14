"""The objects that a case's entries are about, and how each entry changes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.engine.case import ANSWERS
from domain.engine.task_actions import has_open_task
from domain.language.roles import ActorKind
from domain.mining.petri_net import activity
from domain.read_models.projection import task_id
from domain.spreadsheets import Scalar
from ops.export.fields import AttributeCatalogue, AttributeType
from ops.export.history import CaseHistory, LogEvent

TEXT, TIME = AttributeType.STRING, AttributeType.TIME
OBJECT_TYPES: Final[Mapping[str, Mapping[str, AttributeType]]] = {
    "case": {
        "kind": TEXT,
        "process_version": AttributeType.INTEGER,
        "policy_version": TEXT,
        "source": TEXT,
        "channel": TEXT,
        "received_at": TIME,
        "state": TEXT,
        "stage": TEXT,
        "outcome": TEXT,
        "team": TEXT,
        "assignee": TEXT,
        "category": TEXT,
        "priority": TEXT,
        "severity": TEXT,
        "hardness": TEXT,
    },
    "task": dict.fromkeys(("state", "stage", "status", "team", "assignee", "priority"), TEXT),
    "clock": {
        "clock": TEXT,
        "instance": AttributeType.INTEGER,
        "state": TEXT,
        "budget_hours": AttributeType.FLOAT,
        "due_at": TIME,
    },
    "customer": {},
    "unit": {"sort": TEXT},
    "agent": {},
}
"""Customers are references and nothing else; units are order and product; agents are staff."""
CONSTANTS = ("kind", "process_version", "policy_version", "source", "channel", "received_at")
"""The attributes of a case that never change."""


@dataclass(frozen=True)
class ObjectRecord:
    """An object, with the attributes that never change."""

    id: str
    type: str
    constants: Mapping[str, Scalar]


@dataclass(frozen=True)
class AttributeChange:
    """The value of an object's attribute from this moment on."""

    id: str
    type: str
    name: str
    at: datetime
    value: Scalar


@dataclass(frozen=True)
class ObjectLink:
    """A relation from one object to another."""

    source: str
    target: str
    qualifier: str


@dataclass(frozen=True)
class EventRecord:
    """An event with its attributes, and the objects it is about, each with a qualifier."""

    id: str
    activity: str
    at: datetime
    attributes: Mapping[str, Scalar]
    objects: tuple[tuple[str, str], ...]


OcelRecord = ObjectRecord | AttributeChange | ObjectLink | EventRecord


def ocel_records(history: CaseHistory, catalogue: AttributeCatalogue) -> Iterator[OcelRecord]:
    """Yield everything about one case; objects come before the events and links that name them."""
    objects = CaseObjects(history)
    yield from objects.opening()
    for event in history.events():
        yield from objects.follow(event)
        yield EventRecord(
            id=f"{history.row.number}/{event.entry.seq}",
            activity=activity(event.entry),
            at=event.at,
            attributes=catalogue.values(history.process, event),
            objects=tuple(objects.of_event.items()),
        )


class CaseObjects:
    """Follows the objects of one case; `of_event` are those of the newest entry, qualified."""

    def __init__(self, history: CaseHistory) -> None:
        self._history, self._number = history, history.row.number
        self._values: dict[tuple[str, str], Scalar] = {}
        self._task: str | None = None
        self._is_heard = False
        self.of_event: dict[str, str] = {}

    def opening(self) -> Iterator[OcelRecord]:
        """Yield the case, and what it refers to."""
        row = self._history.row
        yield ObjectRecord(row.number, "case", {name: getattr(row, name) for name in CONSTANTS})
        if row.customer:
            yield from self._reference(f"customer:{row.customer}", "customer", {}, "raised by")
        for sort, ref in (("order", row.order), ("product", row.product)):
            if ref:
                yield from self._reference(f"{sort}:{ref}", "unit", {"sort": sort}, f"about {sort}")
        if row.parent:
            yield ObjectLink(row.number, row.parent, "follows")

    def follow(self, event: LogEvent) -> Iterator[OcelRecord]:
        """Yield what an entry changes."""
        row = self._history.row
        self.of_event = {self._number: "case"}
        if event.before is None:
            refs = (("customer", row.customer), ("order", row.order), ("product", row.product))
            self.of_event |= {f"{sort}:{ref}": sort for sort, ref in refs if ref}
        yield from self._people(event)
        yield from self._case(event)
        yield from self._tasks(event)
        yield from self._requests(event)
        yield from self._clocks(event)

    def _reference(
        self, id: str, type: str, constants: Mapping[str, Scalar], qualifier: str
    ) -> Iterator[OcelRecord]:
        yield ObjectRecord(id, type, constants)
        yield ObjectLink(self._number, id, qualifier)

    def _people(self, event: LogEvent) -> Iterator[OcelRecord]:
        actor, holder = event.entry.actor, event.case.holder
        if holder is not None:
            yield from self._agent(holder.id, "holds")
        if actor.kind is ActorKind.STAFF:
            yield from self._agent(actor.id, "acts")
        customer = f"customer:{self._history.row.customer}"
        party = actor if actor.kind is ActorKind.CUSTOMER else actor.on_behalf_of
        if party is not None and f"customer:{party.id}" == customer:
            self.of_event[customer] = "acts"

    def _agent(self, id: str, qualifier: str) -> Iterator[OcelRecord]:
        yield ObjectRecord(f"agent:{id}", "agent", {})
        self.of_event[f"agent:{id}"] = qualifier

    def _case(self, event: LogEvent) -> Iterator[OcelRecord]:
        case, process = event.case, self._history.process
        state = process.state_of(case)
        values: dict[str, Scalar | None] = {
            "state": case.state,
            "stage": state.stage.value,
            "outcome": state.outcome,
            "team": case.team,
            "assignee": case.holder.id if case.holder else None,
            **process.shown_facts(case).model_dump(exclude={"measure_due"}),
        }
        yield from self._changes(self._number, "case", values, event.at)

    def _tasks(self, event: LogEvent) -> Iterator[OcelRecord]:
        """Yield changes of the task that the entry was done on, and of the one it opened."""
        case, at, process = event.case, event.at, self._history.process
        opens = event.entry.seq == case.task_opened
        ends = opens or (event.entry.type in ANSWERS and not case.heard and self._is_heard)
        if self._task is not None:
            self.of_event[self._task] = "finishes" if ends else "on"
        if self._task is not None and ends:
            yield from self._changes(self._task, "task", {"status": "done"}, at)
            self._task = None
        state, self._is_heard = process.state_of(case), case.heard is not None
        if opens and has_open_task(case, state):
            self._task = task_id(self._number, event.entry.seq)
            constants = {"state": state.name.value, "stage": state.stage.value}
            yield ObjectRecord(self._task, "task", constants)
            yield ObjectLink(self._number, self._task, "has task")
            self.of_event[self._task] = "opens"
        if self._task is not None:
            assignee = case.holder.id if case.holder else None
            priority = process.shown_facts(case).priority
            status = "on_hold" if case.hold else "open"
            values = {
                "status": status, "team": case.team, "assignee": assignee, "priority": priority,
            }  # fmt: skip
            yield from self._changes(self._task, "task", values, at)

    def _requests(self, event: LogEvent) -> Iterator[OcelRecord]:
        """Yield changes of the tasks that others were asked for beside the case's own."""
        case, entry = event.case, event.entry
        priority = self._history.process.shown_facts(case).priority
        for request in case.side_tasks.values():
            id = task_id(self._number, request.seq)
            if request.seq == entry.seq:
                state = self._history.process.state_of(case)
                constants = {"state": state.name.value, "stage": state.stage.value}
                yield ObjectRecord(id, "task", constants)
                yield ObjectLink(self._number, id, "has task")
            if request.changed == entry.seq:
                is_new = request.seq == entry.seq
                self.of_event[id] = "finishes" if request.settled else "opens" if is_new else "on"
            values = {
                "status": "done" if request.settled else "open",
                "team": request.team or case.team,
                "assignee": request.settled.actor.id if request.settled else request.holder,
                "priority": priority,
            }
            yield from self._changes(id, "task", values, event.at)

    def _clocks(self, event: LogEvent) -> Iterator[OcelRecord]:
        case, form = event.case, event.entry.form
        for clock in [*case.past, *case.clocks.values()]:
            name, instance = clock.clock.name, clock.number
            id = f"{self._number}-{name}-{instance}"
            if (id, "state") not in self._values:
                yield ObjectRecord(id, "clock", {"clock": name, "instance": instance})
                yield ObjectLink(self._number, id, "has clock")
            values: dict[str, Scalar | None] = {
                "state": clock.state.value,
                "budget_hours": clock.target.budget.total_seconds() / 3600,
                "due_at": clock.due,
            }
            changes = list(self._changes(id, "clock", values, event.at))
            yield from changes
            if changes or (form.get("clock"), form.get("instance")) == (name, instance):
                self.of_event[id] = clock.state.value

    def _changes(
        self, id: str, type: str, values: Mapping[str, Scalar | None], at: datetime
    ) -> Iterator[OcelRecord]:
        """Yield the values that changed; text that is gone becomes empty."""
        for name, value in values.items():
            before = self._values.get((id, name))
            gone = "" if isinstance(before, str) else None
            now = gone if value is None else value
            if now is not None and now != before:
                self._values[id, name] = now
                yield AttributeChange(id, type, name, at, now)
