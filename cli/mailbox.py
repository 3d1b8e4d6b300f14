"""`banjie mailbox`: what is to be told in person, since no messenger is connected."""

from typing import Annotated

import typer

from cli.core.client import ApiClient
from cli.core.command import command, noun_app
from cli.core.i18n import code_label, translate
from cli.core.output import CommandResult, local_time, table
from cli.core.paging import Everything, Limit, read_pages

HEADERS = ("case", "since", "to", "message", "assignee")

app = noun_app("The local mailbox: what nobody was told yet, where no messenger is connected.")


@app.callback()
def root() -> None:
    """The local mailbox: what nobody was told yet, where no messenger is connected."""


@command(app, "list")
def list_messages(
    api: ApiClient,
    limit: Limit = 20,
    everything: Everything = False,
    cursor: Annotated[str | None, typer.Option(help="Go on after the page that named it.")] = None,
) -> CommandResult:
    """List what concerns you, the newest first: to your roles, and on cases that you answer for."""
    page = read_pages(api, "/v1/mailbox", None if everything else limit, cursor=cursor)
    rows = [
        (
            each["number"],
            local_time(each["delivered_at"]),
            code_label("role", each["to"]),
            each["text"],
            each["assignee"],
        )
        for each in page["items"]
    ]
    return CommandResult(page, table(HEADERS, rows, translate("There are none.")))
