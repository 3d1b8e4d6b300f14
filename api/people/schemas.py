"""Staff, teams and keys as they come in and go out."""

from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from api.http.schemas import Answer, Body
from domain.language.forms import Code, Note


class Reasoned(Body):
    """Something done to the system; the reason is written down with it."""

    reason: Note = ""


class NewStaff(Reasoned):
    """A new colleague."""

    id: Code
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    roles: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    teams: Annotated[tuple[Code, ...], Field(max_length=20)] = ()


class StaffChange(Reasoned):
    """Other roles, other teams, out or in again; what is left out stays as it is."""

    active: bool | None = None
    roles: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)] | None = None
    teams: Annotated[tuple[Code, ...], Field(max_length=20)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.active is None and self.roles is None and self.teams is None:
            raise PydanticCustomError("nothing_to_change", "say what is to change")
        return self


class NewTeam(Reasoned):
    """A new team."""

    id: Code
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class NewKey(Reasoned):
    """A key for a system, or for one of the staff."""

    system: Code | None = None
    staff: Code | None = None

    @model_validator(mode="after")
    def _one_owner(self) -> Self:
        if (self.system is None) == (self.staff is None):
            raise PydanticCustomError(
                "one_owner", "say whose key it is: a system's or one of the staff's"
            )
        return self


class Me(Answer):
    """Whose key it is."""

    tenant: str
    kind: str
    id: str
    name: str | None
    roles: list[str]
    teams: list[str]


class StaffAnswer(Answer):
    """One of our people."""

    id: str
    name: str
    roles: list[str]
    teams: list[str]
    active: bool


class StaffList(Answer):
    """Our people."""

    items: list[StaffAnswer]


class TeamAnswer(Answer):
    """People who share tasks."""

    id: str
    name: str


class TeamList(Answer):
    """Our teams."""

    items: list[TeamAnswer]


class KeyMade(Answer):
    """A new key, shown this once; we keep only its hash."""

    id: str
    key: Annotated[str, Field(description="`bj_<id>_<secret>`")]


class KeyOwnerAnswer(Answer):
    """Whose key it is."""

    kind: str
    id: str


class KeyAnswer(Answer):
    """A key as lists show it, without the key."""

    id: str
    owner: KeyOwnerAnswer
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class KeyList(Answer):
    """The keys that were given out."""

    items: list[KeyAnswer]
