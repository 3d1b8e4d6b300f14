"""`banjie team`: people who share tasks."""

from typing import Annotated

import typer

from cli.core.client import ApiClient
from cli.core.command import Reason, command, noun_app
from cli.core.i18n import translate
from cli.core.output import CommandResult, sentence, table

app = noun_app("Teams: list, add.")


@command(app, "list", group="admin")
def list_teams(api: ApiClient) -> CommandResult:
    """List the teams."""
    teams = api.get("/v1/teams").body
    rows = [(team["id"], team["name"]) for team in teams["items"]]
    return CommandResult(teams, table(("id", "name"), rows, translate("There is no team.")))


@command(app, "add", group="admin")
def add(
    api: ApiClient,
    id: Annotated[str, typer.Argument(help="A short word, e.g. complaints.")],
    name: Annotated[str, typer.Option(help="How people call it.")],
    reason: Reason = "",
) -> CommandResult:
    """Add a team."""
    team = api.post("/v1/teams", {"id": id, "name": name, "reason": reason}).body
    return CommandResult(team, sentence(translate("The team %(id)s is there.", id=id)))
