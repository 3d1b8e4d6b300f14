"""Worked examples of a process, as data: they are unit tests, workflow tests and docs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.engine.case import Case
from domain.engine.messages import Command, Opening, Request
from domain.engine.process import Process
from domain.errors import Refusal
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.goods import Goods
from domain.language.roles import Actor, ActorKind, Party
from domain.language.sorting import sort_words
from domain.read_models.projection import case_view

CUSTOMER_REF = "customer-1"
ORDER = "20260301-8841"
"""The order that a story's goods are of."""


@dataclass(frozen=True)
class Act:
    """One request of a story: who does what, and when.

    Args:
        at: the moment.
        by: the actor. Where there is a real world, the acts of the world are left out.
        commands: the commands of the request, each a step or a task action with its form.
        refused: the code of the refusal, if it is refused.
        tells: what the docs say about it.
    """

    at: datetime
    by: Actor
    commands: tuple[tuple[str, Form], ...]
    refused: str | None = None
    tells: str = ""

    @property
    def is_by_world(self) -> bool:
        """Whether it is an answer of the world, which no person makes."""
        return self.by.kind is ActorKind.WORLD


@dataclass(frozen=True)
class Story:
    """A case from its start to where the story leaves it.

    Args:
        name: short and stable ("C1").
        title: one line.
        received: when the customer raised it.
        opens: the opening form.
        by: who entered it.
        channel: how it came in.
        policy: the version of the policy that it was opened under.
        acts: its requests, in order of time.
        path: the states it went through, each once per arrival.
        entered: when it was entered, if that was later than it was received.
        customer: whether the customer is known, so that somebody can be notified.
        goods: the lines of the order that it is about.
        shows: the values of some fields of the case's row at the end.
        clocks: the state of some clocks at the end, and how much of their own time they used.
        escalations: when the milestones of some clocks were due, one by one.
        of: the name of the story, of another kind, whose case this one came of.
        staged: whether outside systems refuse something that the local ones would do, so that it
            is played only where the answers are given.
    """

    name: str
    title: str
    received: datetime
    opens: Form
    by: Actor
    channel: str
    policy: str
    acts: Sequence[Act]
    path: Sequence[StrEnum]
    entered: datetime | None = None
    customer: bool = True
    goods: Sequence[Goods] = ()
    shows: Mapping[str, str] = field(default_factory=dict)
    clocks: Mapping[str, tuple[str, timedelta]] = field(default_factory=dict)
    staged: bool = False
    escalations: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    of: str | None = None

    @property
    def ends(self) -> StrEnum:
        """The state it ends in."""
        return self.path[-1]

    def moved(self, received: datetime) -> "Story":
        """Return the same story for a case received at this moment; days move along."""
        by = received - self.received
        days = received.astimezone(self.received.tzinfo).date() - self.received.date()
        return replace(
            self,
            received=received,
            entered=self.entered and self.entered + by,
            acts=tuple(_moved(act, by, days) for act in self.acts),
            goods=tuple(_delivered_later(goods, days) for goods in self.goods),
            escalations={name: [at + by for at in due] for name, due in self.escalations.items()},
        )


@dataclass(frozen=True)
class PlayedStory:
    """A story that was played: the case at the end, and its state after each act."""

    case: Case
    states: tuple[str, ...]

    @property
    def entries(self) -> list[Entry]:
        """The history of the case."""
        return self.case.entries

    @property
    def path(self) -> list[str]:
        """The states the case went through."""
        return [entry.led_to for entry in self.case.arrivals()]


def act(
    at: datetime,
    by: Actor,
    *commands: tuple[str, Form],
    refused: str | None = None,
    tells: str = "",
) -> Act:
    """Return one request with these commands."""
    return Act(at, by, commands, refused, tells)


def person(id: str, *roles: str) -> Actor:
    """Return somebody on the staff."""
    return Actor(kind=ActorKind.STAFF, id=id, roles=roles)


def through(system: str, customer: str = CUSTOMER_REF) -> Actor:
    """Return a system that speaks for the customer."""
    behalf = Party(kind=ActorKind.CUSTOMER, id=customer)
    return Actor(kind=ActorKind.SYSTEM, id=system, on_behalf_of=behalf)


