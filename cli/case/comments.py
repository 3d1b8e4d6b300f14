"""`banjie case comments` and `comment`: what was said about a case, and saying something."""

from typing import Annotated
from uuid import uuid4

import typer

from cli.case.render import draw_comments
from cli.core.client import ApiClient, segment
from cli.core.command import command
from cli.core.i18n import translate
from cli.core.output import CommandResult, sentence
from cli.core.paging import Everything, Limit, read_pages

Number = Annotated[str, typer.Argument(help="The case's number, e.g. TS202603024829107.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to those of cases."""
    command(app, "comments")(comments)
    command(app, "comment")(comment)


def comments(
    api: ApiClient,
    number: Number,
    mark_read: Annotated[
        bool, typer.Option("--mark-read", help="And mark the customer's messages as read.")
    ] = False,
    limit: Limit = 20,
    everything: Everything = False,
    cursor: Annotated[str | None, typer.Option(help="Go on after the page that named it.")] = None,
) -> CommandResult:
    """Show what was said about a case, by the customer and among us, the oldest first."""
    path = f"/v1/cases/{segment(number)}/comments"
    document = read_pages(api, path, None if everything else limit, cursor=cursor)
    if mark_read:
        document |= api.post(f"{path}/read", {}).body
    if not document["items"]:
        return CommandResult(document, sentence(translate("Nothing was said.")))
    return CommandResult(document, lambda console: draw_comments(console, document["items"]))


def comment(
    api: ApiClient,
    number: Number,
    text: Annotated[str, typer.Argument(help="What is said, word for word.")],
    public: Annotated[
        bool, typer.Option("--public", help="For the customer to read, too.")
    ] = False,
) -> CommandResult:
    """Say something about a case: among us, or publicly, which answers what was unread."""
    body = {"body": text, "visibility": "public" if public else "internal"}
    response = api.post(f"/v1/cases/{segment(number)}/comments", body, idempotency_key=str(uuid4()))
    return CommandResult(response.body, sentence(f"{number}: {response.body['id']}"))
