"""The objects that a case's entries are about, and how each entry turns them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.engine.task_actions import has_task
from domain.language.roles import ActorKind
from domain.mining.petri_net import activity
from domain.read_models.projection import task_id
from ops.export.fields import Catalogue, Scalar, Sort
from ops.export.history import History, Moment

TEXT, TIME = Sort.STRING, Sort.TIME

OBJECT_TYPES: Final[Mapping[str, Mapping[str, Sort]]] = {
    "case": {
        "kind": TEXT,
        "process_version": Sort.INTEGER,
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
        "instance": Sort.INTEGER,
        "state": TEXT,
        "budget_hours": Sort.FLOAT,
        "due_at": TIME,
    },
    "customer": {},
    "unit": {"sort": TEXT},
    "agent": {},
}
"""Customers are references, nothing else; units are the order and the product; agents our staff."""


@dataclass(frozen=True)
class Thing:
    """An object, with what holds of it always."""

    id: str
    type: str
    always: Mapping[str, Scalar]


@dataclass(frozen=True)
class Value:
    """An attribute of an object from this moment on."""

    id: str
    type: str
    name: str
    at: datetime
    value: Scalar


@dataclass(frozen=True)
class Link:
    """From one object to another."""

    source: str
    target: str
    qualifier: str


@dataclass(frozen=True)
class Happening:
    """An event: what was done when, what is said of it, which objects it is about and how."""

    id: str
    activity: str
    at: datetime
    attributes: Mapping[str, Scalar]
    objects: tuple[tuple[str, str], ...]


Record = Thing | Value | Link | Happening

ALWAYS = ("kind", "process_version", "policy_version", "source", "channel", "received_at")


class Objects:
    """Follows one case; `about` are the objects of the newest entry, each with its qualifier."""

    def __init__(self, history: History) -> None:
        self._history, self._number = history, history.row.number
        self._known: dict[tuple[str, str], Scalar] = {}
        self._task: str | None = None
        self.about: dict[str, str] = {}

    def first(self) -> Iterator[Record]:
        """The case, and what it refers to."""
        row = self._history.row
        yield Thing(row.number, "case", {name: getattr(row, name) for name in ALWAYS})
        if row.customer:
            yield from self._reference(f"customer:{row.customer}", "customer", {}, "raised by")
        for sort, ref in (("order", row.order), ("product", row.product)):
            if ref:
                yield from self._reference(f"{sort}:{ref}", "unit", {"sort": sort}, f"about {sort}")
        if row.parent:
            yield Link(row.number, row.parent, "follows")

    def follow(self, moment: Moment) -> Iterator[Record]:
        """What an entry turns."""
        self.about = {self._number: "case"}
        if moment.before is None:
            refs = (("customer", self._history.row.customer), ("order", self._history.row.order))
            for sort, ref in (*refs, ("product", self._history.row.product)):
                self.about |= {f"{sort}:{ref}": sort} if ref else {}
        yield from self._people(moment)
        yield from self._case(moment)
        yield from self._tasks(moment)
        yield from self._clocks(moment)

    def _reference(
        self, id: str, type: str, always: Mapping[str, Scalar], qualifier: str
    ) -> Iterator[Record]:
        yield Thing(id, type, always)
        yield Link(self._number, id, qualifier)

    def _people(self, moment: Moment) -> Iterator[Record]:
        actor, holder = moment.entry.actor, moment.case.holder
        if holder is not None:
            yield from self._agent(holder.id, "holds")
        if actor.kind is ActorKind.STAFF:
            yield from self._agent(actor.id, "acts")
        ours = f"customer:{self._history.row.customer}"
        party = actor if actor.kind is ActorKind.CUSTOMER else actor.on_behalf_of
        if party is not None and f"customer:{party.id}" == ours:
            self.about[ours] = "acts"

    def _agent(self, id: str, qualifier: str) -> Iterator[Record]:
        yield Thing(f"agent:{id}", "agent", {})
        self.about[f"agent:{id}"] = qualifier

    def _case(self, moment: Moment) -> Iterator[Record]:
        case, process = moment.case, self._history.process
        state = process.state_of(case)
        now: dict[str, Scalar | None] = {
            "state": case.state,
            "stage": state.stage.value,
            "outcome": state.outcome,
            "team": case.team,
            "assignee": case.holder.id if case.holder else None,
            **process.facts(case).model_dump(),
        }
        yield from self._turned(self._number, "case", now, moment.entry.at)

    def _tasks(self, moment: Moment) -> Iterator[Record]:
        """The task that the entry was done on, and the one it opened."""
        case, at, process = moment.case, moment.entry.at, self._history.process
        moved = case.entered == moment.entry.seq
        if self._task is not None:
            self.about[self._task] = "finishes" if moved else "on"
        if self._task is not None and moved:
            yield from self._turned(self._task, "task", {"status": "done"}, at)
            self._task = None
        state = process.state_of(case)
        if moved and has_task(state):
            self._task = task_id(self._number, case.entered)
            always = {"state": state.name.value, "stage": state.stage.value}
            yield Thing(self._task, "task", always)
            yield Link(self._number, self._task, "has task")
            self.about[self._task] = "opens"
        if self._task is not None:
            holder = case.holder.id if case.holder else None
            priority = process.facts(case).priority
            status = "on_hold" if case.hold else "open"
            now = {"status": status, "team": case.team, "assignee": holder, "priority": priority}
            yield from self._turned(self._task, "task", now, at)

    def _clocks(self, moment: Moment) -> Iterator[Record]:
        case, at = moment.case, moment.entry.at
        for reading in [*case.past, *case.clocks.values()]:
            name, instance = reading.clock.name, reading.instance
            id = f"{self._number}-{name}-{instance}"
            if (id, "state") not in self._known:
                yield Thing(id, "clock", {"clock": name, "instance": instance})
                yield Link(self._number, id, "has clock")
            now: dict[str, Scalar | None] = {
                "state": reading.state.value,
                "budget_hours": reading.target.budget.total_seconds() / 3600,
                "due_at": reading.due,
            }
            turned = list(self._turned(id, "clock", now, at))
            yield from turned
            form = moment.entry.form
            if turned or (form.get("clock"), form.get("instance")) == (name, instance):
                self.about[id] = reading.state.value

    def _turned(
        self, id: str, type: str, now: Mapping[str, Scalar | None], at: datetime
    ) -> Iterator[Record]:
        """What is other than it was; text that is gone is told as empty."""
        for name, value in now.items():
            known = self._known.get((id, name))
            gone = "" if isinstance(known, str) else None
            told = gone if value is None else value
            if told is not None and told != known:
                self._known[id, name] = told
                yield Value(id, type, name, at, told)


def tell(history: History, catalogue: Catalogue) -> Iterator[Record]:
    """Everything about one case; objects come before the events and links that name them."""
    objects = Objects(history)
    yield from objects.first()
    for moment in history.moments():
        yield from objects.follow(moment)
        yield Happening(
            id=f"{history.row.number}/{moment.entry.seq}",
            activity=activity(moment.entry),
            at=moment.entry.at,
            attributes=catalogue.values(history.process, moment),
            objects=tuple(objects.about.items()),
        )
