"""Beginning a batch: which cases, which form, and being asked whether one is sure."""

import sys
from typing import Any

from rich.prompt import Confirm

from cli.client import Server
from cli.failures import CommandFailed, WrongUsage
from cli.forms import fill
from cli.forms import filters as read
from cli.names import refuse_unknown, steps_of
from cli.outcome import Batch, ended
from cli.output import instant, stderr

FILTERS = {
    "state", "stage", "priority", "assignee", "team", "source", "external_ref", "parent",
    "customer", "channel", "outcome", "received_from", "received_to", "overdue", "due_within",
    "held",
}  # fmt: skip


class Declined(CommandFailed):
    """Somebody was asked, and said no."""


def filters(where: list[str]) -> dict[str, str]:
    """The filter, as the server reads it.

    Raises:
        WrongUsage: a word that is no filter, a time that is none, or a name that there is not.
    """
    given = read(where, FILTERS)
    refuse_unknown(given)
    return given


def form_of(
    server: Server, kind: str, step: str, form: str | None, sets: list[str]
) -> dict[str, Any]:
    """What is handed in for the step or act; a time without a zone is one of the business zone.

    Raises:
        WrongUsage: there is no such kind or step.
    """
    refuse_unknown({"kind": kind})
    if step not in (known := steps_of(kind)):
        raise WrongUsage(
            f"There is no step {step} of {kind}; there are {', '.join(sorted(known))}."
        )
    states = server.get(f"/v1/kinds/{kind}").body["states"]
    steps = (each for state in states for each in state["steps"])
    schema = next((each["form"] for each in steps if each["name"] == step), None) or _act(step)
    times = {name for name, field in schema.get("properties", {}).items() if _is_time(field)}
    return {
        name: instant(value) if name in times and isinstance(value, str) else value
        for name, value in fill(schema, form, sets).items()
    }


def _act(name: str) -> dict[str, Any]:
    from domain.acts import ACTS

    return ACTS[name][0].model_json_schema() if name in ACTS else {}


def _is_time(field: dict[str, Any]) -> bool:
    return any(each.get("format") == "date-time" for each in (field, *field.get("anyOf", ())))


def sure(server: Server, body: Batch) -> None:
    """Try it, show what would come of it, and ask.

    Raises:
        WrongUsage: there is nobody to ask.
        Declined: the answer is no.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUsage("Say --yes to do it, or --dry-run to see what would come of it.")
    tried = server.post("/v1/batches", {**body, "dry_run": True}).body
    console = stderr()
    ended(server, tried).draw(console)
    if not Confirm.ask(f"Take {body['step']} in these cases?", console=console, default=False):
        raise Declined("Nothing was done.")