def opening_for(
    process: Process,
    story: Story,
    number: str,
    customer: str = CUSTOMER_REF,
    parent: str | None = None,
) -> Opening:
    """Return the opening message of a story; `parent` is the number of the case it came of."""
    words = str(getattr(story.opens, "words", ""))
    return Opening(
        number=number,
        kind=process.kind,
        process_version=process.version,
        policy_version=story.policy,
        source=story.by.id if story.by.kind is ActorKind.SYSTEM else "desk",
        channel=story.channel,
        received_at=story.received,
        customer=customer if story.customer else None,
        order=ORDER if story.goods else None,
        goods=tuple(story.goods),
        parent=parent,
        proposal=process.propose(story.opens, sort_words(process.sorting, words, {})),
        form=story.opens.canonical(),
        actor=story.by,
        request=f"story-{story.name}",
    )


def requests(story: Story) -> list[tuple[Act, Request]]:
    """Return the story's acts, each with the request that a workflow takes."""
    return [
        (
            act,
            Request(
                id=f"{story.name}-{index}",
                actor=act.by,
                commands=tuple(
                    Command(step=name, form=form.canonical()) for name, form in act.commands
                ),
            ),
        )
        for index, act in enumerate(story.acts)
    ]


def play(process: Process, story: Story, number: str) -> PlayedStory:
    """Play the story on the pure engine; the world answers as the story says.

    Raises:
        AssertionError: the case goes another way than the story says.
    """
    case = process.open(opening_for(process, story, number), story.entered or story.received)
    states = []
    for act, request in requests(story):
        case = _do(process, case, act, request)
        states.append(case.state)
    played = PlayedStory(case, tuple(states))
    _expect(story, "path", played.path, [str(state) for state in story.path])
    row = case_view(process, case)
    for name, value in story.shows.items():
        _expect(story, name, str(getattr(row, name)), value)
    for name, use in story.clocks.items():
        _expect(story, f"clock {name}", clock_use(case, name), use)
    for name, times in story.escalations.items():
        _expect(story, f"escalations of {name}", escalation_times(case, name), list(times))
    return played


def clock_use(case: Case, clock: str) -> tuple[str, timedelta] | None:
    """Return the state of a clock's newest instance, and how much of its own time it has used."""
    instance = case.clocks.get(clock)
    return (instance.state.value, instance.spent(case.last.at)) if instance else None


def escalation_times(case: Case, clock: str) -> list[datetime | None]:
    """Return when the fired milestones of a clock were due."""
    return [e.due_at for e in case.entries if "rungs" in e.form and e.form.get("clock") == clock]


def pass_time(process: Process, case: Case, until: datetime) -> None:
    """Let time do what is due by then, each event at its own moment, as timers do."""
    while (timer := process.next_timer(case)) is not None and timer[0] <= until:
        process.settle(case, timer[0])


def _do(process: Process, case: Case, act: Act, request: Request) -> Case:
    pass_time(process, case, act.at)
    trial = case.copy()
    refused = None
    try:
        process.check_request(case, request, act.at)
        process.apply_request(trial, request, act.at)
    except Refusal as refusal:
        refused = refusal.code
    if refused != act.refused:
        raise AssertionError(f"{request.id} at {act.at}: {refused}, expected {act.refused}")
    return trial if refused is None else case


def _expect(story: Story, what: str, actual: object, expected: object) -> None:
    if actual != expected:
        raise AssertionError(f"{story.name}: {what} is {actual}, expected {expected}")


def _moved(act: Act, by: timedelta, days: timedelta) -> Act:
    commands = tuple((name, _shifted(form, by, days)) for name, form in act.commands)
    return replace(act, at=act.at + by, commands=commands)


def _delivered_later(goods: Goods, days: timedelta) -> Goods:
    if goods.delivered_on is None:
        return goods
    return goods.model_copy(update={"delivered_on": goods.delivered_on + days})


def _shifted(form: Form, by: timedelta, days: timedelta) -> Form:
    """Return the same form; its dates move by `days`, its moments by as much as the story."""
    moved: dict[str, date] = {
        name: value + (by if isinstance(value, datetime) else days)
        for name, value in form
        if isinstance(value, date)
    }
    return form.model_copy(update=moved) if moved else form
