"""`banjie case notify`: telling a case's customer something in one's own words."""

from typing import Annotated
from uuid import uuid4

import typer

from cli.client import Server
from cli.command import command
from cli.output import Shown, sentence


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "notify")(notify)


def notify(
    server: Server,
    number: Annotated[str, typer.Argument(help="The case's number.")],
    text: Annotated[str, typer.Argument(help="What the customer is told, word for word.")],
) -> Shown:
    """Tell the customer something (通知客户); it moves nothing, and it is news and an answer."""
    path = f"/v1/cases/{number}/notify"
    answer = server.post(path, {"text": text}, idempotency_key=str(uuid4()))
    return Shown(answer.body, sentence(f"{number}: the customer will be told."))
