"""Taking a step: what it asks for, what was handed in, what is still asked of a person."""

import sys
from typing import Annotated, Any

import typer

from cli.client import Answer, Server
from cli.forms import ask, fill
from cli.output import Shown, sentence

FormText = Annotated[str | None, typer.Option("--form", help="The form, as a JSON object.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", help="FIELD=VALUE of the form; FIELD.PART=VALUE goes deeper."),
]


def do_step(
    server: Server, seen: Answer, step: str, form: str | None, sets: list[str] | None
) -> Shown:
    """Take a step of the case as it was seen; if it has moved since, nothing is done.

    Raises:
        CommandFailed: it is not offered, the form does not fit, or somebody was first.
    """
    number = seen.body["case"]["number"]
    schema = _schema(seen.body["offers"], step)
    handed = fill(schema, form, sets or [])
    if sys.stdin.isatty() and sys.stderr.isatty():
        handed = ask(schema, handed)
    path = f"/v1/cases/{number}/steps/{step}"
    answer = server.post(path, handed, if_match=seen.etag or f'"{seen.body["case"]["etag"]}"')
    return Shown(answer.body, sentence(outcome(answer, number)))


def outcome(answer: Answer, number: str) -> str:
    """In one line, where the case is now."""
    receipt = answer.body.get("receipt")
    if receipt is None:
        return f"{number}: done and durable; the lists will show it soon."
    return f"{number}: now {receipt['state']}."


def _schema(offers: list[dict[str, Any]], step: str) -> dict[str, Any]:
    """The form's schema; empty if the step is not offered, for then the server says why not."""
    return next((offer["form"] for offer in offers if offer["name"] == step), {})
