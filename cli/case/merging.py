"""`banjie case`: possible duplicates, merging a case into another one, taking that back."""

from typing import Annotated, Any
from uuid import uuid4

import typer

from cli.core.client import ApiClient, segment
from cli.core.command import command
from cli.core.i18n import code_label, labels_of, translate
from cli.core.output import CommandResult, local_time, sentence, table

Number = Annotated[str, typer.Argument(help="The case's number, e.g. TS202603024829107.")]
HEADERS = ("number", "state", "score", "shared", "received", "words")


def add_to(app: typer.Typer) -> None:
    """Add the commands to those of cases."""
    command(app, "duplicates")(duplicates)
    command(app, "merge")(merge)
    command(app, "unmerge")(unmerge)


def duplicates(api: ApiClient, number: Number) -> CommandResult:
    """Show the cases that may be about the same, with what they share with this one."""
    document = api.get(f"/v1/cases/{segment(number)}/duplicates").body
    rows = [_row(each) for each in document["items"]]
    return CommandResult(document, table(HEADERS, rows, translate("No case looks like it.")))


def merge(
    api: ApiClient,
    number: Number,
    into: Annotated[str, typer.Argument(help="The number of the case that goes on for both.")],
    reason: Annotated[str, typer.Option(help="Why they are one.")],
    although_other_customer: Annotated[
        bool, typer.Option(help="The customers are not known to be one person, and it is meant.")
    ] = False,
) -> CommandResult:
    """Merge a case into another one (合并), which goes on for both; the customer is told once."""
    body = {"into": into, "reason": reason, "although_other_customer": although_other_customer}
    response = _post(api, number, "merge", body)
    message = translate("%(number)s goes on as %(into)s.", number=number, into=into)
    return CommandResult(response, sentence(message))


def unmerge(
    api: ApiClient,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why they are two after all.")],
) -> CommandResult:
    """Take a merge back within thirty days: the case is again where it was."""
    response = _post(api, number, "unmerge", {"reason": reason})
    message = translate("%(number)s is a case of its own again.", number=number)
    return CommandResult(response, sentence(message))


def _post(api: ApiClient, number: str, act: str, body: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/cases/{segment(number)}/{act}"
    response: dict[str, Any] = api.post(path, body, idempotency_key=str(uuid4())).body
    return response


def _row(found: dict[str, Any]) -> tuple[Any, ...]:
    case = found["case"]
    shared = ", ".join(code_label("shared", each) for each in found["shared"])
    received = local_time(case["received_at"])
    state = labels_of(case, "state")
    return (case["number"], *state, found["score"], shared, received, case["words"])
