"""What the commands of `banjie batch` share: the form, being asked, waiting, the outcome."""

import sys
import time
from typing import Any

from rich.console import Console
from rich.prompt import Confirm
from rich.text import Text

from cli.advancing import advancing
from cli.client import Server
from cli.failures import CommandFailed, Exit, WrongUsage
from cli.forms import fill, pairs
from cli.output import Shown, stderr, table

Batch = dict[str, Any]

PAGE = 500
PAUSE = 0.3
"""Seconds between two looks at how far it is."""
FILTERS = {
    "state", "stage", "priority", "assignee", "team", "source", "external_ref", "parent",
    "customer", "channel", "outcome", "received_from", "received_to", "overdue", "due_within",
}  # fmt: skip
FINE = {"done", "would"}
HEADS = ("case", "came", "code", "detail")


class Declined(CommandFailed):
    """Somebody was asked, and said no."""


def filters(where: list[str]) -> dict[str, str]:
    """The filter, as the server reads it.

    Raises:
        WrongUsage: a word that is no filter.
    """
    given = dict(pairs(where))
    if unknown := sorted(given.keys() - FILTERS):
        raise WrongUsage(f"--where knows {', '.join(sorted(FILTERS))}, not {', '.join(unknown)}.")
    return given


def form_of(
    server: Server, kind: str, step: str, form: str | None, sets: list[str]
) -> dict[str, Any]:
    """What is handed in for the step, led by the form that the kind's process has for it."""
    states = server.get(f"/v1/kinds/{kind}").body["states"]
    steps = (each for state in states for each in state["steps"])
    schema: dict[str, Any] = next((each["form"] for each in steps if each["name"] == step), {})
    return fill(schema, form, sets)


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


def watched(server: Server, batch: Batch) -> Batch:
    """The batch when it is over."""
    path = f"/v1/batches/{batch['id']}"
    with advancing("cases", batch["size"]) as told:
        while not batch["ended_at"]:
            time.sleep(PAUSE)
            batch = server.get(path).body
            told(batch["size"] - batch["left"])
    return batch


def ended(server: Server, batch: Batch, *, watch: bool = True) -> Shown:
    """The batch, waited for if asked, with what became of each case.

    Exit code 1 if it was done with some case in another way than was asked for.
    """
    if watch:
        batch = watched(server, batch)
    items = _items(server, batch["id"])
    return shown(batch, items)


def shown(batch: Batch, items: list[dict[str, Any]] | None = None) -> Shown:
    """The batch in one line; and the cases that did not go well, one by one."""
    bad = [each for each in items or [] if each["came"] and each["came"] not in FINE]

    def draw(console: Console) -> None:
        console.print(Text(_line(batch)), soft_wrap=True)
        if bad:
            rows = [(each["number"], each["came"], each["code"], each["detail"]) for each in bad]
            table(HEADS, rows, "")(console)

    document = batch if items is None else {**batch, "items": items}
    return Shown(document, draw, Exit.FAILURE if bad else Exit.OK)


def _line(batch: Batch) -> str:
    counts = ", ".join(f"{n} {came}" for came, n in sorted(batch["counts"].items()))
    left = f"; {batch['left']} left" if batch["left"] else ""
    dry = " (dry run)" if batch["dry_run"] else ""
    return f"{batch['id']}{dry}: {batch['state']}, {counts or 'nothing yet'}{left}."


def _items(server: Server, id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = server.get(f"/v1/batches/{id}/items", after=after, limit=PAGE).body
        items += page["items"]
        after = page["next"]
    return items
