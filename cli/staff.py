"""`banjie staff`: list who works here; administrators add, change, invite and deactivate."""

from typing import Annotated, Any

import typer

from cli.core.client import ApiClient, segment
from cli.core.command import Reason, command, noun_app
from cli.core.exits import WrongUsage
from cli.core.i18n import code_label, listed, translate
from cli.core.output import CommandResult, local_time, sentence, table

app = noun_app("Staff: list, add, change, invite, deactivate, activate.")

Id = Annotated[str, typer.Argument(help="The person's id, e.g. liu.yang.")]


@command(app, "list", group="admin")
def list_staff(api: ApiClient) -> CommandResult:
    """List everybody."""
    people = api.get("/v1/staff").body
    rows = [
        (
            p["id"],
            p["name"],
            _labels("role", p["roles"]),
            p["teams"],
            translate("yes" if p["active"] else "no"),
        )
        for p in people["items"]
    ]
    return CommandResult(
        people, table(("id", "name", "roles", "teams", "active"), rows, translate("Nobody."))
    )


@command(app, "add", group="admin")
def add(
    api: ApiClient,
    id: Id,
    name: Annotated[str, typer.Option(help="How people call them.")],
    role: Annotated[list[str], typer.Option(help="agent, lead …; may be given again.")],
    team: Annotated[list[str] | None, typer.Option(help="May be given again.")] = None,
    reason: Reason = "",
) -> CommandResult:
    """Add a colleague; `banjie staff invite` lets them sign in, `key add --staff` gives a key."""
    body = {"id": id, "name": name, "roles": role, "teams": team or [], "reason": reason}
    person = api.post("/v1/staff", body).body
    return CommandResult(
        person,
        sentence(translate("%(id)s is there. Let them sign in: banjie staff invite %(id)s", id=id)),
    )


@command(app, "change", group="admin")
def change(
    api: ApiClient,
    id: Id,
    role: Annotated[
        list[str] | None, typer.Option(help="The roles from now on; may be given again.")
    ] = None,
    team: Annotated[
        list[str] | None, typer.Option(help="The teams from now on; may be given again.")
    ] = None,
    no_team: Annotated[bool, typer.Option("--no-team", help="In no team from now on.")] = False,
    reason: Reason = "",
) -> CommandResult:
    """Give somebody other roles or teams; what is left out stays."""
    if no_team and team:
        raise WrongUsage(translate("Say --team or --no-team, not both."))
    body = {name: value for name, value in (("roles", role), ("teams", team)) if value}
    more: dict[str, Any] = {"teams": []} if no_team else {}
    changed = api.patch(f"/v1/staff/{segment(id)}", {**body, **more, "reason": reason}).body
    roles, teams = _labels("role", changed["roles"]), listed(changed["teams"]) or translate("none")
    return CommandResult(
        changed,
        sentence(
            translate("%(id)s: roles %(roles)s; teams %(teams)s.", id=id, roles=roles, teams=teams)
        ),
    )


@command(app, "invite", group="admin")
def invite(api: ApiClient, id: Id, reason: Reason = "") -> CommandResult:
    """Make a one-time link, by which somebody chooses a password for the pages.

    It is good for a day, and an earlier one is good for nothing any more.
    """
    made = api.post(f"/v1/staff/{segment(id)}/invite", {"reason": reason}).body
    link = f"{api.connection.url.rstrip('/')}{made['path']}"
    shown = translate(
        "It is shown this once, and good until %(until)s; give it to %(id)s alone.",
        until=local_time(made["expires_at"]),
        id=id,
    )
    return CommandResult({**made, "link": link}, sentence(f"{link}\n{shown}"))


@command(app, "deactivate", group="admin")
def deactivate(api: ApiClient, id: Id, reason: Reason = "") -> CommandResult:
    """Somebody leaves: keys open nothing any more, sessions end, their history stays."""
    changed = api.patch(f"/v1/staff/{segment(id)}", {"active": False, "reason": reason}).body
    return CommandResult(changed, sentence(translate("%(id)s is no longer active.", id=id)))


@command(app, "activate", group="admin")
def activate(api: ApiClient, id: Id, reason: Reason = "") -> CommandResult:
    """Somebody comes back."""
    changed = api.patch(f"/v1/staff/{segment(id)}", {"active": True, "reason": reason}).body
    return CommandResult(changed, sentence(translate("%(id)s is active again.", id=id)))


def _labels(sort: str, codes: list[str]) -> str:
    return listed(code_label(sort, code) for code in codes)
