"""Checks that cases reach somebody: their teams exist and have members, somebody administers."""

from ops.doctor.checks import CheckResult, ok, warning, wrong
from ops.organisation import has_administrator, kinds_of_team, needed_teams
from store import Store


async def check_organisation(store: Store, tenant: str) -> list[CheckResult]:
    """Check teams and administrator of a tenant."""
    results = await _check_teams(store, tenant)
    if not await has_administrator(store, tenant):
        message = "No administrator has a key: nobody can add staff, teams or keys."
        results.append(wrong("administrator", message, "Run `banjie setup`."))
    return results or [ok("teams", "Every kind's team exists and has members.")]


async def _check_teams(store: Store, tenant: str) -> list[CheckResult]:
    existing = {team.id for team in await store.people.teams(tenant)}
    staffed = {
        team for each in await store.people.list(tenant) if each.active for team in each.teams
    }
    results = []
    for team in needed_teams():
        kinds = ", ".join(kinds_of_team(team))
        if team not in existing:
            message = f"There is no team {team}: new cases ({kinds}) are on nobody's team list."
            results.append(wrong("teams", message, "Run `banjie setup`, then give it members."))
        elif team not in staffed:
            message = f"Nobody is in the team {team}: new cases ({kinds}) are on nobody's list."
            remedy = f"banjie staff change ID --team {team} (name all teams of the person)."
            results.append(warning("teams", message, remedy))
    return results
