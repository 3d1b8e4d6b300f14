"""Colleagues and teams, as those who work on cases know them: by name."""

from dataclasses import dataclass

from app.authentication import Principal
from app.authorization import reads_inside
from app.services import Services
from cases.common.roles import VENDOR
from domain.language.roles import Roles
from store.people.records import Staff, Team


@dataclass(frozen=True)
class Colleagues:
    """Everybody on the staff, also those who have left, and all teams.

    Who is not shown our people is shown none.
    """

    staff: tuple[Staff, ...] = ()
    teams: tuple[Team, ...] = ()

    def name(self, id: str) -> str:
        """Return what somebody is called; the id of who is not known here."""
        return next((each.name for each in self.staff if each.id == id), id)

    def team(self, id: str) -> str:
        """Return what a team is called; the id of one that is not known here."""
        return next((each.name for each in self.teams if each.id == id), id)


def is_vendor(person: Staff) -> bool:
    """Say whether somebody works for us as another company; also who does so no more."""
    return bool(VENDOR & Roles(frozenset(person.roles)))


async def read_colleagues(services: Services, caller: Principal) -> Colleagues:
    """Return the colleagues whom the caller is shown.

    Raises:
        StoreDown
    """
    if not reads_inside(caller):
        return Colleagues()
    people = services.store.people
    return Colleagues(
        tuple(await people.list(caller.tenant)), tuple(await people.teams(caller.tenant))
    )
