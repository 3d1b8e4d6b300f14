"""Checks that cases reach somebody: their teams exist and have members, somebody administers."""

from ops.doctor.checks import CheckResult, ok, warning, wrong
from ops.organisation import has_administrator, kinds_of_team, needed_teams, setup_command
from runtime.message import Message
from store import Store


async def check_organisation(store: Store, tenant: str) -> list[CheckResult]:
    """Check teams and administrator of a tenant."""
    command = await setup_command(store, tenant)
    results = await _check_teams(store, tenant, command)
    if not await has_administrator(store, tenant):
        message = Message("No administrator has a key: nobody can add staff, teams or keys.")
        results.append(
            wrong("administrator", message, Message("Run `%(command)s`.", command=command))
        )
    return results or [ok("teams", Message("Every kind's team exists and has members."))]


async def _check_teams(store: Store, tenant: str, command: str) -> list[CheckResult]:
    existing = {team.id for team in await store.people.teams(tenant)}
    staffed = {
        team for each in await store.people.list(tenant) if each.active for team in each.teams
    }
    results = []
    for team in needed_teams():
        kinds = [*kinds_of_team(team)]
        if team not in existing:
            message = Message(
                "There is no team %(team)s: new cases (%(kinds)s) are on nobody's team list.",
                team=team,
                kinds=kinds,
            )
            remedy = Message("Run `%(command)s`, then give it members.", command=command)
            results.append(wrong("teams", message, remedy))
        elif team not in staffed:
            message = Message(
                "Nobody is in the team %(team)s: new cases (%(kinds)s) are on nobody's list.",
                team=team,
                kinds=kinds,
            )
            remedy = Message(
                "banjie staff change ID --team %(team)s (name all teams of the person).", team=team
            )
            results.append(warning("teams", message, remedy))
    return results
