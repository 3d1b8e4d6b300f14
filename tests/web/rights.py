"""A row of the table of rights: a way into the system, and the letters of who gets which answer.

`tests/web/rights_table.py` says what the letters mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cases.common.roles import STAFF_ROLES
from domain.language.roles import Roles
from tests.web.everybody import LEAVER, NOBODY, PEOPLE, STRANGER, SYSTEM
from web.site import API_PATHS

SORTS: Final = {
    "/v1/batches/{id}": "batch",
    "/v1/orders/{id}": "order",
    "/v1/staff/{id}": "staff",
    "/v1/keys/{id}": "key",
    "/me/sessions/{id}": "session",
    "{message}": "message",
    "{batch}": "batch",
    "{number}": "case",
    "{id}": "case",
    "{customer}": "case",
    "{contact}": "case",
    "{words}": "case",
}
"""Which sort of thing a path is about, by what is in it; the first that fits."""


@dataclass(frozen=True)
class Answers:
    """The letters for everybody."""

    staff: str
    but: Mapping[Roles, str] = field(default_factory=dict)
    system: str = ""
    nobody: str = ""
    stranger: str = ""

    def of(self, person: str) -> str:
        """Return the letters of one of the people.

        A stranger has all roles, but nothing of this tenant is there for them. Where nothing else
        is said, a system is refused.
        """
        size = len(self.staff)
        if person in {NOBODY, LEAVER}:
            return self.nobody or "l" * size
        if person == SYSTEM:
            return self.system or "r" * size
        if person == STRANGER:
            return self.stranger or self._strangers()
        return next(
            (letters for who, letters in self.but.items() if person in who.names), self.staff
        )

    def _strangers(self) -> str:
        """Return the most that any role gets; of a thing there is only one that is not theirs."""
        letters = {self.of(role)[-2:] for role in STAFF_ROLES}
        return next((each for each in ("s", "n", "nn", "--") if each in letters), min(letters))


@dataclass(frozen=True)
class Row:
    """A way in: method and path, who may, and what is sent along.

    `about` is the sort of thing, if the path does not say it; `tells`: what another tenant has can
    be told from what is not there; `is_stream`: the answer has no end; `uploads`: a file is sent.
    """

    request: str
    answers: Answers
    sends: Any = None
    about: str | None = None
    ends_sessions: bool = False
    tells: bool = False
    is_stream: bool = False
    uploads: bool = False

    @property
    def method(self) -> str:
        """The method."""
        return self.request.partition(" ")[0]

    @property
    def target(self) -> str:
        """The path with its query, with names where a thing is to be put in."""
        return self.request.partition(" ")[2]

    @property
    def route(self) -> tuple[str, str]:
        """Method and path as the router knows them."""
        return self.method, self.target.partition("?")[0]

    @property
    def sort(self) -> str | None:
        """What the path is about."""
        in_path = (sort for part, sort in SORTS.items() if part in self.target)
        return self.about or next(in_path, None)

    @property
    def is_api(self) -> bool:
        """Whether it is a way into the API."""
        return self.target.startswith(API_PATHS)

    def expected(self) -> Mapping[str, str]:
        """Return the letters by person. At the pages a system is nobody: it has no session."""
        people = {person: self.answers.of(person) for person in PEOPLE}
        return people if self.is_api else people | {SYSTEM: people[NOBODY]}


def but(*left_out: Roles) -> Roles:
    """All roles but these."""
    return Roles(STAFF_ROLES.names - frozenset().union(*(each.names for each in left_out)))
