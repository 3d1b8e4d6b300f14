"""`banjie team`: people who share tasks."""

from typing import Annotated

import typer

from cli.core.client import Server
from cli.core.command import Reason, command, new_app
from cli.core.output import Shown, sentence, table

app = new_app("Teams: list, add.")


@command(app, "list", group="admin")
def list_teams(server: Server) -> Shown:
    """List the teams."""
    teams = server.get("/v1/teams").body
    rows = [(team["id"], team["name"]) for team in teams["items"]]
    return Shown(teams, table(("id", "name"), rows, "There is no team."))


@command(app, "add", group="admin")
def add(
    server: Server,
    id: Annotated[str, typer.Argument(help="A short word, e.g. complaints.")],
    name: Annotated[str, typer.Option(help="How people call it.")],
    reason: Reason = "",
) -> Shown:
    """Add a team."""
    made = server.post("/v1/teams", {"id": id, "name": name, "reason": reason}).body
    return Shown(made, sentence(f"The team {id} is there."))
