"""What the kinds' stories share: the people, the days of March 2026, and the usual commands."""

from datetime import datetime, timedelta, timezone

from cases.common.forms import (
    Acceptance,
    Arranged,
    FollowUp,
    NotArranged,
    NotTold,
    Satisfaction,
    Told,
)
from domain.engine.action_forms import Assignment, Claim
from domain.language.roles import Actor, ActorKind, the_world
from domain.stories import Act, act, person, through

CHEN = person("chen.min", "seat")
LIU = person("liu.yang", "agent")
ZHANG = person("zhang.qian", "agent")
WANG = person("wang.lei", "lead")
ZHAO = person("zhao.fang", "service_manager")
ZHOU = person("zhou.hang", "management")
SUN = person("sun.li", "store_manager")
MA = person("ma.qiang", "repairer")
SHUNDA = person("shunda", "vendor")
HE = person("he.tao", "logistics")
DISPATCHER = Actor(kind=ActorKind.ROUTER, id="dispatch")
APP = through("app")
CHAT = through("chat")
PLATFORM = through("platform")

ACCEPT = ("accept", Acceptance())
CLAIM = ("claim", Claim())
UNREACHED = ("follow_up", FollowUp(reached=False))
MANUAL_POLICY = "2026-1"
"""The policy that the stories are told under: the manual's own figures."""

SHANGHAI = timezone(timedelta(hours=8))


def march(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of March 2026 on the shop's wall clock; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def hand_to(whom: Actor, limit: datetime | None = None) -> tuple[str, Assignment]:
    """Assign the case to a person."""
    return "assign", Assignment(assignee=whom.id, roles=whom.roles, limit=limit)


def solved(satisfaction: Satisfaction, nps: int) -> tuple[str, FollowUp]:
    """Call back: it is solved."""
    form = FollowUp(reached=True, solved=True, satisfaction=satisfaction, nps=nps)
    return "follow_up", form


def not_solved() -> tuple[str, FollowUp]:
    """Call back: it is not solved."""
    form = FollowUp(reached=True, solved=False, satisfaction=Satisfaction.DISSATISFIED)
    return "follow_up", form


def customer_told(at: datetime) -> Act:
    """The message reached the customer's channel."""
    return act(at, the_world("tell"), ("told", Told(message="note-1", channel="phone")))


def customer_not_told(at: datetime) -> Act:
    """There was no way to send the message."""
    return act(at, the_world("tell"), ("tell_failed", NotTold(reason="no_contact")))


def arranged(at: datetime, port: str, step: str) -> Act:
    """The world did what it was asked for."""
    return act(at, the_world(port), (step, Arranged(reference=f"{port}-1")))


def not_arranged(at: datetime, port: str, step: str, why: str) -> Act:
    """The world refused what it was asked for."""
    return act(at, the_world(port), (step, NotArranged(reason=why)))
