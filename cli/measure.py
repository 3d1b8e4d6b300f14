"""`banjie measure`: improvement measures whose effect nobody checked yet."""

from typing import Annotated

import typer

from cli.core.client import ApiClient
from cli.core.command import command, noun_app
from cli.core.i18n import code_label, translate
from cli.core.output import CommandResult, table

HEADERS = ("due", "standing", "owner", "case", "entry", "measure")

app = noun_app("Improvement measures: whose they are, and which are due.")


@app.callback()
def root() -> None:
    """Improvement measures: whose they are, and which are due."""


@command(app, "list")
def list_measures(
    api: ApiClient,
    owner: Annotated[str | None, typer.Option(help="Whose.")] = None,
    own: Annotated[bool, typer.Option("--own", help="Only yours, and your teams'.")] = False,
    due: Annotated[
        bool, typer.Option("--due", help="Only overdue ones, and what is due within three days.")
    ] = False,
) -> CommandResult:
    """List the measures whose effect nobody checked yet, those first that are due first."""
    page = api.get("/v1/measures", owner=owner, own=own or None, due=due or None).body
    rows = [
        (
            each["due"],
            code_label("standing", each["standing"]),
            each["owner"],
            each["number"],
            each["seq"],
            each["measure"],
        )
        for each in page["items"]
    ]
    return CommandResult(page, table(HEADERS, rows, translate("There are none.")))
