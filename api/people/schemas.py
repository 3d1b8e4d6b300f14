"""Staff, teams and keys in requests and responses."""

from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from api.http.schemas import RequestModel, ResponseModel
from domain.assignment import Skill
from domain.language.values import Code, Name, NewId, Note

MAX_ROLES, MAX_SKILLS, MAX_CAPACITY = 20, 50, 1000

Roles = Annotated[tuple[Code, ...], Field(min_length=1, max_length=MAX_ROLES)]
Teams = Annotated[tuple[Code, ...], Field(max_length=MAX_ROLES)]


class Me(ResponseModel):
    """The owner of the key."""

    tenant: str
    kind: str
    id: str
    name: str | None
    roles: list[str]
    teams: list[str]


class AdminRequest(RequestModel):
    """An act of administration; its reason is written down with it."""

    reason: Note = ""


class NewStaff(AdminRequest):
    """A new member of the staff."""

    id: NewId
    name: Name
    roles: Roles
    teams: Teams = ()


class StaffChange(AdminRequest):
    """Other roles, other teams, out or in again; what is left out stays as it is."""

    active: bool | None = None
    roles: Roles | None = None
    teams: Teams | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.active is None and self.roles is None and self.teams is None:
            raise PydanticCustomError("nothing_to_change", "say what is to change")
        return self


class StaffProfile(ResponseModel):
    """What somebody can do, how many cases they have at a time, and whether they are here.

    Cases of teams that a policy has assigned by rule go to those on duty who have the skill for
    them and have room.
    """

    staff: str
    skills: list[Skill]
    capacity: int
    on_duty: bool
    since: AwareDatetime | None


class ProfileChange(AdminRequest):
    """What somebody can do, and how many cases they have at a time; what is left out stays."""

    skills: Annotated[tuple[Skill, ...], Field(max_length=MAX_SKILLS)] | None = None
    capacity: Annotated[int, Field(ge=0, le=MAX_CAPACITY)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.skills is None and self.capacity is None:
            raise PydanticCustomError("nothing_to_change", "say what is to change")
        return self


class DutyChange(AdminRequest):
    """Whether somebody is here."""

    on_duty: bool


class Invitation(AdminRequest):
    """A wish for a one-time link, by which a person chooses a password."""


class CreatedLink(ResponseModel):
    """A new one-time link, shown this once; only its hash is kept."""

    id: str
    path: Annotated[str, Field(description="To be opened in a browser, at the address of the API.")]
    expires_at: AwareDatetime


class StaffMember(ResponseModel):
    """A member of the staff."""

    id: str
    name: str
    roles: list[str]
    teams: list[str]
    active: bool


class StaffList(ResponseModel):
    """The staff."""

    items: list[StaffMember]


class NewTeam(AdminRequest):
    """A new team."""

    id: NewId
    name: Name


class Team(ResponseModel):
    """People who share tasks."""

    id: str
    name: str


class TeamList(ResponseModel):
    """The teams."""

    items: list[Team]


class NewKey(AdminRequest):
    """A key for a system, or for a member of the staff."""

    system: NewId | None = None
    staff: Code | None = None

    @model_validator(mode="after")
    def _one_owner(self) -> Self:
        if (self.system is None) == (self.staff is None):
            raise PydanticCustomError(
                "one_owner", "say whose key it is: a system's or one of the staff's"
            )
        return self


class CreatedKey(ResponseModel):
    """A new key, shown this once; only its hash is kept."""

    id: str
    key: Annotated[str, Field(description="`bj_<id>_<secret>`")]


class KeyOwner(ResponseModel):
    """The owner of a key."""

    kind: str
    id: str


class Key(ResponseModel):
    """A key as lists show it, without its secret."""

    id: str
    owner: KeyOwner
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class KeyList(ResponseModel):
    """The keys that were given out."""

    items: list[Key]
