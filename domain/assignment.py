"""Who gets which case: a queue in its order, and people with skills, capacity and duty.

Pure: whoever asks brings what is there, and gets the decisions with their reasons. What is decided
is that nobody who could work sits idle while a case waits that they could do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from domain.language.values import Code, Name

MOST_VALUES: Final = 50

Codes = Annotated[tuple[Code, ...], Field(max_length=MOST_VALUES)]
Regions = Annotated[tuple[Name, ...], Field(max_length=MOST_VALUES)]


class Preference(StrEnum):
    """What speaks for somebody among those who could do a case.

    That they had a case of the same customer; that their skill is the closest; that they have the
    smallest share of what they can carry; that they have waited longest.
    """

    EARLIER_AGENT = auto()
    SKILL = auto()
    LOAD = auto()
    IDLE = auto()


class Skill(BaseModel):
    """What somebody can do: cases that have one of the values in each field that names any.

    A region is a part of the customer's address; the other fields are those of a case.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Codes = ()
    category: Codes = ()
    product_line: Codes = ()
    region: Regions = ()

    @property
    def named(self) -> Mapping[str, tuple[str, ...]]:
        """The fields that name values."""
        return {name: values for name, values in self if values}

    def fits(self, facts: Mapping[str, str | None]) -> bool:
        """Return whether a case that is so is one of those; what is unknown fits no value."""
        return all(_is_among(name, facts.get(name), values) for name, values in self.named.items())


def _is_among(name: str, value: str | None, values: Iterable[str]) -> bool:
    if value is None:
        return False
    return any(each in value for each in values) if name == "region" else value in values


@dataclass(frozen=True)
class TeamRules:
    """How the cases of a team are assigned.

    Args:
        prefers: what decides among those who could do a case, the first first.
        earlier_within: for how long somebody who had a case of the customer is preferred.
    """

    prefers: tuple[Preference, ...] = tuple(Preference)
    earlier_within: timedelta = timedelta(days=90)


@dataclass(frozen=True)
class Agent:
    """Somebody who works on cases.

    Args:
        id: who.
        roles: those of now.
        teams: likewise.
        skills: what they can do; none is nothing.
        capacity: how many cases they have at a time.
        load: how many they have.
        on_duty: whether they are here.
        assigned_at: when they were given a case last.
    """

    id: str
    roles: frozenset[str]
    teams: frozenset[str]
    skills: tuple[Skill, ...]
    capacity: int
    load: int = 0
    on_duty: bool = True
    assigned_at: datetime | None = None

    @property
    def is_free(self) -> bool:
        """Whether they are here and can have another case."""
        return self.on_duty and self.load < self.capacity


@dataclass(frozen=True)
class WaitingCase:
    """A case that nobody has.

    Args:
        number: which.
        team: whose.
        takes: the roles that may work on it.
        facts: what it is: kind, category, product line, and the address as region.
        declined_by: those who did not take it when they were given it.
        earlier_agent: who had a case of the same customer last.
        rules: how the policy of the case has it assigned.
    """

    number: str
    team: str
    takes: frozenset[str]
    facts: Mapping[str, str | None]
    declined_by: frozenset[str] = frozenset()
    earlier_agent: str | None = None
    rules: TeamRules = TeamRules()


@dataclass(frozen=True)
class Choice:
    """Who gets a case, and why: by which skill, with how much else, as the customer's earlier one.

    `load` is what they had before, out of `capacity`.
    """

    number: str
    agent: str
    skill: Skill
    load: int
    capacity: int
    is_earlier: bool


def closest_skill(case: WaitingCase, agent: Agent) -> Skill | None:
    """Return the skill of somebody that says most of a case; None if none fits."""
    fitting = [skill for skill in agent.skills if skill.fits(case.facts)]
    return max(fitting, key=lambda skill: len(skill.named), default=None)


def is_eligible(case: WaitingCase, agent: Agent) -> bool:
    """Return whether somebody who is free could be given a case."""
    is_theirs = case.team in agent.teams and bool(case.takes & agent.roles)
    is_new = agent.id not in case.declined_by
    return is_theirs and is_new and closest_skill(case, agent) is not None


def choose(case: WaitingCase, agents: Iterable[Agent]) -> Choice | None:
    """Return who gets a case now; None if nobody could who is free."""
    fitting = [each for each in agents if each.is_free and is_eligible(case, each)]
    best = min(fitting, key=lambda agent: _order(case, agent), default=None)
    if best is None:
        return None
    skill = closest_skill(case, best) or Skill()
    is_earlier = Preference.EARLIER_AGENT in case.rules.prefers and best.id == case.earlier_agent
    return Choice(case.number, best.id, skill, best.load, best.capacity, is_earlier)


def drain(
    queue: Iterable[WaitingCase], agents: Sequence[Agent], at: datetime | None = None
) -> Iterator[Choice]:
    """Yield who gets which cases of a queue, in its order, until nobody is free any more.

    Nobody becomes free by what is given out, so a case that is passed over fits nobody at the end
    either.
    """
    free = {each.id: each for each in agents if each.is_free}
    for case in queue:
        if not free:
            return
        choice = choose(case, free.values())
        if choice is None:
            continue
        busier = busier_by(free.pop(choice.agent), at)
        if busier.is_free:
            free[choice.agent] = busier
        yield choice


def busier_by(agent: Agent, at: datetime | None) -> Agent:
    """Return somebody with a case more."""
    return replace(agent, load=agent.load + 1, assigned_at=at or agent.assigned_at)


def _order(case: WaitingCase, agent: Agent) -> tuple[Any, ...]:
    """Return what sorts those who could do a case, the best first; the id makes it one order."""
    skill = closest_skill(case, agent)
    waited = agent.assigned_at.timestamp() if agent.assigned_at else 0.0
    ranks: dict[Preference, Any] = {
        Preference.EARLIER_AGENT: agent.id != case.earlier_agent,
        Preference.SKILL: -len(skill.named) if skill else 0,
        Preference.LOAD: agent.load / agent.capacity,
        Preference.IDLE: waited,
    }
    return (*(ranks[preference] for preference in case.rules.prefers), agent.id)
