"""Worked examples of a process, as data: a unit test, a workflow test and a page of the docs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.case import Case
from domain.entries import Entry
from domain.errors import Refusal
from domain.forms import Form
from domain.messages import Deed, Opening, Request
from domain.people import Actor, ActorKind, Party
from domain.process import Process


@dataclass(frozen=True)
class Act:
    """One request of a story: who does what, how long after the case was received.

    Args:
        at: elapsed time since `received_at`.
        by: the actor.
        steps: the deeds of the request, each a step's or act's name with its form.
        refused: the code of the refusal, when the story tells of one.
        tells: what is said in the docs about it.
    """

    at: timedelta
    by: Actor
    steps: tuple[tuple[str, Form], ...]
    refused: str | None = None
    tells: str = ""


@dataclass(frozen=True)
class Story:
    """A case from start to end: the opening, the requests, where it must end.

    Args:
        name: short and stable ("C1").
        title: one line.
        received: when the customer raised it.
        entered: how long after that it was entered.
        opens: the opening form.
        by: who entered it.
        channel: how it came in.
        acts: what was done.
        ends: the state it ends in.
        path: the states it went through, each once per arrival.
        holders: who held the case at the end of each act, where the story says so.
    """

    name: str
    title: str
    received: datetime
    opens: Form
    by: Actor
    channel: str
    acts: tuple[Act, ...]
    ends: StrEnum
    path: tuple[StrEnum, ...]
    entered: timedelta = timedelta()
    customer: bool = True
    closed_after: timedelta | None = None
    facts: dict[str, str] = field(default_factory=dict)


def person(id: str, *roles: str) -> Actor:
    """Somebody on the staff."""
    return Actor(kind=ActorKind.STAFF, id=id, roles=roles)


def through(system: str, customer: str = "customer-1") -> Actor:
    """A system that speaks for the customer."""
    return Actor(
        kind=ActorKind.SYSTEM,
        id=system,
        on_behalf_of=Party(kind=ActorKind.CUSTOMER, id=customer),
    )


def opening_of(process: Process, story: Story, number: str) -> Opening:
    """The opening message of a story."""
    return Opening(
        number=number,
        kind=process.kind,
        process_version=process.version,
        policy_version="story",
        source=story.by.id if story.by.kind is ActorKind.SYSTEM else "shop",
        channel=story.channel,
        received_at=story.received,
        customer="customer-1" if story.customer else None,
        proposal=process.propose(story.opens),
        form=story.opens.canonical(),
        actor=story.by,
        request=f"story-{story.name}",
    )


def requests(story: Story) -> list[tuple[Act, Request]]:
    """The story's acts as the messages that a workflow takes."""
    return [
        (
            act,
            Request(
                id=f"{story.name}-{index}",
                actor=act.by,
                deeds=tuple(Deed(step=name, form=form.canonical()) for name, form in act.steps),
            ),
        )
        for index, act in enumerate(story.acts)
    ]


def play(process: Process, story: Story, number: str) -> tuple[Case, list[Entry]]:
    """Tell the story to the pure engine; the world's answers come as the story gives them."""
    case = process.open(opening_of(process, story, number), story.received + story.entered)
    for act, request in requests(story):
        at = story.received + act.at
        trial = case.copy()
        try:
            process.check_request(case, request, at)
            process.take_request(trial, request, at)
            told = None
        except Refusal as refusal:
            told = refusal.code
        if told != act.refused:
            raise AssertionError(f"{story.name} at {act.at}: {told}, expected {act.refused}")
        case = trial if told is None else case
    return case, case.entries
