"""The part `assignment` of a policy: the teams whose cases are assigned by rule, and how."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from domain.assignment import Preference, TeamRules
from domain.language.values import Code, Duration
from policies.calendar_document import Document

LONGEST = timedelta(days=366)


class TeamAssignmentDocument(Document):
    """A team whose cases are assigned by rule to those on duty who have the skill and the room.

    Args:
        team: whose cases.
        prefers: what decides among those who could do a case, the first first.
        earlier_within: for how long somebody who had a case of the customer is preferred.
    """

    team: Code
    prefers: Annotated[tuple[Preference, ...], Field(min_length=1)] = TeamRules().prefers
    earlier_within: Annotated[Duration, Field(ge=timedelta(), le=LONGEST)] = (
        TeamRules().earlier_within
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({*self.prefers}) != len(self.prefers):
            raise PydanticCustomError("preference_twice", "name each preference once")
        return self


class AssignmentDocument(Document):
    """The teams whose cases are assigned by rule; those of all others are taken by their people."""

    teams: tuple[TeamAssignmentDocument, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({each.team for each in self.teams}) != len(self.teams):
            raise PydanticCustomError("team_twice", "name each team once")
        return self

    def build(self) -> Mapping[str, TeamRules]:
        """Return the rules by team."""
        return {each.team: TeamRules(each.prefers, each.earlier_within) for each in self.teams}
